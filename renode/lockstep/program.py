"""What lanes execute: the way of the reference as a list of vector operations, with everything known folded in.

All lanes go the reference's way; one that would not is *lost*, and whoever runs the lanes executes it again elsewhere. A
lane that CHECK loses, which stands behind its instruction's END, has `index` + 1 instructions in common with the
reference so far, one that an access loses `index`; from there on nothing is counted of it. What does not depend on the inputs that vary is a number here, not an operation, and its
instruction's level or activity is a constant (`Constants`).

An operand is a row, one word for each lane, or a number that all lanes share. Rows lie in two spaces: PLACES, a row for
each `renode.thumb.micro.Place` and, up to PLACE_ROWS, some that are no place of the core, and MEMORY, a row for each
word of writable memory, in the order of the machine's arena. A number is an index into `Program.numbers`. A row that holds a memory word is whole: its bytes that all lanes
share are there as well.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from renode.thumb.micro import PURE, Op

NOTHING, PLACES, MEMORY, NUMBER = range(4)
"""The spaces of an operand."""
PLACE_ROWS = 32
"""Rows of PLACES: the places, then the last word on the bus, the masks of conditions, values on their way."""

PURE_OPS: tuple[Op, ...] = tuple(op for op in Op if op in PURE)
"""In the order of their kernels' numbers."""


class Kernel(IntEnum):
    """Vector operations. Numbers from PURE_BASE on are pure ones, from SAMPLED_BASE on such that are sampled."""

    EXTRACT = 0
    """d <- (n >> `shift`) & `mask`, sign-extended from `mask` where `flag`; n is a word of memory, or any row"""
    EXTRACT_SAMPLED = 1
    """The same, into a register, sampled like a pure one"""
    INSERT = 2
    """d <- (d & ~(`mask` << `shift`)) | ((n & `mask`) << `shift`); d is a word of memory. With a mask of all ones and
    no shift d is not read."""
    TABLE = 3
    """d <- the word at byte n - `low` of the table at byte `table` of `Program.tables`, & `mask`, sign-extended where
    `flag`. A lane whose address is not in [`low`, `high`] is lost."""
    TABLE_SAMPLED = 4
    GATHER = 5
    """Like TABLE, from the rows of memory: row `table` + ((n - `low`) >> 2), `low` a multiple of 4. Lanes whose access
    would go over the end of a word are lost."""
    GATHER_SAMPLED = 6
    SCATTER = 7
    """Write m & `mask` to the rows of memory at addresses n, like GATHER reads them; d, if any, is a row of masks, all
    ones or 0: where it is 0 the lane writes nothing and is not lost"""
    CHECK = 8
    """A lane is lost where (n == m) is not `flag`"""
    REGISTER = 9
    """Sample a register write without writing: n is the new value, m the old one; d, if any, is a row of masks as in
    SCATTER, outside of which nothing is sampled"""
    BUS = 10
    """Sample a word on the bus: n & `mask` after m; d, if any, is the row that keeps the word for the next one; a, if
    any, a row of masks: outside of it nothing is sampled and the row keeps m"""
    LOW = 11
    """Sample the low byte of n; a as in BUS"""
    END = 12
    """The instruction at position `index` of the path is done: its level, `base` and what was sampled since the last
    END, is counted; or its activity word stored, `base` of which is what does not vary"""


PURE_BASE = 32
SAMPLED_BASE = PURE_BASE + len(PURE_OPS)
"""Into a register: its Hamming weight, and distance from what it held, are added, and with `low` its low byte."""

OPERATION = np.dtype(
    [
        ("kernel", "u4"),
        ("index", "i4"),  # position of the instruction in the path
        ("spaces", "u1", 4),  # of d, n, m, a
        ("rows", "u4", 4),  # row in its space, or index of the number
        ("mask", "u4"),
        ("shift", "u4"),
        ("flag", "u4"),
        ("cond", "u4"),  # of CONDITION
        ("low", "u4"),  # an address; of a sampled one that has none: whether the low byte is told of (0 or 1)
        ("high", "u4"),
        ("table", "u4"),
        ("base", "u8"),  # END: an activity word
    ],
    align=True,
)


DECIDING = 16
"""Times that an instruction's deciding values are kept."""


@dataclass(frozen=True, slots=True)
class Access:
    """An instruction whose way, address or duration depends on the inputs that vary: a constant-time program has none."""

    index: int
    """Position in the path, of the first time; of the first time that profile lanes part, if they do."""
    kind: str
    """`branch`, `load`, `store`, or `operand` of what takes the core longer for some than for others, or where a
    condition of its own holds, or an address is not aligned"""
    lanes: tuple[int, int]
    """Two rows of the profile inputs that part here; one twice where none do: what decides is computed from the inputs."""
    deciding: tuple[tuple[npt.NDArray[np.int16], npt.NDArray[np.uint32]], ...] = ()
    """Of `operand`: profile lanes that came here and what decides in each, time by time, at most DECIDING of them."""


@dataclass(frozen=True, slots=True)
class Program:
    """A path of M instructions for lanes whose inputs differ in the bytes `varying`."""

    operations: npt.NDArray[np.void]
    """[operations] OPERATION"""
    numbers: npt.NDArray[np.uint32]
    """[numbers]"""
    tables: npt.NDArray[np.uint8]
    """[bytes] what TABLE reads; 4 bytes longer than its last table."""
    varying: npt.NDArray[np.bool_]
    """[input bytes] whether the byte differs between lanes; the others are folded in."""
    input_words: npt.NDArray[np.int64]
    """[words, 6] the rows of MEMORY that hold varying input bytes at the start: row, the word's other bytes, and for each
    of its four bytes where it is in a row of inputs, or -1."""
    constant: npt.NDArray[np.uint64]
    """[M] the activity word of an instruction that is the same in all lanes; of the others, what does not vary."""
    varies: npt.NDArray[np.bool_]
    """[M] whether the instruction has an END operation."""
    ends: int
    """Instructions of the path that lanes go through: M, or fewer where all of them leave the path."""
    output: npt.NDArray[np.uint8]
    """[output bytes] the bytes that do not vary."""
    output_rows: npt.NDArray[np.int64]
    """[output bytes, 3] of the others: space (NOTHING for those that do not vary), row, shift."""
    accesses: tuple[Access, ...]
    """In the order of the path."""
    written: npt.NDArray[np.uint32]
    """[rows] of MEMORY that operations write, ascending."""

    @property
    def loses_at_the_end(self) -> bool:
        """Return whether lanes may be lost behind the last instruction: nobody could tell them from such that went through."""
        last = self.operations["index"] == len(self.varies) - 1
        return bool((self.operations["kernel"][last] == Kernel.CHECK).any())

    @property
    def size(self) -> int:
        """Return how many bytes it takes."""
        arrays = (
            self.operations,
            self.numbers,
            self.tables,
            self.input_words,
            self.constant,
            self.varies,
            self.written,
        )
        deciding = (part for access in self.accesses for time in access.deciding for part in time)
        return sum(array.nbytes for array in (*arrays, *deciding))
