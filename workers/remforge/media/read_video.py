"""Videos, read by FFmpeg: scenes, motion, keyframes."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter
from PIL import Image

from jobs.rem import VideoQualia
from workers.remforge.decoding import Pixels, View
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
from workers.remforge.media.keyframes import Keyframes
from workers.remforge.media.kinds import Kind
from workers.remforge.media.limits import DECODED_PIXELS, LOOK_S, MAX_FRAME_PIXELS, MAX_FRAMES
from workers.remforge.media.reasons import Reason, refused
from workers.remforge.media.scenes import HEIGHT, WIDTH, Scenes

FASTEST = 1000.0
"""Frames a second that are believed."""
LYING = 2
"""How many times more pixels are decoded than the header led to expect, before it is called a lie."""


@dataclass(frozen=True, slots=True)
class Film:
    """A video's measures, views [n, crop, crop, 3] of its keyframes, and warnings."""

    qualia: VideoQualia
    views: dict[View, Pixels]
    warnings: tuple[str, ...]


def read_video(file: BinaryIO, kind: Kind, views: tuple[View, ...]) -> Film:
    """Read the first video of a container, LOOK_S of it at most; raise InvalidInput, `no-frames` where none is whole.

    Of a video with more than DECODED_PIXELS only the key frames are decoded, and its cuts and motion are theirs.
    """
    with opened(file, kind) as container:
        stream, _ = streams(container)
        if stream is None:
            raise refused(Reason.NO_FRAMES, "The file holds no pictures.")
        watcher = _Watcher(container, stream, views)
        watcher.watch()
    return watcher.film()


class _Watcher:
    """Sees frame by frame."""

    def __init__(self, container: Container, stream: Stream, views: tuple[View, ...]) -> None:
        self._container, self._stream = container, stream
        self._rate = _rate(stream)
        self._stated_s = seconds(container, stream)
        self._scenes, self._keyframes = Scenes(), Keyframes(views)
        self._small = VideoReformatter()
        self._turns, self._size = 0, (0, 0)
        self._broken, self._pixels = 0, 0
        self._first_s: float | None = None
        self._last_s = 0.0
        self._stopped = False
        _check(stream.codec_context.width, stream.codec_context.height)
        self._keys_only = self._expected_pixels() > DECODED_PIXELS
        stream.codec_context.thread_count = 1
        if self._keys_only:
            stream.codec_context.skip_frame = "NONKEY"

    def watch(self) -> None:
        for at_s, frame in self._frames():
            self._pixels += frame.width * frame.height
            small = attempted(partial(self._copy, frame))
            if small is None:
                self._broken += 1
                continue
            if at_s >= LOOK_S or self._scenes.frames >= MAX_FRAMES or self._pixels > LYING * DECODED_PIXELS:
                self._stopped = True
                return
            if not self._scenes.frames:
                self._turns = round(frame.rotation / 90) % 4
                self._size = (frame.width, frame.height)
            self._last_s = max(at_s, self._last_s)
            begins = self._scenes.see(at_s, small)
            self._keyframes.offer(at_s, begins=begins, picture=partial(self._picture, frame))

    def film(self) -> Film:
        if not self._scenes.frames:
            raise refused(Reason.NO_FRAMES, "The video has no frame that can be decoded.")
        keyframes, views = self._keyframes.chosen()
        width, height = self._size[::-1] if self._turns % 2 else self._size
        qualia = VideoQualia(
            duration_s=round(self._duration_s(), 6),
            width=width,
            height=height,
            frame_rate=self._rate,
            keyframes=keyframes,
            motion=self._scenes.motion,
            scene_cuts=tuple(round(at, 6) for at in self._scenes.cuts) if self._scenes.frames > 1 else None,
        )
        return Film(qualia, views, tuple(self._warnings()))

    def _frames(self) -> Iterator[tuple[float, Frame]]:
        """Yield frames and when they are shown, in seconds from the first."""
        number = 0
        for packet in packets(self._container, self._stream):
            frames = decoded(packet)
            if frames is None:
                self._broken += 1
                continue
            for frame in frames:
                _check(frame.width, frame.height)
                shown_s = number / (self._rate or 25.0) if frame.time is None else float(frame.time)
                number += 1
                if self._first_s is None:
                    self._first_s = shown_s
                yield max(shown_s - self._first_s, 0.0), frame

    def _copy(self, frame: Frame) -> Pixels:
        small = self._small.reformat(frame, WIDTH, HEIGHT, "rgb24", interpolation=Interpolation.AREA)
        return np.asarray(small.to_ndarray(), dtype=np.uint8)

    def _picture(self, frame: Frame) -> Image.Image:
        pixels = frame.to_ndarray(format="rgb24")
        return Image.fromarray(np.ascontiguousarray(np.rot90(pixels, self._turns)))

    def _expected_pixels(self) -> float:
        """Return how many pixels all frames that would be looked at have, by the header."""
        length_s = min(self._stated_s or LOOK_S, LOOK_S)
        count = length_s * (self._rate or 25.0)
        if self._stream.frames and self._stated_s is not None and self._stated_s <= LOOK_S:
            count = float(self._stream.frames)
        size = self._stream.codec_context.width * self._stream.codec_context.height
        return math.inf if count > MAX_FRAMES else count * size

    def _duration_s(self) -> float:
        seen = self._last_s + (1 / self._rate if self._rate else 0.0)
        return seen if self._stated_s is None else max(self._stated_s, self._last_s)

    def _warnings(self) -> Iterator[str]:
        if self._broken:
            yield f"{self._broken} parts of the video could not be decoded."
        if self._keys_only:
            yield "The video is long; of its frames only the key frames were looked at."
        if self._stopped:
            yield f"Of the video the first {self._last_s:.0f} s were looked at."
        elif not self._keys_only and self._stated_s and self._last_s < 0.9 * self._stated_s - 1:
            yield f"The video ends early: {self._last_s:.1f} s of {self._stated_s:.1f} s are there."


def _rate(stream: Stream) -> float | None:
    rate = stream.average_rate or stream.guessed_rate
    return float(rate) if rate and 0 < rate <= FASTEST else None


def _check(width: int, height: int) -> None:
    if width * height > MAX_FRAME_PIXELS:
        raise refused(
            Reason.TOO_MANY_PIXELS, f"A frame has at most {MAX_FRAME_PIXELS} pixels; this has {width} x {height}."
        )
