"""Correlate class sums with all 256 guesses at once.

A model of S(p ^ k) depends on p ^ k alone, M[v, k] = m[v ^ k], so sum_v M[v, k] CS[v] is a dyadic convolution: two
Walsh-Hadamard transforms and a product with the transform of m, 4,352 operations a sample instead of the 131,072 of a
matrix product. The order of additions is fixed, so results do not depend on a BLAS or its threads.
"""

import math
from functools import cache

import numpy as np
import numpy.typing as npt
from numba import njit

from workers.simulation.aes import VALUES
from workers.simulation.leakage import Leakage

Sums = npt.NDArray[np.int32] | npt.NDArray[np.int64]

_LANES = 64  # samples transformed together: 64 KiB of float32
_VALUE = np.arange(VALUES)


@cache
def spectrum(leakage: Leakage) -> npt.NDArray[np.float32]:
    """Return the transform of the leakage over 256, which makes up for the way back [256]."""
    signs = 1 - 2 * (np.bitwise_count(_VALUE[:, None] & _VALUE[None, :]) & 1).astype(np.int64)
    out = (signs @ leakage.of) / VALUES
    out[0] = 0.0  # the mean of the model meets class sums that add up to nothing
    return out.astype(np.float32)


def inverse_deviations(counts: npt.NDArray[np.int64], leakage: Leakage) -> npt.NDArray[np.float64]:
    """Return 1 / sqrt(n variance) of each guess's hypotheses for `counts` traces of each value; 0 for constants."""
    table = leakage.table()
    n, first, second = int(counts.sum()), counts @ table, counts @ (table * table)
    out = np.zeros(VALUES)
    for guess in range(VALUES):
        spread = n * int(second[guess]) - int(first[guess]) ** 2  # exact, and beyond 64 bits
        out[guess] = math.sqrt(n / spread) if spread else 0.0
    return out


@njit(cache=True, nogil=True)
def _transform(block: npt.NDArray[np.float32]) -> None:
    """Apply the Walsh-Hadamard transform to the columns of `block` [256, lanes], two levels at a time."""
    for level in range(4):
        half = 1 << (2 * level)
        for base in range(0, VALUES, 4 * half):
            for at in range(base, base + half):
                w, x, y, z = block[at], block[at + half], block[at + 2 * half], block[at + 3 * half]
                for j in range(_LANES):
                    p, q, r, s = w[j] + x[j], w[j] - x[j], y[j] + z[j], y[j] - z[j]
                    w[j] = p + r
                    x[j] = q + s
                    y[j] = p - r
                    z[j] = q - s


@njit(cache=True, nogil=True)
def _correlate(  # noqa: PLR0917 - numba knows no keyword-only arguments
    sums: Sums,
    counts: npt.NDArray[np.int64],
    mean: npt.NDArray[np.float64],
    scale: npt.NDArray[np.float64],
    weights: npt.NDArray[np.float32],
    tile: int,
    block: npt.NDArray[np.float32],
) -> None:
    """Fill `block` [256 guesses, lanes] with the covariances of samples tile.., over the samples' deviations."""
    end = min(tile + _LANES, sums.shape[1])
    middle, factor = mean[tile:end], scale[tile:end]
    for value in range(VALUES):
        row, out = sums[value, tile:end], block[value]
        count = np.float64(counts[value])
        for j in range(end - tile):
            # Centred in float64 before float32 sees it: what is left is as small as the noise.
            out[j] = np.float32((np.float64(row[j]) - count * middle[j]) * factor[j])
    _transform(block)
    for value in range(VALUES):
        out, weight = block[value], weights[value]
        for j in range(_LANES):
            out[j] *= weight
    _transform(block)


@njit(cache=True, nogil=True)
def correlate_all(  # noqa: PLR0917 - numba knows no keyword-only arguments
    sums: Sums,
    counts: npt.NDArray[np.int64],
    mean: npt.NDArray[np.float64],
    scale: npt.NDArray[np.float64],
    weights: npt.NDArray[np.float32],
    inverse: npt.NDArray[np.float64],
    out: npt.NDArray[np.float32],
) -> None:
    """Write every correlation into `out` [256 guesses, samples]; arguments as for `correlate_peaks`."""
    block = np.zeros((VALUES, _LANES), np.float32)
    for tile in range(0, sums.shape[1], _LANES):
        _correlate(sums, counts, mean, scale, weights, tile, block)
        for guess in range(VALUES):
            for j in range(min(_LANES, sums.shape[1] - tile)):
                rho = np.float64(block[guess, j]) * inverse[guess]
                out[guess, tile + j] = np.float32(min(max(rho, -1.0), 1.0))


@njit(cache=True, nogil=True)
def correlate_peaks(  # noqa: PLR0917 - numba knows no keyword-only arguments
    sums: Sums,
    counts: npt.NDArray[np.int64],
    mean: npt.NDArray[np.float64],
    scale: npt.NDArray[np.float64],
    weights: npt.NDArray[np.float32],
    inverse: npt.NDArray[np.float64],
    first: int,
    last: int,
    best: npt.NDArray[np.int32],
    rho: npt.NDArray[np.float32],
    sample: npt.NDArray[np.int32],
) -> None:
    """Write each guess's largest correlation and its first sample into `rho` and `sample` [256 guesses].

    Only the samples [first, last) are looked at; `best` [256], zeros at the beginning, is what those before them have left.
    `sums` [256, samples] and `counts` [256] are those of one byte. `mean` and `scale` [samples] are each sample's mean
    and 1 / sqrt(n variance), `inverse` [256] the same of each guess's hypotheses; 0 stands for a constant.
    """
    block = np.zeros((VALUES, _LANES), np.float32)
    bits = block.view(np.int32)  # magnitudes of floats are ordered as integers are, and integers vectorise
    for tile in range(first, last, _LANES):
        _correlate(sums, counts, mean, scale, weights, tile, block)
        width = min(_LANES, sums.shape[1] - tile)
        for guess in range(VALUES):
            largest = np.int32(0)
            for j in range(width):
                largest = max(largest, np.int32(bits[guess, j] & np.int32(0x7FFFFFFF)))
            if largest > best[guess]:
                best[guess] = largest
                for j in range(width):
                    if np.int32(bits[guess, j] & np.int32(0x7FFFFFFF)) == largest:
                        signed = np.float64(block[guess, j]) * inverse[guess]
                        rho[guess] = np.float32(min(max(signed, -1.0), 1.0))
                        sample[guess] = tile + j
                        break
