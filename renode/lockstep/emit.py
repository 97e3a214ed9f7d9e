"""The operations of a program as they are put together, and which of them somebody needs.

An operand is one number here: its space above its row, of a number the number itself.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from renode.lockstep.program import (
    MEMORY,
    NUMBER,
    OPERATION,
    PLACE_ROWS,
    PLACES,
    PURE_BASE,
    SAMPLED_BASE,
    Kernel,
)
from renode.thumb.micro import WORD

NONE = 0
PLACE_CODE, MEMORY_CODE, NUMBER_CODE = PLACES << 32, MEMORY << 32, NUMBER << 32
_ROW = 0xFFFFFFFF
_ALIGNMENT = 64
"""Tables begin at multiples of it: small ones then lie in as few cache lines as can be."""

_FIELDS = ("mask", "shift", "flag", "cond", "low", "high", "table", "base")
_PURE_END = SAMPLED_BASE
Operation = tuple[int, ...]
"""kernel, index, d, n, m, a and then _FIELDS"""
_KERNEL, _D, _N, _M, _A, _MASK, _SHIFT, _LOW, _HIGH, _TABLE = 0, 2, 3, 4, 5, 6, 7, 10, 11, 12

_KEPT = frozenset(Kernel) - {Kernel.EXTRACT, Kernel.INSERT}
"""Done whoever reads what they write: they sample, or lanes may be lost in them."""
_FROM_MEMORY = frozenset({Kernel.GATHER, Kernel.GATHER_SAMPLED})
_READING_D = frozenset({Kernel.REGISTER, Kernel.EXTRACT_SAMPLED, Kernel.TABLE_SAMPLED, Kernel.GATHER_SAMPLED})
"""The old value of a register that is sampled, or a row of masks."""


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

    def add(
        self,
        kernel: int,
        d: int = NONE,
        n: int = NONE,
        m: int = NONE,
        a: int = NONE,
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
        self.operations[number] = (*operation[:_D], row, *operation[_D + 1 :])

    def table(self, content: bytes) -> int:
        """Return where in the tables `content` is; put it there the first time."""
        place = self._places_of_tables.get(content)
        if place is None:
            place = self._places_of_tables[content] = self._table_bytes
            padded = content + bytes(-len(content) % _ALIGNMENT)
            self._tables.append(padded)
            self._table_bytes += len(padded)
        return place

    def tables(self) -> npt.NDArray[np.uint8]:
        """Return all tables."""
        return np.frombuffer(b"".join(self._tables) + bytes(4), np.uint8)

    def needed(self, ends_with: list[tuple[int, int]]) -> list[Operation]:
        """Return the operations that are sampled, lose lanes, or compute what is read.

        `ends_with` are the operands that are read behind the last one, and which bits of them.
        """
        live = [0] * PLACE_ROWS
        memory: dict[int, int] = {}
        for operand, bits in ends_with:
            if operand >> 32 == PLACES:
                live[operand & _ROW] = 1
            else:
                memory[operand & _ROW] = memory.get(operand & _ROW, 0) | bits
        kept = []
        for operation in reversed(self.operations):
            kernel, d = operation[_KERNEL], operation[_D]
            space, row = d >> 32, d & _ROW
            if kernel == Kernel.INSERT:
                bits = operation[_MASK] << operation[_SHIFT] & WORD
                if space == PLACES:
                    if not live[row]:
                        continue
                    live[row] = bits != WORD
                else:
                    before = memory.get(row, 0)
                    if not before & bits:
                        continue
                    memory[row] = before & ~bits
            elif PURE_BASE <= kernel < _PURE_END or kernel == Kernel.EXTRACT:
                if not live[row]:
                    continue
                live[row] = 0
            elif kernel >= _PURE_END or kernel in _READING_D or kernel == Kernel.SCATTER:
                if space == PLACES:
                    live[row] = 1
            elif space == PLACES:  # TABLE, GATHER, BUS
                live[row] = 0
            kept.append(operation)
            self._read(operation, live, memory)
        kept.reverse()
        return kept

    @staticmethod
    def _read(operation: Operation, live: list[int], memory: dict[int, int]) -> None:
        for operand in operation[_N : _A + 1]:
            space = operand >> 32
            if space == PLACES:
                live[operand & _ROW] = 1
            elif space == MEMORY:
                row = operand & _ROW
                bits = operation[_MASK] << operation[_SHIFT] & WORD if operation[_KERNEL] < Kernel.INSERT else WORD
                memory[row] = memory.get(row, 0) | bits
        if operation[_KERNEL] in _FROM_MEMORY:
            first = operation[_TABLE]
            for row in range(first, first + ((operation[_HIGH] - operation[_LOW]) >> 2) + 1):
                memory[row] = WORD


def packed(operations: list[Operation]) -> tuple[npt.NDArray[np.void], npt.NDArray[np.uint32]]:
    """Return the operations as OPERATION and the numbers that they refer to."""
    columns = np.array(operations, np.int64).reshape(-1, 6 + len(_FIELDS))
    result = np.zeros(len(columns), OPERATION)
    operands = columns[:, _D : _A + 1]
    spaces = operands >> 32
    rows = (operands & _ROW).astype(np.uint32)
    numbered = spaces == NUMBER
    numbers, inverse = np.unique(rows[numbered], return_inverse=True)
    rows[numbered] = inverse
    result["kernel"], result["index"] = columns[:, 0], columns[:, 1]
    result["spaces"], result["rows"] = spaces, rows
    for number, field in enumerate(_FIELDS):
        result[field] = columns[:, _A + 1 + number]
    return result, numbers


def written_rows(operations: npt.NDArray[np.void]) -> npt.NDArray[np.uint32]:
    """Return the rows of memory that operations write, ascending."""
    direct = operations["rows"][operations["spaces"][:, 0] == MEMORY, 0]
    rows: list[Any] = [direct]
    for operation in operations[operations["kernel"] == Kernel.SCATTER]:
        count = (int(operation["high"]) - int(operation["low"])) // 4 + 1
        rows.append(np.arange(operation["table"], int(operation["table"]) + count))
    return np.unique(np.concatenate(rows)).astype(np.uint32)
