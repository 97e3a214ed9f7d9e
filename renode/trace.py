"""What a simulator yields: the arrays of an execution, whichever simulator ran it.

An activity word packs what one instruction did, so that power models are evaluated later, on arrays:

    bits  0-11  Hamming weight of the registers written, summed
    bits 12-23  Hamming distance of those registers from their previous values, summed
    bits 24-35  Hamming weight of the words on the memory bus (loaded or stored), summed
    bits 36-47  Hamming distance between consecutive words on the bus, summed
    bits 48-55  low byte of the last register written; of the word stored, for a store
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import IntEnum
from typing import Protocol

import numpy as np
import numpy.typing as npt

from renode.lockstep.program import Access

REGISTER_HW, REGISTER_HD, BUS_HW, BUS_HD, LOW_BYTE = 0, 12, 24, 36, 48
"""Bit positions of the fields of an activity word: 12 bits each, the low byte 8."""


class Class(IntEnum):
    """Classes of instructions, as power models name them (lower case)."""

    ALU = 0
    SHIFT = 1
    MULTIPLY = 2
    DIVIDE = 3
    LOAD = 4
    STORE = 5
    BRANCH = 6
    OTHER = 7


class Stop(IntEnum):
    """How an execution ended."""

    DONE = 0
    BUDGET = 1
    """The cycle budget ran out."""
    READ = 2
    """Read outside the memory map."""
    WRITE = 3
    """Wrote outside the memory map, or to read-only memory."""
    FETCH = 4
    """Executed outside the code regions."""
    UNDEFINED = 5
    """Undefined or unsupported instruction."""
    EXCEPTION = 6
    """Trapped: a supervisor call, a breakpoint, a fault."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """An instruction of the firmware and where it comes from."""

    address: int
    size: int
    mnemonic: str
    operands: str
    kind: Class
    cycles: int
    """Of the stated cycle model; taken branches count their refill."""
    function: str | None = None
    file: str | None = None
    line: int | None = None
    registers: int = 15
    """How many registers of those in activity words it writes at most."""
    words: int = 16
    """How many words it brings on the memory bus at most."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What a recorder needs to know of an instruction."""

    size: int
    kind: Class
    conditional: bool
    """Whether it may branch and may as well not."""


@dataclass(frozen=True, slots=True)
class Path:
    """The instructions one execution went through, in order."""

    pcs: npt.NDArray[np.uint32]
    """[instructions]"""
    stop: Stop
    stop_pc: int
    """Where it ended: the faulting instruction, or the last one."""
    cycles: int
    output: bytes
    begins: npt.NDArray[np.int64]
    """[instructions] cycles before each of them, with the branches as they went."""


AT_ONCE = 1 << 20
"""Instructions of a path that are looked up together: what is needed meanwhile does not grow with the path."""


def addresses_of(pcs: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Return the addresses on a path, ascending."""
    pieces = (np.unique(pcs[first : first + AT_ONCE]) for first in range(0, len(pcs), AT_ONCE))
    return np.unique(np.concatenate([pcs[:0], *pieces]))


def numbered(pcs: npt.NDArray[np.uint32]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Return the addresses on a path, ascending, and for each of its instructions [path] which of them is its own."""
    addresses, along = addresses_of(pcs), np.empty(len(pcs), np.uint32)
    for first in range(0, len(pcs), AT_ONCE):
        piece = pcs[first : first + AT_ONCE]
        along[first : first + len(piece)] = np.searchsorted(addresses, piece)
    return addresses, along


TOUCH = np.dtype([("position", "u4"), ("address", "u4"), ("size", "u1"), ("write", "u1"), ("spare", "u2")])
"""A load or a store: the position of its instruction in the path, where, how many bytes, and whether it is a store."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """One execution as somebody sees it who shares the core: its way, its addresses, its time."""

    pcs: npt.NDArray[np.uint32]
    """[instructions]"""
    touches: npt.NDArray[np.void]
    """[loads and stores] TOUCH, in their order"""
    stop: Stop
    stop_pc: int
    cycles: int
    output: bytes


@dataclass(frozen=True, slots=True)
class Work:
    """Which engine did the executions of a batch; those that are not in `lanes` were done by Unicorn, one by one."""

    lanes: int = 0
    """Executions whose results come from vector lanes."""
    again: int = 0
    """Executions that lanes lost, so that they were done once more: in other lanes or by Unicorn."""
    checked: int = 0
    """Executions in lanes that Unicorn did as well, with equal results: a difference is never passed over."""

    def __add__(self, other: "Work") -> "Work":
        """Return what both did."""
        return Work(self.lanes + other.lanes, self.again + other.again, self.checked + other.checked)


@dataclass(frozen=True, slots=True)
class Dependences:
    """Which instructions of a path take their way or their address from inputs that vary."""

    found: tuple[Access, ...]
    """In the order of the path; nothing where `absent` says why it is not known."""
    absent: str | None = None
    """Why it is not known: which engine runs, or what lanes do not take. None where `found` is all there is."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How N executions went, against a reference path of M instructions."""

    agreed: npt.NDArray[np.int32]
    """[N] length of the common prefix with the reference, in instructions."""
    left_to: npt.NDArray[np.uint32]
    """[N] the first pc off the reference path; 0 where there is none or the execution ended early."""
    executed: npt.NDArray[np.int64]
    """[N] instructions executed."""
    cycles: npt.NDArray[np.int64]
    """[N] cycles taken."""
    stop: npt.NDArray[np.uint8]
    """[N] Stop values."""
    stop_pc: npt.NDArray[np.uint32]
    """[N]"""
    output: npt.NDArray[np.uint8]
    """[N, output length]"""
    work: Work = field(default=Work(), kw_only=True)


OF_EACH = tuple(item.name for item in fields(Outcomes) if item.name != "work")
"""What `Outcomes` says of each execution, by name; the output is the last."""


@dataclass(frozen=True, slots=True)
class Batch(Outcomes):
    """The same, and what each instruction did."""

    activity: npt.NDArray[np.uint64]
    """[N, M] activity words; zero from `agreed` on."""


@dataclass(frozen=True, slots=True)
class Levels:
    """The noise-free power of the instructions [first, first + W) of a path, in whole units: `levels` of each.

        level = sum over k of weights[k] * field_k of the activity word - lowest

    lies in [0, width), and bin `offsets[i] + level` counts the executions whose i-th instruction had that level.
    """

    first: int
    weights: npt.NDArray[np.int32]
    """[5, W] of the fields REGISTER_HW, REGISTER_HD, BUS_HW, BUS_HD, LOW_BYTE."""
    lowest: npt.NDArray[np.int32]
    """[W]"""
    offsets: npt.NDArray[np.int64]
    """[W + 1] where the bins of each begin; the last is the number of bins."""

    @property
    def bins(self) -> int:
        """Return how many bins there are."""
        return int(self.offsets[-1])


class Simulator(Protocol):
    """Calls one target of one firmware. Every execution starts from the same state."""

    firmware: Mapping[str, int | str | bool]
    """What was loaded: `sha256`, `bytes`, `code_bytes`, `has_lines`."""

    @property
    def engine(self) -> Mapping[str, str]:
        """Return what ran: name, version, how registers are read; `why` that engine, once a path is known."""

    def path(self, inputs: npt.NDArray[np.uint8]) -> Path:
        """Execute once with `inputs` [input bytes], all inputs of the target concatenated in order."""

    def run(self, inputs: npt.NDArray[np.uint8], reference: Path) -> Batch:
        """Execute once per row of `inputs` [N, input bytes]; no execution depends on another."""

    def tally(
        self,
        inputs: npt.NDArray[np.uint8],
        groups: npt.NDArray[np.uint8],
        reference: Path,
        levels: Levels,
        counts: npt.NDArray[np.int64],
    ) -> Outcomes:
        """Execute like `run`, but count the levels of each execution's group instead of keeping activity.

        `counts` [groups, bins] is added to: one for each instruction that an execution has in common with the
        reference, of executions that end well; `groups` is [N].
        """

    def dependences(self, inputs: npt.NDArray[np.uint8], reference: Path) -> Dependences:
        """Say which instructions of the path depend on the input bytes that differ among the rows of `inputs`.

        `inputs` is [P, input bytes] with at most 256 rows, the first of them the reference's; `Access.lanes` are rows
        of it. The answer is a function of the arguments alone, whatever was executed before.
        """

    def footprint(self, inputs: npt.NDArray[np.uint8]) -> Footprint:
        """Execute once with `inputs` [input bytes] and say where it went and what it touched; raise InvalidInput."""

    def instruction(self, address: int) -> Instruction:
        """Describe the instruction at `address`."""

    def extent(self, place: str, *, field: str) -> tuple[int, int]:
        """Return [start, end) of a symbol, or of the instruction at an `0x` address.

        Raise InvalidInput with `field` for a place that the firmware does not have.
        """


class Tracer(Simulator, Protocol):
    """A simulator that writes each execution down whole."""

    def executions(self, inputs: npt.NDArray[np.uint8]) -> Sequence[tuple[Path, npt.NDArray[np.uint64]]]:
        """Execute once per row of `inputs` [N, input bytes]; return the way of each and its activity words, as long."""

    def observed(
        self, inputs: npt.NDArray[np.uint8]
    ) -> Sequence[tuple[Path, npt.NDArray[np.uint64], npt.NDArray[np.void]]]:
        """Execute once per row of `inputs`; return the same of each, and its loads and stores, TOUCH [accesses]."""

    def traits(self, address: int) -> Traits:
        """Describe the instruction at `address`; raise KeyError where there is no code."""
