"""The compose files say what we mean, as far as that can be read without an engine."""

import ipaddress
import re

import pytest

from deploy.procfile import ROOT
from jobs.queue import ELASTIC
from stores.graph_falkordb import SERVER_ARGUMENTS
from tests.deploy.compose_files import ALL, COMPOSE, FOLDER, MAIN, SERVICES, SMALL, SMALL_SERVICES, default, read

ONCE = {name for name, one in SERVICES.items() if one["restart"] == "no"}
"""They do something and end."""
STORES = {"redis", "cache", "neo4j", "mongodb", "milvus", "milvus-etcd", "milvus-minio", "graph"}
OUTSIDE = "outside"
DOCKERS = "/var/lib/docker/containers"
PINNED = re.compile(r"[a-z0-9./-]+:[A-Za-z0-9][A-Za-z0-9._-]*\d[A-Za-z0-9._-]*(@sha256:[0-9a-f]{64})?")


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_service_has_limits_and_bounded_logs_and_carries_no_privilege(name: str) -> None:
    service = ALL[name]

    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    # The tag is how lines of several containers are told apart where they are shipped to.
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5", "tag": "{{.Name}}"}
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "pid", "ipc", "devices"} & set(service)


@pytest.mark.parametrize("name", sorted(set(ALL) - ONCE))
def test_what_stays_up_is_asked_how_it_is(name: str) -> None:
    health = ALL[name]["healthcheck"]

    assert health["test"][0] in {"CMD", "CMD-SHELL"}
    assert {"interval", "timeout", "retries"} <= set(health)


def test_nobody_is_root_but_who_gives_volumes_away_and_who_reads_dockers_logs() -> None:
    told = {name: str(one.get("user", "")) for name, one in ALL.items() if "build" not in one}

    assert {name for name, user in told.items() if user.split(":")[0] in {"", "0", "root"}} == {"ownership", "alloy"}
    assert SERVICES["ownership"]["network_mode"] == "none"
    given = {name: one["cap_add"] for name, one in ALL.items() if "cap_add" in one}
    assert given == {"ownership": ["CHOWN"], "alloy": ["DAC_READ_SEARCH"]}


@pytest.mark.parametrize("name", sorted(ALL))
def test_nobody_has_the_engines_socket(name: str) -> None:
    assert not any("docker.sock" in volume for volume in ALL[name].get("volumes", []))


def test_only_the_proxy_publishes_ports_and_one_network_each_leads_in_and_out() -> None:
    assert [name for name, one in ALL.items() if "ports" in one] == ["proxy"]
    assert {name for name, one in COMPOSE["networks"].items() if not one.get("internal")} == {"edge", OUTSIDE}


def test_the_proxy_meets_the_others_on_one_network_alone() -> None:
    """On a second one it would have another address than the one that web believes."""
    others = {network for name, one in ALL.items() if name != "proxy" for network in one.get("networks", [])}

    assert set(SERVICES["proxy"]["networks"]) & others == {"front"}


def test_stores_have_no_way_out_and_none_is_on_the_network_of_the_proxy() -> None:
    front = {name for name, one in ALL.items() if "front" in one.get("networks", [])}

    assert {name for name in STORES if OUTSIDE in ALL[name]["networks"]} == set()
    assert front == {"proxy", "web", "flower", "grafana"}


def test_the_proxy_has_the_one_address_that_web_believes() -> None:
    [config] = COMPOSE["networks"]["front"]["ipam"]["config"]
    address = SERVICES["proxy"]["networks"]["front"]["ipv4_address"]

    assert SERVICES["web"]["environment"]["DASEIN_TRUSTED_PROXIES"] == address
    subnet, others = (ipaddress.ip_network(default(config[name])) for name in ("subnet", "ip_range"))
    assert ipaddress.ip_address(default(address)) in subnet
    assert ipaddress.ip_address(default(address)) not in others


def test_a_web_server_that_listens_everywhere_serves_nobody_without_a_key() -> None:
    environment = SERVICES["web"]["environment"]

    assert (environment["DASEIN_HOST"], environment["DASEIN_AUTH"]) == ("0.0.0.0", "required")


@pytest.mark.parametrize("name", sorted(ALL))
def test_whoever_needs_another_waits_until_it_is_there(name: str) -> None:
    for other, how in ALL[name].get("depends_on", {}).items():
        expected = "service_completed_successfully" if other in ONCE else "service_healthy"
        assert how["condition"] == expected, other


def test_whoever_reads_a_store_is_on_its_network_has_its_password_and_waits_for_it() -> None:
    keepers = {"redis": "jobs", "cache": "cache", "mongodb": "documents", "neo4j": "graph", "milvus": "vectors"}
    secrets = {"redis": "dasein_redis_url", "cache": "dasein_cache_url", "mongodb": "dasein_documents_url"}
    secrets |= {"neo4j": "dasein_graph_password", "milvus": "dasein_vectors_token"}

    for name, one in SERVICES.items():
        if "build" not in one:
            continue
        given = set(one.get("secrets", []))
        for store, network in keepers.items():
            reads = secrets[store] in given
            assert reads == (network in one.get("networks", [])), (name, store)
            # Flower looks at the queue alone; web serves while vectors are away, and asks workers for them.
            assert not reads or store in one["depends_on"], (name, store)


@pytest.mark.parametrize("pool", ELASTIC)
def test_every_pool_has_a_service_with_time_to_give_back_what_it_runs(pool: str) -> None:
    service = SERVICES[pool]

    assert service["environment"].get("POOL", pool) == pool
    assert service["stop_grace_period"] == "40s"
    assert {"jobs", "watched"} <= set(service["networks"])


def test_redis_appends_and_never_evicts_and_the_cache_forgets_what_was_used_least() -> None:
    queue, cache = (" ".join(SERVICES[name]["command"]) for name in ("redis", "cache"))

    assert "--appendonly yes" in queue
    assert "--maxmemory-policy noeviction" in queue
    assert "--appendonly no" in cache
    assert "--maxmemory-policy allkeys-lru" in cache


def test_the_small_farms_graph_appends_and_has_the_limits_that_the_embedded_one_has() -> None:
    command = " ".join(SMALL_SERVICES["graph"]["entrypoint"][-1].split())

    assert "--appendonly yes" in command
    assert command.endswith(" ".join(SERVER_ARGUMENTS))


def test_only_the_image_for_a_gpu_asks_for_one_and_it_starts_when_it_is_asked_for() -> None:
    asking = {name for name, one in ALL.items() if "reservations" in one["deploy"]["resources"]}

    assert asking == {"remforge-gpu"}
    assert SERVICES["remforge-gpu"]["profiles"] == ["gpu"]
    assert SERVICES["remforge-gpu"]["build"]["args"] == {"REQUIREMENTS": "gpu"}


@pytest.mark.parametrize("name", sorted(name for name, one in ALL.items() if "build" not in one))
def test_a_foreign_image_is_named_by_an_exact_version(name: str) -> None:
    assert PINNED.fullmatch(ALL[name]["image"]), ALL[name]["image"]


def test_what_services_name_is_there() -> None:
    defined = {section: set(COMPOSE[section]) for section in ("networks", "volumes", "secrets")}
    for path in (MAIN, SMALL):
        for section, names in defined.items():
            names |= set(read(path).get(section) or {})
    for name, one in ALL.items():
        assert set(one.get("networks", [])) <= defined["networks"], name
        assert {each for each in one.get("secrets", []) if isinstance(each, str)} <= defined["secrets"], name
        assert set(one.get("depends_on", {})) <= set(ALL), name
        for volume in one.get("volumes", []):
            source = default(volume).split(":")[0]
            folder = ROOT if name in read(MAIN)["services"] else FOLDER
            assert source in defined["volumes"] or source == DOCKERS or (folder / source).exists(), (name, source)
    used = {volume.split(":")[0] for one in ALL.values() for volume in map(default, one.get("volumes", []))}
    assert defined["volumes"] <= used


@pytest.mark.parametrize("name", sorted(name for name, one in SERVICES.items() if "build" in one))
def test_a_volume_that_is_new_belongs_to_whoever_mounts_it_first(name: str) -> None:
    """Docker gives it the owner that its folder has in the image, and to root where the image has no such folder."""
    service = SERVICES[name]
    text = (ROOT / service["build"]["dockerfile"]).read_text()
    given = {folder for line in re.findall(r"install -d (.*)", text) for folder in line.split()}

    for volume in map(default, service.get("volumes", [])):
        source, _, target = volume.partition(":")
        assert source not in COMPOSE["volumes"] or target in given, (name, volume)


@pytest.mark.parametrize("name", ["admin", "ingest"])
def test_who_makes_backups_puts_whole_files_aside_on_a_disk(name: str) -> None:
    service = SERVICES[name]

    assert "DASEIN_BACKUP_URL" in service["environment"]
    assert f"data:{service['environment']['TMPDIR']}" in service["volumes"]
