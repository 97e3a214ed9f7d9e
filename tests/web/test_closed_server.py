"""The web server with keys, as it runs: two processes, which must agree at once on who is let in."""

import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.servers import RedisServer
from tests.web.server import WebServer

ME = "/api/v2/me"
CALLS = 20
"""So many that both processes have answered."""


@pytest.fixture(autouse=True)
def no_keys_are_left(redis_server: RedisServer) -> Iterator[None]:
    """Let the servers of other tests be open: they would find the keys."""
    yield
    redis_server.flush()


@pytest.fixture
def server(redis_server: RedisServer, tmp_path: Path) -> Iterator[WebServer]:
    redis_server.flush()
    with WebServer(tmp_path, redis_server.url, web_processes=2, limits__failures=0) as server:
        yield server


def codes(server: WebServer, key: str | None = None, **headers: str) -> set[int]:
    """Return how both processes answer; each call comes on a connection of its own."""
    with httpx.Client(base_url=server.url, limits=httpx.Limits(max_keepalive_connections=0)) as client:
        given = headers | ({} if key is None else {"X-API-Key": key})
        return {client.get(ME, headers=given).status_code for _ in range(CALLS)}


def test_the_first_key_closes_the_farm_a_revoked_one_is_refused_and_nothing_opens_it_again(
    server: WebServer, redis_server: RedisServer
) -> None:
    assert codes(server) == {200}

    first = server.command("web.first_key")
    key = first.stdout.strip()
    assert (first.returncode, codes(server), codes(server, key)) == (0, {401}, {200})
    assert stat.S_IMODE((server.data / "secret").stat().st_mode) == 0o600

    refused, forced = server.command("web.first_key"), server.command("web.first_key", "--force")
    second = forced.stdout.strip()
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "--force" in refused.stderr
    assert codes(server, second) == {200}

    with server.client() as client:
        gone = client.delete(f"/api/v2/keys/{second.split('_')[1]}", headers={"X-API-Key": key})
        trail = client.get("/api/v2/audit", headers={"X-API-Key": key}).json()["entries"]
    assert (gone.status_code, codes(server, second), codes(server, key)) == (204, {401}, {200})
    assert [entry["operation"] for entry in trail] == ["revoke_key"]

    redis_server.flush()
    assert (codes(server), codes(server, key)) == ({401}, {401})
    assert server.terminate() == 0
    server.start()
    assert codes(server) == {401}
    again = server.command("web.first_key")
    assert (again.returncode, codes(server, again.stdout.strip())) == (0, {200})
    log = server.log.read_text()
    assert all(secret.split("_", 2)[2] not in log for secret in (key, second, again.stdout.strip()))


def test_a_farm_that_requires_keys_listens_elsewhere_and_answers_to_the_hosts_that_are_named(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    redis_server.flush()
    settings = {"host": "0.0.0.0", "auth": "required", "allowed_hosts": "farm.example,*.labs.example"}
    settings["limits__failures"] = "0"
    with WebServer(tmp_path, redis_server.url, **settings) as server:
        assert codes(server) == {401}
        assert codes(server, Host="farm.example") == {401}
        assert codes(server, Host="a.labs.example:8080") == {401}
        assert codes(server, Host="evil.example") == {421}


def test_a_new_data_folder_beside_a_redis_with_keys_is_closed(redis_server: RedisServer, tmp_path: Path) -> None:
    redis_server.flush()
    made = WebServer(tmp_path / "one", redis_server.url).command("web.first_key")
    assert made.returncode == 0, made.stderr
    (tmp_path / "two").mkdir()

    with WebServer(tmp_path / "two", redis_server.url) as server:
        assert codes(server) == {401}


def test_a_first_key_needs_the_farms_redis(tmp_path: Path) -> None:
    made = WebServer(tmp_path, "redis://127.0.0.1:1/0").command("web.first_key")

    assert (made.returncode, made.stdout) == (1, "")
    assert "make up" in made.stderr
    assert not (tmp_path / "data" / "closed").exists()
