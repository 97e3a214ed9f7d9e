"""Numbers of periods, and what is counted of records of the kernel's recorder."""

import numpy as np
import pytest

from jobs.errors import Conflict
from jobs.measurement import ENERGY, HAS_PC
from kernel.abi import DIMS, Flag
from tests.workers.simulation.played_recorder import batch
from workers.simulation.capture_rows import Numbering

T = 1_000_000_000


def test_periods_count_from_the_first_record_and_missed_ones_are_dropped() -> None:
    numbering = Numbering(50_000)

    first = numbering.rows(batch([T, T + 50_000, T + 100_000], flags={0: Flag.FIRST}), 100)
    second = numbering.rows(batch([T + 250_000, T + 300_000], flags={0: Flag.GAP}), 100)

    assert first["period"].tolist() == [0, 1, 2]
    assert second["period"].tolist() == [5, 6]
    assert (numbering.count, numbering.dropped, numbering.gaps, numbering.restarts) == (5, 2, 1, 0)
    assert (numbering.first_ns, numbering.last_ns) == (T, T + 300_000)


@pytest.mark.parametrize("cut", range(1, 7))
def test_numbers_are_the_same_however_records_are_taken(cut: int) -> None:
    stamps = [T, T + 50_000, T + 70_000, T + 120_000, T + 170_000, T + 320_000, T + 370_000]
    flags = {2: Flag.FIRST, 5: Flag.FIRST}
    numbering = Numbering(50_000)

    rows = [
        *numbering.rows(batch(stamps[:cut], flags={n: f for n, f in flags.items() if n < cut}), 100)["period"],
        *numbering.rows(batch(stamps[cut:], flags={n - cut: f for n, f in flags.items() if n >= cut}), 100)["period"],
    ]

    # The one after 20 us is of the next period all the same: two records never share one.
    assert rows == [0, 1, 2, 3, 4, 7, 8]
    assert (numbering.restarts, numbering.dropped) == (2, 2)


def test_a_record_that_joins_a_running_recorder_is_of_period_0_too() -> None:
    numbering = Numbering(1_000_000)

    rows = numbering.rows(batch([T, T + 1_000_000]), 100)

    assert rows["period"].tolist() == [0, 1]
    assert numbering.restarts == 0


def test_what_was_not_measured_stays_unknown_and_has_no_age() -> None:
    values = np.ones((3, DIMS))
    values[1, ENERGY] = np.nan
    numbering = Numbering(50_000)

    rows = numbering.rows(batch([T, T + 50_000, T + 100_000], values=values, flags={1: Flag.OVERFLOW}), 100)

    assert np.isnan(rows["dim"][:, ENERGY]).tolist() == [False, True, False]
    assert np.isnan(rows["age_us"]).tolist() == [False, True, False]
    assert rows["age_us"][0] == 1.5
    assert np.isnan(rows["ideal_uj"]).all()
    assert (numbering.overflows, numbering.available.tolist()) == (1, [3, 3, 2, 3, 3, 3, 3, 3])
    assert not rows["flags"].any()


def test_no_more_are_taken_than_are_wanted_and_the_rest_counts_for_nothing() -> None:
    numbering = Numbering(50_000, pc=0x0800_0100)

    rows = numbering.rows(batch([T + 50_000 * n for n in range(10)], flags={7: Flag.GAP}), 4)

    assert len(rows) == numbering.count == numbering.next_period == 4
    assert (numbering.gaps, numbering.cpus) == (0, {0: 4})
    assert (rows["pc"] == 0x0800_0100).all()
    assert (rows["flags"] == HAS_PC).all()


def test_records_of_a_shorter_period_are_refused() -> None:
    numbering = Numbering(50_000)
    numbering.rows(batch([T, T + 50_000]), 100)

    with pytest.raises(Conflict, match="closer than a period") as refused:
        numbering.rows(batch([T + 60_000]), 100)

    assert refused.value.reason == "period-changed"
