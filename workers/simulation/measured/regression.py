"""Least squares of measured power on simulated activity, by class of instruction, from sums that are kept by fold.

Instructions of a class draw different power for reasons that the model does not know (what was fetched, what ran before).
So the mean of each instruction is taken out first, and what is fitted is what depends on data:

    y - mean_i(y) = b[class] . (x - mean_i(x)),  x: register weight, distance, bus weight, distance, low byte

as in McCann, Oswald, Whitnall 2017 (ELMO), whose models are linear in such activity by class. R^2 is cross-validated: each
fold is predicted by means and coefficients of the others, and compared with what the means alone predict.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workers.simulation.measured.aligned import TERMS

Floats = npt.NDArray[np.float64]
TINY = 1e-9


@dataclass(slots=True)
class FoldSums:
    """Sums over the traces of each fold, about an origin for each instruction that keeps them small."""

    counts: npt.NDArray[np.int64]
    """[folds]"""
    x: Floats
    """[folds, instructions, 5]"""
    y: Floats
    """[folds, instructions]"""
    xx: Floats
    """[folds, instructions, 5, 5]"""
    xy: Floats
    """[folds, instructions, 5]"""
    yy: Floats
    """[folds, instructions]"""
    origin: Floats
    """[instructions] of y"""

    @classmethod
    def empty(cls, folds: int, origin: Floats) -> "FoldSums":
        """Return the sums of no traces."""
        shape = (folds, len(origin))
        return cls(
            np.zeros(folds, np.int64),
            np.zeros((*shape, TERMS)),
            np.zeros(shape),
            np.zeros((*shape, TERMS, TERMS)),
            np.zeros((*shape, TERMS)),
            np.zeros(shape),
            origin,
        )

    def add(self, fold: int, x: Floats, y: Floats) -> None:
        """Add traces of a fold: x [n, instructions, 5], y [n, instructions]."""
        y = y - self.origin
        self.counts[fold] += len(y)
        self.x[fold] += x.sum(axis=0)
        self.y[fold] += y.sum(axis=0)
        self.xx[fold] += np.einsum("nij,nik->ijk", x, x, optimize=True)
        self.xy[fold] += np.einsum("nij,ni->ij", x, y, optimize=True)
        self.yy[fold] += (y * y).sum(axis=0)

    def without(self, fold: int | None) -> "Centred":
        """Return the sums of all folds but one, about the means of each instruction."""
        chosen = np.ones(len(self.counts), bool)
        if fold is not None:
            chosen[fold] = False
        n = int(self.counts[chosen].sum())
        x, y = self.x[chosen].sum(axis=0) / max(n, 1), self.y[chosen].sum(axis=0) / max(n, 1)
        return self._about(chosen, x, y)

    def only(self, fold: int, about: "Centred") -> "Centred":
        """Return the sums of one fold about the means of others."""
        chosen = np.zeros(len(self.counts), bool)
        chosen[fold] = True
        return self._about(chosen, about.x, about.y)

    def _about(self, chosen: npt.NDArray[np.bool_], x: Floats, y: Floats) -> "Centred":
        n = int(self.counts[chosen].sum())
        sx, sy = self.x[chosen].sum(axis=0), self.y[chosen].sum(axis=0)
        xx = self.xx[chosen].sum(axis=0) - _outer(sx, x) - _outer(x, sx) + n * _outer(x, x)
        xy = self.xy[chosen].sum(axis=0) - sx * y[:, None] - x * sy[:, None] + n * x * y[:, None]
        yy = self.yy[chosen].sum(axis=0) - 2 * y * sy + n * y * y
        return Centred(n, x, y, xx, xy, np.maximum(yy, 0.0))


@dataclass(frozen=True, slots=True)
class Centred:
    """Sums of products about a mean of each instruction."""

    count: int
    x: Floats
    """[instructions, 5] the means"""
    y: Floats
    """[instructions] about the origin"""
    xx: Floats
    xy: Floats
    yy: Floats


@dataclass(frozen=True, slots=True)
class Fit:
    """The coefficients of some instructions together."""

    values: Floats
    """[5] 0 where nothing varied"""
    varied: npt.NDArray[np.bool_]
    """[5]"""
    errors: Floats
    """[5] standard errors; NaN where a coefficient cannot be told from others"""
    residual: float
    """Variance of what is left."""


def fitted(sums: Centred, chosen: npt.NDArray[np.bool_]) -> Fit | None:
    """Fit the chosen instructions together [instructions]; None where nothing of them varied."""
    xx, xy, yy = sums.xx[chosen].sum(axis=0), sums.xy[chosen].sum(axis=0), float(sums.yy[chosen].sum())
    spread = np.diag(xx)
    varied = spread > TINY * max(float(spread.max(initial=0.0)), 1.0)
    if not varied.any():
        return None
    scale = np.sqrt(spread[varied])
    correlations = xx[np.ix_(varied, varied)] / np.outer(scale, scale)
    inverse = np.linalg.pinv(correlations, rcond=1e-9, hermitian=True)
    values = np.zeros(TERMS)
    values[varied] = inverse @ (xy[varied] / scale) / scale
    left = max(yy - float(values @ xy), 0.0)
    freedom = max(int(chosen.sum()) * (sums.count - 1) - int(varied.sum()), 1)
    errors = np.full(TERMS, np.nan)
    # Where the matrix has no full rank, what is estimated is a sum of coefficients and not each.
    alone = np.isclose(np.diag(correlations @ inverse), 1.0, atol=1e-6)
    errors[np.flatnonzero(varied)[alone]] = (np.sqrt(left / freedom * np.diag(inverse)) / scale)[alone]
    return Fit(values, varied, errors, left / freedom)


@dataclass(frozen=True, slots=True)
class Validated:
    """How well folds were predicted by the others: sums of squares [folds, instructions]."""

    left: Floats
    """With the coefficients."""
    all: Floats
    """With the means alone."""

    def r2(self, chosen: npt.NDArray[np.bool_]) -> float | None:
        """Return R^2 of the chosen instructions together; None where nothing varied at all."""
        total = float(self.all[:, chosen].sum())
        return 1.0 - float(self.left[:, chosen].sum()) / total if total > 0 else None

    def by_fold(self) -> Floats:
        """Return R^2 of each fold over all instructions [folds]; 0 where nothing varied."""
        total = self.all.sum(axis=1)
        return np.asarray(np.where(total > 0, 1.0 - self.left.sum(axis=1) / np.where(total > 0, total, 1.0), 0.0))


def validated(sums: FoldSums, groups: npt.NDArray[np.int64]) -> Validated:
    """Predict each fold by the others; instructions of one group [instructions] share coefficients, -1 all of them."""
    left, all_ = np.zeros_like(sums.yy), np.zeros_like(sums.yy)
    everything = np.ones(sums.yy.shape[1], bool)
    for fold in range(len(sums.counts)):
        train = sums.without(fold)
        test = sums.only(fold, train)
        values = np.zeros((sums.yy.shape[1], TERMS))
        pooled = fitted(train, everything)
        if pooled is not None:
            values[:] = pooled.values
        for group in np.unique(groups[groups >= 0]):
            own = fitted(train, groups == group)
            if own is not None:
                values[groups == group] = own.values
        left[fold] = (
            test.yy
            - 2 * np.einsum("ij,ij->i", values, test.xy)
            + np.einsum("ij,ijk,ik->i", values, test.xx, values, optimize=True)
        )
        all_[fold] = test.yy
    return Validated(left, all_)


def _outer(a: Floats, b: Floats) -> Floats:
    return np.asarray(a[:, :, None] * b[:, None, :])
