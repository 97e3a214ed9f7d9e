"""Where classes differ: against a reference, and silent at the stated rate where they do not."""

import numpy as np
import pytest
from scipy import stats

from workers.simulation.cpa import ClassSums
from workers.simulation.points import signal
from workers.simulation.snr import snr


def test_the_ratio_and_the_chance_are_those_of_a_one_way_analysis_of_variance() -> None:
    rng = np.random.default_rng(7)
    classes = rng.integers(0, 9, 400, dtype=np.uint8)
    x = rng.normal(size=(400, 5)) + np.outer(classes, [0.0, 0.2, 0.5, 1.0, 0.0])

    ratio, chance = signal(x, classes)

    groups = [x[classes == one] for one in range(9)]
    expected = [stats.f_oneway(*(group[:, sample] for group in groups)).pvalue for sample in range(5)]
    np.testing.assert_allclose(chance, expected, rtol=1e-9)
    assert np.argmax(ratio) == 3
    assert ratio[3] == pytest.approx(np.var(np.arange(9)[classes]), rel=0.25)


def test_the_ratio_is_the_one_that_campaigns_report() -> None:
    rng = np.random.default_rng(7)
    values = rng.integers(0, 256, (2000, 1), dtype=np.uint8)
    x = (rng.normal(0, 20, (2000, 3)) + values * [0.0, 0.1, 0.3]).astype(np.int16)
    sums = ClassSums(3, 1)
    sums.update(x, values)

    ratio, _ = signal(x.astype(np.float64), values[:, 0])

    np.testing.assert_allclose(ratio, snr(sums)[0], rtol=1e-9)


def test_what_varies_with_the_class_alone_is_infinite_and_what_never_varies_is_nothing() -> None:
    classes = np.arange(90, dtype=np.uint8) % 9
    x = np.stack([classes.astype(np.float64), np.full(90, 3.5)], axis=1)

    ratio, chance = signal(x, classes)

    assert ratio.tolist() == [np.inf, 0.0]
    assert chance.tolist() == [0.0, 1.0]


def test_random_classes_are_significant_at_the_stated_rate() -> None:
    low = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        _, chance = signal(rng.normal(size=(300, 20)), rng.integers(0, 256, 300, dtype=np.uint8))
        low += int((chance < 0.01).sum())

    # 4,000 tests of independent samples.
    assert stats.binomtest(low, 4000, 0.01).pvalue > 1e-3
