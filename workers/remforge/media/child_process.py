"""A child that reads files: started with nothing but its socket, asked file by file, ended when it is late or odd."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import structlog
from pydantic import ValidationError

from jobs.errors import InvalidInput
from workers.remforge.decoding import Decoded, Wanted
from workers.remforge.media.answer import unpacked
from workers.remforge.media.reasons import TOO_COSTLY, Reason, refused
from workers.remforge.media.wire import Ask, Ended, Line, Nonsense, Ready, Refused, framed

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = (sys.executable, "-m", "workers.remforge.media.child")
START_S = 60.0
"""For a child to load what it needs, on a machine that has other work."""
OUT_OF_BOUNDS = {signal.SIGKILL, signal.SIGXCPU, signal.SIGALRM}
"""What ends a child that takes more memory, processor time or time than it may."""
BROKE_DOWN = "The file cannot be read: what read it broke down over it."
END_S = 5.0
"""Between a child's last word and its end."""
SAID_BYTES = 4000

log = structlog.get_logger(__name__)


class Gone(Exception):
    """The child had ended before it was asked: another one may be."""


class Child:
    """A resident child; one caller at a time. After anything but an answer it is no longer `usable`."""

    def __init__(self, *, memory_bytes: int, program: Sequence[str] = PROGRAM) -> None:
        """Start it, and wait until it is ready; raise RuntimeError where it does not become so."""
        self.usable = True
        self.files = 0
        self._said = b""
        self._socket, theirs = socket.socketpair()
        # Nothing is ever written to it: it ends the child when this process ends, however it does.
        ending, self._lifeline = os.pipe()
        self._errors, errors = os.pipe()
        os.set_blocking(errors, False)
        os.set_blocking(self._errors, False)
        try:
            self._process = subprocess.Popen(
                [*program, str(ending), str(memory_bytes)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=errors,
                pass_fds=[ending],
                cwd=ROOT,
                env=_environment(),
            )
        finally:
            theirs.close()
            os.close(ending)
            os.close(errors)
        try:
            Ready.model_validate_json(Line(self._socket, until=time.monotonic() + START_S).frame())
        except (Nonsense, Ended, ValidationError, TimeoutError) as error:
            self.end()
            raise RuntimeError(f"A child that reads files did not start: {self._last_words()}") from error

    @property
    def pid(self) -> int:
        """Return the id of its process."""
        return int(self._process.pid)

    def read(self, file: int, *, name: str, media_type: str, wanted: Wanted, cpu_s: int, deadline_s: float) -> Decoded:
        """Read an open file; raise InvalidInput for whatever becomes of it, or Gone."""
        views = tuple((view.short, view.crop) for view in wanted.views)
        ask = Ask(
            name=name, media_type=media_type, views=views, samples=wanted.samples, cpu_s=cpu_s, deadline_s=deadline_s
        )
        line = Line(self._socket, until=time.monotonic() + deadline_s)
        self.usable = False
        if self._process.poll() is not None:
            raise Gone
        try:
            line.ask(framed(ask), file)
        except ConnectionError as error:
            raise Gone from error
        self.files += 1
        try:
            said = line.frame()
            if refusal := _refusal(said):
                # Of one that ran out of memory what is left is in pieces.
                self.usable = refusal.reason != Reason.TOO_COSTLY
                raise refusal
            decoded = unpacked(said, wanted, line.fill)
        except TimeoutError as error:
            raise refused(Reason.TOO_COSTLY, TOO_COSTLY) from error
        except Nonsense as error:
            log.warning("decoder_talked_nonsense", pid=self.pid, error=str(error)[:300], said=self._last_words())
            raise refused(Reason.BROKEN, BROKE_DOWN) from error
        except Ended as error:
            raise self._why() from error
        self.usable = True
        return decoded

    def stop(self) -> None:
        """End it while another thread waits for it, which is told."""
        self._process.kill()

    def end(self) -> None:
        """End it, and give back what it took of this process."""
        self.usable = False
        self._process.kill()
        self._process.wait()
        self._last_words()
        self._socket.close()
        for descriptor in (self._lifeline, self._errors):
            if descriptor >= 0:
                os.close(descriptor)
        self._lifeline = self._errors = -1

    def _why(self) -> InvalidInput:
        """Return why a child that closed its socket has ended."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=END_S)
        code = self._process.poll()
        log.warning("decoder_lost", pid=self.pid, code=code, said=self._last_words())
        if code is not None and -code in OUT_OF_BOUNDS:
            return refused(Reason.TOO_COSTLY, TOO_COSTLY)
        return refused(Reason.BROKEN, BROKE_DOWN)

    def _last_words(self) -> str:
        if self._errors >= 0:
            with suppress(BlockingIOError):
                while part := os.read(self._errors, 1 << 16):
                    self._said = (self._said + part)[-SAID_BYTES:]
        return self._said.decode(errors="replace")


def _refusal(said: bytes) -> InvalidInput | None:
    try:
        refusal = Refused.model_validate_json(said)
    except ValidationError:
        return None
    return refused(refusal.reason, refusal.message)


def _environment() -> dict[str, str]:
    """Return where modules are, and one thread each; a parser that is taken over finds no password in it."""
    return {
        "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)]),
        "PYTHONUTF8": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        # One arena of the C library's allocator: others would take of the addresses that a file may.
        "MALLOC_ARENA_MAX": "1",
    }
