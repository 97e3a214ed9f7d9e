"""From sums of samples, of predictions and of their products to correlations."""

import math

import numpy as np
import numpy.typing as npt
from numba import njit

from workers.simulation.aes import VALUES
from workers.simulation.moments import MAX_COUNT, Group


def guard(count: int) -> None:
    """Raise OverflowError for more traces than sums are exact for."""
    if count > MAX_COUNT:
        raise OverflowError(f"{count} traces; sums are exact up to {MAX_COUNT}")


def columns(count: int, totals: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return each sample's mean and 1 / sqrt(n variance), 0 for a constant one, from sums of x and x^2 [2, samples]."""
    first, second = totals
    zero = np.zeros_like(first)
    centre, moved = Group(count, np.stack([first, second, zero, zero])).centred()
    shift, squares = moved[:2].astype(np.float64)
    n = max(count, 1)
    spread = squares - shift * shift / n  # 0 exactly for a constant: it is its own centre
    scale = np.zeros_like(spread)
    np.divide(1.0, np.sqrt(spread), out=scale, where=spread > 0)
    return centre + shift / n, scale


def correlate(
    products: npt.NDArray[np.int64] | npt.NDArray[np.float64],
    predicted: npt.NDArray[np.int64],
    count: int,
    mean: npt.NDArray[np.float64],
    scale: npt.NDArray[np.float64],
) -> npt.NDArray[np.float32]:
    """Return the correlations [256, samples] from products of that shape and sums of h and h^2 `predicted` [2, 256]."""
    inverse = np.zeros(VALUES)
    for guess, (one, two) in enumerate(predicted.T):
        spread = count * int(two) - int(one) ** 2  # exact, and beyond 64 bits
        inverse[guess] = math.sqrt(count / spread) if spread > 0 else 0.0
    out = np.empty(products.shape, np.float32)
    _correlate(products, predicted[0], mean, scale, inverse, out)
    return out


@njit(cache=True, nogil=True)
def _correlate(  # noqa: PLR0917 - numba knows no keyword-only arguments
    products: npt.NDArray[np.int64] | npt.NDArray[np.float64],
    predicted: npt.NDArray[np.int64],
    mean: npt.NDArray[np.float64],
    scale: npt.NDArray[np.float64],
    inverse: npt.NDArray[np.float64],
    out: npt.NDArray[np.float32],
) -> None:
    for guess in range(len(products)):
        first, factor = np.float64(predicted[guess]), inverse[guess]
        row, to = products[guess], out[guess]
        for j in range(len(row)):
            rho = (np.float64(row[j]) - first * mean[j]) * scale[j] * factor
            to[j] = np.float32(min(max(rho, -1.0), 1.0))
