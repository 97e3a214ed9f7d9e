"""The best sample of every guess, tile by tile."""

import numpy as np
import numpy.typing as npt
from numba import njit

from workers.simulation.leakage import Leakage

TILE = 512
"""Samples correlated at once: 1 MiB of float64 for 256 guesses."""


def keep_peaks(
    leakage: Leakage,
    found: npt.NDArray[np.float32],
    start: int,
    rho: npt.NDArray[np.float32],
    sample: npt.NDArray[np.int32],
) -> None:
    """Put the peaks of a tile `found` [guesses, samples from `start` on] in place of lower ones in `rho`, `sample`.

    Samples whose best guess is one of the leakage's trivial ones do not count.
    """
    trivial = np.zeros(len(found), np.bool_)
    trivial[list(leakage.trivial)] = True
    _keep(np.ascontiguousarray(found), leakage.mirrored, trivial, start, rho, sample)


@njit(cache=True, nogil=True)
def _keep(  # noqa: PLR0917 - numba knows no keyword-only arguments
    found: npt.NDArray[np.float32],
    mirrored: bool,
    trivial: npt.NDArray[np.bool_],
    start: int,
    rho: npt.NDArray[np.float32],
    sample: npt.NDArray[np.int32],
) -> None:
    guesses, samples = found.shape
    highest = np.full(samples, -np.inf, np.float32)
    best = np.zeros(samples, np.int32)
    for guess in range(guesses):
        row = found[guess]
        for j in range(samples):
            height = row[j] if mirrored else abs(row[j])
            if height > highest[j]:
                highest[j] = height
                best[j] = guess
    counts = np.empty(samples, np.bool_)
    for j in range(samples):
        counts[j] = not trivial[best[j]]
    for guess in range(guesses):
        row = found[guess]
        top = rho[guess] if mirrored else abs(rho[guess])
        for j in range(samples):
            height = row[j] if mirrored else abs(row[j])
            if height > top and counts[j]:
                top = height
                rho[guess] = row[j]
                sample[guess] = start + j
