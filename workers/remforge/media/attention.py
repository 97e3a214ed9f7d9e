"""Where a picture draws the eye: the spectral residual of Hou and Zhang (2007)."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from jobs.rem import Attention

SIDE = 64
"""Pixels of the square that is looked at, as in the paper."""
SIGMA = 2.5
"""Pixels of the blur, as in the authors' program."""
ROUNDING = SIDE * 0.29
"""Amplitude that rounding to whole grey levels gives every frequency: what is weaker says nothing, and its log much."""
STANDS_OUT = 3.0
"""Times the mean saliency, from which something does, as in the paper."""
FLAT = 1.0
"""Standard deviation of luma, in grey levels, below which nothing stands out."""

Floats = NDArray[np.float32]
_BLUR = np.exp(-0.5 * (np.subtract.outer(np.arange(SIDE), np.arange(SIDE)) / SIGMA) ** 2)


def attention(grey: Floats) -> Attention | None:
    """Return the middle and the spread of what stands out of a picture's luma [h, w]; None where nothing does.

    The middle is the mean of the places that stand out, weighted by saliency, the spread the root of their mean square
    distance from it, both in shares of width and height.
    """
    if grey.std() < FLAT:
        return None
    found = saliency(grey)
    weights = np.where(found > STANDS_OUT * found.mean(), found, 0)
    if not weights.any():
        return None
    weights /= weights.sum()
    at = (np.arange(SIDE) + 0.5) / SIDE
    x, y = float(weights.sum(axis=0) @ at), float(weights.sum(axis=1) @ at)
    square = weights.sum(axis=0) @ (at - x) ** 2 + weights.sum(axis=1) @ (at - y) ** 2
    return Attention(center=(round(x, 6), round(y, 6)), spread=round(float(np.sqrt(square)), 6))


def saliency(grey: Floats) -> NDArray[np.float64]:
    """Return [SIDE, SIDE] shares that sum to 1.

    What remains of the log amplitude when its mean over 3 by 3 frequencies is taken away goes back with the phase; its
    square, blurred, is the saliency.
    """
    small = np.asarray(Image.fromarray(grey).resize((SIDE, SIDE), Image.Resampling.BOX), dtype=np.float64)
    spectrum = np.fft.fft2(small)
    amplitude = np.log(np.abs(spectrum) + ROUNDING)
    around = sum(np.roll(amplitude, (dy, dx), axis=(0, 1)) for dy in (-1, 0, 1) for dx in (-1, 0, 1)) / 9
    back = np.fft.ifft2(np.exp(amplitude - around + 1j * np.angle(spectrum)))
    blurred = _BLUR @ (np.abs(back) ** 2) @ _BLUR
    return np.asarray(blurred / blurred.sum())
