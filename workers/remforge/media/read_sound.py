"""Sound, read by FFmpeg: one channel at RATE_HZ, as models want it and as it is measured."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

import av
import numpy as np

from workers.remforge.decoding import RATE_HZ, Samples
from workers.remforge.media.containers import (
    Container,
    Frame,
    Stream,
    attempted,
    decoded,
    opened,
    packets,
    seconds,
    streams,
)
from workers.remforge.media.kinds import Kind
from workers.remforge.media.limits import LOOK_S
from workers.remforge.media.reasons import Reason, refused

ENDS_EARLY = 0.95
"""Share of the length that a file says it has, of which less is told."""


@dataclass(frozen=True, slots=True)
class Sound:
    """Samples [n] at RATE_HZ, -1 to 1; how long all of it is; warnings."""

    samples: Samples
    duration_s: float
    warnings: tuple[str, ...]


def read_sound(file: BinaryIO, kind: Kind) -> Sound:
    """Read the first sound of a container, LOOK_S of it at most; raise InvalidInput.

    What ends early, or has parts that cannot be decoded, is read as far as it goes, with a warning.
    """
    with opened(file, kind) as container:
        _, stream = streams(container)
        if stream is None:
            raise refused(Reason.UNSUPPORTED, "The file holds no sound.")
        # The length of a whole video is not that of its sound.
        stated = seconds(container, stream) if stream.duration or not container.streams.video else None
        listener = _Listener(int(LOOK_S * RATE_HZ))
        listener.hear(container, stream)
    return listener.sound(stated)


class _Listener:
    """Takes samples until it has enough."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._parts: list[Samples] = []
        self._length = 0
        self._broken = 0
        self._resampler: av.AudioResampler | None = None
        self._shape: tuple[object, ...] = ()

    def hear(self, container: Container, stream: Stream) -> None:
        for packet in packets(container, stream):
            frames = decoded(packet)
            if frames is None:
                self._broken += 1
                continue
            for frame in frames:
                self._take(partial(self._resampled, frame))
                if self._length >= self._limit:
                    return
        self._take(self._rest)

    def sound(self, stated_s: float | None) -> Sound:
        if not self._length:
            if self._broken:
                raise refused(Reason.BROKEN, "The sound cannot be decoded.")
            raise refused(Reason.EMPTY, "There is no sound in the file.")
        samples = np.concatenate(self._parts)[: self._limit]
        warnings = []
        finite = np.isfinite(samples)
        if not finite.all():
            warnings.append("Samples that are no numbers were taken as silence.")
            samples = np.where(finite, samples, np.float32(0))
        whole = self._length < self._limit
        heard_s = len(samples) / RATE_HZ
        if self._broken:
            warnings.append(f"{self._broken} parts of the sound could not be decoded.")
        if not whole:
            warnings.append(f"Of the sound the first {LOOK_S:.0f} s were looked at.")
        elif stated_s is not None and heard_s < ENDS_EARLY * stated_s:
            warnings.append(f"The sound ends early: {heard_s:.1f} s of {stated_s:.1f} s are there.")
        duration_s = heard_s if whole or stated_s is None else max(stated_s, heard_s)
        return Sound(np.clip(samples, -1, 1, dtype=np.float32), duration_s, tuple(warnings))

    def _resampled(self, frame: Frame) -> Iterator[Frame]:
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if shape != self._shape:
            yield from self._rest()
            self._resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE_HZ)
            self._shape = shape
        frame.pts = None
        if self._resampler is not None:
            yield from self._resampler.resample(frame)

    def _rest(self) -> Iterator[Frame]:
        if self._resampler is not None:
            yield from self._resampler.resample(None)

    def _take(self, resampled: Callable[[], Iterator[Frame]]) -> None:
        frames = attempted(lambda: list(resampled()))
        if frames is None:
            self._broken += 1
            # It may not be whole any more.
            self._resampler, self._shape = None, ()
        for frame in frames or ():
            part = frame.to_ndarray()[0].astype(np.float32, copy=False)
            self._parts.append(part)
            self._length += len(part)
