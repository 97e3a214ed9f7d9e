"""What goes between a pool and its children: a frame is a mark, a length, and so many bytes of JSON.

A pool asks with one frame and, beside it, the open file. A child answers with one frame, after which come the bytes of
text, samples and views, whose sizes follow from what the frame says and what was asked. Nothing of it is code.
"""

import socket
import struct
import time
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from jobs.rem import AudioQualia, ImageQualia, Modality, VideoQualia
from workers.remforge.decoding import RATE_HZ
from workers.remforge.media.limits import LOOK_S, MAX_KEYFRAMES, MAX_WARNING, MAX_WARNINGS, TEXT_BYTES
from workers.remforge.media.reasons import Reason

MARK = b"rem1"
HEAD = struct.Struct("<4sI")
MAX_HEADER = 256 << 10
"""Bytes of JSON: ten minutes of cuts four times a second take a fraction."""
MAX_CUTS = 5000
_Line = Annotated[str, StringConstraints(max_length=MAX_WARNING)]


class Nonsense(Exception):
    """The other side said something that is not in the protocol."""


class Ended(Exception):
    """The other side closed the socket."""


class _Frame(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Ask(_Frame):
    """Read the file that comes along; views are (short, crop)."""

    name: str
    media_type: str
    views: tuple[tuple[int, int], ...]
    samples: bool
    cpu_s: int
    deadline_s: float


class Ready(_Frame):
    """A child waits for its first file."""

    ready: Literal[True] = True


class Refused(_Frame):
    """The file is not taken."""

    reason: Reason
    message: Annotated[str, StringConstraints(max_length=500)]


class Found(_Frame):
    """What was read; bytes of text in UTF-8, then samples, then as many pictures as there are of each view asked for."""

    modality: Modality
    media_type: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.+-]+/[a-z0-9.+-]+$", max_length=100)]
    image: ImageQualia | None
    audio: AudioQualia | None
    video: VideoQualia | None
    warnings: Annotated[tuple[_Line, ...], Field(max_length=MAX_WARNINGS)]
    text_bytes: Annotated[int, Field(ge=1, le=4 * TEXT_BYTES)] | None
    samples: Annotated[int, Field(ge=1, le=int(LOOK_S * RATE_HZ))] | None
    pictures: int = Field(ge=0, le=MAX_KEYFRAMES)

    @model_validator(mode="after")
    def _has_what_its_modality_has(self) -> Self:
        there = {
            Modality.TEXT: self.text_bytes is not None,
            Modality.IMAGE: self.image is not None,
            Modality.AUDIO: self.audio is not None,
            Modality.VIDEO: self.video is not None,
        }
        more = sum(there.values()) - (self.modality is Modality.VIDEO and self.audio is not None)
        if not there[self.modality] or more != 1:
            raise ValueError("sections and modality differ")
        if self.video is not None and (
            len(self.video.keyframes) > MAX_KEYFRAMES or len(self.video.scene_cuts or ()) > MAX_CUTS
        ):
            raise ValueError("too many keyframes or cuts")
        return self


def framed(frame: BaseModel) -> bytes:
    """Return a frame as bytes."""
    said = frame.model_dump_json().encode()
    return HEAD.pack(MARK, len(said)) + said


class Line:
    """A socket whose other end may be hostile: everything ends by `until`, a time of `time.monotonic`."""

    def __init__(self, own: socket.socket, *, until: float) -> None:
        self._socket = own
        self._until = until

    def ask(self, frame: bytes, file: int) -> None:
        """Send a frame and an open file; raise TimeoutError, or OSError when the other end is gone."""
        self._wait()
        sent = socket.send_fds(self._socket, [frame], [file])
        self._wait()
        self._socket.sendall(frame[sent:])

    def frame(self) -> bytes:
        """Return the JSON of the next frame; raise Nonsense, Ended or TimeoutError."""
        head = bytearray(HEAD.size)
        self.fill(memoryview(head))
        mark, length = HEAD.unpack(head)
        if mark != MARK or length > MAX_HEADER:
            raise Nonsense("a frame without its mark, or too long")
        said = bytearray(length)
        self.fill(memoryview(said))
        return bytes(said)

    def fill(self, space: memoryview) -> None:
        """Receive as many bytes as there is space; raise Ended or TimeoutError."""
        while space:
            self._wait()
            try:
                count = self._socket.recv_into(space)
            except ConnectionError as error:
                raise Ended from error
            if not count:
                raise Ended
            space = space[count:]

    def _wait(self) -> None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)
