"""Boundaries of looks: those of the literature, and the error rate that they keep, counted."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import special

from workers.simulation.moments import PowerSums
from workers.simulation.spending import boundaries, nominal_log10, of_each, spent_ln
from workers.simulation.ttest import welch

PUBLISHED = {
    2: (2.9626, 1.9686),
    3: (3.7103, 2.5114, 1.9930),
    4: (4.3326, 2.9631, 2.3590, 2.0141),
    5: (4.8769, 3.3569, 2.6803, 2.2898, 2.0310),
}
"""Equal looks at two-sided level 0.05 by the same spending function, as the program of Reboussin, DeMets, Kim and Lan 2000."""


def even(looks: int) -> tuple[float, ...]:
    return tuple(look / looks for look in range(1, looks + 1))


@pytest.mark.parametrize("looks", PUBLISHED)
def test_boundaries_are_those_of_the_literature(looks: int) -> None:
    np.testing.assert_allclose(boundaries(even(looks), 0.05), PUBLISHED[looks], atol=2e-4)


def test_one_look_has_the_boundary_of_one_test() -> None:
    assert boundaries((1.0,), 0.01) == pytest.approx((-special.ndtri(0.005),))


def test_all_of_the_level_is_spent_at_the_end_and_more_with_every_look() -> None:
    spent = np.exp(spent_ln(even(8), 1e-3))

    assert spent[-1] == pytest.approx(5e-4)
    assert (np.diff(spent) > 0).all()


def test_a_path_without_drift_crosses_at_the_level_and_no_oftener() -> None:
    rng = np.random.default_rng(7)
    fractions = (0.2, 0.35, 0.5, 0.9, 1.0)
    limits = np.array(boundaries(fractions, 0.05))
    paths = 200_000

    steps = np.sqrt(np.diff((0.0, *fractions)))
    z = np.cumsum(rng.standard_normal((paths, len(fractions))) * steps, axis=1) / np.sqrt(fractions)

    crossed = (np.abs(z) > limits).any(axis=1).mean()
    assert abs(crossed - 0.05) < 4 * np.sqrt(0.05 * 0.95 / paths)
    assert (np.abs(z) > limits[-1]).any(axis=1).mean() > 0.08  # peeking for free would not


def test_levels_as_small_as_thousands_of_samples_need_have_boundaries_too() -> None:
    each = of_each(0.001, 14_000)

    limits = boundaries(even(20), each)

    assert all(np.isfinite(limits))
    assert all(early > late for early, late in pairwise(limits))
    fixed = -special.ndtri(each / 2)
    assert fixed < limits[-1] < 1.02 * fixed
    assert nominal_log10(limits[0]) < -100


def test_a_look_that_spends_nothing_changes_no_other() -> None:
    with_it, without = boundaries((1e-4, 0.5, 1.0), 1e-6), boundaries((0.5, 1.0), 1e-6)

    assert with_it[0] > 400
    np.testing.assert_allclose(with_it[1:], without, rtol=1e-9)


@pytest.mark.parametrize("fractions", [(), (0.5,), (0.5, 0.5, 1.0), (0.7, 0.2, 1.0), (0.0, 1.0)])
def test_fractions_that_do_not_ascend_to_one_are_refused(fractions: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="fractions"):
        boundaries(fractions, 0.05)


@pytest.mark.parametrize("rho", [0.0, 0.9])
def test_the_t_tests_of_many_samples_keep_the_error_rate_over_many_seeds(rho: float) -> None:
    """Welch tests of both orders of samples that hang together, on integers, by the p-values that looks compare."""
    rng = np.random.default_rng(11)
    seeds, samples, each_look, looks, rate = 400, 40, 200, 4, 0.1
    limits = [nominal_log10(limit) for limit in boundaries(even(looks), of_each(rate, 2 * samples))]
    crossed = peeked = 0
    for _ in range(seeds):
        sums = PowerSums(2, samples)
        over = naive = False
        for limit in limits:
            shared = rng.standard_normal((each_look, 1)) * np.sqrt(rho)
            values = 20 * (shared + rng.standard_normal((each_look, samples)) * np.sqrt(1 - rho))
            sums.update(np.rint(values).astype(np.int16), rng.permutation(np.arange(each_look) % 2).astype(np.uint8))
            found = welch(sums.union([0]), sums.union([1]))
            smallest = min(found.p_log10_1.min(), found.p_log10_2.min())
            over |= smallest < limit
            naive |= smallest < limits[-1]
        crossed += over
        peeked += naive

    assert crossed / seeds < rate + 3 * np.sqrt(rate * (1 - rate) / seeds)
    assert crossed / seeds > (0.03 if rho == 0.0 else 0.0)
    assert peeked > crossed
