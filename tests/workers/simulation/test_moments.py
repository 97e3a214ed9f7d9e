"""Power sums: exact, mergeable in any order, and free of cancellation."""

from fractions import Fraction
from itertools import pairwise
from random import Random

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.simulation.blocks import BLOCK
from workers.simulation.moments import LIMIT, MAX_COUNT, Group, PowerSums
from workers.simulation.tallies import Tally

Traces = npt.NDArray[np.int16]
Labels = npt.NDArray[np.uint8]


def draw(rng: np.random.Generator, traces: int, samples: int, groups: int = 4) -> tuple[Traces, Labels]:
    values = rng.integers(-LIMIT, LIMIT + 1, (traces, samples)).astype(np.int16)
    return values, rng.integers(0, groups, traces).astype(np.uint8)


def summed(traces: Traces, labels: Labels, groups: int = 4) -> PowerSums:
    out = PowerSums(groups, traces.shape[1])
    out.update(traces, labels)
    return out


def same(one: PowerSums, other: PowerSums) -> bool:
    return np.array_equal(one.counts, other.counts) and np.array_equal(one.sums, other.sums)


@pytest.mark.parametrize("samples", [1, 17, 1024, 2500])
def test_sums_equal_those_of_numpy(samples: int) -> None:
    traces, labels = draw(np.random.default_rng(7), 333, samples)

    sums = summed(traces, labels)

    wide = traces.astype(np.int64)
    for group in range(4):
        assert sums.counts[group] == (labels == group).sum()
        for order in range(4):
            assert np.array_equal(sums.sums[group, order], (wide[labels == group] ** (order + 1)).sum(axis=0))


@pytest.mark.parametrize("value", [-LIMIT, LIMIT])
def test_extremes_everywhere_are_summed_exactly(value: int) -> None:
    traces = np.full((5000, 70), value, np.int16)

    sums = summed(traces, np.zeros(5000, np.uint8), 1)

    assert sums.sums[0, :, 0].tolist() == [5000 * value**order for order in (1, 2, 3, 4)]
    assert (sums.sums[0] == sums.sums[0, :, :1]).all()


@settings(deadline=None, max_examples=40)
@given(
    cuts=st.lists(st.integers(0, 120), max_size=6),
    order=st.randoms(use_true_random=False),
    threads=st.integers(1, 3),
    seed=st.integers(0, 1000),
)
def test_any_split_merged_in_any_order_gives_the_same_bits(
    cuts: list[int], order: Random, threads: int, seed: int
) -> None:
    traces, labels = draw(np.random.default_rng(seed), 120, 33)
    parts = list(pairwise([0, *sorted(cuts), 120]))
    order.shuffle(parts)

    merged, updated = PowerSums(4, 33), PowerSums(4, 33)
    for low, high in parts:
        merged.merge(summed(traces[low:high], labels[low:high]))
        updated.update(traces[low:high], labels[low:high], threads=threads)

    assert same(merged, summed(traces, labels))
    assert same(updated, merged)


def test_central_moments_agree_with_two_passes() -> None:
    traces, labels = draw(np.random.default_rng(9), 800, 40, 2)

    moments = summed(traces, labels, 2).union([0]).moments()

    chosen = traces[labels == 0].astype(np.float64)
    about = chosen - chosen.mean(axis=0)
    np.testing.assert_allclose(moments.mean, chosen.mean(axis=0), rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(moments.second, (about**2).mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(moments.third, (about**3).mean(axis=0), rtol=1e-10, atol=1e-6)
    np.testing.assert_allclose(moments.fourth, (about**4).mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(moments.square_variance, (about**2).var(axis=0), rtol=1e-12)


@settings(deadline=None, max_examples=60)
@given(
    values=st.lists(st.integers(-LIMIT, LIMIT), min_size=1, max_size=4, unique=True),
    weights=st.lists(st.integers(1, 24_000_000), min_size=4, max_size=4),
)
def test_moments_are_right_to_twelve_digits_for_any_counts(values: list[int], weights: list[int]) -> None:
    """Sums as millions of traces would give them, against exact fractions."""
    counts = weights[: len(values)]
    n = sum(counts)
    sums = [sum(count * value**order for count, value in zip(counts, values, strict=True)) for order in (1, 2, 3, 4)]

    moments = Group(n, np.array(sums, np.int64)[:, None]).moments()

    mean = Fraction(sums[0], n)
    central = [
        sum(count * (value - mean) ** k for count, value in zip(counts, values, strict=True)) / n for k in range(5)
    ]
    wanted = (mean, central[2], central[4], central[4] - central[2] ** 2)
    found = (moments.mean, moments.second, moments.fourth, moments.square_variance)
    for exact, value in zip(wanted, found, strict=True):
        assert float(value[0]) == pytest.approx(float(exact), rel=1e-9, abs=1e-12)
    assert [bool(moment[0]) for moment in found[1:]] == [bool(exact) for exact in wanted[1:]]


@pytest.mark.parametrize("share", [0.0, 1e-8, 0.211325, 0.5, 0.788675, 1.0])
def test_sums_about_the_centre_fit_at_the_largest_count(share: float) -> None:
    """Two extreme values: the fourth moment about the mean is largest at the shares (1 +- 1/sqrt 3)/2."""
    high = round(share * MAX_COUNT)
    low = MAX_COUNT - high
    sums = [high * LIMIT**k + low * (-LIMIT) ** k for k in (1, 2, 3, 4)]

    centre, moved = Group(MAX_COUNT, np.array(sums, np.int64)[:, None]).centred()

    c = int(centre[0])
    exact = [high * (LIMIT - c) ** k + low * (-LIMIT - c) ** k for k in (1, 2, 3, 4)]
    assert moved[:, 0].tolist() == exact
    assert abs(exact[0]) <= MAX_COUNT / 2


def test_one_trace_in_a_hundred_million_shows() -> None:
    """A variance of 1e-8 about a mean of 500: lost if moments were taken from the sums as they are."""
    n = MAX_COUNT
    sums = [(n - 1) * 500**k + 501**k for k in (1, 2, 3, 4)]

    moments = Group(n, np.array(sums, np.int64)[:, None]).moments()

    share = Fraction(1, n)
    assert moments.second[0] == pytest.approx(float(share * (1 - share)), rel=1e-12)
    assert moments.fourth[0] == pytest.approx(float(share * (1 - share) * (1 - 3 * share * (1 - share))), rel=1e-12)


def test_constants_have_no_variance_at_all() -> None:
    traces = np.array([[3, -511, 0, 511]] * 1001, np.int16)

    moments = summed(traces, np.zeros(1001, np.uint8), 1).union([0]).moments()

    assert moments.mean.tolist() == [3, -511, 0, 511]
    for moment in (moments.second, moments.third, moments.fourth, moments.square_variance):
        assert not moment.any()


def test_two_balanced_values_have_a_constant_square() -> None:
    traces = np.array([[7, 2], [8, 2]] * 501, np.int16)

    moments = summed(traces, np.zeros(1002, np.uint8), 1).union([0]).moments()

    assert moments.second.tolist() == [0.25, 0]
    assert moments.square_variance.tolist() == [0, 0]


def test_an_empty_group_has_no_moments() -> None:
    sums = summed(np.ones((3, 5), np.int16), np.zeros(3, np.uint8), 2)

    moments = sums.union([1]).moments()

    assert moments.count == 0
    assert not moments.mean.any()
    assert not moments.fourth.any()


def test_a_union_is_the_groups_together() -> None:
    traces, labels = draw(np.random.default_rng(11), 200, 9)

    union = summed(traces, labels).union([1, 3])

    together = summed(traces, (labels % 2).astype(np.uint8), 2)
    assert union.count == together.counts[1]
    assert np.array_equal(union.sums, together.sums[1])


def test_a_part_of_wider_traces_may_be_added() -> None:
    traces, labels = draw(np.random.default_rng(12), 50, 40)

    assert same(summed(traces[:, 5:25], labels), summed(traces[:, 5:25].copy(), labels))


def test_arrays_carry_the_state() -> None:
    sums = summed(*draw(np.random.default_rng(13), 50, 8))

    arrays = dict(sums.arrays())
    twice = sums.blank()
    twice.add(arrays)
    twice.add(arrays)

    assert np.array_equal(twice.sums, 2 * sums.sums)
    assert np.array_equal(twice.counts, 2 * sums.counts)
    with pytest.raises(ValueError, match="shapes differ"):
        sums.blank().add({**arrays, "counts": sums.counts[:3]})
    with pytest.raises(ValueError, match="not the blocks"):
        sums.blank().add(dict(Tally(4, 8).arrays()))


def test_arrays_of_many_samples_are_cut_into_blocks() -> None:
    sums = PowerSums(2, 2 * BLOCK + 3)
    sums.sums[:] = np.random.default_rng(14).integers(0, 1000, sums.sums.shape)

    arrays = dict(sums.arrays())
    back = sums.blank()
    back.add(arrays)

    assert [arrays[f"sums-{number:03d}"].shape[-1] for number in range(3)] == [BLOCK, BLOCK, 3]
    assert np.array_equal(back.sums, sums.sums)
    assert np.array_equal(sums.block(slice(BLOCK - 1, BLOCK + 4)).sums, sums.sums[:, :, BLOCK - 1 : BLOCK + 4])
    with pytest.raises(ValueError, match="shapes differ"):
        PowerSums(2, 2 * BLOCK + 4).add(arrays)


@pytest.mark.parametrize(
    ("traces", "labels", "error", "complaint"),
    [
        (np.zeros((4, 6), np.int32), np.zeros(4, np.uint8), TypeError, "traces must be an int16"),
        (np.zeros((4, 6)), np.zeros(4, np.uint8), TypeError, "traces must be an int16"),
        ([[0] * 6] * 4, np.zeros(4, np.uint8), TypeError, "traces must be an int16"),
        (np.zeros((4, 5), np.int16), np.zeros(4, np.uint8), ValueError, r"traces must be \[n, 6\]"),
        (np.zeros(6, np.int16), np.zeros(6, np.uint8), ValueError, r"traces must be \[n, 6\]"),
        (np.zeros((4, 6), np.int16), np.zeros(4, np.int64), TypeError, "groups must be a uint8"),
        (np.zeros((4, 6), np.int16), np.zeros(3, np.uint8), ValueError, r"groups must be \[4\]"),
        (np.zeros((4, 6), np.int16), np.full(4, 2, np.uint8), ValueError, "group 2 of 2"),
        (np.full((4, 6), 512, np.int16), np.zeros(4, np.uint8), ValueError, "-511 and 511"),
        (np.full((4, 6), -512, np.int16), np.zeros(4, np.uint8), ValueError, "-511 and 511"),
        (np.full((4, 6), -32768, np.int16), np.zeros(4, np.uint8), ValueError, "-511 and 511"),
    ],
)
def test_what_does_not_fit_is_refused_and_adds_nothing(
    traces: Traces, labels: Labels, error: type[Exception], complaint: str
) -> None:
    sums = PowerSums(2, 6)

    with pytest.raises(error, match=complaint):
        sums.update(traces, labels)

    assert not sums.counts.any()
    assert not sums.sums.any()


def test_more_traces_than_are_exact_are_refused() -> None:
    sums = PowerSums(2, 3)
    sums.counts[1] = MAX_COUNT
    other = summed(np.ones((1, 3), np.int16), np.ones(1, np.uint8), 2)

    with pytest.raises(OverflowError, match="exact up to"):
        sums.update(np.ones((1, 3), np.int16), np.ones(1, np.uint8))
    with pytest.raises(OverflowError, match="exact up to"):
        sums.merge(other)
    sums.update(np.ones((1, 3), np.int16), np.zeros(1, np.uint8))
    with pytest.raises(OverflowError, match="exact up to"):
        sums.union([0, 1])

    assert sums.counts.tolist() == [1, MAX_COUNT]


def test_sums_of_other_shapes_do_not_merge() -> None:
    with pytest.raises(ValueError, match="shapes differ"):
        PowerSums(2, 6).merge(PowerSums(2, 7))
    with pytest.raises(ValueError, match="shapes differ"):
        PowerSums(2, 6).merge(PowerSums(3, 6))


def test_no_traces_change_nothing() -> None:
    sums = PowerSums(2, 6)

    sums.update(np.zeros((0, 6), np.int16), np.zeros(0, np.uint8))

    assert not sums.counts.any()


@pytest.mark.parametrize("odd", [0, 1, 3000])
@pytest.mark.parametrize("values", [(0, 1), (-3, 4), (-LIMIT, LIMIT - 1)])
def test_nearly_balanced_values_keep_their_variance_of_squares(values: tuple[int, int], odd: int) -> None:
    """The fourth moment and the square of the second agree to fifteen digits here; their difference is wanted."""
    counts = (MAX_COUNT // 2 + odd, MAX_COUNT // 2 - odd)
    sums = [sum(count * value**k for count, value in zip(counts, values, strict=True)) for k in (1, 2, 3, 4)]

    moments = Group(MAX_COUNT, np.array(sums, np.int64)[:, None]).moments()

    share = Fraction(counts[0], MAX_COUNT)
    exact = share * (1 - share) * (1 - 2 * share) ** 2 * (values[1] - values[0]) ** 4
    assert moments.square_variance[0] == pytest.approx(float(exact), rel=1e-12, abs=0)
