"""Quotas of tenants, over HTTP: what is refused, and what is said of it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Request

from jobs.errors import NotFound
from jobs.identity import Principal, Role
from stores.artifacts import FileArtifacts, JobFiles
from stores.identity import Quotas, Tenant
from stores.memory import MemoryJobs
from stores.memory_identity import MemoryTenants
from tests.web.conftest import Behind, campaign, make_farm
from web.quotas import KEPT_S, TenantQuotas
from web.refusals import StorageExceeded
from web.storage import Storage

PING = {"kind": "ping", "params": {}}
KIB = 1024


def as_tenant(request: Request) -> Principal:
    return Principal(request.headers.get("X-API-Key", "default"), Role.ADMIN, "somebody", key="aaaaaaaa")


def farm_with(root: Path, **quotas: int) -> Behind:
    farm = make_farm(root, authenticate=as_tenant, quotas=Quotas(**quotas))
    farm.accounts.tenants.add(Tenant("acme", farm.clock()))
    return farm


def quota_of(answer: Any) -> dict[str, Any]:
    problem = answer.get_json()
    assert problem["code"] == ("storage-exceeded" if problem["status"] == 507 else "quota-exceeded")
    assert problem["reason"] == problem["quota"]["name"]
    quota: dict[str, Any] = problem["quota"]
    return quota


def test_a_tenant_has_so_many_jobs_in_flight(tmp_path: Path) -> None:
    farm = farm_with(tmp_path, jobs_in_flight=2)
    first = farm.client.post("/api/v2/jobs", json=PING).get_json()["id"]
    farm.client.post("/api/v2/jobs", json=PING)

    refused = farm.client.post("/api/v2/jobs", json=PING)
    batch = farm.client.post("/api/v2/batches", json={"jobs": [PING]})
    elsewhere = farm.client.post("/api/v2/jobs", json=PING, headers={"X-API-Key": "acme"})
    farm.client.delete(f"/api/v2/jobs/{first}")

    assert (refused.status_code, batch.status_code, elsewhere.status_code) == (429, 429, 202)
    assert quota_of(refused) == {"name": "jobs_in_flight", "limit": 2, "used": 2, "wanted": 1}
    assert int(refused.headers["Retry-After"]) > 0
    assert farm.client.post("/api/v2/jobs", json=PING).status_code == 202


def test_a_tenant_asks_for_so_many_traces_a_day_and_a_repeated_request_is_free(tmp_path: Path) -> None:
    farm = farm_with(tmp_path, traces_per_day=1500)
    wanted, key = campaign(farm.firmware()), {"Idempotency-Key": "nightly"}

    answers = [farm.client.post("/api/v2/campaigns", json=wanted, headers=key) for _ in range(3)]
    refused = farm.client.post("/api/v2/campaigns", json=wanted)
    as_job = farm.client.post("/api/v2/jobs", json={"kind": "campaign", "params": wanted})
    smaller = farm.client.post("/api/v2/campaigns", json=wanted | {"traces": 500})

    assert [answer.status_code for answer in answers] == [202] * 3
    assert (refused.status_code, as_job.status_code, smaller.status_code) == (429, 429, 202)
    assert quota_of(refused) == {"name": "traces_per_day", "limit": 1500, "used": 1000, "wanted": 1000}
    # The clock stands at 03:04:05.
    assert refused.headers["Retry-After"] == str(24 * 3600 - (3 * 3600 + 4 * 60 + 5))
    farm.clock.advance(24 * 3600)
    assert farm.client.post("/api/v2/campaigns", json=wanted).status_code == 202


def test_a_tenant_stores_so_many_bytes(tmp_path: Path) -> None:
    farm = farm_with(tmp_path, storage_bytes=10 * KIB)

    def upload(content: bytes, tenant: str = "default") -> Any:
        return farm.client.post("/api/v2/artifacts", data=content, headers={"X-API-Key": tenant})

    first = upload(b"a" * 6 * KIB)
    refused = upload(b"b" * 5 * KIB)
    left = farm.left_behind()
    in_other_tenant = upload(b"b" * 5 * KIB, "acme")
    fits = upload(b"c" * 4 * KIB)
    full = farm.client.post("/api/v2/campaigns", json=campaign(first.get_json()["artifact_id"]))
    ping = farm.client.post("/api/v2/jobs", json=PING)
    farm.client.delete(first.headers["Location"])

    assert (first.status_code, refused.status_code, in_other_tenant.status_code) == (201, 507, 201)
    assert quota_of(refused) == {"name": "storage_bytes", "limit": 10 * KIB, "used": 6 * KIB, "wanted": 5 * KIB}
    assert "Retry-After" not in refused.headers
    assert len(left) == 2
    assert (fits.status_code, full.status_code, ping.status_code) == (201, 507, 202)
    assert upload(b"d" * 5 * KIB).status_code == 201


def test_an_upload_without_a_length_is_refused_where_it_goes_too_far_and_leaves_nothing(tmp_path: Path) -> None:
    farm = farm_with(tmp_path, storage_bytes=10 * KIB)

    class Body:
        """A body that is read piece by piece, and never to its end."""

        pieces = 0

        def read(self, size: int = -1) -> bytes:
            self.pieces += 1
            return b"x" * min(4 * KIB, size if size > 0 else 4 * KIB)

    body = Body()
    answer = farm.client.post(
        "/api/v2/artifacts", environ_overrides={"wsgi.input": body, "wsgi.input_terminated": True}
    )

    assert answer.status_code == 507
    assert farm.left_behind() == []
    assert farm.client.post("/api/v2/artifacts", data=b"y" * 10 * KIB).status_code == 201


def test_what_a_tenant_uses_is_what_its_quotas_count(tmp_path: Path) -> None:
    farm = farm_with(tmp_path)
    firmware = farm.client.post("/api/v2/artifacts", data=b"\x7fELF").get_json()["artifact_id"]
    job_id = farm.client.post("/api/v2/campaigns", json=campaign(firmware)).get_json()["id"]
    farm.files.write(job_id, "traces.npy", [b"t" * 1000])
    farm.files.write("job-of-nobody", "traces.npy", [b"t" * 1000])

    usage = farm.client.get("/api/v2/tenants/default").get_json()["usage"]

    assert usage == {"jobs_in_flight": 1, "traces_per_day": 1000, "storage_bytes": 1004}


def test_own_quotas_come_before_those_of_the_settings_and_hold_within_seconds() -> None:
    now = 0.0
    tenants = MemoryTenants()
    quotas = TenantQuotas(tenants, Quotas(jobs_in_flight=5, traces_per_day=100), clock=lambda: now)
    acme = Tenant("acme", None, quotas=Quotas(jobs_in_flight=0, storage_bytes=7))
    tenants.add(acme)

    first = quotas.of("acme")
    tenants.change(replace(acme, quotas=Quotas(jobs_in_flight=9)))
    at_once = quotas.of("acme")
    now = KEPT_S
    later = quotas.of("acme")

    assert first == at_once == Quotas(jobs_in_flight=0, traces_per_day=100, storage_bytes=7)
    assert later == Quotas(jobs_in_flight=9, traces_per_day=100)
    assert quotas.of("nobody") == Quotas(jobs_in_flight=5, traces_per_day=100)
    with pytest.raises(NotFound):
        tenants.get("nobody")


def test_uploads_that_arrive_together_are_counted_together(tmp_path: Path) -> None:
    artifacts, tenants = FileArtifacts(tmp_path), MemoryTenants()
    quotas = TenantQuotas(tenants, Quotas(storage_bytes=100))
    storage = Storage(artifacts, [JobFiles(tmp_path, "campaigns")], MemoryJobs(), quotas)

    def pieces(size: int) -> Iterator[bytes]:
        return storage.counted("default", iter([b"x" * size] * 2))

    one, other = pieces(40), pieces(40)
    next(one)
    next(other)
    with pytest.raises(StorageExceeded):
        next(one)

    assert storage.used("default") == 40
    other.close()  # type: ignore[attr-defined]  # it is a generator
    assert storage.used("default") == 0
