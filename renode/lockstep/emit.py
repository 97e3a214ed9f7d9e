"""The operations of a program as they are put together.

An operand is one number here: its space above its row, of a number the number itself.
"""

import numpy as np
import numpy.typing as npt

from renode.lockstep.program import (
    MEMORY,
    NUMBER,
    PLACES,
    Kernel,
)
from renode.lockstep.values import Unsupported
from renode.thumb.micro import WORD

NONE = 0
PLACE_CODE, MEMORY_CODE, NUMBER_CODE = PLACES << 32, MEMORY << 32, NUMBER << 32
ROW = 0xFFFFFFFF
"""The bits of an operand that say which row."""
_ALIGNMENT = 64
"""Tables begin at multiples of it: small ones then lie in as few cache lines as can be."""
MOST_OPERATIONS = 1_500_000
"""Of a program; to bind one takes a kilobyte or so meanwhile."""
MOST_TABLE_BYTES = 64 * 2**20
"""Of all tables: memory that is written between accesses is another table at each of them."""

Operation = tuple[int, ...]
"""kernel, index, d, n, m, a, mask, shift, flag, cond, low, high, table, base"""
D, N, M, A, MASK, SHIFT, LOW, HIGH, TABLE, BASE = 2, 3, 4, 5, 6, 7, 10, 11, 12, 13
"""Where they are in an operation."""


class Emitter:
    """A list of operations."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.index = 0
        """Position of the instruction in the path."""
        self.operations: list[Operation] = []
        self._tables: list[bytes] = []
        self._table_bytes = 0
        self._places_of_tables: dict[bytes, int] = {}

    def begin(self, index: int) -> None:
        """Begin the instruction at position `index`; raise Unsupported where there are too many operations by now."""
        self.index = index
        if len(self.operations) > MOST_OPERATIONS:
            raise Unsupported(f"path-too-long: more than {MOST_OPERATIONS} operations")

    def add(
        self,
        kernel: int,
        d: int = NONE,
        n: int = NONE,
        m: int = NONE,
        a: int = NONE,
        *,
        mask: int = WORD,
        shift: int = 0,
        flag: int = 0,
        cond: int = 0,
        low: int = 0,
        high: int = 0,
        table: int = 0,
        base: int = 0,
    ) -> None:
        """Add an operation; of the operands those that it has."""
        self.operations.append((kernel, self.index, d, n, m, a, mask, shift, flag, cond, low, high, table, base))

    def lose_before(self, n: int, m: int, *, equal: bool) -> None:
        """Lose the lanes where whether n is m is `equal`, with the instructions before this one in common."""
        self.index -= 1
        self.add(Kernel.CHECK, NONE, n, m, flag=int(not equal))
        self.index += 1

    def keep_word(self, number: int, row: int) -> None:
        """Let the BUS operation `number` keep its word in a row."""
        operation = self.operations[number]
        self.operations[number] = (*operation[:D], row, *operation[D + 1 :])

    def table(self, content: bytes) -> int:
        """Return where in the tables `content` is; put it there the first time. Raise Unsupported for too many bytes."""
        place = self._places_of_tables.get(content)
        if place is None:
            if self._table_bytes + len(content) > MOST_TABLE_BYTES:
                raise Unsupported(f"tables: more than {MOST_TABLE_BYTES} bytes of them")
            place = self._places_of_tables[content] = self._table_bytes
            padded = content + bytes(-len(content) % _ALIGNMENT)
            self._tables.append(padded)
            self._table_bytes += len(padded)
        return place

    def tables(self) -> npt.NDArray[np.uint8]:
        """Return all tables."""
        return np.frombuffer(b"".join(self._tables) + bytes(4), np.uint8)
