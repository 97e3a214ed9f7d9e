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
STATE_BYTES = 128 * 2**20
"""Of sums by class, of all bytes: more samples than that holds take another reading of the traces."""
CLASSES = 256
EPSILON = 1e-9
"""Share of a sum of squares below which it is rounding."""

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


class Signals:
    """Sums of samples by class, of which SNR and F of every sample follow."""

    def __init__(self, samples: int) -> None:
        """Add up so many samples."""
        self._counts = np.zeros(CLASSES, np.int64)
        self._sums = np.zeros((CLASSES, samples))

    def update(self, x: Floats, classes: npt.NDArray[np.uint8]) -> None:
        """Add traces [n, samples], less the centre, of these classes [n]."""
        self._counts += np.bincount(classes, minlength=CLASSES)
        add_by_class(x, classes, self._sums)

    def value(self, squares: Floats) -> tuple[Floats, Floats]:
        """Return the SNR and the p-value of F [samples]: 0 and 1 where nothing varies.

        `squares` are the sums of the squares of all traces, less the centre.
        """
        n, seen = int(self._counts.sum()), self._counts > 0
        between_dof, within_dof = int(seen.sum()) - 1, n - int(seen.sum())
        ratio, p = np.zeros_like(squares), np.ones_like(squares)
        if between_dof < 1 or within_dof < 1:
            return ratio, p
        shift = self._sums.sum(axis=0) ** 2 / n
        between = (self._sums[seen] ** 2 / self._counts[seen, np.newaxis]).sum(axis=0) - shift
        total = squares - shift
        total[total <= EPSILON * squares] = 0.0
        within = np.maximum(total - between, 0.0)
        within[within <= EPSILON * total] = 0.0
        noise = within / within_dof
        noisy = noise > 0
        ratio[noisy] = np.maximum(between[noisy] - between_dof * noise[noisy], 0.0) / (n * noise[noisy])
        p[noisy] = special.fdtrc(between_dof, within_dof, np.maximum(between[noisy], 0) / (between_dof * noise[noisy]))
        alone = ~noisy & (total > 0)
        ratio[alone], p[alone] = np.inf, 0.0
        return ratio, p


def signal(x: Floats, classes: npt.NDArray[np.uint8]) -> tuple[Floats, Floats]:
    """Return the SNR and the p-value of F of each sample of `x` [n, samples] by `classes` [n]: 0 and 1 where nothing varies."""
    centre = x[0]
    sums = Signals(x.shape[1])
    sums.update(x - centre, classes)
    return sums.value(((x - centre) ** 2).sum(axis=0))


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
    step = max(1, STATE_BYTES // (8 * CLASSES * len(classes)))
    for first in range(0, len(considered), step):
        block = slice(first, first + step)
        samples = considered[block]
        centre = kept.traces[rows[0], samples].astype(np.float64)
        sums = [Signals(len(samples)) for _ in classes]
        squares, done = np.zeros(len(samples)), 0
        for chunk in kept.chunks(rows):
            check()
            x = chunk[:, samples] - centre
            squares += np.einsum("ij,ij->j", x, x)
            for of_byte, labels in zip(sums, classes, strict=True):
                of_byte.update(x, labels[done : done + len(x)])
            done += len(x)
        for byte, of_byte in enumerate(sums):
            ratios[byte, block], chances[byte, block] = of_byte.value(squares)
    return [_strongest(ratio, chance, considered, most) for ratio, chance in zip(ratios, chances, strict=True)]


def _strongest(ratio: Floats, chance: Floats, considered: npt.NDArray[np.intp], most: int) -> Points:
    stands_out = chance * len(considered) < SIGNIFICANCE
    among = np.flatnonzero(stands_out if stands_out.any() else chance < 1)
    # By p-value where nothing is significant: the SNR is 0 for most of those.
    order = among[np.lexsort((considered[among], chance[among], -ratio[among]))][:most]
    return Points(considered[order], ratio[order], int(stands_out.sum()))
