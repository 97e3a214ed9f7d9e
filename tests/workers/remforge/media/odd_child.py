"""A child that does what the name of a file says, and reads the others as they should be.

It is run instead of `workers.remforge.media.child`; it is limited as that is, but not confined, so that it can misbehave.
"""

import os
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any

from workers.confine import limit
from workers.remforge.decoding import Decoded
from workers.remforge.media.child import serve
from workers.remforge.media.read import read
from workers.remforge.media.wire import HEAD, MARK


def spin() -> None:
    while True:
        pass


def hoard() -> None:
    whole = []
    while True:
        whole.append(bytearray(1 << 24))


def say(*parts: bytes) -> Callable[[], None]:
    def said() -> None:
        for part in parts:
            os.write(0, part)
        # What it says is all that it says.
        signal.pause()

    return said


def frame(said: bytes) -> bytes:
    return HEAD.pack(MARK, len(said)) + said


NOTHING = b'"image":null,"audio":null,"video":null,"warnings":[]'
TEXT = b'{"modality":"text","media_type":"text/plain",' + NOTHING + b',"text_bytes":%d,"samples":%s,"pictures":%d}'
SOUND = b'{"duration_s":1,"f0_mean_hz":1,"loudness_db":1,"tempo_bpm":1,"spectral_centroid_hz":1,"speech_fraction":1,'
AUDIO = b'{"modality":"audio","media_type":"audio/wav","image":null,"video":null,"warnings":[],"audio":'
AUDIO += SOUND + b'"transcript":null},"text_bytes":null,"samples":1,"pictures":0}'
ODD: dict[str, Callable[[], Any]] = {
    "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "crashed": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    "left": lambda: os._exit(0),
    "raised": lambda: 1 / 0,
    "spins": spin,
    "sleeps": signal.pause,
    "hoards": hoard,
    "chatters": lambda: os.write(2, b"word " * 100_000) and os._exit(3),
    "noise": say(b"no frame at all, whatever comes of it"),
    "long": say(HEAD.pack(MARK, 0xFFFF_FFFF)),
    "no-json": say(frame(b"{")),
    "other-json": say(frame(b'{"refused": "because"}')),
    "odd-reason": say(frame(b'{"reason": "mood", "message": "no"}')),
    "huge": say(frame(TEXT % (1 << 40, b"null", 0))),
    "more": say(frame(TEXT % (1, b"1", 0)), b"x"),
    "pictures": say(frame(TEXT % (1, b"null", 9)), b"x"),
    "no-utf-8": say(frame(TEXT % (1, b"null", 0)), b"\xff"),
    "no-number": say(frame(AUDIO), b"\0\0\xc0\x7f"),
    "half": say(frame(TEXT % (100, b"null", 0)), b"half of it"),
}


def read_oddly(file: Any, *, name: str, **asked: Any) -> Decoded:
    what, _, told = name.partition(" ")
    if told:
        # A pipe with a name, whose other end waits to hear that the child is at it.
        os.close(os.open(told, os.O_WRONLY))
    ODD.get(what, lambda: None)()
    return read(file, name=name, **asked)


if __name__ == "__main__":
    limit(memory_bytes=int(sys.argv[2]), lifeline=int(sys.argv[1]))
    serve(socket.socket(fileno=0), read_oddly)
