"""Keys: made, listed, rotated, revoked, and by whom."""

from pathlib import Path

import pytest

from jobs.identity import HOME, Role
from tests.web.identity import Closed

KEYS = "/api/v2/keys"


@pytest.fixture
def closed(tmp_path: Path) -> Closed:
    return Closed(tmp_path)


def test_a_key_is_told_once_and_kept_as_a_digest(closed: Closed) -> None:
    admin = closed.of()

    made = admin.post(KEYS, json={"name": "ci", "role": "submitter", "expires_in_s": 3600})
    listed = admin.get(KEYS)

    told = made.get_json()
    known = closed.accounts.keys.find(told["prefix"])
    assert made.status_code == 201
    assert made.headers["Location"] == f"{KEYS}/{told['prefix']}"
    assert told["key"].startswith(f"dsn_{told['prefix']}_")
    assert {name: told[name] for name in ("name", "role", "tenant", "created_by", "last_used_at")} == {
        "name": "ci",
        "role": "submitter",
        "tenant": HOME,
        "created_by": "somebody",
        "last_used_at": None,
    }
    assert (told["created_at"], told["expires_at"]) == ("2025-01-02T03:04:05Z", "2025-01-02T04:04:05Z")
    assert told["key"] not in listed.text
    assert {name: value for name, value in told.items() if name != "key"} in listed.get_json()["keys"]
    assert known is not None
    assert told["key"].split("_", 2)[2] not in repr(known)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"role": "viewer"}, "name"),
        ({"name": "", "role": "viewer"}, "name"),
        ({"name": "a\nb", "role": "viewer"}, "name"),
        ({"name": "x" * 101, "role": "viewer"}, "name"),
        ({"name": "x", "role": "root"}, "role"),
        ({"name": "x", "role": "viewer", "expires_in_s": 59}, "expires_in_s"),
        ({"name": "x", "role": "viewer", "expires_in_s": 1e9}, "expires_in_s"),
        ({"name": "x", "role": "viewer", "tenant": "A"}, "tenant"),
        ({"name": "x", "role": "viewer", "key": "mine"}, "key"),
    ],
)
def test_a_key_that_cannot_be_made_is_refused_by_its_field(closed: Closed, body: dict[str, object], field: str) -> None:
    answer = closed.of().post(KEYS, json=body)

    assert (answer.status_code, answer.get_json()["field"]) == (422, field)


def test_an_admin_of_a_tenant_sees_and_makes_keys_of_that_tenant_alone(closed: Closed) -> None:
    ours = closed.key(Role.VIEWER)
    admin = closed.of(Role.ADMIN, "acme")

    made = admin.post(KEYS, json={"name": "own", "role": "admin"})
    foreign = admin.post(KEYS, json={"name": "foreign", "role": "admin", "tenant": HOME})
    listed = admin.get(KEYS).get_json()["keys"]
    prefix = ours.split("_")[1]

    assert made.get_json()["tenant"] == "acme"
    assert foreign.status_code == 404
    assert {key["tenant"] for key in listed} == {"acme"}
    assert admin.get(KEYS, query_string={"tenant": HOME}).status_code == 404
    assert admin.delete(f"{KEYS}/{prefix}").status_code == 404
    assert admin.post(f"{KEYS}/{prefix}/rotate", json={}).status_code == 404
    assert closed.client(ours).get("/api/v2/me").status_code == 200


def test_the_farms_admins_look_after_the_keys_of_all(closed: Closed) -> None:
    admin = closed.of()

    made = admin.post(KEYS, json={"name": "theirs", "role": "viewer", "tenant": "acme"}).get_json()
    unknown = admin.post(KEYS, json={"name": "nobody's", "role": "viewer", "tenant": "nobody"})
    all_of_them = [key["tenant"] for key in admin.get(KEYS).get_json()["keys"]]
    theirs = admin.get(KEYS, query_string={"tenant": "acme"}).get_json()["keys"]

    assert sorted(all_of_them) == ["acme", HOME]
    assert [key["prefix"] for key in theirs] == [made["prefix"]]
    assert unknown.status_code == 404
    assert admin.delete(f"{KEYS}/{made['prefix']}").status_code == 204
    assert closed.client(made["key"]).get("/api/v2/me").status_code == 401


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SUBMITTER, Role.OPERATOR])
def test_only_admins_have_to_do_with_keys(closed: Closed, role: Role) -> None:
    client = closed.of(role)

    assert client.get(KEYS).status_code == 403
    assert client.post(KEYS, json={"name": "x", "role": "viewer"}).status_code == 403
    assert client.delete(f"{KEYS}/whatever").status_code == 403


def test_a_rotated_key_is_good_until_the_end_of_its_grace(closed: Closed) -> None:
    admin = closed.of()
    old = admin.post(KEYS, json={"name": "ci", "role": "viewer", "expires_in_s": 7200}).get_json()
    closed.clock.advance(600)

    new = admin.post(f"{KEYS}/{old['prefix']}/rotate", json={"grace_s": 60})
    closed.clock.advance(59)
    within = [closed.client(key["key"]).get("/api/v2/me").status_code for key in (old, new.get_json())]
    closed.clock.advance(1)
    after = [closed.client(key["key"]).get("/api/v2/me").status_code for key in (old, new.get_json())]

    assert new.status_code == 201
    assert (new.get_json()["name"], new.get_json()["role"]) == ("ci", "viewer")
    # As long as the old one's life was to be.
    assert new.get_json()["expires_at"] == "2025-01-02T05:14:05Z"
    assert (within, after) == ([200, 200], [401, 200])


def test_a_rotation_without_grace_ends_the_old_key_at_once(closed: Closed) -> None:
    admin = closed.of()
    old = admin.post(KEYS, json={"name": "ci", "role": "viewer"}).get_json()

    admin.post(f"{KEYS}/{old['prefix']}/rotate", json={"grace_s": 0})
    again = admin.post(f"{KEYS}/{old['prefix']}/rotate", json={})

    assert closed.client(old["key"]).get("/api/v2/me").status_code == 401
    assert (again.status_code, again.get_json()["reason"]) == (409, "expired")


def test_what_is_no_key_cannot_be_rotated_or_revoked(closed: Closed) -> None:
    admin = closed.of()

    assert admin.delete(f"{KEYS}/aaaaaaaa").status_code == 404
    assert admin.post(f"{KEYS}/aaaaaaaa/rotate", json={}).status_code == 404


def test_a_tenant_has_a_bounded_number_of_keys(tmp_path: Path) -> None:
    admin = Closed(tmp_path, keys_of_a_tenant=2).of()

    codes = [admin.post(KEYS, json={"name": "x", "role": "viewer"}).status_code for _ in range(2)]

    assert codes == [201, 409]
