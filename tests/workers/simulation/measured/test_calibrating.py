"""Calibration on traces whose power model is known: simulated by one of ours, with noise, as a converter would sample them."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from jobs.calibration import Calibration
from jobs.model import Job, NewJob, State
from jobs.queue import MEASURED
from stores.memory import MemoryJobs
from tests.workers.simulation.conftest import CAMPAIGNS, NOW, Lab, Watched
from tests.workers.simulation.measured.conftest import Bench, npz
from workers.simulation.measured.calibrating import calibrate
from workers.simulation.power_model import load_model

TRACES = 512
PER_CYCLE, FIRST = 2, 7
CLOCK = {"samples_per_cycle": PER_CYCLE, "first_sample": FIRST}
TRUTH = "elmo-like-linear"


@dataclass(frozen=True, slots=True)
class OnBench:
    """What a bench would have measured: two samples a cycle, after seven of something else."""

    traces: npt.NDArray[np.float32]
    values: dict[str, npt.NDArray[np.uint8]]
    body: dict[str, Any]
    firmware: str

    def file(self, traces: npt.NDArray[np.float32] | None = None) -> bytes:
        """Return it as a file, with other traces."""
        return npz({"traces": self.traces if traces is None else traces, **self.values})

    @property
    def code(self) -> dict[str, Any]:
        """Return the fields of an import that say what ran."""
        return {"firmware": self.firmware, "target": self.body["target"], "clock": CLOCK}


@pytest.fixture(scope="session")
def made() -> list[OnBench]:
    """Return where what was measured is kept, once."""
    return []


@pytest.fixture
def measured(lab: Lab, made: list[OnBench]) -> OnBench:
    """Return traces of the AES under a model that calibration shall find."""
    if not made:
        body = json.loads((CAMPAIGNS / "aes128_m4.json").read_text())
        power = {"model": TRUTH, "sampling": "cycle", "noise_sigma": 2.0}
        request = lab.request("aes128_m4", traces=TRACES, keep_traces=True, shards=1, power=power, cpa=None)
        lab.run("bench", request)
        folder = lab.services.files.folder("bench")
        traces, inputs, groups = (np.load(folder / f"{name}.npy") for name in ("traces", "inputs", "groups"))
        rng = np.random.default_rng(7)
        before = rng.normal(size=(TRACES, FIRST)).astype(np.float32)
        sampled = np.concatenate([before, np.repeat(traces, PER_CYCLE, axis=1)], axis=1)
        values = {"group": groups}
        for number, item in enumerate(request.target.inputs):
            values[item.role.value] = inputs[:, 16 * number : 16 * number + 16]
        made.append(OnBench(sampled, values, body, request.firmware))
    return made[0]


@dataclass(frozen=True, slots=True)
class Calibrator:
    """Imports and calibrates."""

    bench: Bench
    jobs: MemoryJobs

    def imported(self, data: bytes, job: str = "m", **fields: Any) -> str:
        """Import a file, and record the job."""
        report = self.bench.take_in(data, job, **fields)
        params = report.request.model_dump(mode="json")
        self.jobs.submit(NewJob(job, MEASURED.name, params))
        self.jobs.start(job, worker="w", lease_s=60)
        self.jobs.finish(job, {})
        return job

    def calibrated(self, campaign: str, job: str = "k", **fields: Any) -> Calibration:
        """Calibrate."""
        params = {"campaign": campaign, **fields}
        calibrate(
            Job(job, "simulation.calibrate", State.RUNNING, params, "default", 5, NOW),
            Watched(job),
            self.bench.lab.services,
            self.jobs,
            now=NOW,
        )
        return Calibration.model_validate_json(self.bench.lab.services.files.path(job, "calibration.json").read_bytes())


@pytest.fixture
def calibrator(bench: Bench) -> Calibrator:
    """Return what imports and calibrates."""
    return Calibrator(bench, MemoryJobs())


def test_the_model_that_made_the_traces_is_found_again(calibrator: Calibrator, measured: OnBench, lab: Lab) -> None:
    campaign = calibrator.imported(measured.file(), **measured.code)

    found = calibrator.calibrated(campaign, name="bench")

    assert found.verdict.calibration == "calibrated"
    truth = load_model(lab.services.power_models / f"{TRUTH}.toml")
    by_kind = {fit.kind: fit for fit in found.classes}
    for kind in ("load", "alu", "store"):
        for term, got in by_kind[kind].coefficients.items():
            if got is not None and got.standard_error is not None:
                expected = getattr(truth, term)
                wanted = expected.by_class.get(kind, expected.value)
                assert abs(got.value - wanted) < 5 * got.standard_error
