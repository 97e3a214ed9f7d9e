"""Where a video cuts to another scene, and how much moves in it, frame by frame on small copies."""

import numpy as np
from numpy.typing import NDArray

from workers.remforge.decoding import Pixels
from workers.remforge.media.image_measures import luma

WIDTH, HEIGHT = 64, 36
"""Pixels of the copies."""
LEVELS = 4
"""Of each of red, green and blue, to compare colours by."""
CUT = 0.5
"""Share of the pixels whose colour must change, quarter by quarter, for a cut."""
SHORTEST_S = 0.25
"""Of a scene: what changes back sooner was a flash."""
STEP_S = 0.2
"""Between the frames whose difference is motion."""

Floats = NDArray[np.float32]


class Scenes:
    """Frames in their order; `see` says whether one begins a scene."""

    def __init__(self) -> None:
        self.cuts: list[float] = []
        self.frames = 0
        self._begun = -np.inf
        self._before: NDArray[np.int64] | None = None
        self._sample: tuple[float, Floats] | None = None
        self._moved: list[float] = []

    def see(self, at_s: float, small: Pixels) -> bool:
        """Take the next frame [HEIGHT, WIDTH, 3]; return whether it begins a scene, as the first one does."""
        self.frames += 1
        self._move(at_s, small)
        counts = quarters(small)
        before, self._before = self._before, counts
        if before is None:
            self._begun = at_s
            return True
        if at_s - self._begun < SHORTEST_S or distance(before, counts) < CUT:
            return False
        self._begun = at_s
        self.cuts.append(at_s)
        return True

    @property
    def motion(self) -> float | None:
        """Return the mean absolute change of luma between frames STEP_S apart, of its range; None for one frame."""
        return min(float(np.mean(self._moved)), 1.0) if self._moved else None

    def _move(self, at_s: float, small: Pixels) -> None:
        if self._sample is not None and at_s - self._sample[0] < STEP_S - 1e-6:
            return
        grey = luma(small)
        if self._sample is not None:
            self._moved.append(float(np.abs(grey - self._sample[1]).mean()) / 255)
        self._sample = (at_s, grey)


def quarters(small: Pixels) -> NDArray[np.int64]:
    """Return [4, LEVELS**3] counts of colours in each quarter of a frame."""
    colours = (small // (256 // LEVELS)).astype(np.int64) @ np.array([LEVELS**2, LEVELS, 1])
    half, middle = colours.shape[0] // 2, colours.shape[1] // 2
    parts = (colours[:half, :middle], colours[:half, middle:], colours[half:, :middle], colours[half:, middle:])
    return np.stack([np.bincount(part.ravel(), minlength=LEVELS**3) for part in parts])


def distance(one: NDArray[np.int64], other: NDArray[np.int64]) -> float:
    """Return the share of pixels whose colour is another, 0 to 1: half the sum of the differences of the counts."""
    return float(np.abs(one - other).sum() / (one.sum() + other.sum()))
