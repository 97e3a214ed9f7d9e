"""The colours of a picture: how many kinds there are, and which cover most of it."""

import numpy as np
from numpy.typing import NDArray

from jobs.rem import Colour
from workers.remforge.decoding import Pixels
from workers.remforge.media.shares import evenness, share

LEVELS = 8
"""Of each of red, green and blue, to count colours by: 512 in all."""
MOST = 5
APART = 48.0
"""Euclidean distance in RGB below which two colours are told as one."""
LEAST = 0.01
"""Share of the picture below which a colour is not told."""
ROUNDS = 16

Floats = NDArray[np.float64]


def diversity(pixels: Pixels) -> float:
    """Return the entropy of the histogram of 512 colours over its greatest, 9 bits."""
    return evenness(np.bincount(_bins(pixels), minlength=LEVELS**3))


def dominant(pixels: Pixels) -> tuple[Colour, ...]:
    """Return at most MOST colours, most of the picture first.

    k-means over the means of the 512 colours, weighted by how often they occur. It starts from the commonest and goes on
    with those that are both common and far from what was taken, so that equal pictures give equal colours.
    """
    bins = _bins(pixels)
    counts = np.bincount(bins, minlength=LEVELS**3).astype(np.float64)
    flat = pixels.reshape(-1, 3)
    sums = np.stack([np.bincount(bins, weights=flat[:, band], minlength=LEVELS**3) for band in range(3)], axis=1)
    used = counts > 0
    weights = counts[used] / counts.sum()
    points = sums[used] / counts[used, None]
    centres = _settled(points, weights, _starts(points, weights))
    nearest = _nearest(points, centres)
    shares = np.bincount(nearest, weights=weights, minlength=len(centres))
    order = sorted(range(len(centres)), key=lambda one: (-shares[one], tuple(centres[one])))
    return tuple(
        Colour(hex="#{:02x}{:02x}{:02x}".format(*np.rint(centres[one]).astype(int)), share=round(share(shares[one]), 6))
        for one in order
        if shares[one] >= LEAST
    )


def _bins(pixels: Pixels) -> NDArray[np.int64]:
    levels = (pixels.reshape(-1, 3) // (256 // LEVELS)).astype(np.int64)
    return np.asarray(levels @ np.array([LEVELS**2, LEVELS, 1]))


def _distances(points: Floats, centres: Floats) -> Floats:
    """Return [points, centres] Euclidean distances."""
    squares = (points**2).sum(axis=1)[:, None] - 2 * points @ centres.T + (centres**2).sum(axis=1)[None]
    return np.asarray(np.sqrt(np.maximum(squares, 0)))


def _nearest(points: Floats, centres: Floats) -> NDArray[np.int64]:
    return np.asarray(_distances(points, centres).argmin(axis=1))


def _starts(points: Floats, weights: Floats) -> Floats:
    chosen = [int(weights.argmax())]
    while len(chosen) < MOST:
        away = _distances(points, points[chosen]).min(axis=1)
        best = int((weights * away**2 * (away >= APART)).argmax())
        if away[best] < APART:
            break
        chosen.append(best)
    return points[chosen]


def _settled(points: Floats, weights: Floats, centres: Floats) -> Floats:
    for _ in range(ROUNDS):
        nearest = _nearest(points, centres)
        masses = np.bincount(nearest, weights=weights, minlength=len(centres))
        sums = np.stack(
            [np.bincount(nearest, weights=weights * band, minlength=len(centres)) for band in points.T], axis=1
        )
        moved = np.where(masses[:, None] > 0, sums / np.maximum(masses, 1e-12)[:, None], centres)
        if np.allclose(moved, centres, atol=1e-3):
            break
        centres = moved
    return centres
