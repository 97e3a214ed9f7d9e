"""Points of interest: the samples in which classes differ most, by signal-to-noise ratio (Mangard 2004).

With C classes in n traces, SSB the sum of squares between their means and SSW that within them:

    noise = SSW / (n - C),    signal = max(0, (SSB - (C - 1) noise) / n),    SNR = signal / noise

and F = SSB / ((C - 1) noise) has Fisher's distribution with C - 1 and n - C degrees of freedom where nothing leaks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit
from scipy import special

from workers.simulation.kept_traces import KeptTraces

SIGNIFICANCE = 0.01
"""Chance that any sample of a byte that leaks nowhere is called significant."""
BLOCK_BYTES = 32 * 2**20
"""Of samples that are looked at together."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Points:
    """The points of one byte."""

    samples: npt.NDArray[np.intp]
    """Strongest first."""
    snr: Floats
    """Of each; inf where nothing but the class varies."""
    significant: int
    """Samples that stand out of chance."""


def signal(x: Floats, classes: npt.NDArray[np.uint8]) -> tuple[Floats, Floats]:
    """Return the SNR and the p-value of F of each sample of `x` [n, samples] by `classes` [n]: 0 and 1 where nothing varies."""
    centred = x - x.mean(axis=0)
    return _signal(centred, np.einsum("ij,ij->j", centred, centred), classes)


def _signal(centred: Floats, total: Floats, classes: npt.NDArray[np.uint8]) -> tuple[Floats, Floats]:
    n, samples = centred.shape
    counts = np.bincount(classes, minlength=int(classes.max()) + 1)
    seen = counts > 0
    between_dof, within_dof = int(seen.sum()) - 1, n - int(seen.sum())
    ratio, p = np.zeros(samples), np.ones(samples)
    if between_dof < 1 or within_dof < 1:
        return ratio, p
    sums = np.zeros((len(counts), samples))
    add_by_class(centred, classes, sums)
    between = (sums[seen] ** 2 / counts[seen, np.newaxis]).sum(axis=0)
    within = np.maximum(total - between, 0.0)
    within[within <= 1e-9 * total] = 0.0
    noise = within / within_dof
    noisy = noise > 0
    ratio[noisy] = np.maximum(between[noisy] - between_dof * noise[noisy], 0.0) / (n * noise[noisy])
    p[noisy] = special.fdtrc(between_dof, within_dof, between[noisy] / (between_dof * noise[noisy]))
    alone = ~noisy & (total > 0)
    ratio[alone], p[alone] = np.inf, 0.0
    return ratio, p


@njit(cache=True, nogil=True)
def add_by_class(x: Floats, classes: npt.NDArray[np.uint8], sums: Floats) -> None:
    """Add each row of `x` [n, samples] to that of its class in `sums` [classes, samples]."""
    for i in range(len(x)):
        row, to = x[i], sums[classes[i]]
        for j in range(len(row)):
            to[j] += row[j]


def choose(
    kept: KeptTraces,
    rows: npt.NDArray[np.int64],
    classes: Sequence[npt.NDArray[np.uint8]],
    considered: npt.NDArray[np.intp],
    *,
    most: int,
    check: Callable[[], None],
) -> list[Points]:
    """Return the points of each byte among the samples `considered`, given the class of each of the `rows` per byte.

    A byte's points are its significant samples, the strongest `most` of them; without any, the strongest `most`.
    """
    ratios, chances = np.empty((2, len(classes), len(considered)))
    step = max(1, BLOCK_BYTES // (8 * len(rows)))
    for first in range(0, len(considered), step):
        block = slice(first, first + step)
        centred = kept.power(rows, considered[block])
        centred -= centred.mean(axis=0)
        total = np.einsum("ij,ij->j", centred, centred)
        for byte, of_byte in enumerate(classes):
            check()
            ratios[byte, block], chances[byte, block] = _signal(centred, total, of_byte)
    return [_strongest(ratio, chance, considered, most) for ratio, chance in zip(ratios, chances, strict=True)]


def _strongest(ratio: Floats, chance: Floats, considered: npt.NDArray[np.intp], most: int) -> Points:
    stands_out = chance * len(considered) < SIGNIFICANCE
    among = np.flatnonzero(stands_out if stands_out.any() else chance < 1)
    # By p-value where nothing is significant: the SNR is 0 for most of those.
    order = among[np.lexsort((considered[among], chance[among], -ratio[among]))][:most]
    return Points(considered[order], ratio[order], int(stands_out.sum()))
