"""Which paths lanes go, and for which inputs: programs, made once a path has come often enough, and kept."""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from renode.lockstep.faults import told
from renode.lockstep.program import Program
from renode.lockstep.values import Unsupported
from renode.lockstep.walk import LONGEST
from renode.trace import Levels, Path, Stop

FEW = 16
"""Fewer executions than these are Unicorn's: they do not fill the lanes."""
PROFILE = 256
"""Rows of inputs that a walk is shown."""
PATHS = 64
"""Kept with their programs: references, and those of leaders."""
FOLDINGS = 3
"""Programs of a path that know the same bytes to be other ones; after that those bytes vary as well."""
LEVELS = 4
"""Sets of levels for which a program's lanes are kept ready."""
KEPT_BYTES = 2**29
"""Of paths, programs and lanes that are kept; the newest path's are in any case."""

Rows = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]


class Went(Protocol):
    """How far lanes went."""

    @property
    def lost(self) -> npt.NDArray[np.int32]:
        """Return [rows]: instructions completed in common with the path, its length where the lane went through."""

    @property
    def output(self) -> Rows:
        """Return [rows, output length]; of lanes that went through."""


class Lanes(Protocol):
    """A program, ready to be run."""

    @property
    def size(self) -> int:
        """Return how many bytes they take, without the program."""

    def tally(self, inputs: Rows, groups: Rows, counts: npt.NDArray[np.int64]) -> Went:
        """Run a lane for each row of `inputs`; count the levels of its instructions up to where it is lost."""

    def activity(self, inputs: Rows, out: npt.NDArray[np.uint64]) -> Went:
        """Run a lane for each row of `inputs`; write its activity words, [rows, instructions], up to there."""


class Maker(Protocol):
    """Makes programs, and lanes that run them."""

    @property
    def features(self) -> str:
        """Return the processor's name and features, as far as lanes use them."""

    def program(self, path: Path, rows: Rows, varying: Flags) -> Program:
        """Walk along `path`, shown some `rows` of inputs; raise Unsupported."""

    def lanes(self, program: Program, levels: Levels | None) -> Lanes:
        """Prepare lanes that count by `levels`, or keep activity where there are none."""


@dataclass(slots=True)
class Folding:
    """A program, and the input bytes that it holds for known."""

    varying: Flags
    """[input bytes]"""
    known: Rows
    """[input bytes]; those that vary mean nothing."""
    program: Program
    ready: list[tuple[Levels | None, Lanes]] = field(default_factory=list)
    """The newest first."""

    def strange(self, rows: Rows) -> Flags:
        """Return [input bytes]: which ones are held for known, and are not so in `rows`."""
        return ~self.varying & (rows != self.known).any(axis=0)

    @property
    def size(self) -> int:
        """Return how many bytes it takes."""
        return self.program.size + sum(lanes.size for _, lanes in self.ready)

    def lanes(self, maker: Maker, levels: Levels | None) -> Lanes:
        """Return its lanes for `levels`."""
        found = next((index for index, (known, _) in enumerate(self.ready) if _same(known, levels)), None)
        chosen = self.ready.pop(found) if found is not None else (levels, maker.lanes(self.program, levels))
        self.ready.insert(0, chosen)
        del self.ready[LEVELS:]
        return chosen[1]


@dataclass(slots=True)
class Way:
    """A path and what has become of it."""

    path: Path
    refused: str | None = None
    """Why lanes cannot go it."""
    seen: int = 0
    """Executions that came along it before there was a program."""
    ran: bool = False
    """Whether lanes have gone it."""
    foldings: list[Folding] = field(default_factory=list)
    """The newest first."""

    @property
    def size(self) -> int:
        """Return how many bytes it takes."""
        path = self.path.pcs.nbytes + self.path.begins.nbytes
        return path + sum(folding.size for folding in self.foldings)

    @property
    def why(self) -> str:
        """Say why Unicorn ran what came along it so far: not how many, as a worker has seen those of other campaigns, too."""
        return self.refused or "too few executions came along this path to make lanes for it"


class Choice:
    """Chooses between lanes and Unicorn for executions along given paths."""

    def __init__(self, maker: Maker, *, budget: int, patience: int, kept_bytes: int = KEPT_BYTES) -> None:
        """Let the first `patience` executions along a path be Unicorn's; no execution may take `budget` cycles.

        What is kept for later takes no more than `kept_bytes`.
        """
        self._kept_bytes = kept_bytes
        self._maker, self._budget, self._patience = maker, budget, patience
        self._ways: list[Way] = []  # the newest first

    def way(self, path: Path) -> Way:
        """Return what is known of a path; of one that is too long for lanes nothing is kept."""
        if len(path.pcs) > LONGEST:
            return Way(path, self._refusal(path))
        index = next((index for index, way in enumerate(self._ways) if _alike(way.path, path)), None)
        way = self._ways.pop(index) if index is not None else Way(path, self._refusal(path))
        self._ways.insert(0, way)
        del self._ways[PATHS:]
        return way

    def lanes(self, way: Way, rows: Rows, levels: Levels | None) -> Lanes | None:
        """Return lanes for executions with inputs `rows`, [N, input bytes], along a path; None: they are Unicorn's.

        Whatever keeps lanes from being made is a reason to go without them, which the way then tells.
        """
        if way.refused is None and len(rows) >= FEW:
            try:
                with told():
                    folding = self._folding(way, rows)
                    lanes = None if folding is None else folding.lanes(self._maker, levels)
            except Unsupported as refused:
                way.refused, way.ran, lanes = str(refused), False, None
                way.foldings.clear()
            if lanes is not None:
                way.ran = True
                self._forget()
                return lanes
        way.seen += len(rows)
        return None

    def _forget(self) -> None:
        """Forget the oldest until the others take no more memory than they may."""
        newest, left = self._ways[0], self._kept_bytes
        if newest.size > left:
            del newest.foldings[1:], newest.foldings[0].ready[1:]
        for number, way in enumerate(self._ways):
            left -= way.size
            if left < 0 and number:
                del self._ways[number:]
                return

    def program(self, path: Path, rows: Rows) -> Program:
        """Return a program for the bytes that differ among `rows`, whatever was made before; raise Unsupported."""
        refused = self._refusal(path)
        if refused is not None:
            raise Unsupported(refused)
        with told():
            return self._maker.program(path, rows[:PROFILE], (rows != rows[0]).any(axis=0))

    def _folding(self, way: Way, rows: Rows) -> Folding | None:
        """Return the program for `rows`, the newest first; None where the path has not come often enough."""
        for index, known in enumerate(way.foldings):
            if not known.strange(rows).any():
                way.foldings.insert(0, way.foldings.pop(index))
                return known
        if not way.foldings and way.seen < self._patience:
            return None
        way.foldings.insert(0, self._fold(way, rows))
        return way.foldings[0]

    def _fold(self, way: Way, rows: Rows) -> Folding:
        """Make a program that fits `rows`, beside the older ones or in their place."""
        varying = (rows != rows[0]).any(axis=0)
        if way.foldings:
            newest = way.foldings[0]
            varying |= newest.varying
            alike = sum(bool((known.varying == varying).all()) for known in way.foldings)
            if alike >= FOLDINGS or (varying != newest.varying).any():
                # Bytes that turn out to vary one after the other, or to be other ones time and again.
                for known in way.foldings:
                    varying |= known.varying | known.strange(rows)
                way.foldings.clear()
        program = self._maker.program(way.path, rows[:PROFILE], varying)
        if program.loses_at_the_end:
            raise Unsupported(f"return: where it leads depends on the inputs, at 0x{way.path.pcs[-1]:08x}")
        return Folding(varying, rows[0].copy(), program)

    def _refusal(self, path: Path) -> str | None:
        if path.stop is not Stop.DONE:
            return f"reference: it ended with {path.stop.name.lower()} at 0x{path.stop_pc:08x}"
        if len(path.pcs) > LONGEST:
            return f"path-too-long: {len(path.pcs)} instructions, {LONGEST} at most"
        if path.begins[-1] >= self._budget:
            return "reference: it takes more cycles than are allowed"
        return None


def _alike(one: Path, other: Path) -> bool:
    return one is other or (one.stop is other.stop and np.array_equal(one.pcs, other.pcs))


def _same(one: Levels | None, other: Levels | None) -> bool:
    if one is other or one is None or other is None:
        return one is other
    return (
        one.first == other.first
        and np.array_equal(one.weights, other.weights)
        and np.array_equal(one.lowest, other.lowest)
        and np.array_equal(one.offsets, other.offsets)
    )
