"""The port of decoders: a file becomes plain arrays and what was measured of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from jobs.rem import AudioQualia, ImageQualia, Modality, VideoQualia

Pixels = NDArray[np.uint8]
Samples = NDArray[np.float32]
RATE_HZ = 16_000
"""Of the samples that models get."""


@dataclass(frozen=True, slots=True)
class View:
    """A picture as a model wants it: its shorter side scaled to `short`, then the middle `crop` by `crop`."""

    short: int
    crop: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What models will be given."""

    views: tuple[View, ...] = ()
    samples: bool = False


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file that could be read."""

    modality: Modality
    media_type: str
    """As its content says, whatever its name does."""
    text: str | None = None
    image: ImageQualia | None = None
    audio: AudioQualia | None = None
    """Without what only models know."""
    video: VideoQualia | None = None
    views: Mapping[View, Pixels] = field(default_factory=dict)
    """[n, crop, crop, 3] RGB: one picture, or the keyframes of a video."""
    samples: Samples | None = None
    """[n] at RATE_HZ, -1 to 1, one channel."""
    warnings: tuple[str, ...] = ()


class Decoder(Protocol):
    """Reads files that strangers bring; may be called by several threads at once."""

    def decode(self, path: Path, *, name: str, media_type: str, wanted: Wanted) -> Decoded:
        """Read one file, within limits of time and memory; raise InvalidInput with a `reason`."""
