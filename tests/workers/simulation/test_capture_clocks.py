"""What captures say of real time."""

import json
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from kernel.clocks import Moment, Pulse
from tests.workers.simulation.played_recorder import Played, batch, captured, moments, services
from workers.simulation.capture_clocks import clocks_of

T = 5 * 10**9
REAL = 1_796_000_000_000_000_042
"""A real time that no double holds."""
PERIOD = 50_000


def at(monotonic_ns: int, realtime_ns: int, bracket_ns: int = 120) -> Moment:
    return Moment(monotonic_ns, realtime_ns, bracket_ns, (), "the kernel has no PPS source")


def test_a_capture_tells_both_clocks_and_the_last_pulse_before_its_records_and_after_them(tmp_path: Path) -> None:
    pulses = [Pulse("pps0", "gps0", 41, REAL - 42, None), Pulse("pps1", "ptp", 0, None, "no pulse has come yet")]
    read = moments((T - 900, REAL), (T + 10**6, REAL + 10**6 + 900), pulses=pulses)
    device = Played([batch(T + PERIOD * n for n in range(20))])
    capturing = services(tmp_path, device, clocks=read)

    result = captured(capturing, samples=20)

    clocks = result["clocks"]
    told = [
        {"source": "pps0", "name": "gps0", "sequence": 41, "at": "1796000000.000000000", "absent": None},
        {"source": "pps1", "name": "ptp", "sequence": 0, "at": None, "absent": "no pulse has come yet"},
    ]
    common = {"bracket_ns": 120, "pps": told, "pps_absent": None}
    assert clocks == {
        "start": {"monotonic_ns": T - 900, "realtime": "1796000000.000000042", **common},
        "end": {"monotonic_ns": T + 10**6, "realtime": "1796000000.001000942", **common},
        "changed_ns": 0,
        "stepped": False,
    }
    # As docs/kernel.md computes the real time of a record: here of the first one, 900 ns after the clocks were read.
    start = clocks["start"]
    real = Decimal(start["realtime"]) + Decimal(result["first_ns"] - start["monotonic_ns"]) / 10**9
    assert str(real) == "1796000000.000000942"
    assert str(real - Decimal(start["pps"][0]["at"])) == "9.42E-7"
    # The file alone tells as much.
    said = pq.read_metadata(capturing.files.path("c", "records.parquet")).metadata
    assert json.loads(said[b"dasein.clocks"]) == clocks


@pytest.mark.parametrize(
    ("moved_ns", "stepped"),
    [(0, False), (240, False), (-240, False), (241, True), (-241, True), (3_600 * 10**9, True), (-(10**9), True)],
)
def test_a_step_is_what_reading_the_clocks_cannot_explain(moved_ns: int, stepped: bool) -> None:
    start = at(T, REAL, 200)

    told = clocks_of(start, at(T + 10**10, REAL + 10**10 + moved_ns, 40))

    assert (told["changed_ns"], told["stepped"]) == (moved_ns, stepped)


def test_without_a_source_of_pulses_there_is_none_and_why() -> None:
    told = clocks_of(at(T, REAL), at(T, REAL))

    assert (told["start"]["pps"], told["start"]["pps_absent"]) == (None, "the kernel has no PPS source")
