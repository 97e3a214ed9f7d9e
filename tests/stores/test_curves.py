"""Windows of a campaign's curves against what a plain loop finds."""

from pathlib import Path

import numpy as np
import pytest

from jobs.errors import NotFound
from stores import curves
from stores.artifacts import JobFiles
from stores.curves import Records

SAMPLES = 1000


@pytest.fixture
def records(tmp_path: Path) -> Records:
    rng = np.random.default_rng(7)
    files = JobFiles(tmp_path, "campaigns")
    pcs = (0x08000000 + 2 * rng.integers(0, 50, SAMPLES)).astype(np.uint32)
    t1 = rng.normal(0, 3, SAMPLES)
    t1[[17, 400]] = np.inf, -np.inf
    curves.save(files, "c", pcs, {"mean": rng.normal(10, 1, SAMPLES), "t1": t1})
    return curves.load(files, "c")


@pytest.mark.parametrize(
    ("first", "last", "points"), [(0, None, 100), (0, SAMPLES, 5000), (333, 777, 7), (999, 1000, 1), (5, 6, 3)]
)
def test_buckets_hold_the_least_and_the_greatest_of_their_samples(
    records: Records, first: int, last: int | None, points: int
) -> None:
    found = curves.window(records, first=first, last=last, points=points)

    wanted = SAMPLES if last is None else last
    assert found.first <= first < found.first + found.stride
    assert (found.last, found.first % found.stride) == (wanted, 0)
    assert len(found.pcs) <= points
    for bucket, start in enumerate(range(found.first, found.last, found.stride)):
        cut = records[start : min(start + found.stride, found.last)]
        assert (found.low["t1"][bucket], found.high["t1"][bucket]) == (cut["t1"].min(), cut["t1"].max())
        assert found.pcs[bucket] == cut["pc"][0]
        assert np.abs(records["t1"][found.worst[bucket]]) == np.abs(cut["t1"]).max()


def test_every_bucket_that_holds_an_instruction_is_marked(records: Records) -> None:
    address = int(records["pc"][0])

    found = curves.window(records, first=0, last=None, points=300, address=address)

    assert found.marked.tolist() == sorted({int(n) // found.stride for n in np.flatnonzero(records["pc"] == address)})


def test_what_was_not_computed_is_not_there(records: Records) -> None:
    assert set(curves.window(records, first=0, last=None, points=10).low) == {"t1", "mean"}


def test_beyond_the_end_there_is_nothing(records: Records) -> None:
    window = curves.window(records, first=5000, last=6000, points=10)
    code = curves.behind(records, first=5000, last=6000)

    assert (window.first, window.last, len(window.pcs), len(window.worst)) == (SAMPLES, SAMPLES, 0, 0)
    assert len(code.pcs) == 0


def test_the_code_behind_samples_is_counted_and_has_its_worst(records: Records) -> None:
    found = curves.behind(records, first=100, last=500)

    part = records[100:500]
    assert found.pcs.tolist() == sorted(set(part["pc"].tolist()))
    for row, pc in enumerate(found.pcs):
        mine = part[part["pc"] == pc]
        assert (found.counts[row], found.largest["t1"][row]) == (len(mine), np.abs(mine["t1"]).max())


def test_a_campaign_without_curves_has_none(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        curves.load(JobFiles(tmp_path, "campaigns"), "c")


def test_a_trace_of_no_samples_is_a_window_of_none(tmp_path: Path) -> None:
    files = JobFiles(tmp_path, "campaigns")
    curves.save(files, "c", np.empty(0, np.uint32), {"mean": np.empty(0)})

    found = curves.window(curves.load(files, "c"), first=0, last=None, points=10)

    assert (found.samples, len(found.pcs), len(found.low["mean"])) == (0, 0, 0)
