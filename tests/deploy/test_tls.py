"""The whole way through TLS: the proxy's configuration as it is shipped, with other ports, paths and name."""

import json
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from simple_websocket import Client

from deploy.tls.certificates import CA, CHAIN, KEY, main, make
from stores.jobs_redis import RedisJobs
from stores.redis_client import connect
from tests.servers import RedisServer, demand, eventually, free_port
from tests.web.server import PATIENCE_S, WebServer

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "tls" / "dasein.conf"
PING = {"kind": "ping", "params": {}}
MANY = 60


class Nginx:
    """nginx with the shipped configuration before a web server."""

    def __init__(self, folder: Path, server: WebServer) -> None:
        self.tls, self.plain = free_port(), free_port()
        self.folder = folder
        self.ca = folder / CA
        make(folder, ["localhost", "127.0.0.1"], now=datetime.now(UTC))
        text = CONFIGURATION.read_text()
        for given, here in {
            "127.0.0.1:8080": f"127.0.0.1:{server.port}",
            "listen 80;": f"listen 127.0.0.1:{self.plain};",
            "listen 443 ssl http2;": f"listen 127.0.0.1:{self.tls} ssl http2;",
            "/etc/letsencrypt/live/dasein.example/fullchain.pem": str(folder / CHAIN),
            "/etc/letsencrypt/live/dasein.example/privkey.pem": str(folder / KEY),
            "dasein.example;": "localhost;",
            "client_max_body_size 65m": "client_max_body_size 2m",
        }.items():
            assert given in text, given
            text = text.replace(given, here)
        text = "\n".join(line for line in text.splitlines() if "listen [::]" not in line)
        (folder / "site.conf").write_text(text)
        (folder / "nginx.conf").write_text(
            f"worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
            "events { worker_connections 512; }\n"
            f"http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n"
            f"fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n"
            f"include {folder}/site.conf; }}\n"
        )

    def client(self, **how: Any) -> httpx.Client:
        context = ssl.create_default_context(cafile=str(self.ca))
        return httpx.Client(base_url=f"https://localhost:{self.tls}", verify=context, timeout=PATIENCE_S, **how)

    def answers(self) -> bool:
        try:
            with self.client() as client:
                return client.get("/health/live").status_code == 200
        except httpx.TransportError:
            return False


@pytest.fixture(scope="module")
def server(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    redis_server.flush()
    settings = {"trusted_proxies": "127.0.0.1", "upload_limit_bytes": 2**20}
    with WebServer(tmp_path_factory.mktemp("web"), redis_server.url, **settings) as server:
        yield server


@pytest.fixture(scope="module")
def proxy(server: WebServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    demand("nginx", present=program is not None)
    nginx = Nginx(tmp_path_factory.mktemp("nginx"), server)
    # Its workers, which are somebody else where it is started by root, must reach their folders.
    process = subprocess.Popen([str(program), "-c", str(nginx.folder / "nginx.conf"), "-g", "user root;"])
    try:
        eventually(nginx.answers, within_s=PATIENCE_S, what="the proxy answers")
        yield nginx
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


@pytest.fixture
def client(proxy: Nginx) -> Iterator[httpx.Client]:
    with proxy.client() as client:
        yield client


@pytest.fixture
def jobs(redis_server: RedisServer) -> Iterator[RedisJobs]:
    with connect(redis_server.url, patience_s=5) as redis:
        yield RedisJobs(redis, lease_s=15, retention_s=3600, tombstone_s=7200)


def test_what_came_by_tls_is_told_to_go_on_coming_by_it(client: httpx.Client, server: WebServer) -> None:
    with server.client() as direct:
        plain = direct.get("/health/live")

    assert "max-age=" in client.get("/health/live").headers["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in plain.headers


def test_without_tls_a_client_is_sent_to_where_it_is(proxy: Nginx) -> None:
    answer = httpx.get(f"http://localhost:{proxy.plain}/api/docs?x=1")

    assert (answer.status_code, answer.headers["Location"]) == (308, "https://localhost/api/docs?x=1")


def test_a_certificate_that_nobody_trusts_is_none(proxy: Nginx) -> None:
    with pytest.raises(httpx.ConnectError, match="certificate"):
        httpx.get(f"https://localhost:{proxy.tls}/health/live")
    with pytest.raises(httpx.ConnectError, match=r"not valid for 'evil\.example'"), proxy.client() as client:
        client.get("/health/live", extensions={"sni_hostname": "evil.example"})


def test_a_client_is_known_by_its_own_address_and_by_no_other_that_it_names(
    client: httpx.Client, server: WebServer
) -> None:
    headers = {"X-Forwarded-For": "203.0.113.66", "Forwarded": "for=203.0.113.66", "X-Request-Id": "tls-1"}

    answer = client.get("/api/v2/jobs", headers=headers)

    [line] = [json.loads(line) for line in server.log.read_text().splitlines() if '"tls-1"' in line]
    assert (answer.status_code, line["address"]) == (200, "127.0.0.1")
    assert answer.headers["X-Request-Id"] == "tls-1"
    assert len(client.get("/api/v2/jobs").headers["X-Request-Id"]) == 32


def test_an_open_farm_serves_nobody_whom_a_proxy_brings_from_elsewhere(server: WebServer) -> None:
    with server.client() as proxy_itself:
        answer = proxy_itself.get("/api/v2/jobs", headers={"X-Forwarded-For": "203.0.113.66"})

    assert answer.status_code == 401


def test_answers_come_compressed_once(client: httpx.Client) -> None:
    answer = client.get("/api/v2/openapi.json", headers={"Accept-Encoding": "br"})

    assert answer.headers["Content-Encoding"] == "br"
    assert answer.json()["openapi"] == "3.1.0"


def test_events_come_as_they_happen(client: httpx.Client, jobs: RedisJobs) -> None:
    job_id = client.post("/api/v2/jobs", json=PING).json()["id"]
    with client.stream("GET", f"/api/v2/jobs/{job_id}/events") as stream:
        names = (line for line in stream.iter_lines() if line.startswith("event: "))
        first = next(names)
        jobs.start(job_id, worker="one@here:1", lease_s=60)
        # It could not be read before it happened: nothing on the way held it back.
        second = next(names)
        jobs.finish(job_id, {})
        rest = list(names)

    assert (first, second) == ("event: state", "event: state")
    assert rest[-1] == "event: done"


def test_a_websocket_goes_through(proxy: Nginx, client: httpx.Client, jobs: RedisJobs) -> None:
    context = ssl.create_default_context(cafile=str(proxy.ca))
    socket = Client.connect(f"wss://localhost:{proxy.tls}/api/v2/events", ssl_context=context)
    try:
        socket.send(json.dumps({"type": "auth"}))
        ready = json.loads(socket.receive(timeout=PATIENCE_S))
        socket.send(json.dumps({"type": "subscribe", "id": "a", "topic": "jobs"}))
        job_id = client.post("/api/v2/jobs", json=PING).json()["id"]
        jobs.finish(job_id, {})
        heard: list[dict[str, Any]] = []
        while not any(message.get("job", {}).get("state") == "succeeded" for message in heard):
            heard.append(json.loads(socket.receive(timeout=PATIENCE_S)))
            assert len(heard) < MANY
    finally:
        socket.close()

    assert ready["type"] == "ready"


def test_uploads_are_limited_by_the_web_server_and_huge_ones_by_the_proxy(
    client: httpx.Client, server: WebServer
) -> None:
    before = server.stored()
    fits = client.post("/api/v2/artifacts", content=b"t" * 2**20)
    larger = client.post("/api/v2/artifacts", content=b"t" * (2**20 + 1))
    in_pieces = client.post("/api/v2/artifacts", content=(b"t" * 65536 for _ in range(20)))
    huge = client.post("/api/v2/artifacts", content=b"t" * (3 * 2**20))

    assert (fits.status_code, larger.status_code, in_pieces.status_code, huge.status_code) == (201, 413, 413, 413)
    assert (larger.json()["code"], in_pieces.json()["code"]) == ("too-large", "too-large")
    assert len(server.stored()) == len(before) + 2


def test_certificates_are_made_by_a_command_and_the_key_is_its_owners_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "tls"), "dasein.example", "10.0.0.1"]) == 0
    assert main([str(tmp_path)]) == 2

    said = capsys.readouterr()
    assert str(tmp_path / "tls" / CHAIN) in said.out
    assert (tmp_path / "tls" / KEY).stat().st_mode & 0o777 == 0o600
    context = ssl.create_default_context(cafile=str(tmp_path / "tls" / CA))
    context.load_cert_chain(tmp_path / "tls" / CHAIN, tmp_path / "tls" / KEY)
