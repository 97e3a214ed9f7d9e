"""The proxy of the compose file, run as nginx's image runs it: with its variables filled in."""

import re
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from deploy.procfile import ROOT
from deploy.tls.certificates import CA, make
from tests.deploy.compose_files import FOLDER, MAIN, read
from tests.servers import RedisServer, demand, eventually, free_port
from tests.web.server import PATIENCE_S, WebServer

TEMPLATE = FOLDER / "nginx.conf.template"
BARE = ROOT / "deploy" / "tls" / "dasein.conf"
DIRECTIVE = re.compile(r"^\s*((?:ssl|proxy|client|send|keepalive|limit|gzip|server_tokens)\w*) ([^;]+);", re.MULTILINE)
OTHERS_OWN = {"ssl_certificate", "ssl_certificate_key", "proxy_pass", "client_max_body_size", "limit_conn_zone"}
THEIRS = "/tmp/"  # noqa: S108  # of its container
PATHS = {"client_body_temp_path", "proxy_temp_path"}


def directives(path: Path) -> set[tuple[str, str]]:
    """Return what a configuration says in the server that speaks TLS."""
    text = path.read_text()
    found = set(DIRECTIVE.findall(text[re.search(r"listen \d+ ssl", text).start() :]))  # type: ignore[union-attr]  # both have one
    return {(name, value) for name, value in found if name not in OTHERS_OWN | PATHS}


def test_both_proxies_say_the_same() -> None:
    here, bare = directives(TEMPLATE), directives(BARE)

    assert len(bare) > 20
    assert here == bare


class Echo(BaseHTTPRequestHandler):
    """Answers with the path that it was asked for."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.path.encode())


class Proxy:
    """nginx with the template of the compose file, filled in, before servers of this machine."""

    def __init__(self, folder: Path, *, web: int, flower: int, grafana: int) -> None:
        self.tls, self.plain, self.own = free_port(), free_port(), free_port()
        self.ca = folder / CA
        make(folder, ["localhost"], now=datetime.now(UTC))
        environment = read(MAIN)["services"]["proxy"]["environment"]
        text = TEMPLATE.read_text()
        for name in re.findall(r"\$\{(\w+)\}", text):
            assert re.search(environment["NGINX_ENVSUBST_FILTER"], name)
            assert name in environment
        for given, here in {
            THEIRS: f"{folder}/",
            "${DASEIN_HTTPS_PORT}": str(self.tls),
            "${DASEIN_LARGEST_BODY}": "1m",
            "listen 8443 ssl": f"listen 127.0.0.1:{self.tls} ssl",
            "listen 8080;": f"listen 127.0.0.1:{self.plain};",
            "listen 127.0.0.1:8081;": f"listen 127.0.0.1:{self.own};",
            "web:8080": f"127.0.0.1:{web}",
            "flower:5555": f"127.0.0.1:{flower}",
            "grafana:3000": f"127.0.0.1:{grafana}",
            "/tls/": f"{folder}/",
        }.items():
            assert given in text, given
            text = text.replace(given, here)
        self.configuration = folder / "nginx.conf"
        self.configuration.write_text(text.replace("worker_processes auto", "worker_processes 1"))

    def client(self) -> httpx.Client:
        context = ssl.create_default_context(cafile=str(self.ca))
        return httpx.Client(base_url=f"https://localhost:{self.tls}", verify=context, timeout=PATIENCE_S)

    def is_up(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.own}/up").status_code == 204
        except httpx.TransportError:
            return False


@pytest.fixture(scope="module")
def proxy(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    demand("nginx", present=program is not None)
    redis_server.flush()
    settings = {"auth": "required", "host": "127.0.0.1", "trusted_proxies": "127.0.0.1"}
    with WebServer(tmp_path_factory.mktemp("web"), redis_server.url, **settings) as web:
        # Flower is somebody who answers with the path, Grafana is away.
        flower = ThreadingHTTPServer(("127.0.0.1", free_port()), Echo)
        threading.Thread(target=flower.serve_forever, daemon=True).start()
        port = flower.server_address[1]
        made = Proxy(tmp_path_factory.mktemp("nginx"), web=web.port, flower=port, grafana=free_port())
        command = [str(program), "-c", str(made.configuration), "-g", "daemon off; user root;"]
        process = subprocess.Popen(command)
        try:
            eventually(made.is_up, within_s=PATIENCE_S, what="the proxy is up")
            yield made
        finally:
            process.terminate()
            process.wait(PATIENCE_S)
            flower.shutdown()
            flower.server_close()


def test_the_api_answers_behind_tls_and_knows_that_it_is(proxy: Proxy) -> None:
    with proxy.client() as client:
        ready, refused = client.get("/health/ready"), client.get("/api/v2/jobs")

    assert (ready.status_code, refused.status_code) == (200, 401)
    assert "max-age=" in ready.headers["Strict-Transport-Security"]


def test_without_tls_one_is_sent_to_the_port_that_is_published(proxy: Proxy) -> None:
    answer = httpx.get(f"http://localhost:{proxy.plain}/app/?x=1")

    assert (answer.status_code, answer.headers["Location"]) == (308, f"https://localhost:{proxy.tls}/app/?x=1")


def test_paths_of_others_go_to_them_whole_and_one_that_is_away_does_not_hold_up_the_rest(proxy: Proxy) -> None:
    with proxy.client() as client:
        flower, grafana, health = client.get("/flower/x?y=1"), client.get("/grafana/"), client.get("/health/live")

    assert (flower.status_code, flower.text) == (200, "/flower/x?y=1")
    assert (grafana.status_code, health.status_code) == (502, 200)


def test_a_body_larger_than_was_set_is_refused(proxy: Proxy) -> None:
    with proxy.client() as client:
        answer = client.post("/api/v2/artifacts", content=b"x" * (2**20 + 1))

    assert answer.status_code == 413


def test_the_proxys_own_health_is_for_its_container_alone(proxy: Proxy) -> None:
    with proxy.client() as client:
        outside = client.get("/up")

    assert (outside.status_code, proxy.is_up()) == (404, True)
    assert "listen 127.0.0.1:8081;" in TEMPLATE.read_text()
