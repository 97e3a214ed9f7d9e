"""Tenants: made, listed, changed, suspended."""

from pathlib import Path
from typing import Any

import pytest

from jobs.identity import HOME, Role
from jobs.model import NewJob
from stores.ports import Allowance
from tests.web.identity import Closed

TENANTS = "/api/v2/tenants"


@pytest.fixture
def closed(tmp_path: Path) -> Closed:
    return Closed(tmp_path)


def by_id(answer: Any) -> dict[str, Any]:
    return {tenant["id"]: tenant for tenant in answer.get_json()["tenants"]}


def test_a_tenant_is_made_with_its_quotas_and_gets_its_first_key_from_the_farms_admin(closed: Closed) -> None:
    admin = closed.of()

    made = admin.post(TENANTS, json={"id": "umbra", "title": "Umbra", "quotas": {"jobs_in_flight": 3}})
    key = admin.post("/api/v2/keys", json={"name": "boss", "role": "admin", "tenant": "umbra"}).get_json()["key"]
    me = closed.client(key).get("/api/v2/me").get_json()

    assert made.status_code == 201
    assert made.headers["Location"] == f"{TENANTS}/umbra"
    assert made.get_json() == {
        "id": "umbra",
        "title": "Umbra",
        "created_at": "2025-01-02T03:04:05Z",
        "suspended": False,
        "quotas": {"jobs_in_flight": 3, "traces_per_day": None, "storage_bytes": None},
        "usage": {"jobs_in_flight": 0, "traces_per_day": 0, "storage_bytes": 0},
        "retention": {"job_days": None, "audit_days": None, "artifact_days": None, "chat_days": None},
        "weight": 1.0,
    }
    assert (me["tenant"], me["home"]) == ("umbra", False)


def test_an_id_is_taken_once_and_is_one_that_every_store_can_use(closed: Closed) -> None:
    admin = closed.of()

    assert admin.post(TENANTS, json={"id": "acme"}).status_code == 409
    assert admin.post(TENANTS, json={"id": HOME}).status_code == 409
    for wrong in ("", "A", "a b", "a:b", "../x", "-a", "a" * 64):
        answer = admin.post(TENANTS, json={"id": wrong})
        assert (answer.status_code, answer.get_json()["field"]) == (422, "id")


def test_a_change_leaves_what_it_does_not_name(closed: Closed) -> None:
    admin = closed.of()
    admin.patch(f"{TENANTS}/acme", json={"quotas": {"jobs_in_flight": 3, "storage_bytes": 9}, "title": "New"})

    changed = admin.patch(
        f"{TENANTS}/acme", json={"quotas": {"jobs_in_flight": None}, "retention": {"audit_days": 30}}
    ).get_json()

    assert changed["title"] == "New"
    assert changed["quotas"] == {"jobs_in_flight": None, "traces_per_day": None, "storage_bytes": 9}
    assert changed["retention"]["audit_days"] == 30
    assert admin.get(f"{TENANTS}/acme").get_json() == changed


def test_usage_counts_jobs_traces_and_bytes_of_the_tenant_alone(closed: Closed) -> None:
    farm = closed.farm
    for number, (tenant, traces) in enumerate([("acme", 500), ("acme", 250), (HOME, 9)]):
        farm.jobs.submit(NewJob(str(number), "campaign", {}, tenant), allowance=Allowance(traces=traces))
    farm.jobs.submit(NewJob("ping", "ping", {}, "acme"))
    farm.jobs.cancel("1")
    farm.artifacts.put("acme", [b"12345"], media_type="text/plain", limit_bytes=10)

    found = by_id(closed.of().get(TENANTS))

    assert found["acme"]["usage"] == {"jobs_in_flight": 2, "traces_per_day": 750, "storage_bytes": 5}
    assert found[HOME]["usage"] == {"jobs_in_flight": 1, "traces_per_day": 9, "storage_bytes": 0}


def test_traces_are_those_of_today(closed: Closed) -> None:
    closed.farm.jobs.submit(NewJob("old", "campaign", {}, "acme"), allowance=Allowance(traces=500))
    closed.clock.advance(86_400)
    closed.farm.jobs.submit(NewJob("new", "campaign", {}, "acme"), allowance=Allowance(traces=7))

    assert by_id(closed.of().get(TENANTS))["acme"]["usage"]["traces_per_day"] == 7


def test_a_suspended_tenant_is_not_served_and_the_home_tenant_cannot_be_suspended(closed: Closed) -> None:
    admin, theirs = closed.of(), closed.of(Role.ADMIN, "acme")

    changed = admin.patch(f"{TENANTS}/acme", json={"suspended": True})
    home = admin.patch(f"{TENANTS}/{HOME}", json={"suspended": True})

    assert changed.get_json()["suspended"] is True
    assert theirs.get("/api/v2/me").status_code == 401
    assert (home.status_code, home.get_json()["field"]) == (409, "suspended")


def test_admins_of_a_tenant_see_their_own_and_change_none(closed: Closed) -> None:
    admin = closed.of(Role.ADMIN, "acme")

    assert list(by_id(admin.get(TENANTS))) == ["acme"]
    assert admin.get(f"{TENANTS}/acme").status_code == 200
    assert admin.get(f"{TENANTS}/{HOME}").status_code == 404
    assert admin.get(f"{TENANTS}/nobody").status_code == 404
    assert admin.patch(f"{TENANTS}/acme", json={"quotas": {"jobs_in_flight": 9}}).status_code == 403
    assert admin.post(TENANTS, json={"id": "mine"}).status_code == 403


def test_what_is_no_tenant_cannot_be_changed(closed: Closed) -> None:
    assert closed.of().patch(f"{TENANTS}/nobody", json={}).status_code == 404


@pytest.mark.parametrize("value", [-1, 1.5, "3", 2**60])
def test_a_quota_is_a_number_of_things(closed: Closed, value: object) -> None:
    answer = closed.of().patch(f"{TENANTS}/acme", json={"quotas": {"jobs_in_flight": value}})

    assert (answer.status_code, answer.get_json()["field"]) == (422, "quotas.jobs_in_flight")


def test_a_tenants_weight_is_set_and_stays_until_it_is_changed(closed: Closed) -> None:
    admin = closed.of()
    made = admin.post(TENANTS, json={"id": "umbra", "weight": 2.5}).get_json()
    kept = admin.patch(f"{TENANTS}/umbra", json={"title": "Umbra"}).get_json()
    changed = admin.patch(f"{TENANTS}/umbra", json={"weight": 0.5}).get_json()

    assert (made["weight"], kept["weight"], changed["weight"]) == (2.5, 2.5, 0.5)
    assert closed.farm.accounts.tenants.get("umbra").weight == 0.5


@pytest.mark.parametrize("value", [0, -1, 101, "much"])
def test_a_weight_is_a_number_between_a_hundredth_and_a_hundred(closed: Closed, value: object) -> None:
    answer = closed.of().patch(f"{TENANTS}/acme", json={"weight": value})

    assert (answer.status_code, answer.get_json()["field"]) == (422, "weight")
