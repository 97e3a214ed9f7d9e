"""Decoders: files are read in resident children with limits, so that none of them harms this process or another file."""

import os
import stat
import threading
from collections.abc import Sequence
from pathlib import Path
from queue import LifoQueue
from types import TracebackType
from typing import Self

from workers.remforge.decoding import Decoded, Wanted
from workers.remforge.media.child_process import PROGRAM, Child, Gone

RETIRED_AFTER = 2000


class DecoderPool:
    """The port `Decoder` over children that are started when they are first needed; for several threads.

    A file may take `memory_bytes` of addresses, `cpu_s` seconds of a processor and `deadline_s` by the clock, counted from
    when a child is free for it. What takes more, or breaks the child that reads it, is refused; the next file gets another
    child. So it does after `retired_after` files: whatever a child's libraries leak goes with it. Children end with this
    process. Build it after the fork: children of a parent are not shared.
    """

    def __init__(
        self,
        processes: int,
        *,
        memory_bytes: int,
        cpu_s: int,
        deadline_s: float,
        retired_after: int = RETIRED_AFTER,
        program: Sequence[str] = PROGRAM,
    ) -> None:
        """Start nothing yet; `program` is what children run."""
        self._memory_bytes, self._cpu_s, self._deadline_s = memory_bytes, cpu_s, deadline_s
        self._retired_after, self._program = retired_after, program
        # Last in, first out: few files keep few children busy, and warm.
        self._places: LifoQueue[int] = LifoQueue()
        for place in reversed(range(processes)):
            self._places.put(place)
        self._children: list[Child | None] = [None] * processes
        self._lock = threading.Lock()
        self._closed = False

    def decode(self, path: Path, *, name: str, media_type: str, wanted: Wanted) -> Decoded:
        """Read one file; wait for a child where all are busy. Raise InvalidInput with a reason of `Reason`."""
        if any(not 0 < view.crop <= view.short for view in wanted.views):
            raise ValueError("a view cuts out no more than its shorter side")
        with path.open("rb", buffering=0) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ValueError(f"{path} is no file")
            place = self._places.get()
            try:
                return self._read(place, file.fileno(), name=name, media_type=media_type, wanted=wanted)
            finally:
                self._places.put(place)

    def children(self) -> list[int]:
        """Return the process ids of the children that are there."""
        return [child.pid for child in self._children if child is not None]

    def close(self) -> None:
        """End all children; files that are being read are refused."""
        with self._lock:
            self._closed = True
            for child in filter(None, self._children):
                child.stop()
        places = [self._places.get() for _ in self._children]
        for place in places:
            self._leave(place)
            # Who waited for it finds the pool closed.
            self._places.put(place)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read(self, place: int, file: int, *, name: str, media_type: str, wanted: Wanted) -> Decoded:
        for last in (False, True):
            child = self._child(place)
            try:
                return child.read(
                    file,
                    name=name,
                    media_type=media_type,
                    wanted=wanted,
                    cpu_s=self._cpu_s,
                    deadline_s=self._deadline_s,
                )
            except Gone:
                # It ended while nobody needed it, which no file is to blame for.
                if last:
                    raise RuntimeError("Children that read files end as soon as they have started.") from None
            finally:
                if not child.usable or child.files >= self._retired_after:
                    self._leave(place)
        raise AssertionError

    def _child(self, place: int) -> Child:
        child = self._children[place]
        if child is None and not self._closed:
            child = Child(memory_bytes=self._memory_bytes, program=self._program)
            with self._lock:
                self._children[place] = child
        if child is None or self._closed:
            raise RuntimeError("The pool of decoders is closed.")
        return child

    def _leave(self, place: int) -> None:
        child, self._children[place] = self._children[place], None
        if child is not None:
            child.end()
