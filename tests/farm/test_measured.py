"""Measured traces on a real worker: taken in, judged, and a power model fitted to them."""

import io
import json
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from jobs.model import Job, State
from jobs.queue import CALIBRATION, MEASURED
from jobs.target import Target
from renode.firmware.build import build_all
from renode.unicorn_core import UnicornCore
from stores.artifacts import FileArtifacts
from tests.farm.conftest import ROOT, Farm
from tests.servers import RedisServer
from tests.web.server import WebServer
from tests.workers.simulation.measured.leaking import Leaking, chacha20, last_round
from workers.simulation.measured.aligned import features

CYCLES = slice(2000, 2400)
TRACES = 128


def measured(elf: Path, target: dict[str, Any]) -> bytes:
    """Return traces of some cycles: half a millivolt a bit that a register changes by, and noise."""
    rng = np.random.default_rng(7)
    core = UnicornCore(elf, Target.model_validate(target))
    inputs = rng.integers(0, 256, (TRACES, 32), dtype=np.uint8)
    inputs[:, :16] = 7
    path = core.path(inputs[0])
    batch = core.run(inputs, path)
    traces = rng.normal(20, 1, (TRACES, path.cycles))
    traces[:, np.append(path.begins[1:], path.cycles) - 1] += 0.5 * features(batch.activity)[..., 1]
    out = io.BytesIO()
    np.savez(
        out,
        traces=traces[:, CYCLES].astype(np.float32),
        key=inputs[:, :16],
        plaintext=inputs[:, 16:],
        ciphertext=batch.output,
    )
    return out.getvalue()


def ended(farm: Farm, job_id: str) -> Job:
    """Return a job that has ended well."""
    job = farm.until(job_id, State.SUCCEEDED, State.FAILED, within_s=90)
    assert job.state is State.SUCCEEDED, job.error
    return job


def test_traces_are_taken_in_and_a_model_is_fitted_to_them(farm: Farm) -> None:
    elf = next(path for path in build_all(ROOT / "build" / "firmware") if path.stem == "aes128_m4")
    campaign = json.loads((ROOT / "renode" / "firmware" / "campaigns" / "aes128_m4.json").read_text(encoding="utf-8"))
    artifacts = FileArtifacts(farm.folder)
    traces, firmware = (
        artifacts.put("default", [data], media_type="application/octet-stream", limit_bytes=2**24)[0].id
        for data in (measured(elf, campaign["target"]), elf.read_bytes())
    )
    code = {"firmware": firmware, "target": campaign["target"]}
    clock = {"samples_per_cycle": 1, "first_sample": -CYCLES.start}
    farm.start("one")

    farm.submit(MEASURED, "traces", artifact=traces, unit="mV", clock=clock, **code)
    taken = ended(farm, "traces")
    farm.submit(CALIBRATION, "fit", campaign="traces", name="bench")
    fitted = ended(farm, "fit")

    assert taken.result is not None
    assert (taken.result["traces"], taken.result["format"], taken.progress.done) == (TRACES, "npz", TRACES)
    assert fitted.result is not None
    assert fitted.result["calibration"] == "calibrated"
    model = artifacts.path("default", fitted.result["model"]).read_text()
    assert 'campaign = "traces"' in model
    told = json.loads((farm.folder / "campaigns" / "fit" / "calibration.json").read_bytes())
    found = {fit["kind"]: fit["coefficients"]["register_hd"] for fit in told["classes"]}
    assert abs(found["alu"]["value"] - 0.5) < 5 * found["alu"]["standard_error"]


def archive(made: Leaking) -> bytes:
    """Return traces whose leak is known as an archive."""
    out = io.BytesIO()
    np.savez(out, traces=made.traces(), **made.values)  # type: ignore[arg-type]  # names are ours
    return out.getvalue()


def taken_in(client: httpx.Client, data: bytes, **params: Any) -> dict[str, Any]:
    """Upload a file, submit an import of it, and return the job once it has ended."""
    artifact = client.post("/api/v2/artifacts", content=data).json()["artifact_id"]
    body = {"kind": "simulation.import", "params": {"artifact": artifact, **params}}
    answer = client.post("/api/v2/jobs", json=body, headers={"Prefer": "wait=60"})
    assert answer.status_code == 200, answer.text
    job: dict[str, Any] = answer.json()
    return job


def test_imports_are_attacked_by_what_they_ask_for_over_http_queue_and_worker(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    redis_server.flush()
    made = [last_round("aes256"), chacha20()]

    with WebServer(tmp_path, redis_server.url) as server, server.worker(), server.client(timeout_s=90) as client:
        jobs = [taken_in(client, archive(one), cpa=one.cpa) for one in made]
        reports = [client.get(f"/api/v2/campaigns/{job['id']}/report").json() for job in jobs]
        refused = taken_in(client, archive(made[0]), cpa={"intermediate": "aes256-sbox-output"})

    assert [job["state"] for job in jobs] == ["succeeded", "succeeded"]
    assert [job["result"]["key_bytes_recovered"] for job in jobs] == [16, 32]
    assert [report["cpa"]["key"] for report in reports] == [one.truth.hex() for one in made]
    assert reports[1]["cpa"]["master_key"] == (made[1].key or b"").hex()
    assert [report["verdict"] for report in reports] == ["leaks", "leaks"]
    assert (refused["state"], refused["error"]["field"], refused["error"]["reason"]) == (
        "failed",
        "cpa.plaintext",
        "no-such-value",
    )
