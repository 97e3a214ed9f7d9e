"""Things of every kind that belong to the home tenant, and how each call names them."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from flask.testing import FlaskClient
from pydantic_core import to_json

from jobs.errors import NotFound
from jobs.identity import HOME, Role
from jobs.model import Failure, Job, NewJob
from jobs.queue import CALIBRATION, RECORDING
from jobs.recording import FILES
from stores import curves
from stores.identity import Tenant
from tests.web.conftest import Behind, campaign
from tests.web.identity import Closed
from tests.web.knowledge import answer, fill, instruction, keep, said
from tests.web.rems import known, rem, result
from tests.workers.simulation.reports import synthetic

SECRET = b"\x7fELF the bytes of the home tenant"
OTHER = "acme"
NAMES = ("diary.txt",)


@dataclass
class Owned:
    """A farm with keys, whose home tenant owns one thing of every kind."""

    closed: Closed
    ids: dict[str, str] = field(default_factory=dict)
    """By the names of parameters, and of operations whose parameter must be a thing of its own."""
    marks: list[str] = field(default_factory=list)
    """What nobody else may be told."""

    @property
    def farm(self) -> Behind:
        """Return what is behind the farm."""
        return self.closed.farm

    def foreigner(self) -> FlaskClient:
        """Return a client of an admin of another tenant."""
        return self.closed.of(Role.ADMIN, OTHER)


def owned(root: Path) -> tuple[Owned, FlaskClient]:
    """Return a farm in which the home tenant has things, and the client of its admin."""
    closed = Closed(root)
    things = Owned(closed)
    owner = closed.client(closed.key(name="the owner"))
    closed.accounts.tenants.add(Tenant("lab", closed.clock(), "Lab"))
    _know(things)
    _upload(things, owner)
    _submit(things, owner)
    _administer(things, owner)
    return things, owner


def work(farm: Behind, job: Job) -> dict[str, Any]:
    """Do what the pools would; they know of nothing but their tenant's."""
    if job.kind == "similar":
        if job.tenant != HOME:
            raise NotFound("There is no such instruction.")
        return {"instruction": job.params["instruction"], "similar": [], "data_version": 7}
    if job.kind == "query":
        return answer(question=job.params["question"]).model_dump(mode="json")
    if job.kind == "chat":
        return said(job).model_dump(mode="json")
    if job.kind == "ingest":
        return {"batch": "document:x", "records": 1, "unchanged": False}
    return {"tenant": job.tenant, "jobs": len(farm.queue.sent)}


def _know(things: Owned) -> None:
    fill(things.farm)
    keep(things.farm, "lab-session", "what only the owner said")
    (record,) = known(things.farm, "diary.txt")
    things.ids |= {
        "instruction_id": instruction(0),
        "thing_id": instruction(0),
        "batch": "document:notes",
        "session": "lab-session",
        "rem_id": record,
    }
    things.marks += [instruction(0), "document:notes", "what only the owner said", record, "entity:tool:a"]


def _upload(things: Owned, owner: FlaskClient) -> None:
    artifact = owner.post("/api/v2/artifacts", data=SECRET).get_json()["artifact_id"]
    things.ids["artifact_id"] = artifact
    things.marks.append(artifact)


def _submit(things: Owned, owner: FlaskClient) -> None:
    farm, firmware = things.farm, things.ids["artifact_id"]

    def job(path: str, body: dict[str, Any]) -> str:
        reply = owner.post(f"/api/v2/{path}", json=body)
        assert reply.status_code == 202, reply.text
        things.marks.append(reply.get_json()["id"])
        return str(reply.get_json()["id"])

    ping = {"kind": "ping", "params": {"echo": "x"}}
    failed, dead = job("jobs", ping), job("jobs", ping)
    farm.jobs.fail(failed, Failure("broken", "It broke."))
    farm.jobs.fail(dead, Failure("worker-lost", "Lost."), dead=True)
    measured = job("campaigns", campaign(firmware, keep_traces=True))
    report = synthetic().model_dump(mode="json") | {"campaign": measured}
    for name, content in {"report.json": to_json(report), "traces.npy": b"\x93NUMPY" + bytes(100)}.items():
        farm.files.write(measured, name, [content])
    samples = np.arange(8, dtype=np.float64)
    curves.save(farm.files, measured, np.arange(8, dtype=np.uint32), {"mean": samples, "t1": samples})
    farm.jobs.finish(measured, {"verdict": "leaks"})
    sequence = job("rems", {"files": [{"artifact": firmware}], "sequence": True})
    whole = result(sequence, *NAMES)
    left = {
        "records.jsonl": b"".join(rem(name).model_dump_json().encode() + b"\n" for name in NAMES),
        "result.json": whole.model_dump_json().encode(),
        "sequence.json": b'{"title": "A day"}',
    }
    for name, content in left.items():
        farm.rem_files.write(sequence, name, [content])
    farm.jobs.finish(sequence, whole.model_dump(mode="json", exclude={"files"}))
    profile = job("jobs", {"kind": "simulation.profile", "params": {"campaign": measured}})
    farm.files.write(profile, "profile.json", [b'{"headline": "Templates find it."}'])
    farm.jobs.finish(profile, {"headline": "Templates find it."})
    taken_in = job("jobs", {"kind": "simulation.import", "params": {"artifact": firmware}})
    farm.jobs.finish(taken_in, {})
    calibrated = str(farm.jobs.submit(NewJob("calibrated", CALIBRATION.name, {"campaign": taken_in}, HOME))[0].id)
    farm.files.write(calibrated, "calibration.json", [b'{"verdict": "calibrated"}'])
    farm.jobs.finish(calibrated, {})
    recorded = str(farm.jobs.submit(NewJob("recorded", RECORDING.name, {"firmware": firmware}, HOME))[0].id)
    farm.files.write(recorded, FILES["csv"], [b"timestamp\n"])
    farm.jobs.finish(recorded, {"files": {"csv": {"name": FILES["csv"], "bytes": 10}}})
    noise = [campaign(firmware, power={"noise_sigma": sigma}) for sigma in (1.0, 2.0)]
    both = {"jobs": [{"kind": "campaign", "params": params} for params in noise]}
    sweep = owner.post("/api/v2/batches", json=both).get_json()
    turn = job("chat", {"message": "Why does it leak?"})
    farm.jobs.finish(turn, said(farm.jobs.get(turn)).model_dump(mode="json"))
    told = job("jobs", ping | {"callback_url": "https://hooks.example.com/done"})
    farm.jobs.finish(told, {})
    batch = owner.post("/api/v2/batches", json={"jobs": [ping]}).get_json()
    things.marks += [batch["id"], *batch["jobs"], sweep["id"], *sweep["jobs"]]
    things.ids |= {
        "job_id": job("jobs", ping),
        "batch_id": batch["id"],
        "sweep_id": sweep["id"],
        "campaign_id": measured,
        "with": measured,
        "show_calibration": calibrated,
        "recording_id": recorded,
        "retry_job": failed,
        "replay_dead_letter": dead,
        "follow_turn": turn,
        "replay_delivery": told,
        "download_records": sequence,
        "show_forging_result": sequence,
        "show_sequence_report": sequence,
        "show_profile": profile,
    }


def _administer(things: Owned, owner: FlaskClient) -> None:
    made = owner.post("/api/v2/keys", json={"name": "a key of the owner", "role": "viewer"}).get_json()
    things.ids |= {"prefix": made["prefix"], "tenant_id": HOME, "tenant": HOME, "erase_tenant": "lab", "confirm": "lab"}
    things.marks += [made["prefix"], "a key of the owner", "the owner"]
