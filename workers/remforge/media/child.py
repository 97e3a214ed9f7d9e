"""The program that reads files under limits, one after another, for `child_process`; `wire` says what they say.

Its standard input is the socket. Its arguments: the descriptor of the lifeline, and bytes of memory.
"""

import math
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

import av.logging
from PIL import Image

from jobs.errors import InvalidInput
from workers.confine import confine, limit
from workers.remforge.decoding import Decoded, View, Wanted
from workers.remforge.media.answer import packed
from workers.remforge.media.limits import MAX_PIXELS
from workers.remforge.media.read import read
from workers.remforge.media.reasons import TOO_COSTLY, Reason
from workers.remforge.media.warm import warm
from workers.remforge.media.wire import HEAD, MARK, Ask, Ready, Refused, framed

Read = Callable[..., Decoded]
GRACE_S = 2.0
"""Beyond its deadline, after which a child that nobody ended ends itself."""


def serve(own: socket.socket, read_file: Read) -> None:
    """Read the files that come over the socket until it is closed."""
    own.sendall(framed(Ready()))
    while (asked := _next(own)) is not None:
        ask, descriptor = asked
        _allow(ask)
        with os.fdopen(descriptor, "rb") as file:
            parts = _answer(read_file, file, ask)
        for part in parts:
            own.sendall(part)
        signal.setitimer(signal.ITIMER_REAL, 0)


def _answer(read_file: Read, file: BinaryIO, ask: Ask) -> Sequence[bytes | memoryview]:
    wanted = Wanted(tuple(View(*view) for view in ask.views), samples=ask.samples)
    try:
        return packed(read_file(file, name=ask.name, media_type=ask.media_type, wanted=wanted), wanted)
    except InvalidInput as error:
        return [framed(Refused(reason=Reason(error.reason or Reason.BROKEN), message=error.message[:500]))]
    except MemoryError:
        return [framed(Refused(reason=Reason.TOO_COSTLY, message=TOO_COSTLY))]


def _next(own: socket.socket) -> tuple[Ask, int] | None:
    """Return what is asked next and the file, or None when nobody will ask any more."""
    head, descriptors, _, _ = socket.recv_fds(own, HEAD.size, 1)
    if not head:
        return None
    mark, length = HEAD.unpack(head)
    if mark != MARK or len(descriptors) != 1:
        raise ValueError("a request without its mark or its file")
    said = bytearray()
    while len(said) < length:
        said += own.recv(length - len(said))
    return Ask.model_validate_json(bytes(said)), descriptors[0]


def _allow(ask: Ask) -> None:
    """Give this file its time."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time()) + ask.cpu_s, hard))
    signal.setitimer(signal.ITIMER_REAL, ask.deadline_s + GRACE_S)


def prepare() -> socket.socket:
    """Load what will be needed, give up the rest, and return the socket."""
    lifeline, memory_bytes = int(sys.argv[1]), int(sys.argv[2])
    # Of what runs on the machine it is the first to go.
    Path("/proc/self/oom_score_adj").write_text("1000")
    own = socket.socket(fileno=0)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    av.logging.set_level(av.logging.PANIC)
    warm()
    limit(memory_bytes=memory_bytes, lifeline=lifeline)
    confine()
    return own


if __name__ == "__main__":
    serve(prepare(), read)
