"""A tenant's data taken along as a zip, and taken away by a job of the home tenant."""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from jobs.errors import NotFound, StoreUnavailable
from jobs.identity import HOME, Role
from jobs.model import NewJob, Progress, State
from stores.artifacts import FileArtifacts
from stores.documents import Record, Shelf
from stores.graph import Node, Relation
from stores.memory_graph import MemoryGraph
from stores.ports import Artifact
from tests.web.identity import Closed
from web.api_v2.tenant_data import EXPORTS_AT_ONCE, HOME_CONFIRMED

TENANTS = "/api/v2/tenants"


@pytest.fixture
def closed(tmp_path: Path) -> Closed:
    return Closed(tmp_path)


def bring(closed: Closed, tenant: str) -> str:
    """Give a tenant something in every store; return the id of its artifact."""
    farm = closed.farm
    artifact = farm.artifacts.put(tenant, [tenant.encode() * 1000], media_type="text/plain", limit_bytes=10**6)[0].id
    job_id = f"job-of-{tenant}"
    farm.jobs.submit(NewJob(job_id, "campaign", {"firmware": artifact}, tenant))
    farm.jobs.submit(NewJob(f"{job_id}.0", "shard", {}, tenant, parent=job_id))
    farm.start(job_id)
    for done in range(3):
        farm.jobs.progress(job_id, Progress(done, 3, f"half of {tenant}"))
    farm.files.write(job_id, "report/data.json", [tenant.encode()])
    farm.rem_files.write(f"{job_id}.0", "records.jsonl", [b"{}\n"])
    documents = farm.knowledge.documents
    documents.put(tenant, Shelf.DOCUMENTS, [Record(f"d{number}", {"text": tenant}, at=number) for number in range(450)])
    documents.put(tenant, Shelf.VECTORS, [Record("v", {}, blob=b"\x00\xff")])
    nodes = [Node("Instruction", f"i{number:04}", {"firmware": tenant}) for number in range(1200)]
    farm.knowledge.graph.merge(tenant, nodes, [Relation("PRECEDES", "i0000", "i1199", {"weight": 1})], batch="b")
    return artifact


def exported(content: bytes) -> ZipFile:
    archive = ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    return archive


def lines(archive: ZipFile, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in archive.read(name).splitlines()]


def test_an_export_has_everything_of_the_tenant_and_nothing_of_another(closed: Closed) -> None:
    theirs, ours = bring(closed, "acme"), bring(closed, HOME)
    admin = closed.client(closed.key(Role.ADMIN, "acme", "boss"))
    admin.post("/api/v2/jobs", json={"kind": "ping", "params": {}})

    answer = admin.get(f"{TENANTS}/acme/export")

    archive = exported(answer.data)
    assert answer.content_type == "application/zip"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="acme-20250102T030405Z.zip"'
    assert lines(archive, "tenant.json")[0]["title"] == "Acme"
    assert [key["name"] for key in lines(archive, "keys.jsonl")] == ["boss"]
    assert [entry["operation"] for entry in lines(archive, "audit.jsonl")] == ["submit_job"]
    jobs = {job["id"]: job for job in lines(archive, "jobs.jsonl")}
    assert {"job-of-acme", "job-of-acme.0"} < set(jobs)
    assert [event["name"] for event in jobs["job-of-acme"]["events"]][:3] == ["state", "state", "progress"]
    assert [record["id"] for record in lines(archive, "documents/documents.jsonl")] == [f"d{n}" for n in range(450)]
    assert lines(archive, "documents/vectors.jsonl")[0]["blob"] == "AP8="
    assert len(lines(archive, "graph/nodes.jsonl")) == 1200
    assert lines(archive, "graph/relations.jsonl") == [
        {"kind": "PRECEDES", "source": "i0000", "target": "i1199", "properties": {"weight": 1}}
    ]
    assert archive.read(f"artifacts/{theirs.removeprefix('sha256:')}") == b"acme" * 1000
    assert archive.read("files/campaigns/job-of-acme/report/data.json") == b"acme"
    assert archive.read("files/rems/job-of-acme.0/records.jsonl") == b"{}\n"
    everything = b"".join(archive.read(name) for name in archive.namelist())
    assert HOME.encode() not in everything
    assert ours.encode() not in everything


def test_no_secret_of_a_key_leaves(closed: Closed) -> None:
    key = closed.key(Role.ADMIN, "acme")
    known = closed.accounts.keys.find(key.split("_")[1])

    archive = exported(closed.client(key).get(f"{TENANTS}/acme/export").data)

    everything = b"".join(archive.read(name) for name in archive.namelist())
    assert known is not None
    assert known.digest.encode() not in everything
    assert key.split("_", 2)[2].encode() not in everything


def test_the_manifest_says_what_there_is_of_each_and_its_digest(closed: Closed) -> None:
    bring(closed, "acme")

    archive = exported(closed.of().get(f"{TENANTS}/acme/export").data)

    manifest = json.loads(archive.read("manifest.json"))
    assert archive.namelist()[-1] == "manifest.json"
    assert (manifest["format"], manifest["tenant"]) == ("dasein-export/1", "acme")
    assert [member["name"] for member in manifest["members"]] == archive.namelist()[:-1]
    for member in manifest["members"]:
        content = archive.read(member["name"])
        assert (member["bytes"], member["sha256"]) == (len(content), sha256(content).hexdigest())
    counts = manifest["counts"]
    assert (counts["graph/nodes.jsonl"], counts["documents/documents.jsonl"], counts["jobs.jsonl"]) == (1200, 450, 2)
    assert (counts["artifacts"], counts["files"]) == (1, 2)


class Fleeting(FileArtifacts):
    """Loses artifacts once they were listed."""

    def every(self, tenant: str) -> Iterator[Artifact]:
        for artifact in super().every(tenant):
            yield artifact
            with suppress(NotFound):
                self.path(tenant, artifact.id).unlink()


def test_an_artifact_that_goes_meanwhile_is_left_out(tmp_path: Path) -> None:
    closed = Closed(tmp_path, artifacts=Fleeting(tmp_path))
    bring(closed, "acme")

    archive = exported(closed.of().get(f"{TENANTS}/acme/export").data)

    assert json.loads(archive.read("manifest.json"))["counts"]["artifacts.jsonl"] == 1
    assert [name for name in archive.namelist() if name.startswith("artifacts/")] == []


class LostGraph(MemoryGraph):
    """Takes everything, and gives nothing back."""

    def page(self, tenant: str, **_where: object) -> list[tuple[int, Node]]:
        raise StoreUnavailable(f"gone with {tenant}")


def test_a_store_that_fails_leaves_no_zip_that_looks_whole(tmp_path: Path) -> None:
    closed = Closed(tmp_path, graph=LostGraph())
    bring(closed, "acme")
    answer = closed.of().get(f"{TENANTS}/acme/export", buffered=False)

    pieces = answer.iter_encoded()

    with pytest.raises(StoreUnavailable):
        list(pieces)
    answer.close()


def test_only_so_many_export_at_once_and_one_that_ends_makes_room(closed: Closed) -> None:
    admin = closed.of()
    under_way = [admin.get(f"{TENANTS}/acme/export", buffered=False) for _ in range(EXPORTS_AT_ONCE)]

    refused = admin.get(f"{TENANTS}/acme/export")
    for answer in under_way:
        answer.close()

    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert admin.get(f"{TENANTS}/acme/export").status_code == 200


def test_data_is_exported_and_erased_by_the_tenants_own_admin_or_the_farms(closed: Closed) -> None:
    theirs = closed.of(Role.ADMIN, "acme")

    assert theirs.get(f"{TENANTS}/{HOME}/export").status_code == 404
    assert theirs.delete(f"{TENANTS}/{HOME}/data?confirm={HOME_CONFIRMED}").status_code == 404
    assert closed.of(Role.OPERATOR).get(f"{TENANTS}/{HOME}/export").status_code == 403
    assert closed.of(Role.OPERATOR, "acme").delete(f"{TENANTS}/acme/data?confirm=acme").status_code == 403
    assert closed.of().get(f"{TENANTS}/nobody/export").status_code == 404
    assert theirs.delete(f"{TENANTS}/acme/data?confirm=acme").status_code == 202


@pytest.mark.parametrize("body", [None, {"confirm": "acme", "keep": True}])
def test_an_erasure_is_a_job_of_the_home_tenant_and_ends_the_tenants_service_at_once(
    closed: Closed, body: dict[str, object] | None
) -> None:
    admin, theirs = closed.of(), closed.of(Role.ADMIN, "acme")

    if body is None:
        answer = admin.delete(f"{TENANTS}/acme/data?confirm=acme")
    else:
        answer = admin.delete(f"{TENANTS}/acme/data", json=body)

    job = answer.get_json()
    recorded = closed.farm.jobs.get(job["id"])
    assert answer.status_code == 202
    assert (job["kind"], recorded.tenant, recorded.state) == ("erase", HOME, State.QUEUED)
    assert recorded.params == {"tenant": "acme", "keep": body is not None}
    assert closed.farm.queue.sent == [("erase", job["id"], 9)]
    assert theirs.get("/api/v2/me").status_code == 401
    assert admin.get(answer.headers["Location"]).status_code == 200


@pytest.mark.parametrize(("tenant", "confirm"), [("acme", ""), ("acme", "umbra"), (HOME, ""), (HOME, HOME)])
def test_nothing_is_erased_that_was_not_confirmed(closed: Closed, tenant: str, confirm: str) -> None:
    answer = closed.of().delete(f"{TENANTS}/{tenant}/data", query_string={"confirm": confirm})

    assert (answer.status_code, answer.get_json()["field"]) == (422, "confirm")
    assert closed.farm.queue.sent == []
    assert not closed.accounts.tenants.get(tenant).suspended


def test_the_home_tenant_takes_a_confirmation_of_its_own_and_is_still_served(closed: Closed) -> None:
    admin = closed.of()

    answer = admin.delete(f"{TENANTS}/{HOME}/data", query_string={"confirm": HOME_CONFIRMED})

    assert answer.status_code == 202
    assert admin.get("/api/v2/me").status_code == 200


class Slow(FileArtifacts):
    """Stores so slowly that something happens meanwhile."""

    meanwhile: Callable[[], object] = staticmethod(lambda: None)

    def put(self, *given: Any, **limits: Any) -> tuple[Artifact, bool]:
        stored = super().put(*given, **limits)
        self.meanwhile()
        return stored


def test_an_upload_that_ends_after_the_erasure_has_begun_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    artifacts = Slow(tmp_path)
    closed = Closed(tmp_path, artifacts=artifacts)
    theirs, tenants = closed.of(Role.ADMIN, "acme"), closed.accounts.tenants

    artifacts.meanwhile = lambda: tenants.change(replace(tenants.get("acme"), suspended=True))
    answer = theirs.post("/api/v2/artifacts", data=b"late", content_type="application/octet-stream")

    assert (answer.status_code, answer.get_json()["reason"]) == (401, "suspended")
    assert list(closed.farm.artifacts.every("acme")) == []


def test_an_erasure_stands_in_the_home_tenants_trail_whoever_asked(closed: Closed) -> None:
    closed.client(closed.key(Role.ADMIN, "acme", "boss")).delete(f"{TENANTS}/acme/data?confirm=acme")

    [entry] = closed.of().get("/api/v2/audit").get_json()["entries"]
    assert (entry["operation"], entry["name"], entry["path"]) == ("erase_tenant", "boss", f"{TENANTS}/acme/data")


def test_an_erasure_that_is_asked_for_twice_with_one_key_is_one(closed: Closed) -> None:
    admin = closed.of()

    first, second = (
        admin.delete(f"{TENANTS}/acme/data?confirm=acme", headers={"Idempotency-Key": "once"}) for _ in range(2)
    )

    assert first.get_json()["id"] == second.get_json()["id"]
    assert second.headers["Idempotency-Replayed"] == "true"
