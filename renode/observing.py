"""What a recorder sees of a program that is called again and again, whichever simulator runs it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Protocol

import numpy as np
import numpy.typing as npt

from jobs.errors import EngineMismatch
from jobs.target import Target
from renode.touching import Touches
from renode.trace import Path, Stop, Tracer, Traits
from renode.unicorn_core import UnicornCore

FIRST_TOUCHES = 2**18
"""Loads and stores that there is room for at first."""


@dataclass(frozen=True, slots=True)
class Accesses:
    """Words loaded and stored, in order."""

    places: npt.NDArray[np.int64]
    """[accesses] call * M + position of the instruction, ascending."""
    addresses: npt.NDArray[np.uint32]
    """[accesses]"""
    sizes: npt.NDArray[np.uint8]
    """[accesses] bytes."""
    stores: npt.NDArray[np.bool_]
    """[accesses]"""


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls that follow each other and take the same way."""

    path: Path
    activity: npt.NDArray[np.uint64]
    """[calls, M] activity words."""
    accesses: Accesses


class Observer(Protocol):
    """Calls one target of one firmware, and sees everything."""

    firmware: Mapping[str, int | str | bool]
    """What was loaded: `sha256` and more."""

    @property
    def engine(self) -> Mapping[str, str]:
        """Return what runs: name, version."""

    @property
    def input_bytes(self) -> int:
        """Return the length of a row of inputs."""

    def observe(self, inputs: npt.NDArray[np.uint8]) -> Iterator[Calls]:
        """Call once per row of `inputs` [N, input bytes], in order; every call starts from the same state."""

    def traits(self, address: int) -> Traits:
        """Describe the instruction at `address`."""


def accesses_of(touches: npt.NDArray[np.void], *, before: int = 0) -> Accesses:
    """Return what TOUCH tell, counted from the place behind `before` others."""
    return Accesses(
        touches["position"].astype(np.int64) - before,
        np.ascontiguousarray(touches["address"]),
        np.ascontiguousarray(touches["size"]),
        touches["write"] != 0,
    )


class EmbeddedObserver:
    """Observes calls in Unicorn."""

    def __init__(self, firmware_path: FilePath, target: Target) -> None:
        """Load the firmware and run the target's setup; raise InvalidFirmware or InvalidInput."""
        self._touches = Touches(FIRST_TOUCHES)
        self._core = UnicornCore(firmware_path, target, touches=self._touches)
        self._path: Path | None = None
        self.firmware = self._core.firmware

    @property
    def engine(self) -> Mapping[str, str]:
        """Return what runs."""
        return self._core.engine

    @property
    def input_bytes(self) -> int:
        """Return the length of a row of inputs."""
        return self._core.input_bytes

    def observe(self, inputs: npt.NDArray[np.uint8]) -> Iterator[Calls]:
        """Call once per row of `inputs`, in order.

        Rows are run along the way that one of them takes; those that leave it, along the way of the first of them, and
        so on, twice as many at once as long as all agree, and else as many as did.
        """
        rounds: list[_Round] = []
        where = np.empty((len(inputs), 2), np.int64)  # the round that has a row, and its position there
        pending, at_once = np.arange(len(inputs)), len(inputs)
        while len(pending):
            expected = self._path if not rounds else None
            path = expected or self._way(inputs[pending[0]])
            tried = pending[:at_once]
            done = self._along(inputs[tried], path)
            agreed = tried[done.along]
            if expected is None and not done.along[0]:
                case = {"inputs": inputs[tried[0]].tobytes().hex()}
                raise EngineMismatch("A call does not go the way that it went before.", case=case)
            where[agreed, 0], where[agreed, 1] = len(rounds), np.flatnonzero(done.along)
            rounds.append(done)
            pending = np.concatenate([tried[~done.along], pending[at_once:]])
            at_once = 2 * at_once if len(agreed) == len(tried) else max(1, len(agreed))
        new = np.flatnonzero((np.diff(where[:, 0]) != 0) | (np.diff(where[:, 1]) != 1)) + 1
        for rows in np.split(where, new):
            yield rounds[rows[0, 0]].calls(int(rows[0, 1]), int(rows[-1, 1]) + 1)

    def traits(self, address: int) -> Traits:
        """Describe the instruction at `address`."""
        decoded = self._core.decoded(address)
        return Traits(decoded.size, decoded.kind, decoded.refill > 0)

    def _way(self, row: npt.NDArray[np.uint8]) -> Path:
        """Return the way of one call; later ones are expected to take it, too."""
        self._path = self._core.path(row)
        return self._path

    def _along(self, inputs: npt.NDArray[np.uint8], path: Path) -> "_Round":
        """Call once per row along a path."""
        batch = self._core.run(inputs, path)
        while self._touches.lost:
            self._touches.grow()
            batch = self._core.run(inputs, path)
        length = len(path.pcs)
        along = (batch.agreed == length) & (batch.executed == length) & (batch.stop == path.stop)
        return _Round(path, batch.activity, self._touches.seen().copy(), along & (batch.cycles == path.cycles))


@dataclass(frozen=True, slots=True)
class _Round:
    """Calls that were expected to take one path, and what was seen of them."""

    path: Path
    activity: npt.NDArray[np.uint64]
    touches: npt.NDArray[np.void]
    """[loads and stores] TOUCH, its positions in `activity`."""
    along: npt.NDArray[np.bool_]
    """[calls] whether they did."""

    def calls(self, first: int, last: int) -> Calls:
        """Return the calls [first, last), all of which took it."""
        length = len(self.path.pcs)
        places = self.touches["position"]
        inside = self.touches[(places >= first * length) & (places < last * length)]
        return Calls(self.path, self.activity[first:last], accesses_of(inside, before=first * length))


class TracedObserver:
    """Observes calls in a simulator that writes each of them down whole; every call is a group of its own."""

    def __init__(self, tracer: Tracer, *, input_bytes: int) -> None:
        """Observe what `tracer` executes."""
        self._tracer = tracer
        self.firmware, self.input_bytes = tracer.firmware, input_bytes

    @property
    def engine(self) -> Mapping[str, str]:
        """Return what runs."""
        return self._tracer.engine

    def observe(self, inputs: npt.NDArray[np.uint8]) -> Iterator[Calls]:
        """Call once per row of `inputs`, in order."""
        for path, words, touches in self._tracer.observed(inputs):
            yield Calls(path, words[np.newaxis, :], accesses_of(touches))

    def traits(self, address: int) -> Traits:
        """Describe the instruction at `address`."""
        return self._tracer.traits(address)


def ended_well(path: Path) -> bool:
    """Return whether a call came to its end, or went on as long as it may, as the main loop of a program does."""
    return path.stop in {Stop.DONE, Stop.BUDGET}
