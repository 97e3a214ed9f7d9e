"""Templates and the stochastic model: against densities, a known device, and another library."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import special, stats

from workers.simulation.aes import SBOX
from workers.simulation.profiled import basis, stochastic, templates

WEIGHTS = np.bitwise_count(np.arange(256, dtype=np.uint8))
COVARIANCE = np.array([[1.0, 0.6, 0.0], [0.6, 2.0, -0.3], [0.0, -0.3, 0.5]])


def posterior(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(scores - special.logsumexp(scores, axis=1, keepdims=True))


BITS = np.random.default_rng(7).normal(size=(8, 3))
"""Of a device with three points: how much each bit of S(value) weighs."""


def device(count: int, seed: int = 7) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.uint8]]:
    """Return points [n, 3] of a device that leaks bits of S(value) with correlated noise, and the values [n]."""
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 256, count, dtype=np.uint8)
    leaks = basis(SBOX[values], "bits")[:, 1:] @ BITS
    return leaks + rng.multivariate_normal(np.zeros(3), COVARIANCE, count), values


def test_templates_over_all_points_are_gaussians_with_one_covariance() -> None:
    x, values = device(20_000)
    attacked, _ = device(50, seed=8)

    model = templates(x, values, np.arange(256, dtype=np.uint8), dimensions=None)

    means = np.stack([x[values == one].mean(axis=0) for one in range(256)])
    left = x - means[values]
    covariance = left.T @ left / (len(x) - 256)
    density = np.stack([stats.multivariate_normal(mean, covariance).logpdf(attacked) for mean in means], axis=1)
    np.testing.assert_allclose(posterior(model.scores(attacked)), posterior(density), atol=1e-3)


def test_one_discriminant_is_enough_for_a_device_that_leaks_along_one_line() -> None:
    rng = np.random.default_rng(7)
    values = rng.integers(0, 256, 8000, dtype=np.uint8)
    x = np.outer(WEIGHTS[values], [1.0, -2.0, 0.5]) + rng.multivariate_normal(np.zeros(3), COVARIANCE, 8000)

    line, space = (templates(x, WEIGHTS[values], WEIGHTS, dimensions=size) for size in (1, None))

    one, all_of_them = (np.exp(posterior(model.scores(x[:100]))) for model in (line, space))
    np.testing.assert_allclose(one, all_of_them, atol=0.01)
    direction = line.projection[:, 0] / np.linalg.norm(line.projection[:, 0])
    best = np.linalg.solve(COVARIANCE, [1.0, -2.0, 0.5])
    assert abs(direction @ best / np.linalg.norm(best)) > 0.999


def test_a_weight_that_was_never_seen_lies_on_the_line_through_the_others() -> None:
    rng = np.random.default_rng(7)
    values = rng.integers(0, 256, 4000, dtype=np.uint8)
    values = values[(WEIGHTS[values] > 0) & (WEIGHTS[values] < 8)]
    x = np.outer(WEIGHTS[values], [2.0, 1.0]) + rng.normal(0, 0.1, (len(values), 2))

    model = templates(x, WEIGHTS[values], WEIGHTS, dimensions=None)

    ends = model.scores(np.array([[0.0, 0.0], [16.0, 8.0]]))
    assert ends.argmax(axis=1).tolist() == [0, 255]


@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_templates_give_the_probabilities_that_scalib_gives(dimensions: int) -> None:
    modeling: Any = pytest.importorskip("scalib.modeling", reason="scalib is of the bench extra")
    rng = np.random.default_rng(7)
    labels = rng.integers(0, 16, 3000).astype(np.uint16)
    x = np.rint(np.outer(labels, [9.0, -4.0, 2.0]) + 10 * rng.normal(size=(3000, 3)) @ COVARIANCE).astype(np.int16)
    accumulated = modeling.LdaAcc(nc=16, pois=[[0, 1, 2]])
    accumulated.fit_u(x, labels[:, np.newaxis])
    theirs = modeling.Lda(accumulated, p=dimensions).predict_proba(x[:200])[0]

    model = templates(
        x.astype(np.float64), labels.astype(np.uint8), np.arange(16, dtype=np.uint8), dimensions=dimensions
    )

    ours = np.exp(posterior(model.scores(x[:200].astype(np.float64))))
    # scalib divides the covariance by n, we by n less the number of classes.
    np.testing.assert_allclose(ours, theirs, atol=5e-3)


def test_the_stochastic_model_finds_the_weights_of_bits() -> None:
    x, values = device(20_000)

    model, coefficients = stochastic(x, values, SBOX, "bits")

    # The error of a bit's weight is 2 sigma / sqrt(n) = 0.02 for the noisiest point.
    np.testing.assert_allclose(coefficients[1:], BITS, atol=0.08)
    predicted = basis(SBOX, "bits") @ coefficients
    left = x - predicted[values]
    covariance = left.T @ left / (len(x) - 9)
    density = np.stack([stats.multivariate_normal(mean, covariance).logpdf(x[:40]) for mean in predicted], axis=1)
    np.testing.assert_allclose(posterior(model.scores(x[:40])), posterior(density), atol=1e-3)


def test_products_of_bits_are_learnt_where_they_are_asked_for() -> None:
    rng = np.random.default_rng(7)
    values = rng.integers(0, 256, 4000, dtype=np.uint8)
    x = ((values & 1) * ((values >> 3) & 1))[:, np.newaxis] + rng.normal(0, 0.1, (4000, 1))
    identity = np.arange(256, dtype=np.uint8)

    _, bits = stochastic(x, values, identity, "bits")
    _, pairs = stochastic(x, values, identity, "pairs")

    assert bits.shape == (9, 1)
    assert pairs.shape == (37, 1)
    assert pairs[9 + 2, 0] == pytest.approx(1.0, abs=0.05)  # the third product is that of bits 0 and 3
    assert np.abs(np.delete(pairs[:, 0], 11)).max() < 0.05


def test_what_a_device_shows_without_noise_decides_between_what_it_tells_apart() -> None:
    values = np.arange(256, dtype=np.uint8)
    x = WEIGHTS.astype(np.float64)[:, np.newaxis]

    model = templates(x, WEIGHTS, WEIGHTS, dimensions=8)

    likely = np.exp(posterior(model.scores(x)))
    assert (WEIGHTS[likely.argmax(axis=1)] == WEIGHTS[values]).all()
    assert likely[1].max() == pytest.approx(1 / 8)  # eight values have the weight 1


def test_too_few_traces_for_a_covariance_are_refused() -> None:
    x, values = device(9)

    with pytest.raises(ValueError, match="do not determine 9 coefficients"):
        stochastic(x, values, SBOX, "bits")
