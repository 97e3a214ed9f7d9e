"""Sums that lie in a file: the same as those in memory, which they hardly take."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from jobs.errors import StoreUnavailable
from stores.artifacts import JobFiles
from tests.workers.simulation.long_paths import part_of, powers
from workers.simulation import part as parts
from workers.simulation.assessment import difference, mean_of
from workers.simulation.blocks import BLOCK, spans
from workers.simulation.cpa import ClassSums
from workers.simulation.kept import Rows
from workers.simulation.large import SLICE, Large
from workers.simulation.leakage import ADDED_HW, MASKED_SBOX, SBOX_HW, SBOX_VALUE
from workers.simulation.moments import PowerSums
from workers.simulation.prediction import PredictionSums
from workers.simulation.snr import snr
from workers.simulation.together import Together
from workers.simulation.totals import integers_of

SAMPLES = 2 * SLICE + 100
MB = 2**20


def drawn(traces: int, bytes_: int) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    rng = np.random.default_rng(7)
    known, partners = rng.integers(0, 256, (2, traces, bytes_), dtype=np.uint8)
    return rng.integers(-99, 100, (traces, SAMPLES)).astype(np.int16), known, partners


def of_files_mb() -> float:
    """Return what this process holds of files, also of those that lie in memory themselves."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return sum(int(found) for found in re.findall(r"Rss(?:File|Shmem):\s+(\d+) kB", status)) / 1024


def same(one: dict[str, npt.NDArray[Any]], other: dict[str, npt.NDArray[Any]]) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


def test_an_attack_on_class_sums_in_a_file_finds_the_same(tmp_path: Path) -> None:
    traces, known, _ = drawn(300, 2)
    held, filed = ClassSums(SAMPLES, 2), ClassSums(SAMPLES, 2, folder=tmp_path)

    for sums in (held, filed):
        sums.update(traces[:200], known[:200])
        sums.add(dict(sums.arrays()))
        sums.update(traces[200:], known[200:], threads=2)

    assert same(dict(filed.arrays()), dict(held.arrays()))
    assert list(integers_of(filed)) == list(integers_of(held))
    assert np.array_equal(snr(filed), snr(held))
    for model in (SBOX_HW, SBOX_VALUE, ADDED_HW):
        for one, other in zip(filed.peaks(model), held.peaks(model), strict=True):
            assert np.array_equal(one, other)
        assert np.array_equal(filed.correlations_of(9, 1, model), held.correlations(1, model)[9])
    assert not list(tmp_path.iterdir())


def test_class_sums_in_a_file_grow_to_64_bits(tmp_path: Path) -> None:
    counts = np.zeros((1, 256), np.int64)
    counts[0, 3] = 4_200_000
    traces, known, _ = drawn(4000, 1)
    held, filed = ClassSums(SAMPLES, 1), ClassSums(SAMPLES, 1, folder=tmp_path)

    for sums in (held, filed):
        sums.update(traces, np.full_like(known, 3))
        sums.add(dict(sums.arrays()) | {"counts": counts})

    assert filed.sums.dtype == held.sums.dtype == np.int64
    assert held.sums[0, 3].any()
    assert np.array_equal(filed.sums, held.sums)


def test_an_attack_on_predictions_in_a_file_finds_the_same(tmp_path: Path) -> None:
    traces, known, partners = drawn(60, 2)
    held = PredictionSums(MASKED_SBOX, SAMPLES, 2)
    filed = PredictionSums(MASKED_SBOX, SAMPLES, 2, folder=tmp_path)

    for sums in (held, filed):
        sums.update(traces, known, partners)
        sums.add(dict(sums.arrays()))

    assert same(dict(filed.arrays()), dict(held.arrays()))
    assert list(integers_of(filed)) == list(integers_of(held))
    for one, other in zip(filed.peaks(MASKED_SBOX), held.peaks(MASKED_SBOX), strict=True):
        assert np.array_equal(one, other)
    assert np.array_equal(filed.correlations_of(5, 1, MASKED_SBOX), held.correlations(1, MASKED_SBOX)[5])


def test_the_t_tests_of_sums_in_a_file_are_the_same(tmp_path: Path) -> None:
    held = powers(np.random.default_rng(7), 0, 64, BLOCK + 100)
    held.counts[:] = 16
    filed = PowerSums(4, BLOCK + 100, folder=tmp_path)

    filed.add(dict(held.arrays()))

    assert np.array_equal(filed.sums, held.sums)
    assert np.array_equal(difference(filed, BLOCK + 50).whole.t2, difference(held, BLOCK + 50).whole.t2)
    assert np.array_equal(mean_of(filed, BLOCK + 50), mean_of(held, BLOCK + 50))


def test_what_lies_in_a_file_takes_memory_only_while_it_is_used(tmp_path: Path) -> None:
    before = of_files_mb()
    large = Large((2, 256, 16 * SLICE), np.int32, tmp_path)

    large.values += 1
    whole = of_files_mb() - before
    for _, _, values in large.pieces():
        values += 1  # noqa: PLW2901 - in place
    left = of_files_mb() - before

    assert whole >= 128
    assert left < 2
    assert (large.values == 2).all()


def test_a_folder_that_cannot_be_written_is_a_store_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        Large((4, 4), np.int64, tmp_path / "absent")


def test_parts_that_are_read_block_by_block_say_what_they_say_together(tmp_path: Path) -> None:
    samples, files = BLOCK + 100, JobFiles(tmp_path, "campaigns")
    rng = np.random.default_rng(7)
    stored = [part_of(first, first + 32, powers(rng, first, first + 32, samples)) for first in (0, 32)]
    running = part_of(64, 96, powers(rng, 64, 96, samples))
    for part in stored:
        parts.save(part, files, "c")
    paths = [files.path("c", parts.sums_name(part.first, part.last)) for part in stored]
    whole = stored[0].blank()
    for part in stored:
        whole.merge(part)

    held = Together(None, {0: whole}, [(0, running)])
    read = Together(None, {}, [(0, running)], paths)

    assert held.outline is not None
    assert read.outline is not None
    assert read.outline.behaviour.to_json() == held.outline.behaviour.to_json()
    for span in spans(samples - 7):
        assert np.array_equal(read.block(span).counts, held.block(span).counts)
        assert np.array_equal(read.block(span).sums, held.block(span).sums)


def test_rows_of_a_file_are_written_where_they_belong(tmp_path: Path) -> None:
    path, first = tmp_path / "traces.npy", np.array([[1, 2, 3], [4, 5, 6]], np.float32)
    np.save(path, np.zeros((5, 3), np.float32))

    Rows(path).write(3, first)
    Rows(path).write(0, 2.0 * first[:1].astype(np.float64))

    assert np.load(path).tolist() == [[2, 4, 6], [0, 0, 0], [0, 0, 0], [1, 2, 3], [4, 5, 6]]
