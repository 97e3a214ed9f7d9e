"""Signal-to-noise ratio per byte and sample (Mangard 2004), from class sums.

    SNR = Var_v(E[x | v]) / E_v(Var[x | v])

Classes are the values of a plaintext byte. With a constant key the S-box output is a relabelling of that byte, and so
is every other bijection of it: the SNR is the same.

The means of classes of n_v traces vary by noise/n_v even where nothing leaks. With C classes, n traces and the mean
square within classes W = SSW / (n - C), the sum of squares between them is SSB on average n signal + (C - 1) W, so

    signal = max(0, (SSB - (C - 1) W) / n),    noise = W
"""

import numpy as np
import numpy.typing as npt
from numba import njit

from workers.simulation.cpa import ClassSums
from workers.simulation.dyadic import Sums as Rows
from workers.simulation.moments import Group
from workers.simulation.targets import Sums

FEWEST_WITHIN = 30
"""Traces beyond one for each class, from which what varies within classes is known well enough to divide by: the relative
standard deviation of a variance with so many degrees of freedom is sqrt(2 / 30), a quarter."""


def absent(sums: Sums) -> str | None:
    """Say why sums of an attack tell no ratio; None where they do."""
    if not isinstance(sums, ClassSums):
        return "the prediction depends on two bytes, so traces have no classes"
    classes = int(np.count_nonzero(sums.counts, axis=1).max(initial=0))
    if sums.count - classes < FEWEST_WITHIN:
        return (
            f"too few traces: a byte has {classes} values in {sums.count} of them, and noise is told from signal by "
            f"{FEWEST_WITHIN} traces more than values"
        )
    return None


def snr(classes: ClassSums) -> npt.NDArray[np.float64]:
    """Return the SNR [bytes, samples]: 0 where nothing varies, inf where only the class does.

    A byte whose classes hold one trace each, or which has one class, shows nothing: 0.
    """
    first, second = classes.totals
    count = classes.count
    zero = np.zeros_like(first)
    centre, moved = Group(count, np.stack([first, second, zero, zero])).centred()
    out = np.zeros((len(classes.counts), classes.samples))
    for byte, span, sums in classes.pieces():
        counts = classes.counts[byte]
        seen = np.flatnonzero(counts)
        if len(seen) < 2 or count == len(seen):
            continue
        between = _between(sums.copy(), counts, centre[span])
        shift = moved[0, span].astype(np.float64)
        total = moved[1, span] - shift * shift / count
        between -= shift * shift / count
        alone = _constant_within(sums[seen], counts[seen], second[span], total - between <= 1e-9 * total)
        noise = np.where(alone, 0.0, np.maximum(total - between, 0.0)) / (count - len(seen))
        signal = np.maximum(between - (len(seen) - 1) * noise, 0.0) / count
        here = out[byte, span]
        np.divide(signal, noise, out=here, where=noise > 0)
        here[alone & (total > 0)] = np.inf
    return out


def _constant_within(
    sums: Rows,
    counts: npt.NDArray[np.int64],
    second: npt.NDArray[np.int64],
    candidates: npt.NDArray[np.bool_],
) -> npt.NDArray[np.bool_]:
    """Return which of the candidate samples are constant within every class [samples], by exact arithmetic.

    By Cauchy and Schwarz a class of n integers is constant exactly if n divides their sum and sum^2 / n is the sum of
    their squares.
    """
    out = np.zeros(len(candidates), np.bool_)
    chosen = sums[:, candidates].astype(np.int64)
    each, rest = np.divmod(chosen, counts[:, None])
    out[candidates] = (rest == 0).all(axis=0) & ((chosen * each).sum(axis=0) == second[candidates])
    return out


@njit(cache=True, nogil=True)
def _between(sums: Rows, counts: npt.NDArray[np.int64], centre: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return sum_v (CS_v - n_v c)^2 / n_v [samples]."""
    out = np.zeros(sums.shape[1])
    for value in range(len(counts)):
        if counts[value] > 0:
            row, n = sums[value], counts[value]
            for j in range(len(out)):
                moved = np.float64(row[j] - n * centre[j])
                out[j] += moved * moved / np.float64(n)
    return out
