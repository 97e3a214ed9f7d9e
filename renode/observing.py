"""What a recorder sees of a program that is called again and again, whichever simulator runs it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Protocol

import numpy as np
import numpy.typing as npt

from jobs.target import Target
from renode.trace import Class, Path, Stop
from renode.unicorn_core import UnicornCore
from renode.watching import WRITE, Watch


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


@dataclass(frozen=True, slots=True)
class Traits:
    """What a recorder needs to know of an instruction."""

    size: int
    kind: Class
    conditional: bool
    """Whether it may branch and may as well not."""


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


class EmbeddedObserver:
    """Observes calls in Unicorn: all rows along the way of an earlier one, and what leaves it once more, alone."""

    def __init__(self, firmware_path: FilePath, target: Target) -> None:
        """Load the firmware and run the target's setup; raise InvalidFirmware or InvalidInput."""
        self._watch = Watch()
        self._core = UnicornCore(firmware_path, target, watch=self._watch)
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
        """Call once per row of `inputs`, in order."""
        if self._path is None:
            self._path = self._core.path(inputs[0])
        path = self._path
        length = len(path.pcs)
        batch = self._core.run(inputs, path)
        while self._watch.overflowed():
            batch = self._core.run(inputs, path)
        seen = self._watch.seen()
        along = (batch.agreed == length) & (batch.executed == length) & (batch.stop == path.stop)
        along &= batch.cycles == path.cycles
        row = 0
        while row < len(inputs):
            if not along[row]:
                yield self._alone(inputs[row])
                row += 1
                continue
            others = np.flatnonzero(~along[row:])
            end = row + int(others[0]) if others.size else len(inputs)
            yield Calls(path, batch.activity[row:end], _accesses(seen, row * length, end * length))
            row = end

    def traits(self, address: int) -> Traits:
        """Describe the instruction at `address`."""
        decoded = self._core.decoded(address)
        return Traits(decoded.size, decoded.kind, decoded.refill > 0)

    def _alone(self, row: npt.NDArray[np.uint8]) -> Calls:
        """Observe one call, whatever way it takes; later ones are expected to take it, too."""
        path = self._core.path(row)
        while self._watch.overflowed():
            path = self._core.path(row)
        seen = self._watch.seen()
        activity = self._core.run(row[np.newaxis], path).activity
        self._path = path
        return Calls(path, activity, _accesses(seen, 0, len(path.pcs)))


def ended_well(path: Path) -> bool:
    """Return whether a call came to its end, or went on as long as it may, as the main loop of a program does."""
    return path.stop in {Stop.DONE, Stop.BUDGET}


def _accesses(
    seen: tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32], npt.NDArray[np.uint32]], first: int, last: int
) -> Accesses:
    """Return what was seen at the places [first, last), counted from there."""
    inside = (seen[0] >= first) & (seen[0] < last)
    places, addresses, sizes = seen[0][inside] - first, seen[1][inside], seen[2][inside]
    return Accesses(places, addresses, (sizes & 0xFF).astype(np.uint8), (sizes & WRITE) != 0)
