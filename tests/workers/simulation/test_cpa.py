"""Class sums and correlations: against plain NumPy, exact under any split, and finding keys."""

import math
from collections.abc import Mapping
from itertools import pairwise
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from workers.simulation.aes import SBOX
from workers.simulation.cpa import ClassSums
from workers.simulation.leakage import ADDED_HW, INVERSE_HW, JOINED_HW, SBOX_HW, SBOX_VALUE, Leakage
from workers.simulation.moments import LIMIT, MAX_COUNT
from workers.simulation.ranks import guessing_entropy, interval, noise_floor, rank

MODELS = (SBOX_HW, SBOX_VALUE, INVERSE_HW, JOINED_HW, ADDED_HW)
Traces = npt.NDArray[np.int16]
Values = npt.NDArray[np.uint8]


def draw(rng: np.random.Generator, traces: int, samples: int, bytes_: int = 2) -> tuple[Traces, Values]:
    values = rng.integers(-LIMIT, LIMIT + 1, (traces, samples)).astype(np.int16)
    return values, rng.integers(0, 256, (traces, bytes_), dtype=np.uint8)


def summed(traces: Traces, values: Values) -> ClassSums:
    out = ClassSums(traces.shape[1], values.shape[1])
    out.update(traces, values)
    return out


def again(arrays: Mapping[str, npt.NDArray[Any]]) -> ClassSums:
    """Return the sums that `arrays` are the state of."""
    out = ClassSums(arrays["totals"].shape[1], len(arrays["counts"]))
    out.add(arrays)
    return out


def same(one: ClassSums, other: ClassSums) -> bool:
    arrays, others = dict(one.arrays()), dict(other.arrays())
    return all(arrays[k].dtype == others[k].dtype and np.array_equal(arrays[k], others[k]) for k in arrays)


def reference_sums(traces: Traces, values: Values) -> npt.NDArray[np.int64]:
    out = np.zeros((values.shape[1], 256, traces.shape[1]), np.int64)
    for byte in range(values.shape[1]):
        np.add.at(out[byte], values[:, byte], traces.astype(np.int64))
    return out


def reference_correlations(traces: Traces, values: npt.NDArray[np.uint8], model: Leakage) -> npt.NDArray[np.float64]:
    """Two passes in float64: [256, samples], 0 for constants."""
    x = traces - traces.mean(axis=0)
    h = model.table()[values].astype(np.float64)
    h -= h.mean(axis=0)
    norm = np.sqrt((h**2).sum(axis=0))[:, None] * np.sqrt((x**2).sum(axis=0))
    return np.asarray(np.divide(h.T @ x, norm, out=np.zeros_like(norm), where=norm > 1e-9))


@pytest.mark.parametrize(("traces", "samples"), [(1, 1), (700, 300), (1500, 129), (4100, 40), (9000, 5)])
def test_sums_equal_those_of_numpy(traces: int, samples: int) -> None:
    measured, values = draw(np.random.default_rng(7), traces, samples)

    sums = summed(measured, values)

    wide = measured.astype(np.int64)
    assert sums.count == traces
    assert np.array_equal(sums.sums, reference_sums(measured, values))
    assert np.array_equal(sums.totals, [wide.sum(axis=0), (wide**2).sum(axis=0)])
    for byte in range(2):
        assert np.array_equal(sums.counts[byte], np.bincount(values[:, byte], minlength=256))


@pytest.mark.parametrize("value", [-LIMIT, LIMIT])
def test_extremes_in_one_class_are_summed_exactly(value: int) -> None:
    sums = summed(np.full((5000, 150), value, np.int16), np.full((5000, 1), 255, np.uint8))

    assert (sums.sums[0, 255] == 5000 * value).all()
    assert not sums.sums[0, :255].any()
    assert (sums.totals[1] == 5000 * value**2).all()


@settings(deadline=None, max_examples=25)
@given(
    cuts=st.lists(st.integers(0, 2400), max_size=5),
    order=st.randoms(use_true_random=False),
    threads=st.integers(1, 3),
    seed=st.integers(0, 1000),
)
def test_any_split_merged_in_any_order_gives_the_same_bits(
    cuts: list[int], order: Random, threads: int, seed: int
) -> None:
    traces, values = draw(np.random.default_rng(seed), 2400, 21, 1)
    parts = list(pairwise([0, *sorted(cuts), 2400]))
    order.shuffle(parts)

    merged, updated = ClassSums(21, 1), ClassSums(21, 1)
    for low, high in parts:
        merged.merge(summed(traces[low:high], values[low:high]))
        updated.update(traces[low:high], values[low:high], threads=threads)

    whole = summed(traces, values)
    assert same(merged, whole)
    assert same(updated, whole)
    for one, other in zip(merged.peaks(SBOX_HW), whole.peaks(SBOX_HW, threads=threads), strict=True):
        assert np.array_equal(one, other)


def test_many_small_updates_are_one_large_one() -> None:
    traces, values = draw(np.random.default_rng(8), 9000, 11)

    sums = ClassSums(11, 2)
    for low in range(0, 9000, 37):
        sums.update(traces[low : low + 37], values[low : low + 37])
        if low % 740 == 0:
            assert sums.count == min(low + 37, 9000)

    assert same(sums, summed(traces, values))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("traces", "offset"), [(40, 0), (3000, 0), (3000, 470)])
def test_correlations_agree_with_two_passes(model: Leakage, traces: int, offset: int) -> None:
    rng = np.random.default_rng(9)
    values = rng.integers(0, 256, (traces, 2), dtype=np.uint8)
    measured = (offset // (16 if model.name == "value" else 1) + rng.integers(-30, 31, (traces, 150))).astype(np.int16)
    measured[:, 70] += model.of[values[:, 1] ^ 0x5A].astype(np.int16)
    sums = summed(measured, values)

    for byte in range(2):
        found = sums.correlations(byte, model)

        np.testing.assert_allclose(found, reference_correlations(measured, values[:, byte], model), atol=2e-6)


@pytest.mark.parametrize("model", MODELS)
def test_peaks_are_the_largest_correlations(model: Leakage) -> None:
    traces, values = draw(np.random.default_rng(10), 500, 333)
    sums = summed(traces, values)

    rho, sample = sums.peaks(model)

    for byte in range(2):
        table = sums.correlations(byte, model)
        assert np.array_equal(sample[byte], model.height(table).argmax(axis=1))
        assert np.array_equal(rho[byte], table[np.arange(256), sample[byte]])
    assert (rho < 0).any() is not np.bool_(model.mirrored)
    assert (rho > 0).any()


def test_of_equal_peaks_the_first_sample_is_named() -> None:
    rng = np.random.default_rng(11)
    one, values = draw(rng, 300, 1, 1)
    traces = np.repeat(one, 400, axis=1)

    _, sample = summed(traces, values).peaks(SBOX_HW)

    assert not sample.any()


def test_the_key_is_recovered_from_noisy_traces() -> None:
    rng = np.random.default_rng(12)
    key = rng.integers(0, 256, 16, dtype=np.uint8)
    plaintexts = rng.integers(0, 256, (800, 16), dtype=np.uint8)
    power = rng.normal(0, 3, (800, 200))
    power[:, 20:180:10] += np.bitwise_count(SBOX[plaintexts ^ key])
    sums = summed(np.rint(8 * power).astype(np.int16), plaintexts)

    rho, sample = sums.peaks(SBOX_HW)

    assert np.array_equal(np.abs(rho).argmax(axis=1), key)
    assert np.array_equal(sample[np.arange(16), key], np.arange(20, 180, 10))
    assert guessing_entropy(np.array([rank(np.abs(rho[b]), int(key[b])) for b in range(16)])) == 0


def test_a_leak_of_the_byte_itself_correlates_with_the_value_model() -> None:
    rng = np.random.default_rng(13)
    plaintexts = rng.integers(0, 256, (600, 1), dtype=np.uint8)
    traces = SBOX[plaintexts ^ 0xC3].astype(np.int16)

    rho, _ = summed(traces, plaintexts).peaks(SBOX_VALUE)

    assert np.abs(rho[0]).argmax() == 0xC3
    assert rho[0, 0xC3] == pytest.approx(1, abs=1e-6)
    assert np.abs(rho).max() <= 1


def test_constants_correlate_with_nothing() -> None:
    rng = np.random.default_rng(14)
    traces, values = draw(rng, 200, 3)
    traces[:, 1] = 77
    values[:, 1] = 9
    sums = summed(traces, values)

    for model in MODELS:
        assert not sums.correlations(0, model)[:, 1].any()
        assert not sums.correlations(1, model).any()
        assert not sums.peaks(model)[0][1].any()
    assert sums.correlations(0, SBOX_HW)[:, 0].any()


@pytest.mark.parametrize("traces", [0, 1])
def test_too_few_traces_correlate_with_nothing(traces: int) -> None:
    sums = summed(np.full((traces, 4), 5, np.int16), np.full((traces, 2), 3, np.uint8))

    assert not sums.peaks(SBOX_HW)[0].any()
    assert not sums.correlations(0, SBOX_VALUE).any()


@pytest.mark.parametrize(("traces", "largest"), [(30, np.int16), (3000, np.int32)])
def test_arrays_carry_the_state_in_the_narrowest_type(traces: int, largest: type[np.generic]) -> None:
    measured = np.full((traces, 6), LIMIT, np.int16)
    sums = summed(measured, np.zeros((traces, 1), np.uint8))

    arrays = dict(sums.arrays())
    back = again(arrays)
    back.merge(sums)

    assert arrays["sums-00-0000000"].dtype == largest
    assert back.count == 2 * traces
    assert np.array_equal(back.sums, 2 * sums.sums)
    assert np.array_equal(back.totals, 2 * sums.totals)


def test_arrays_that_do_not_belong_together_are_refused() -> None:
    sums = summed(*draw(np.random.default_rng(15), 20, 6))

    with pytest.raises(ValueError, match="shapes differ"):
        sums.add(dict(sums.arrays()) | {"totals": np.zeros((2, 5), np.int64)})


def test_sums_grow_to_64_bits_before_they_could_overflow() -> None:
    """A constant byte puts every trace into one class; the counts here stand for four million of them."""
    traces = np.full((3000, 5), LIMIT, np.int16)
    values = np.zeros((3000, 1), np.uint8)
    large = 4_200_000
    counts = np.zeros((1, 256), np.int64)
    counts[0, 0] = large
    totals = np.zeros((2, 5), np.int64)
    sums = again({"counts": counts, "sums-00-0000000": np.zeros((256, 5), np.int64), "totals": totals})
    sums.sums[0, 0] = large * LIMIT
    assert sums.sums.dtype == np.int32

    sums.update(traces, values)
    merged = again(dict(sums.arrays()))
    merged.merge(sums)

    assert sums.sums.dtype == np.int64
    assert (sums.sums[0, 0] == (large + 3000) * LIMIT).all()
    assert (merged.sums[0, 0] == 2 * (large + 3000) * LIMIT).all()
    assert dict(merged.arrays())["sums-00-0000000"].dtype == np.int64
    assert not merged.peaks(SBOX_HW)[0].any()


def test_more_traces_than_are_exact_are_refused() -> None:
    counts = np.zeros((1, 256), np.int64)
    counts[0, 3] = MAX_COUNT
    totals = np.zeros((2, 2), np.int64)
    sums = again({"counts": counts, "sums-00-0000000": np.zeros((256, 2), np.int16), "totals": totals})
    one = (np.ones((1, 2), np.int16), np.zeros((1, 1), np.uint8))

    with pytest.raises(OverflowError, match="exact up to"):
        sums.update(*one)
    with pytest.raises(OverflowError, match="exact up to"):
        sums.merge(summed(*one))

    assert sums.count == MAX_COUNT


@pytest.mark.parametrize(
    ("traces", "values", "error", "complaint"),
    [
        (np.zeros((4, 6), np.int8), np.zeros((4, 2), np.uint8), TypeError, "traces must be an int16"),
        (np.zeros((4, 7), np.int16), np.zeros((4, 2), np.uint8), ValueError, r"traces must be \[n, 6\]"),
        (np.full((4, 6), 600, np.int16), np.zeros((4, 2), np.uint8), ValueError, "-511 and 511"),
        (np.zeros((4, 6), np.int16), np.zeros((4, 2), np.int16), TypeError, "values must be a uint8"),
        (np.zeros((4, 6), np.int16), [[0, 0]] * 4, TypeError, "values must be a uint8"),
        (np.zeros((4, 6), np.int16), np.zeros((3, 2), np.uint8), ValueError, r"values must be \[4, 2\]"),
        (np.zeros((4, 6), np.int16), np.zeros((4, 3), np.uint8), ValueError, r"values must be \[4, 2\]"),
    ],
)
def test_what_does_not_fit_is_refused_and_adds_nothing(
    traces: Traces, values: Values, error: type[Exception], complaint: str
) -> None:
    sums = ClassSums(6, 2)

    with pytest.raises(error, match=complaint):
        sums.update(traces, values)

    assert sums.count == 0
    assert not sums.totals.any()


def test_sums_of_other_shapes_do_not_merge() -> None:
    with pytest.raises(ValueError, match="shapes differ"):
        ClassSums(6).merge(ClassSums(7))


def test_ties_count_against_us() -> None:
    scores = np.array([0.5, 0.9, 0.5, 0.1, 0.5])

    assert rank(scores, 1) == 0
    assert rank(scores, 0) == 3
    assert rank(scores, 3) == 4
    assert rank(np.zeros(256), 7) == 255


def test_guessing_entropy_is_in_bits() -> None:
    assert guessing_entropy(np.array([0, 0, 0])) == 0
    assert guessing_entropy(np.array([255, 0])) == 4


def test_the_interval_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(16)
    true, traces = 0.6, 60
    x = rng.normal(size=(4000, traces))
    y = true * x + math.sqrt(1 - true**2) * rng.normal(size=(4000, traces))
    measured = [float(np.corrcoef(a, b)[0, 1]) for a, b in zip(x, y, strict=True)]

    covered = [low <= true <= high for low, high in (interval(rho, traces) for rho in measured)]

    assert np.mean(covered) == pytest.approx(0.95, abs=0.015)


def test_intervals_at_the_limits() -> None:
    expected = stats.pearsonr([1, 2, 3, 4, 5.5, 6], [1, 3, 2, 5, 4, 6]).confidence_interval()

    assert interval(stats.pearsonr([1, 2, 3, 4, 5.5, 6], [1, 3, 2, 5, 4, 6]).statistic, 6) == pytest.approx(expected)
    assert interval(0.3, 3) == (-1, 1)
    assert interval(1.0, 50) == (1, 1)
    assert noise_floor(400) == 0.2
    assert noise_floor(0) == math.inf
