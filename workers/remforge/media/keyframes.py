"""The pictures that stand for a video: the first of each scene, and of each half minute of a long one."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from jobs.rem import Keyframe
from workers.remforge.decoding import Pixels, View
from workers.remforge.media.colours import dominant
from workers.remforge.media.image_measures import luma
from workers.remforge.media.limits import MAX_KEYFRAMES, THUMB
from workers.remforge.media.shares import share
from workers.remforge.media.views import cut, shrunk

EVERY_S = 30.0
HELD = 4 * MAX_KEYFRAMES
"""Candidates; with more of them every other one is let go, and later ones must lie further apart."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A frame that may be a keyframe, as far as it will be asked for."""

    keyframe: Keyframe
    views: dict[View, Pixels]


class Keyframes:
    """Holds candidates, in order."""

    def __init__(self, views: tuple[View, ...]) -> None:
        self._views = views
        self._held: list[Candidate] = []
        self._gap_s = 0.0

    def offer(self, at_s: float, *, begins: bool, picture: Callable[[], Image.Image]) -> None:
        """Take a frame, if it begins a scene or none was taken for long; `picture` makes its RGB picture."""
        since = at_s - self._held[-1].keyframe.at_s if self._held else np.inf
        if since < self._gap_s or not (begins or since >= EVERY_S):
            return
        self._held.append(_candidate(at_s, picture(), self._views))
        if len(self._held) > HELD:
            self._held = self._held[::2]
            self._gap_s = 2 * max(self._gap_s, at_s / HELD / 2)

    def chosen(self) -> tuple[tuple[Keyframe, ...], dict[View, Pixels]]:
        """Return at most MAX_KEYFRAMES, spread over the candidates from first to last, and views [n, crop, crop, 3]."""
        count = min(len(self._held), MAX_KEYFRAMES)
        places = np.rint(np.linspace(0, len(self._held) - 1, count)).astype(int)
        taken = [self._held[place] for place in places]
        views = {view: np.stack([one.views[view] for one in taken]) for view in self._views} if taken else {}
        return tuple(one.keyframe for one in taken), views


def _candidate(at_s: float, picture: Image.Image, views: tuple[View, ...]) -> Candidate:
    small = np.asarray(shrunk(picture, THUMB))
    colours = dominant(small)
    keyframe = Keyframe(
        at_s=round(at_s, 6), brightness=share(luma(small).mean() / 255), dominant_color=colours[0] if colours else None
    )
    return Candidate(keyframe, {view: cut(picture, view) for view in views})
