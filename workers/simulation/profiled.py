"""What is learnt of a device: Gaussians with one covariance, whose means depend on a byte.

Templates (Chari, Rao, Rohatgi 2002), with one covariance for all classes (Choudary, Kuhn 2013), in the subspace of
Fisher's linear discriminant analysis (Standaert, Archambeau 2008): with Sw the covariance within classes and Sb that of
the class means, the columns of V solve Sb v = l Sw v, V' Sw V = 1, largest l first. V' x then has unit covariance.

The stochastic model (Schindler, Lemke, Paar 2005): the mean at each point is a linear combination of functions of the
byte's bits, by least squares; the covariance is that of the residuals, over n - (number of functions). The paper takes
other traces for the covariance; dividing by the degrees of freedom left makes the same ones unbiased.
"""

from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import linalg

from workers.simulation.points import add_by_class

VALUES = 256
RIDGE = 1e-6
"""Of the mean variance of the points, added to every covariance: where nothing but the byte varies there is none."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Gaussian:
    """A Gaussian of unit covariance for each value, behind a projection."""

    centre: Floats
    """[points] subtracted first."""
    projection: Floats
    """[points, dimensions]"""
    means: Floats
    """[256, dimensions] by the value of the byte."""

    def scores(self, x: Floats) -> Floats:
        """Return the log-likelihood of each value [n, 256] given points `x` [n, points], up to a term of each trace."""
        projected = (x - self.centre) @ self.projection
        return np.asarray(projected @ self.means.T - 0.5 * np.einsum("ij,ij->i", self.means, self.means))


def templates(
    x: Floats, classes: npt.NDArray[np.uint8], class_of: npt.NDArray[np.uint8], *, dimensions: int | None
) -> Gaussian:
    """Learn templates from points `x` [n, points] of traces of these `classes` [n]; `class_of` [256] is that of a value.

    All directions are kept where `dimensions` is None. A class without traces gets its mean from the line through those
    of the others, weighted by their traces: that is for Hamming weights, of which 0 and 8 are rare.
    """
    count = int(class_of.max()) + 1
    n_of = np.bincount(classes, minlength=count)
    centre = x.mean(axis=0)
    centred = x - centre
    sums = np.zeros((count, x.shape[1]))
    add_by_class(centred, classes, sums)
    means = sums / np.maximum(n_of, 1)[:, np.newaxis]
    if (n_of == 0).any():
        line = np.polynomial.polynomial.polyfit(np.arange(count), means, 1, w=np.sqrt(n_of))
        means[n_of == 0] = np.polynomial.polynomial.polyval(np.flatnonzero(n_of == 0), line).T
    between = (means * n_of[:, np.newaxis]).T @ means
    within = _regular((centred.T @ centred - between) / max(len(x) - int(np.count_nonzero(n_of)), 1), centred)
    # eigh gives ascending eigenvalues and V' within V = 1.
    _, vectors = linalg.eigh(between, within) if x.shape[1] else (None, np.zeros((0, 0)))
    projection = np.asarray(vectors[:, ::-1][:, :dimensions], np.float64)
    return Gaussian(centre, projection, (means @ projection)[class_of])


def basis(values: npt.NDArray[np.uint8], kind: Literal["bits", "pairs"]) -> Floats:
    """Return the functions of each value [n, functions]: 1, the eight bits, and with `pairs` their products of two."""
    bits = ((values[:, np.newaxis] >> np.arange(8)) & 1).astype(np.float64)
    columns = [np.ones(len(values)), *bits.T]
    if kind == "pairs":
        columns += [bits[:, one] * bits[:, other] for one, other in combinations(range(8), 2)]
    return np.stack(columns, axis=1)


def stochastic(
    x: Floats,
    values: npt.NDArray[np.uint8],
    intermediate: npt.NDArray[np.uint8],
    kind: Literal["bits", "pairs"],
) -> tuple[Gaussian, Floats]:
    """Learn the stochastic model of `intermediate` [256] from points `x` [n, points] of traces with these `values` [n].

    Return it and its coefficients [functions, points]. Raise ValueError for no more traces than functions.
    """
    functions = basis(intermediate, kind)
    design = functions[values]
    n, unknown = design.shape
    if n <= unknown:
        raise ValueError(f"{n} traces do not determine {unknown} coefficients and a covariance")
    # Normal equations of few unknowns, all of them 0 or 1; the pseudoinverse is for functions that were never seen apart.
    coefficients = np.linalg.pinv(design.T @ design, hermitian=True) @ (design.T @ x)
    left = x - design @ coefficients
    covariance = _regular(left.T @ left / (n - unknown), x - x.mean(axis=0))
    # With covariance = L L', the columns of inv(L)' whiten.
    projection = (
        linalg.solve_triangular(np.linalg.cholesky(covariance), np.eye(x.shape[1]), lower=True).T
        if x.shape[1]
        else np.zeros((0, 0))
    )
    centre = coefficients[0]
    return Gaussian(centre, projection, (functions @ coefficients - centre) @ projection), coefficients


def _regular(covariance: Floats, centred: Floats) -> Floats:
    if not covariance.size:
        return covariance
    return np.asarray(covariance + RIDGE * np.mean(centred**2) * np.eye(len(covariance)))
