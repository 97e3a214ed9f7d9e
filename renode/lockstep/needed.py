"""Which operations of a path somebody needs, and the arrays of a program made of them."""

from typing import Any

import numpy as np
import numpy.typing as npt

from renode.lockstep.emit import HIGH, LOW, MASK, ROW, SHIFT, TABLE, A, D, N, Operation
from renode.lockstep.program import MEMORY, NUMBER, OPERATION, PLACE_ROWS, PLACES, PURE_BASE, SAMPLED_BASE, Kernel
from renode.thumb.micro import WORD

_FIELDS = ("mask", "shift", "flag", "cond", "low", "high", "table", "base")
_FROM_MEMORY = frozenset({Kernel.GATHER, Kernel.GATHER_SAMPLED})
_OVERWRITING = frozenset({Kernel.TABLE, Kernel.GATHER, Kernel.BUS})
"""Of those that are done whoever reads what they write: the ones that do not read d."""


def needed(operations: list[Operation], read: list[tuple[int, int]]) -> list[Operation]:
    """Return the operations that sample, may lose lanes, or compute what is read.

    `read` are the operands that are read behind the last one, and which bits of them.
    """
    rows = _Rows(read)
    kept = [operation for operation in reversed(operations) if rows.step_back(operation)]
    kept.reverse()
    return kept


class _Rows:
    """Which rows are read later on: of places whether they are, of memory which bits."""

    def __init__(self, read: list[tuple[int, int]]) -> None:
        self._places = [False] * PLACE_ROWS
        self._memory: dict[int, int] = {}
        for operand, bits in read:
            if operand >> 32 == PLACES:
                self._places[operand & ROW] = True
            else:
                self._memory[operand & ROW] = self._memory.get(operand & ROW, 0) | bits

    def step_back(self, operation: Operation) -> bool:
        """Go from behind an operation to before it; return whether it is needed."""
        kernel, d = operation[0], operation[D]
        row = d & ROW
        if d >> 32 == MEMORY:  # an INSERT
            bits = operation[MASK] << operation[SHIFT] & WORD
            later = self._memory.get(row, 0)
            if not later & bits:
                return False
            self._memory[row] = later & ~bits
        elif PURE_BASE <= kernel < SAMPLED_BASE or kernel == Kernel.EXTRACT:
            if not self._places[row]:
                return False
            self._places[row] = False
        elif d:
            self._places[row] = kernel not in _OVERWRITING
        self._read(operation)
        return True

    def _read(self, operation: Operation) -> None:
        for operand in operation[N : A + 1]:
            space = operand >> 32
            if space == PLACES:
                self._places[operand & ROW] = True
            elif space == MEMORY:  # an EXTRACT
                row, bits = operand & ROW, operation[MASK] << operation[SHIFT] & WORD
                self._memory[row] = self._memory.get(row, 0) | bits
        if operation[0] in _FROM_MEMORY:
            first = operation[TABLE]
            for row in range(first, first + ((operation[HIGH] - operation[LOW]) >> 2) + 1):
                self._memory[row] = WORD


def packed(operations: list[Operation]) -> tuple[npt.NDArray[np.void], npt.NDArray[np.uint32]]:
    """Return the operations as OPERATION and the numbers that they refer to."""
    columns = np.array(operations, np.int64).reshape(-1, A + 1 + len(_FIELDS))
    result = np.zeros(len(columns), OPERATION)
    operands = columns[:, D : A + 1]
    spaces = operands >> 32
    rows = (operands & ROW).astype(np.uint32)
    numbered = spaces == NUMBER
    numbers, inverse = np.unique(rows[numbered], return_inverse=True)
    rows[numbered] = inverse
    result["kernel"], result["index"] = columns[:, 0], columns[:, 1]
    result["spaces"], result["rows"] = spaces, rows
    for number, field in enumerate(_FIELDS):
        result[field] = columns[:, A + 1 + number]
    return result, numbers


def written_rows(operations: npt.NDArray[np.void]) -> npt.NDArray[np.uint32]:
    """Return the rows of memory that operations write, ascending."""
    direct = operations["rows"][operations["spaces"][:, 0] == MEMORY, 0]
    rows: list[Any] = [direct]
    for operation in operations[operations["kernel"] == Kernel.SCATTER]:
        count = (int(operation["high"]) - int(operation["low"])) // 4 + 1
        rows.append(np.arange(operation["table"], int(operation["table"]) + count))
    return np.unique(np.concatenate(rows)).astype(np.uint32)
