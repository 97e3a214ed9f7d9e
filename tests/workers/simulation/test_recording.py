"""Recordings from request to files, on our own firmware."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from pydantic import ValidationError

from jobs.errors import Cancelled, InvalidInput
from jobs.measurement import CHANNELS, HAS_PC
from jobs.model import Job, State
from jobs.recording import FILES, RecordRequest
from jobs.target import Core
from renode.observing import Calls, EmbeddedObserver
from renode.records import Records, from_bytes, from_csv, to_csv
from renode.trace import Traits
from tests.renode.conftest import compile_program
from tests.workers.simulation.conftest import Lab, Watched
from workers.simulation.power_model import load_model
from workers.simulation.recording import record
from workers.simulation.records_parquet import from_parquet, to_parquet

NOW = datetime(2026, 11, 29, tzinfo=UTC)
CYCLES, INSTRUCTIONS, ENERGY, TEMPERATURE, MISSES, BRANCHES, LATENCY, NOISE = range(8)


def body(lab: Lab, name: str = "aes128_m4", **changes: Any) -> dict[str, Any]:
    """Return a recording of one of our campaigns' targets."""
    request = lab.request(name)
    return {
        "firmware": request.firmware,
        "target": request.target.model_dump(mode="json", exclude={"trigger", "public"}),
        "samples": 100,
    } | changes


def recorded(lab: Lab, given: dict[str, Any], job: str = "r") -> tuple[dict[str, Any], Records]:
    """Run a recording as the farm would: the request goes through JSON with all of its defaults."""
    params = RecordRequest.model_validate(given).model_dump(mode="json")
    result = record(Job(job, "simulation.record", State.RUNNING, params, "default", 5, NOW), Watched(job), lab.services)
    return result, from_bytes(lab.services.files.path(job, FILES["binary"]).read_bytes())


def test_a_busy_core_runs_all_cycles_of_each_period(lab: Lab) -> None:
    result, records = recorded(lab, body(lab))

    dims = records.rows["dim"]
    assert records.rows["timestamp_ns"].tolist() == [50_000 * (n + 1) for n in range(100)]
    assert (dims[:, CYCLES] == 3200).all()
    assert 1500 < dims[:, INSTRUCTIONS].mean() < 2200
    assert (dims[:, LATENCY] == 5.0).all()
    assert result["cycles"] == 320_000
    assert result["instructions"] == dims[:, INSTRUCTIONS].sum()
    assert result["calls"] == 54  # of 6,016 cycles each
    assert (result["records"], result["dropped"], result["calls_ended_by_budget"]) == (100, 0, 0)


def test_the_energy_is_that_of_the_campaigns_power_model(lab: Lab) -> None:
    result, records = recorded(lab, body(lab, samples=188, power={"noise_sigma": 0}))

    request = RecordRequest.model_validate(body(lab))
    observer = lab.services.observer("default", request.firmware, request.target)
    (calls,) = observer.observe(_rows(request, lab, 100))
    table = load_model(lab.services.power_models / "hw.toml").table()
    kinds = np.array([observer.traits(int(pc)).kind for pc in calls.path.pcs])
    words = calls.activity
    fields = [(words >> np.uint64(12 * k)).astype(np.int64) & 0xFFF for k in range(4)]
    units = sum(field * table[k, kinds] for k, field in enumerate(fields))
    # 188 periods of 3,200 cycles are 100 calls of 6,016, to the cycle.
    assert 100 * calls.path.cycles == 188 * 3200
    expected = (units.sum() * 500 + 188 * 3200 * 30_000) / 64e6
    assert records.rows["dim"][:, ENERGY].sum() == pytest.approx(expected, rel=1e-12)
    assert result["energy_uj"] == pytest.approx(expected, rel=1e-12)
    assert (records.rows["dim"][:, NOISE] == 0).all()
    assert result["scale"]["assumed"] == ["unit_uw", "active_uw", "sleep_uw"]


def _rows(request: RecordRequest, lab: Lab, count: int) -> npt.NDArray[np.uint8]:
    """Return the inputs of the campaign that draws the same."""
    from workers.simulation.inputs import input_rows  # noqa: PLC0415 -- the one place

    return input_rows(lab.request("aes128_m4", plan="random", seed=request.seed), 0, count)


def test_the_noise_that_is_published_is_what_was_added_and_follows_its_law(lab: Lab) -> None:
    _, quiet = recorded(lab, body(lab, samples=1000, power={"noise_sigma": 0}), "quiet")
    _, loud = recorded(lab, body(lab, samples=1000, power={"noise_sigma": 4.0}), "loud")

    noise = loud.rows["dim"][:, NOISE]
    added = loud.rows["dim"][:, ENERGY] - quiet.rows["dim"][:, ENERGY]
    np.testing.assert_allclose(noise, added, rtol=0, atol=1e-12)
    sigma = 4.0 * 500 * np.sqrt(3200) / 64e6
    assert abs(noise.mean()) < 4 * sigma / np.sqrt(1000)
    assert abs(noise.std() / sigma - 1) < 4 / np.sqrt(2000)
    assert abs(np.corrcoef(noise[1:], noise[:-1])[0, 1]) < 4 / np.sqrt(1000)
    np.testing.assert_array_equal(loud.rows["dim"][:, TEMPERATURE], quiet.rows["dim"][:, TEMPERATURE])


class OneByOne:
    """An observer that is never asked for more than one call."""

    def __init__(self, observer: EmbeddedObserver) -> None:
        self._observer = observer
        self.firmware, self.engine, self.input_bytes = observer.firmware, observer.engine, observer.input_bytes

    def observe(self, inputs: npt.NDArray[np.uint8]) -> Iterator[Calls]:
        for row in inputs:
            yield from self._observer.observe(row[np.newaxis])

    def traits(self, address: int) -> Traits:
        return self._observer.traits(address)


@pytest.mark.parametrize("name", ["aes128_m4", "compare_leaky_m4"])
def test_how_many_calls_come_at_once_changes_nothing(lab: Lab, name: str, elfs: dict[str, Path]) -> None:
    apart = Lab(
        lab.services._replace(
            observer=lambda _tenant, _firmware, target: OneByOne(EmbeddedObserver(elfs[name], target))
        ),
        elfs,
    )
    given = body(lab, name, samples=20, rest_ns=700, stalls=True)

    together, _ = recorded(lab, given)
    alone, _ = recorded(apart, given)

    assert together == alone


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others(lab: Lab) -> None:
    first, _ = recorded(lab, body(lab, samples=20), "a")
    again, _ = recorded(lab, body(lab, samples=20), "b")
    other, _ = recorded(lab, body(lab, samples=20, seed=2), "c")

    assert first["digest"] == again["digest"] != other["digest"]


def test_a_core_that_rests_runs_fewer_cycles_and_draws_less(lab: Lab) -> None:
    _, busy = recorded(lab, body(lab), "busy")
    _, lazy = recorded(lab, body(lab, rest_ns=94_000), "lazy")

    assert lazy.rows["dim"][:, CYCLES].mean() == pytest.approx(1600, rel=0.05)
    assert lazy.rows["dim"][:, ENERGY].mean() < 0.6 * busy.rows["dim"][:, ENERGY].mean()
    asleep = lazy.rows["dim"][:, CYCLES] == 0
    assert asleep.any()
    assert (lazy.rows["flags"][asleep] == 0).all()
    assert (lazy.rows["flags"][~asleep] == HAS_PC).all()


def test_misses_take_time_only_where_that_is_asked_for(lab: Lab) -> None:
    cache = {"line_bytes": 16, "sets": 2, "ways": 1, "miss_cycles": 20}

    counted, _ = recorded(lab, body(lab, cache=cache), "counted")
    charged, _ = recorded(lab, body(lab, cache=cache, stalls=True), "charged")

    each = counted["l1d_misses"] / counted["calls"]
    assert counted["calls"] == 54
    assert charged["calls"] == pytest.approx(320_000 / (6016 + 20 * each), abs=1)


def test_a_small_cache_misses_more_than_a_large_one(lab: Lab) -> None:
    small, _ = recorded(lab, body(lab, cache={"line_bytes": 16, "sets": 4, "ways": 1}), "small")
    large, _ = recorded(lab, body(lab), "large")

    assert large["l1d_misses"] < 30 < small["l1d_misses"]


def test_drops_leave_holes_and_are_counted(lab: Lab) -> None:
    given = body(lab, collector={"work_ns": 10_000, "jitter_ns": 40_000})

    result, records = recorded(lab, given)

    periods = records.rows["period"].astype(int)
    assert result["dropped"] == records.dropped == periods[-1] + 1 - 100 > 0
    known = ~np.isnan(records.rows["dim"].reshape(100, 9, len(CHANNELS))[:, :, CYCLES])
    expected = [[period - lag in set(periods.tolist()) for lag in range(9)] for period in periods.tolist()]
    np.testing.assert_array_equal(known, expected)
    assert set(result["absent"]) == {"lags"}


def test_an_ina219_and_the_ideal_probe_are_told_side_by_side(lab: Lab) -> None:
    result, records = recorded(lab, body(lab, samples=400, probe={"kind": "ina219", "bits": 9}))

    said, ideal = records.rows["dim"][:, ENERGY], records.rows["ideal_uj"]
    known = ~np.isnan(said)
    assert "energy" in result["absent"]
    assert known.sum() > 380
    assert np.unique(said[known]).size < 12  # steps of 80 uV
    assert np.unique(ideal).size == 400
    assert abs(said[known].mean() / ideal[known].mean() - 1) < 0.03
    assert (records.rows["age_us"][known] > 160).all()


def test_the_dominant_instruction_is_one_that_runs_and_the_firmware_is_named(lab: Lab) -> None:
    given = body(lab)

    _, records = recorded(lab, given)

    request = RecordRequest.model_validate(given)
    (calls,) = lab.services.observer("default", request.firmware, request.target).observe(_rows(request, lab, 1))
    assert (records.rows["flags"] == HAS_PC).all()
    assert set(records.rows["pc"].tolist()) <= set(calls.path.pcs.tolist())
    assert records.firmware == request.firmware.removeprefix("sha256:")[:12]


def test_all_forms_hold_the_same_records(lab: Lab) -> None:
    result, records = recorded(lab, body(lab, samples=30))

    files = lab.services.files
    text = files.path("r", FILES["csv"]).read_text(encoding="ascii")
    bulk = from_parquet(files.path("r", FILES["parquet"]).read_bytes(), limit=30)
    assert text == "".join(to_csv(records))
    assert bulk.rows.tobytes() == records.rows.tobytes()
    assert replace(bulk, rows=records.rows) == records
    assert {form: it["name"] for form, it in result["files"].items()} == dict(FILES)
    assert from_csv(io.StringIO(text), limit=30).rows["dim"].tobytes() == records.rows["dim"].tobytes()
    assert len(list(csv.DictReader(io.StringIO(text)))) == 30


def test_only_the_forms_that_were_asked_for_are_written(lab: Lab) -> None:
    given = RecordRequest.model_validate(body(lab, samples=3, forms=["csv"])).model_dump(mode="json")

    record(Job("r", "simulation.record", State.RUNNING, given, "default", 5, NOW), Watched("r"), lab.services)

    assert lab.services.files.names("r") == ["records.csv"]


def test_a_program_that_never_returns_is_recorded_by_its_budget(lab: Lab) -> None:
    given = body(lab, "compare_leaky_m4", samples=10)
    given["target"] |= {"entry": "reset_handler", "inputs": [], "output": None, "arguments": [], "max_cycles": 2000}

    result, records = recorded(lab, given)

    assert result["calls"] == result["calls_ended_by_budget"] == 16
    assert (records.rows["dim"][:, CYCLES] == 3200).all()


def test_a_call_that_faults_is_refused_by_its_number(lab: Lab, tmp_path: Path) -> None:
    elf = tmp_path / "faults.elf"
    compile_program("faults.S", Core.M4, (), elf)
    apart = Lab(lab.services._replace(observer=lambda _tenant, _firmware, target: EmbeddedObserver(elf, target)), {})
    target = {"core": "cortex-m4", "entry": "read_unmapped"}

    with pytest.raises(InvalidInput, match="call 0 ended with read at 0x080") as refused:
        recorded(apart, {"firmware": f"sha256:{'0' * 64}", "target": target})

    assert (refused.value.field, refused.value.reason) == ("target", "did-not-end-well")


def test_a_recording_that_is_cancelled_stops_and_leaves_nothing(lab: Lab) -> None:
    attempt = Watched("r", stop=Cancelled("cancelled"))
    params = RecordRequest.model_validate(body(lab)).model_dump(mode="json")

    with pytest.raises(Cancelled):
        record(Job("r", "simulation.record", State.RUNNING, params, "default", 5, NOW), attempt, lab.services)

    assert lab.services.files.names("r") == []


def test_progress_ends_with_all_records(lab: Lab) -> None:
    attempt = Watched("r")
    params = RecordRequest.model_validate(body(lab)).model_dump(mode="json")

    record(Job("r", "simulation.record", State.RUNNING, params, "default", 5, NOW), attempt, lab.services)

    done = [report.done for report in attempt.reports]
    assert done == sorted(done)
    assert (done[-1], attempt.reports[-1].total) == (100, 100)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"period_ns": 100, "clock_hz": 32_768}, "period has 0 cycles"),
        ({"samples": 100_000, "period_ns": 10**9}, "at most"),
        ({"probe": {"averaging": 2, "bits": 9}}, "12 bits"),
        ({"thermal": {"resistance_k_per_w": 1e-200, "capacity_j_per_k": 1e-200}}, "greater than or equal to 0.001"),
        ({"probe": {"kind": "ina219"}, "samples": 100_000, "period_ns": 10**6, "clock_hz": 32_768}, "at most 20 s"),
        ({"probe": {"kind": "ina219", "shunt_ohm": 100}, "power": {"active_uw": 50_000}}, "lower shunt_ohm"),
    ],
)
def test_what_cannot_be_recorded_is_refused_at_the_door(lab: Lab, changes: dict[str, Any], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        RecordRequest.model_validate(body(lab, **changes))


def test_parquet_that_is_none_of_ours_is_refused(lab: Lab) -> None:
    _, records = recorded(lab, body(lab, samples=3))
    data = to_parquet(records)

    for broken in (b"", b"PAR1", data[:-9], data[:200] + bytes(50) + data[250:-1000]):
        with pytest.raises(InvalidInput):
            from_parquet(broken, limit=10)
    with pytest.raises(InvalidInput, match="more than 2"):
        from_parquet(data, limit=2)
