"""`dasein-admin key`: a key for people, or a file with one for a service."""

from datetime import timedelta
from pathlib import Path

import pytest

from deploy.admin.key import is_good, kept, made
from jobs.identity import HOME, Role
from tests.servers import RedisServer
from tests.web.conftest import Clock, make_accounts
from tests.web.server import WebServer
from web import api_keys
from web.accounts import Accounts


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(clock: Clock) -> Accounts:
    return make_accounts(clock)


def test_a_file_gets_a_key_once_and_keeps_it_while_it_is_good(accounts: Accounts, tmp_path: Path) -> None:
    file = tmp_path / "keys" / "prometheus"

    first = kept(accounts, Role.VIEWER, "prometheus", file)
    text = file.read_text()
    second = kept(accounts, Role.VIEWER, "prometheus", file)

    assert ("a new key" in first, "none was made" in second) == (True, True)
    assert file.read_text() == text
    assert text not in first + second
    assert [(key.name, key.role, key.tenant) for key in accounts.keys.of(None)] == [("prometheus", Role.VIEWER, HOME)]
    assert file.stat().st_mode & 0o777 == 0o644
    assert [path.name for path in file.parent.iterdir()] == ["prometheus"]


def test_a_key_is_made_anew_when_it_was_revoked_has_ended_is_another_role_or_is_none(
    accounts: Accounts, clock: Clock, tmp_path: Path
) -> None:
    file = tmp_path / "key"

    assert not is_good(accounts, Role.VIEWER, file)
    kept(accounts, Role.VIEWER, "one", file)
    assert is_good(accounts, Role.VIEWER, file)
    assert not is_good(accounts, Role.ADMIN, file)
    prefix = file.read_text().split("_")[1]
    accounts.keys.expire(prefix, clock() + timedelta(seconds=1))
    assert is_good(accounts, Role.VIEWER, file)
    clock.now += timedelta(seconds=2)
    assert not is_good(accounts, Role.VIEWER, file)

    kept(accounts, Role.VIEWER, "two", file)
    accounts.keys.revoke(file.read_text().split("_")[1])
    assert not is_good(accounts, Role.VIEWER, file)
    file.write_text("no key")
    assert not is_good(accounts, Role.VIEWER, file)


def test_a_key_under_another_secret_is_not_good(accounts: Accounts, tmp_path: Path) -> None:
    file = tmp_path / "key"
    text = made(accounts, Role.VIEWER, "one")
    parsed = api_keys.parsed(text)
    assert parsed is not None

    file.write_text(f"dsn_{parsed.prefix}_{'x' * 43}")

    assert not is_good(accounts, Role.VIEWER, file)


def test_the_command_serves_a_scraper_and_says_that_nobody_is_admin_yet(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    redis_server.flush()
    file = tmp_path / "prometheus"
    with WebServer(tmp_path, redis_server.url, auth="required", limits__failures="0") as server:
        first = server.command("deploy.admin", "key", "--name", "prometheus", "--file", str(file))
        headers = {"Authorization": f"Bearer {file.read_text()}"}
        with server.client() as client:
            seen = client.get("/metrics", headers=headers).status_code, client.get("/metrics").status_code
        admin = server.command("deploy.admin", "key", "--role", "admin", "--name", "ana")
        with server.client() as client:
            me = client.get("/api/v2/me", headers={"X-API-Key": admin.stdout.strip()}).json()

    assert (first.returncode, first.stdout, seen) == (0, "", (200, 401)), first.stderr
    assert "--role admin" in first.stderr
    assert (me["role"], me["name"]) == ("admin", "ana")
    assert "--role admin" not in admin.stderr


def test_without_redis_no_key_is_made_and_the_setting_is_named(tmp_path: Path) -> None:
    file = tmp_path / "key"

    made = WebServer(tmp_path, "redis://127.0.0.1:1/0").command("deploy.admin", "key", "--file", str(file))

    assert (made.returncode, made.stdout, file.exists()) == (1, "", False)
    assert "DASEIN_REDIS_URL" in made.stderr
