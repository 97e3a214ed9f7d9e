"""One contract for keys, tenants and audit trails, on every store that keeps them."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis

from jobs.errors import Conflict, InvalidInput, NotFound
from jobs.identity import HOME, Role
from stores.audit_redis import RedisAudit
from stores.identity import ApiKey, Audit, Entry, Keys, Quotas, Retention, Tenant, Tenants
from stores.identity_redis import RedisKeys, RedisTenants
from stores.memory_identity import MemoryAudit, MemoryKeys, MemoryTenants

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
KEPT = 200
"""A stream is trimmed by whole nodes of 100 entries."""


@dataclass
class Stores:
    keys: Keys
    tenants: Tenants
    audit: Audit


@pytest.fixture(params=["memory", "redis"])
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "memory":
        tenants = MemoryTenants()
        return Stores(MemoryKeys(tenants), tenants, MemoryAudit(tenants, kept=KEPT))
    redis: Redis = request.getfixturevalue("redis_client")
    return Stores(RedisKeys(redis), RedisTenants(redis), RedisAudit(redis, kept=KEPT))


def key(prefix: str = "aaaaaaaa", **changes: object) -> ApiKey:
    made = ApiKey(prefix, HOME, Role.ADMIN, "laptop", created_at=NOW, created_by="local")
    return replace(made, **changes)  # type: ignore[arg-type]  # a test's own


def entry(path: str = "/api/v2/jobs", **changes: object) -> Entry:
    made = Entry(NOW, HOME, "laptop", Role.ADMIN, "POST", path, "submit_job", 202, None, "127.0.0.1", "abc")
    return replace(made, **changes)  # type: ignore[arg-type]  # a test's own


def paths(stores: Stores, tenant: str | None = HOME) -> list[str]:
    return [found.path for found in stores.audit.page(tenant, outcome=None, cursor=None, limit=100)[0]]


def test_a_key_is_found_by_its_prefix_with_all_that_a_check_takes(stores: Stores) -> None:
    made = key(expires_at=datetime(2100, 1, 1, tzinfo=UTC))

    stores.keys.add(made, "digest")
    known = stores.keys.find("aaaaaaaa")

    assert known is not None
    assert (known.key, known.digest, known.tenant) == (made, "digest", stores.tenants.get(HOME))
    assert stores.keys.find("bbbbbbbb") is None


def test_a_key_knows_whether_its_tenant_is_suspended_or_gone(stores: Stores) -> None:
    stores.tenants.add(Tenant("acme", NOW))
    stores.keys.add(key(tenant="acme"), "digest")

    stores.tenants.change(Tenant("acme", NOW, suspended=True))
    suspended = stores.keys.find("aaaaaaaa")
    stores.tenants.remove("acme")
    orphaned = stores.keys.find("aaaaaaaa")

    assert suspended is not None
    assert suspended.tenant == Tenant("acme", NOW, suspended=True)
    assert orphaned is not None
    assert orphaned.tenant is None


def test_a_prefix_is_taken_once(stores: Stores) -> None:
    stores.keys.add(key(), "first")

    with pytest.raises(Conflict):
        stores.keys.add(key(name="other"), "second")

    known = stores.keys.find("aaaaaaaa")
    assert known is not None
    assert (known.key.name, known.digest) == ("laptop", "first")


def test_a_revoked_key_is_unknown_at_once_and_stays_so_when_it_is_touched(stores: Stores) -> None:
    stores.keys.add(key(), "digest")

    revoked = stores.keys.revoke("aaaaaaaa")
    stores.keys.touch("aaaaaaaa", NOW)
    stores.keys.expire("aaaaaaaa", NOW)

    assert revoked == key()
    assert stores.keys.find("aaaaaaaa") is None
    assert stores.keys.of(HOME) == []
    with pytest.raises(NotFound):
        stores.keys.revoke("aaaaaaaa")


def test_a_use_and_an_end_are_kept_and_an_end_only_comes_nearer(stores: Stores) -> None:
    later, sooner = datetime(2100, 1, 2, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
    stores.keys.add(key(), "digest")

    stores.keys.touch("aaaaaaaa", NOW + timedelta(minutes=1))
    stores.keys.expire("aaaaaaaa", sooner)
    stores.keys.expire("aaaaaaaa", later)

    assert stores.keys.of(HOME) == [key(last_used_at=NOW + timedelta(minutes=1), expires_at=sooner)]


def test_keys_are_listed_oldest_first_by_tenant_or_all(stores: Stores) -> None:
    stores.tenants.add(Tenant("acme", NOW))
    stores.keys.add(key("bbbbbbbb"), "digest")
    stores.keys.add(key("aaaaaaaa", created_at=NOW + timedelta(seconds=1)), "digest")
    stores.keys.add(key("cccccccc", tenant="acme", created_at=NOW + timedelta(seconds=2)), "digest")

    assert [found.prefix for found in stores.keys.of(HOME)] == ["bbbbbbbb", "aaaaaaaa"]
    assert [found.prefix for found in stores.keys.of("acme")] == ["cccccccc"]
    assert [found.prefix for found in stores.keys.of(None)] == ["bbbbbbbb", "aaaaaaaa", "cccccccc"]


def test_erasing_takes_the_keys_of_one_tenant_alone(stores: Stores) -> None:
    stores.tenants.add(Tenant("acme", NOW))
    stores.keys.add(key("aaaaaaaa"), "digest")
    stores.keys.add(key("bbbbbbbb", tenant="acme"), "digest")

    stores.keys.erase("acme")

    assert stores.keys.of(None) == [key("aaaaaaaa")]
    assert stores.keys.find("bbbbbbbb") is None


def test_the_home_tenant_is_always_there_and_first(stores: Stores) -> None:
    acme = Tenant("acme", NOW, "Acme", quotas=Quotas(jobs_in_flight=3), retention=Retention(audit_days=9))

    stores.tenants.add(acme)

    assert [found.id for found in stores.tenants.every()] == [HOME, "acme"]
    assert stores.tenants.get("acme") == acme
    assert stores.tenants.get(HOME).created_at is None
    with pytest.raises(Conflict):
        stores.tenants.add(Tenant(HOME, NOW))


def test_the_home_tenants_record_can_be_changed(stores: Stores) -> None:
    changed = replace(stores.tenants.get(HOME), quotas=Quotas(storage_bytes=5))

    stores.tenants.change(changed)

    assert stores.tenants.get(HOME) == changed
    assert stores.tenants.every() == [changed]


def test_only_a_tenant_that_is_there_can_be_changed_or_got(stores: Stores) -> None:
    with pytest.raises(NotFound):
        stores.tenants.change(Tenant("acme", NOW))
    with pytest.raises(NotFound):
        stores.tenants.get("acme")


def test_a_tenant_can_be_made_once_and_again_after_it_was_removed(stores: Stores) -> None:
    stores.tenants.add(Tenant("acme", NOW, "first"))
    with pytest.raises(Conflict):
        stores.tenants.add(Tenant("acme", NOW, "second"))

    stores.tenants.remove("acme")
    stores.tenants.remove("acme")
    stores.tenants.add(Tenant("acme", NOW, "third"))

    assert stores.tenants.get("acme").title == "third"


def test_entries_come_newest_first_with_all_that_was_noted(stores: Stores) -> None:
    stores.audit.append(entry("/first"))
    stores.audit.append(entry("/second", tenant=None, name=None, role=None, operation=None, code="unauthenticated"))
    stores.audit.append(entry("/third", status=403, code="forbidden"))

    found, cursor = stores.audit.page(HOME, outcome=None, cursor=None, limit=10)
    nobody, _ = stores.audit.page(None, outcome=None, cursor=None, limit=10)

    assert [replace(one, id="") for one in found] == [entry("/third", status=403, code="forbidden"), entry("/first")]
    assert cursor is None
    assert [one.path for one in nobody] == ["/second"]


def test_a_trail_is_read_page_by_page_whatever_is_filtered(stores: Stores) -> None:
    for number in range(6):
        stores.audit.append(entry(f"/{number}", status=403 if number % 2 else 200))

    first, cursor = stores.audit.page(HOME, outcome="denied", cursor=None, limit=2)
    second, end = stores.audit.page(HOME, outcome="denied", cursor=cursor, limit=2)

    assert [one.path for one in (*first, *second)] == ["/5", "/3", "/1"]
    assert end is None


@pytest.mark.parametrize("cursor", ["", "x", "1", "1-x", "-1-1", f"1-{2**64}"])
def test_a_cursor_that_is_not_ours_is_refused(stores: Stores, cursor: str) -> None:
    with pytest.raises(InvalidInput):
        stores.audit.page(HOME, outcome=None, cursor=cursor, limit=2)


def test_a_trail_keeps_about_as_many_entries_as_it_may(stores: Stores) -> None:
    for number in range(3 * KEPT):
        stores.audit.append(entry(f"/{number}"))

    assert KEPT <= stores.audit.count(HOME) <= 2 * KEPT
    assert paths(stores)[0] == f"/{3 * KEPT - 1}"


def test_calls_that_are_denied_do_not_push_out_what_was_done(stores: Stores) -> None:
    stores.audit.append(entry("/done"))
    for _ in range(3 * KEPT):
        stores.audit.append(entry("/denied", status=429))

    assert [one.path for one in stores.audit.page(HOME, outcome="succeeded", cursor=None, limit=5)[0]] == ["/done"]


def test_a_trail_of_both_is_read_in_the_order_of_time_and_none_twice(stores: Stores) -> None:
    for number in range(9):
        stores.audit.append(entry(f"/{number}", status=403 if number % 3 else 200))

    seen, cursor = [], None
    while True:
        page, cursor = stores.audit.page(HOME, outcome=None, cursor=cursor, limit=2)
        seen += [one.path for one in page]
        if cursor is None:
            break

    assert seen == [f"/{number}" for number in reversed(range(9))]


def test_old_entries_are_counted_and_removed(stores: Stores) -> None:
    stores.audit.append(entry())
    now = datetime.now(UTC)

    assert stores.audit.trim(HOME, before=now - timedelta(days=1)) == 0
    assert stores.audit.trim(HOME, before=now + timedelta(days=1), dry=True) == 1
    assert stores.audit.count(HOME) == 1
    assert stores.audit.trim(HOME, before=now + timedelta(days=1)) == 1
    assert stores.audit.count(HOME) == 0


def test_a_trail_belongs_to_its_tenant_and_goes_with_it(stores: Stores) -> None:
    stores.tenants.add(Tenant("acme", NOW))
    stores.audit.append(entry("/ours"))
    stores.audit.append(entry("/theirs", tenant="acme"))

    before = paths(stores, "acme")
    stores.tenants.remove("acme")
    stores.audit.erase("acme")
    stores.audit.append(entry("/late", tenant="acme"))

    assert before == ["/theirs"]
    assert paths(stores, "acme") == []
    assert paths(stores) == ["/late", "/ours"]
