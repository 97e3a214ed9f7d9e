"""What float32 loses of samples."""

import numpy as np
import numpy.typing as npt
import pytest

from tests.workers.simulation.measured.conftest import Bench, npz
from workers.simulation.measured.narrowing import Narrowing

NOISE = np.random.default_rng(7).integers(-9, 10, (400, 5))


def lost(rows: npt.NDArray[np.generic], blocks: int = 1) -> float:
    """Return what narrowing says of rows that come in so many blocks."""
    narrowing = Narrowing()
    for part in np.array_split(rows, blocks):
        np.testing.assert_array_equal(narrowing.narrowed(part), part.astype(np.float32))
    return narrowing.added_variance


@pytest.mark.parametrize("kind", ["i1", "i4", "i8", "f2", "f4", "f8", ">i4", ">f8"])
def test_numbers_that_float32_holds_lose_nothing(kind: str) -> None:
    assert lost(NOISE.astype(kind)) == 0


@pytest.mark.parametrize(("kind", "offset"), [("i4", 2**29), ("f8", 2.0**29), ("u8", 2**62), ("i8", -(2**62))])
def test_what_lies_on_an_offset_that_is_too_large_is_lost(kind: str, offset: int) -> None:
    rows = NOISE.astype(kind) + np.array(offset, kind)

    expected = max((column.astype(float) ** 2).sum() / (len(column) * column.var()) for column in NOISE.T)
    assert lost(rows) == pytest.approx(expected, rel=1e-9)


def test_a_share_is_the_mean_square_by_the_variance_whatever_the_blocks() -> None:
    rows = 1000 + np.random.default_rng(7).normal(0, 1e-3, (400, 5))
    rounded = rows.astype(np.float32)
    expected = max(((rows - rounded) ** 2).mean(axis=0) / rows.var(axis=0))

    assert 1e-4 < expected < 1e-2
    for blocks in (1, 7, 400):
        assert lost(rows, blocks) == pytest.approx(expected, rel=1e-6)


def test_a_sample_that_is_missing_in_a_trace_loses_nothing_there() -> None:
    rows = 2.0**29 + NOISE.astype(float)
    rows[3:, 2] = np.nan

    assert 0 < lost(rows) < 2


def test_a_report_says_that_float32_was_too_coarse_and_calls_nothing_lossless(bench: Bench) -> None:
    there, gone = (bench.take_in(npz({"traces": NOISE + offset}), job=f"m{offset}") for offset in (2**20, 2**29))

    assert there.measured is not None
    assert there.measured.quantised.lossless
    assert there.measured.quantised.added_variance == 0
    assert gone.measured is not None
    assert not gone.measured.quantised.lossless
    assert gone.measured.quantised.added_variance > 0.9
    assert any("float32 is too coarse for one of the samples" in warning for warning in gone.warnings)
