"""Recording a run: call the target until there are enough records, and write them down. May happen twice."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt

from jobs.attempt import Attempt
from jobs.errors import InvalidInput
from jobs.model import Job, Progress
from jobs.recording import FILES, MAX_CYCLES, MAX_PERIODS, MAX_SENSED_NS, Form, RecordedPower, RecordRequest
from renode.observing import Calls, Observer, ended_well
from renode.records import Records, csv_bytes, to_bytes
from renode.trace import Stop
from workers.simulation.campaign import model_of
from workers.simulation.collecting import Collected, collect
from workers.simulation.engine import is_embedded, observer_of
from workers.simulation.inputs import input_rows
from workers.simulation.probing import cuts_of
from workers.simulation.recorder import Recorder
from workers.simulation.recorder_kernels import INSTRUCTIONS, MISPREDICTED, MISSES
from workers.simulation.recording_records import Periods, absent, periods_of, records_of
from workers.simulation.records_parquet import to_parquet
from workers.simulation.run import RENODE_ROWS
from workers.simulation.services import SimulationServices
from workers.simulation.timeline import Timeline, timeline

_WORDS = 2**20
"""Activity words of one batch of calls."""
_CYCLES = 20_000_000
"""Of one batch: a second or so in which nobody is listened to."""
_CALLS = 2**14
"""Of one batch: a call takes time beside its cycles."""
_NS = 10**9


def record(job: Job, attempt: Attempt, services: SimulationServices) -> dict[str, Any]:
    """Record the run that `job` describes; raise InvalidInput, InvalidFirmware."""
    request = RecordRequest.model_validate(job.params)
    attempt.check()
    model = model_of(job.tenant, request.power.model, services)
    observer = observer_of(job.tenant, request, services)
    collected = collect(
        request.collector,
        samples=request.samples,
        period_ns=request.period_ns,
        seed=request.seed,
        limit=_most_periods(request),
    )
    line = timeline_of(request, collected)
    recorder = Recorder(
        observer,
        model,
        line,
        cache=request.cache,
        stalls=request.stalls,
        predictor_entries=request.predictor_entries,
        rest_cycles=request.rest_ns * request.clock_hz // _NS,
    )
    ran = run(request, observer, recorder, attempt, line)
    periods = periods_of(request, line, recorder.sums)
    sha = str(observer.firmware["sha256"])
    records = records_of(request, periods, recorder.sums.dominant, collected, firmware=sha)
    attempt.check()
    digest, files = _write(job.id, request, records, services)
    return {
        "recording": job.id,
        "firmware": request.firmware,
        "entry": request.target.entry,
        "records": len(records.rows),
        "dropped": records.dropped,
        "period_ns": request.period_ns,
        "clock_hz": request.clock_hz,
        "virtual_s": line.periods * request.period_ns / _NS,
        **ran,
        **_totals(periods),
        "probe": request.probe.kind,
        "probe_overflows": periods.measured.overflows,
        "calibration": model.calibration,
        "scale": _scale(request),
        "absent": absent(records),
        "engine": dict(observer.engine),
        "digest": digest,
        "files": files,
        "url": f"/api/v2/recordings/{job.id}/records",
    }


def timeline_of(request: RecordRequest, collected: Collected) -> Timeline:
    """Return the timeline of a recording: its periods, cut by the conversions of its probe."""
    periods = int(collected.periods[-1]) + 1
    cuts = cuts_of(request.probe, periods * request.period_ns)
    return timeline(periods=periods, period_ns=request.period_ns, clock_hz=request.clock_hz, cuts_ns=cuts)


def run(
    request: RecordRequest, observer: Observer, recorder: Recorder, attempt: Attempt, line: Timeline
) -> dict[str, Any]:
    """Call the target until the timeline is full; return how often, and how often its budget ended a call."""
    done = exhausted = 0
    total = int(line.ends[-1])
    most = _CALLS if is_embedded(request.simulator) else RENODE_ROWS
    at_once = 1
    while not recorder.full:
        attempt.check()
        for calls in observer.observe(_inputs(request, done, at_once)):
            _check(calls, done)
            began = recorder.add(calls)
            done += began
            exhausted += began if calls.path.stop is Stop.BUDGET else 0
            each = calls.path.cycles + request.rest_ns * request.clock_hz // _NS
            left = (total - recorder.elapsed) // each + 1
            at_once = max(1, min(left, most, _WORDS // len(calls.path.pcs), _CYCLES // each))
            if recorder.full:
                break
        records = request.samples * recorder.elapsed // total
        attempt.report(Progress(records, request.samples, "records"))
    return {"calls": done, "calls_ended_by_budget": exhausted}


def _most_periods(request: RecordRequest) -> int:
    """Return how many periods a recording may have, with those that are dropped."""
    most = min(MAX_PERIODS, MAX_CYCLES * _NS // (request.period_ns * request.clock_hz))
    return min(most, MAX_SENSED_NS // request.period_ns) if request.probe.kind == "ina219" else most


def _inputs(request: RecordRequest, first: int, count: int) -> npt.NDArray[np.uint8]:
    if not request.target.inputs:
        return np.zeros((count, 0), np.uint8)
    return input_rows(request, first, count)


def _check(calls: Calls, number: int) -> None:
    path = calls.path
    if not ended_well(path):
        raise InvalidInput(
            f"call {number} ended with {path.stop.name.lower()} at 0x{path.stop_pc:08x}",
            field="target",
            reason="did-not-end-well",
        )
    if not len(path.pcs):
        raise InvalidInput("a call executes nothing", field="target.entry", reason="nothing-runs")


def _write(
    job: str, request: RecordRequest, records: Records, services: SimulationServices
) -> tuple[str, dict[str, dict[str, object]]]:
    """Write the forms that were asked for; return the digest of the binary one, asked for or not, and the files."""
    digest = sha256()
    for piece in to_bytes(records):
        digest.update(piece)
    files: dict[str, dict[str, object]] = {}
    for form in sorted(set(request.forms)):
        services.files.write(job, FILES[form], _pieces(form, records))
        files[form] = {"name": FILES[form], "bytes": services.files.path(job, FILES[form]).stat().st_size}
    return digest.hexdigest(), files


def _pieces(form: Form, records: Records) -> Iterator[bytes]:
    if form == "binary":
        yield from to_bytes(records)
    elif form == "csv":
        yield from csv_bytes(records)
    else:
        yield to_parquet(records)


def _totals(periods: Periods) -> dict[str, Any]:
    counts = periods.counts.sum(axis=0)
    return {
        "cycles": int(periods.active.sum()),
        "instructions": int(counts[INSTRUCTIONS]),
        "l1d_misses": int(counts[MISSES]),
        "branch_misses": int(counts[MISPREDICTED]),
        "energy_uj": float(periods.energy_uj.sum()),
        "noise_uj": float(periods.noise_uj.sum()),
        "temperature_c": float(periods.temperature_c[-1]),
    }


def _scale(request: RecordRequest) -> dict[str, Any]:
    """Say what turns the model's units into microwatts, and which of these numbers nobody has stated."""
    chosen = {name: getattr(request.power, name) for name in ("unit_uw", "active_uw", "sleep_uw")}
    usual = RecordedPower()
    assumed = [name for name, value in chosen.items() if value == getattr(usual, name)]
    return {**chosen, "assumed": assumed}
