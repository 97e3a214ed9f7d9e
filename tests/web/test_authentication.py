"""Who is let in: by which key, from where in a request, and until when."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from jobs.errors import StoreUnavailable
from jobs.identity import HOME, LOCAL, Principal, Role
from stores.memory_identity import MemoryKeys, MemoryTenants
from tests.web.identity import Closed
from web import api_keys

ME = "/api/v2/me"


@pytest.fixture
def closed(tmp_path: Path) -> Closed:
    return Closed(tmp_path)


def test_without_keys_whoever_comes_is_the_local_admin(closed: Closed) -> None:
    answer = closed.client().get(ME).get_json()

    assert (answer["tenant"], answer["role"], answer["authentication"]) == (HOME, "admin", "none")
    assert closed.seen == [LOCAL]


def test_the_first_key_closes_the_farm_from_the_next_request_on(closed: Closed) -> None:
    made = closed.client().post("/api/v2/keys", json={"name": "first", "role": "admin"})

    refused = closed.client().get(ME)
    let_in = closed.client(made.get_json()["key"]).get(ME)

    assert made.status_code == 201
    assert (refused.status_code, refused.get_json()["reason"]) == (401, "missing")
    assert (let_in.status_code, let_in.get_json()["name"]) == (200, "first")


def test_a_farm_that_was_closed_stays_so_when_its_store_and_its_marker_forget(closed: Closed) -> None:
    key = closed.key()
    closed.client(key).get(ME)
    closed.client().get(ME)

    closed.accounts.keys.erase(HOME)
    closed.door.closed = False

    assert closed.client().get(ME).status_code == 401
    assert closed.client(key).get(ME).status_code == 401


@pytest.mark.parametrize("header", ["X-API-Key: {}", "Authorization: Bearer {}", "authorization: bearer  {}"])
def test_a_key_is_taken_from_either_header(closed: Closed, header: str) -> None:
    name, _, value = header.format(closed.key(Role.VIEWER, "acme", "ci")).partition(": ")

    answer = closed.client().get(ME, headers={name: value})

    assert answer.status_code == 200
    prefix = answer.get_json()["key"]
    assert closed.seen == [Principal("acme", Role.VIEWER, "ci", prefix)]
    assert f"dsn_{prefix}_" in value


def test_a_wrong_key_is_refused_whatever_is_wrong_with_it(closed: Closed) -> None:
    key = closed.key()
    other_secret = f"{key[:-1]}{'a' if key[-1] != 'a' else 'b'}"
    other_prefix = f"dsn_{'a' * 8}_{key.rpartition('_')[2]}"[: len(key)]
    answers = {
        closed.client(wrong).get(ME).get_data()
        for wrong in (
            other_secret,
            f"dsn_{'a' * 8}_{key[13:]}",
            other_prefix,
            key[:-1],
            f"{key}a",
            "dsn_",
            "x",
            "x.y.z",
        )
    }
    reasons = {closed.client(wrong).get(ME).get_json()["reason"] for wrong in (other_secret, other_prefix, "x")}

    # They differ by their request ids alone.
    assert len({answer.partition(b'"trace_id"')[0] for answer in answers}) == 1
    assert reasons == {"invalid"}
    assert closed.seen == []


def test_a_wrong_key_is_refused_on_an_open_farm_too(closed: Closed) -> None:
    assert closed.client(f"dsn_{'a' * 8}_{'b' * 43}").get(ME).status_code == 401
    assert closed.client().get(ME).status_code == 200


def test_a_revoked_key_is_refused_at_the_next_request(closed: Closed) -> None:
    key = closed.key()
    client = closed.client(key)
    before = client.get(ME).status_code

    closed.accounts.keys.revoke(client.get(ME).get_json()["key"])

    assert (before, client.get(ME).status_code) == (200, 401)


def test_a_key_is_good_until_it_expires(closed: Closed) -> None:
    made = closed.of().post("/api/v2/keys", json={"name": "short", "role": "viewer", "expires_in_s": 60})
    client = closed.client(made.get_json()["key"])

    closed.clock.advance(59.9)
    before = client.get(ME).status_code
    closed.clock.advance(0.1)
    after = client.get(ME)

    assert before == 200
    assert (after.status_code, after.get_json()["reason"]) == (401, "expired")


def test_keys_of_a_suspended_tenant_are_refused_and_let_in_again_when_it_is_not(closed: Closed) -> None:
    client = closed.of(Role.ADMIN, "acme")
    tenant = closed.accounts.tenants.get("acme")

    closed.accounts.tenants.change(replace(tenant, suspended=True))
    suspended = client.get(ME)
    closed.accounts.tenants.change(tenant)

    assert (suspended.status_code, suspended.get_json()["reason"]) == (401, "suspended")
    assert client.get(ME).status_code == 200


def test_keys_of_a_tenant_that_is_gone_are_refused(closed: Closed) -> None:
    client = closed.of(Role.ADMIN, "acme")

    closed.accounts.tenants.remove("acme")

    assert client.get(ME).status_code == 401


class WatchedKeys(MemoryKeys):
    """Remembers when uses were noted."""

    def __init__(self, tenants: MemoryTenants) -> None:
        super().__init__(tenants)
        self.noted: list[datetime] = []

    def touch(self, prefix: str, at: datetime) -> None:
        self.noted.append(at)
        super().touch(prefix, at)


class ReadOnlyKeys(MemoryKeys):
    """Takes no uses."""

    def touch(self, prefix: str, at: datetime) -> None:
        raise StoreUnavailable(f"MISCONF {prefix} {at}")


def test_a_use_is_noted_at_most_once_a_minute(tmp_path: Path) -> None:
    closed = Closed(tmp_path, keys=WatchedKeys)
    keys = closed.accounts.keys
    assert isinstance(keys, WatchedKeys)
    client = closed.of()
    first = closed.clock()

    for seconds in (0, 30, 29.9, 0.1):
        closed.clock.advance(seconds)
        client.get(ME)

    assert keys.noted == [first, first + timedelta(seconds=60)]
    assert keys.of(HOME)[0].last_used_at == first + timedelta(seconds=60)


def test_a_store_that_takes_no_writes_still_lets_callers_in(tmp_path: Path) -> None:
    client = Closed(tmp_path, keys=ReadOnlyKeys).of()

    assert client.get(ME).status_code == 200


def test_a_key_that_is_shown_in_a_log_is_not_the_key() -> None:
    key = api_keys.drawn(lambda letters: letters[0], lambda count: "x" * 43 if count == 32 else "")

    assert key.text == f"dsn_aaaaaaaa_{'x' * 43}"
    assert api_keys.parsed(key.text) == key
    assert "xxx" not in repr(key)


def test_a_digest_depends_on_the_key_and_on_the_servers_secret() -> None:
    one, other = api_keys.KeyText("a", "dsn_a_1"), api_keys.KeyText("a", "dsn_a_2")

    digest = api_keys.digest_of(one, b"secret")

    assert api_keys.is_of(one, digest, b"secret")
    assert not api_keys.is_of(other, digest, b"secret")
    assert not api_keys.is_of(one, digest, b"other secret")
    assert "dsn_a_1" not in digest
