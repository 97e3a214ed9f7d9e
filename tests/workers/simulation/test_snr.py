"""Signal-to-noise ratio: against the formula in plain NumPy, unbiased, exact at the limits."""

import math

import numpy as np
import numpy.typing as npt
import pytest

from workers.simulation.aes import SBOX
from workers.simulation.cpa import ClassSums
from workers.simulation.leakage import MASKED_SBOX
from workers.simulation.moments import LIMIT
from workers.simulation.prediction import PredictionSums
from workers.simulation.snr import FEWEST_WITHIN, absent, snr


def of(traces: npt.NDArray[np.int16], values: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    sums = ClassSums(traces.shape[1], values.shape[1])
    sums.update(traces, values)
    return snr(sums)


def reference(traces: npt.NDArray[np.int16], values: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """One-way analysis of variance, two passes."""
    classes = [traces[values == value].astype(np.float64) for value in np.unique(values)]
    n, mean = len(traces), traces.mean(axis=0)
    within = sum(((part - part.mean(axis=0)) ** 2).sum(axis=0) for part in classes) / (n - len(classes))
    between = sum(len(part) * (part.mean(axis=0) - mean) ** 2 for part in classes)
    return np.asarray(np.maximum((between - (len(classes) - 1) * within) / n, 0) / within)


@pytest.mark.parametrize("offset", [0, 450])
@pytest.mark.parametrize(("traces", "classes"), [(3000, 256), (300, 256), (100, 5)])
def test_ratios_agree_with_two_passes(traces: int, classes: int, offset: int) -> None:
    rng = np.random.default_rng(7)
    values = rng.integers(0, classes, (traces, 2), dtype=np.uint8)
    measured = (offset + rng.integers(-20, 21, (traces, 90))).astype(np.int16)
    measured[:, 30] += np.bitwise_count(SBOX[values[:, 1]])

    ratios = of(measured, values)

    for byte in range(2):
        np.testing.assert_allclose(ratios[byte], reference(measured, values[:, byte]), rtol=1e-9, atol=1e-12)


def test_the_ratio_is_that_of_the_variances() -> None:
    """Hamming weights of bytes have the variance 2."""
    rng = np.random.default_rng(8)
    values = rng.integers(0, 256, (40_000, 1), dtype=np.uint8)
    power = np.bitwise_count(SBOX[values ^ 0x2B]) + rng.normal(0, 2, (40_000, 1))

    ratio = of(np.rint(16 * power).astype(np.int16), values)

    assert ratio[0, 0] == pytest.approx(0.5, rel=0.05)


def test_noise_alone_has_no_bias_from_small_classes() -> None:
    """Two traces a class: without the correction the ratio would be near 1."""
    rng = np.random.default_rng(9)
    values = rng.permuted(np.tile(np.arange(256, dtype=np.uint8), 2))[:, None]
    traces = rng.integers(-30, 31, (512, 2000)).astype(np.int16)

    ratios = of(traces, values)[0]

    assert (ratios >= 0).all()
    assert np.median(ratios) < 0.02
    assert ratios.mean() < 0.06


def test_relabelling_the_classes_changes_nothing() -> None:
    rng = np.random.default_rng(10)
    values = rng.integers(0, 256, (900, 1), dtype=np.uint8)
    traces = rng.integers(-30, 31, (900, 20)).astype(np.int16)

    np.testing.assert_allclose(of(traces, values), of(traces, SBOX[values ^ 0x77]), rtol=1e-9, atol=1e-12)


def test_limits_are_exact() -> None:
    rng = np.random.default_rng(11)
    values = rng.integers(0, 256, (2000, 1), dtype=np.uint8)
    traces = np.zeros((2000, 4), np.int16)
    traces[:, 1] = LIMIT
    traces[:, 2] = SBOX[values[:, 0]].astype(np.int16) - 128
    traces[:, 3] = traces[:, 2]
    traces[5, 3] += 1

    ratios = of(traces, values)[0]

    assert ratios[:3].tolist() == [0, 0, math.inf]
    assert 1e5 < ratios[3] < math.inf


@pytest.mark.parametrize(
    "values", [[], [3], [3] * 40, list(range(40))], ids=["none", "one", "one class", "a class for each trace"]
)
def test_too_little_to_tell_is_zero(values: list[int]) -> None:
    rng = np.random.default_rng(12)
    traces = rng.integers(-9, 10, (len(values), 6)).astype(np.int16)

    assert not of(traces, np.array(values, np.uint8)[:, None]).any()


@pytest.mark.parametrize(("more", "told"), [(FEWEST_WITHIN, True), (FEWEST_WITHIN - 1, False)])
def test_few_traces_more_than_values_tell_no_ratio(more: int, *, told: bool) -> None:
    """Of 40 traces of nothing but noise, most of them alone in their class, the largest ratio is over a thousand."""
    values = np.arange(64 + more, dtype=np.uint8)[:, None] % 64
    sums = ClassSums(5, 1)
    sums.update(np.zeros((len(values), 5), np.int16), values)

    why = absent(sums)

    assert (why is None) == told
    assert why is None or f"a byte has 64 values in {len(values)} of them" in why


def test_predictions_of_two_bytes_tell_no_ratio() -> None:
    assert absent(PredictionSums(MASKED_SBOX, 5)) == "the prediction depends on two bytes, so traces have no classes"
