"""Calibration on traces whose power model is known: simulated by one of ours, with noise, as a converter would sample them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from jobs.calibration import Calibration
from jobs.errors import InvalidInput
from jobs.model import Job, NewJob, State
from jobs.queue import MEASURED
from jobs.report import Verdict
from stores.memory import MemoryJobs
from tests.workers.simulation.conftest import CAMPAIGNS, NOW, Lab, Watched
from tests.workers.simulation.measured.conftest import Bench, npz
from workers.simulation.measured.calibrating import calibrate
from workers.simulation.power_model import load_model

TRACES = 512
PER_CYCLE, FIRST = 2, 7
CYCLES = slice(2000, 3000)
"""Of some 5,000 that an execution takes: a part is enough to fit to, and the clock says where it lies."""
CLOCK = {"samples_per_cycle": PER_CYCLE, "first_sample": FIRST - PER_CYCLE * CYCLES.start}
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
        sampled = np.concatenate([before, np.repeat(traces[:, CYCLES], PER_CYCLE, axis=1)], axis=1)
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
    campaign = calibrator.imported(measured.file(), unit="mV", **measured.code)

    found = calibrator.calibrated(campaign, name="bench")

    truth = load_model(lab.services.power_models / f"{TRUTH}.toml")
    by_kind = {fit.kind: fit for fit in found.classes}
    compared = 0
    for kind in ("load", "alu", "store"):
        for term, got in by_kind[kind].coefficients.items():
            if got is not None and got.standard_error is not None:
                wanted = getattr(truth, term)
                assert abs(got.value - wanted.by_class.get(kind, wanted.value)) < 5 * got.standard_error
                compared += 1
    assert compared >= 8
    assert by_kind["load"].base == pytest.approx(14.0, abs=0.2)
    assert by_kind["divide"].absent == "no instruction of this class was measured"
    assert found.noise_sigma == pytest.approx(2.0, abs=0.02)
    assert found.scale == pytest.approx(1.0, abs=1e-3)
    assert found.verdict.calibration == "calibrated"
    assert found.verdict.differ == 0
    assert found.verdict.not_told < 0.05 * found.verdict.agree


def test_the_fitted_model_is_a_power_model_of_campaigns(calibrator: Calibrator, measured: OnBench, lab: Lab) -> None:
    unit = (
        "m\N{MATHEMATICAL ITALIC CAPITAL V}\x7f"  # beyond what JSON writes as one escape, and what TOML does not take
    )
    campaign = calibrator.imported(measured.file(), unit=unit, **measured.code)
    model = calibrator.calibrated(campaign, name="bench").model.artifact

    request = lab.request("aes128_m4", traces=200, power={"model": model, "noise_sigma": 2.0}, cpa=None)
    report = lab.run("c", request)

    assert (report.power.model, report.power.calibration, report.power.unit) == ("bench", "calibrated", unit)
    assert report.verdict is Verdict.LEAKS
    with pytest.raises(InvalidInput, match="There is no such artifact"):
        lab.run("other", lab.request("aes128_m4", traces=200, power={"model": f"sha256:{'0' * 64}"}))


def test_numbers_beyond_a_power_model_are_refused_and_not_a_fault_of_ours(
    calibrator: Calibrator, measured: OnBench
) -> None:
    campaign = calibrator.imported(measured.file(measured.traces * np.float32(1e9)), **measured.code)

    with pytest.raises(InvalidInput, match="import the traces in a larger unit"):
        calibrator.calibrated(campaign)

    judged = calibrator.calibrated(campaign, "other", compare=TRUTH).verdict
    assert judged.agree > 200
    assert judged.differ == 0


def test_samples_that_never_change_say_nothing_and_break_nothing(calibrator: Calibrator, measured: OnBench) -> None:
    stuck = measured.traces.copy()
    stuck[:, FIRST + 200 : FIRST + 1200] = 3.0
    campaign = calibrator.imported(measured.file(stuck), **measured.code)

    found = calibrator.calibrated(campaign)

    assert found.instructions_total > 200
    assert all(row.rho_measured is not None for row in found.rows)


def test_traces_that_follow_nothing_give_no_model(calibrator: Calibrator, measured: OnBench) -> None:
    shuffled = measured.traces[np.random.default_rng(7).permutation(TRACES)]
    campaign = calibrator.imported(measured.file(shuffled), **measured.code)

    found = calibrator.calibrated(campaign)

    assert found.verdict.calibration == "uncalibrated"
    assert "does not follow" in found.verdict.why
    assert found.model.artifact is None


def test_the_intermediate_that_is_compared_is_the_import_s_own(
    calibrator: Calibrator, measured: OnBench, lab: Lab
) -> None:
    simulator = lab.services.simulator("default", measured.firmware, lab.request("aes128_m4").target)
    rows = np.concatenate([measured.values["key"], measured.values["plaintext"]], axis=1)
    values = measured.values | {"ciphertext": simulator.run(rows, simulator.path(rows[0])).output}
    file = npz({"traces": measured.traces, **values})
    asked = [None, {"intermediate": "aes128-last-round"}, {"intermediate": "xor", "variables": ["plaintext", "key"]}]

    found = []
    for number, cpa in enumerate(asked):
        fields = {} if cpa is None else {"cpa": cpa}
        campaign = calibrator.imported(file, f"m{number}", **measured.code, **fields)
        found.append(calibrator.calibrated(campaign, f"k{number}"))

    assert [one.rho_of for one in found] == [
        "the output of the AES-128 first-round S-box",
        "the input of the last S-box of AES-128",
        "plaintext ^ key",
    ]
    assert {(one.rho_absent, one.verdict.differ) for one in found} == {(None, 0)}
    assert all(one.verdict.agree > 0.9 * len(one.rows) for one in found)
    largest = [max(row.rho_measured or 0 for row in one.rows) for one in found]
    # Of these cycles, the rounds in the middle: none of them is near the last.
    assert largest[0] > largest[1]


def test_without_a_key_only_p_values_are_compared_and_the_reason_is_told(
    calibrator: Calibrator, measured: OnBench
) -> None:
    target = {**measured.body["target"]}
    target["inputs"] = [dict(item) for item in target["inputs"]]
    values = {name: value for name, value in measured.values.items() if name != "key"}
    target["inputs"][0]["value"] = measured.values["key"][0].tobytes().hex()
    file = npz({"traces": measured.traces, **values})

    found = calibrator.calibrated(calibrator.imported(file, **measured.code | {"target": target}))

    assert (found.rho_of, found.rho_absent) == (None, "no guess of the attack is known to be right")
    assert {row.rho_measured for row in found.rows} == {None}
    assert found.verdict.agree > 0


def test_a_model_that_is_far_off_is_told_to_differ(calibrator: Calibrator, measured: OnBench) -> None:
    campaign = calibrator.imported(measured.file(), **measured.code)

    fitted, identity = calibrator.calibrated(campaign), calibrator.calibrated(campaign, "other", compare="identity")

    assert identity.verdict.differ > 4 * max(fitted.verdict.differ, 1)
    assert identity.noise_sigma > 1.2 * fitted.noise_sigma
    assert (identity.verdict.calibration, identity.model.artifact) == ("uncalibrated", None)


def test_without_code_there_is_no_reference(calibrator: Calibrator, measured: OnBench) -> None:
    campaign = calibrator.imported(measured.file(measured.traces[:, :50]))

    with pytest.raises(InvalidInput, match="No reference: the import has no firmware") as refused:
        calibrator.calibrated(campaign)

    assert (refused.value.field, refused.value.reason) == ("campaign", "no-reference")


def test_an_import_of_another_tenant_is_not_there(calibrator: Calibrator) -> None:
    calibrator.jobs.submit(NewJob("theirs", MEASURED.name, {}, tenant="acme"))

    with pytest.raises(InvalidInput, match="There is no such import"):
        calibrator.calibrated("theirs")


def test_a_stranger_is_not_called_calibrated_without_provenance(lab: Lab, tmp_path: Path) -> None:
    text = (lab.services.power_models / "hw.toml").read_text().replace('"uncalibrated"', '"calibrated"')
    (tmp_path / "model.toml").write_text(text)

    with pytest.raises(InvalidInput, match="where provenance says"):
        load_model(tmp_path / "model.toml")
