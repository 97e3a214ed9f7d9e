"""Programs written by hand, operation by operation."""

from typing import Any

import numpy as np
import numpy.typing as npt

from jobs.target import Core
from renode.lockstep.program import (
    MEMORY,
    NOTHING,
    NUMBER,
    OPERATION,
    PLACES,
    PURE_BASE,
    PURE_OPS,
    SAMPLED_BASE,
    Kernel,
    Program,
)
from renode.lockstep.start import Block, Start
from renode.thumb.micro import Op
from renode.trace import Levels

Operand = tuple[int, int]
NO: Operand = (NOTHING, 0)
FIELDS = ((0, 0xFFF), (12, 0xFFF), (24, 0xFFF), (36, 0xFFF), (48, 0xFF))
"""Where the fields of an activity word are, and their masks."""


def place(row: int) -> Operand:
    return PLACES, row


def word(row: int) -> Operand:
    return MEMORY, row


class Written:
    """A program being written. Inputs are words: word k is row k of memory when the program begins."""

    def __init__(self, words: int, *, memory: int = 64) -> None:
        self._words = words
        self._operations: list[npt.NDArray[np.void]] = []
        self._numbers: list[int] = []
        self._ends: dict[int, int] = {}
        self.tables = np.zeros(4, np.uint8)
        self.outputs: list[tuple[int, int, int]] = []
        self.index = 0
        self.start = Start(
            Core.M4, (0,) * 15, 0, 0, (Block(0x20000000, np.zeros(4 * memory, np.uint8)),), (), (), None, 0
        )

    def number(self, value: int) -> Operand:
        self._numbers.append(value)
        return NUMBER, len(self._numbers) - 1

    def do(self, kernel: int, d: Operand = NO, n: Operand = NO, m: Operand = NO, a: Operand = NO, **more: Any) -> None:
        operation = np.zeros((), OPERATION)
        operation["kernel"], operation["index"] = kernel, self.index
        operation["spaces"] = [operand[0] for operand in (d, n, m, a)]
        operation["rows"] = [operand[1] for operand in (d, n, m, a)]
        for name, value in more.items():
            operation[name] = value
        self._operations.append(operation)

    def pure(self, op: Op, d: Operand, *operands: Operand, sampled: bool = True, **more: Any) -> None:
        self.do((SAMPLED_BASE if sampled else PURE_BASE) + PURE_OPS.index(op), d, *operands, **more)

    def end(self, base: int = 0) -> None:
        """End the instruction, and begin the next one."""
        self.do(Kernel.END, base=base)
        self._ends[self.index] = base
        self.index += 1

    def skip(self) -> None:
        """Step over an instruction that is the same in all lanes."""
        self.index += 1

    def program(self, *, ends: int | None = None) -> Program:
        length = self.index + 2
        varies = np.zeros(length, np.bool_)
        varies[list(self._ends)] = True
        constant = np.arange(length, dtype=np.uint64) % np.uint64(5)
        constant[list(self._ends)] = list(self._ends.values())
        count = 4 * self._words
        return Program(
            operations=np.array(self._operations, OPERATION),
            numbers=np.array(self._numbers, np.uint32),
            tables=self.tables,
            varying=np.ones(count, np.bool_),
            input_words=np.array([(k, 0, *range(4 * k, 4 * k + 4)) for k in range(self._words)], np.int64),
            constant=constant,
            varies=varies,
            ends=length if ends is None else ends,
            output=np.full(max(len(self.outputs), 1), 0x5A, np.uint8),
            output_rows=np.array(self.outputs or [(NOTHING, 0, 0)], np.int64),
            accesses=(),
            written=np.zeros(0, np.uint32),
        )


def levels_of(length: int, weights: tuple[int, ...], *, first: int = 0, window: int | None = None) -> Levels:
    """Return levels that weigh every instruction alike and have room for three writes of each kind."""
    window = length - first if window is None else window
    reach = [3 * 32 * weight for weight in weights[:4]] + [3 * 255 * weights[4]]
    lowest = sum(weight for weight in reach if weight < 0)
    width = sum(abs(weight) for weight in reach) + 1
    return Levels(
        first=first,
        weights=np.tile(np.array(weights, np.int32)[:, np.newaxis], (1, window)),
        lowest=np.full(window, lowest, np.int32),
        offsets=np.arange(window + 1, dtype=np.int64) * width,
    )


def counted(
    activity: npt.NDArray[np.uint64],
    lost: npt.NDArray[np.int32],
    groups: npt.NDArray[np.integer],
    levels: Levels,
    into: npt.NDArray[np.int64],
) -> None:
    """Count levels as `Simulator.tally` defines it."""
    for column in range(levels.weights.shape[1]):
        index = levels.first + column
        went = lost > index
        words = activity[went, index]
        level = np.full(len(words), -int(levels.lowest[column]))
        for weight, (at, mask) in zip(levels.weights[:, column].tolist(), FIELDS, strict=True):
            level += weight * (words >> np.uint64(at) & np.uint64(mask)).astype(np.int64)
        np.add.at(into, (groups[went], levels.offsets[column] + level), 1)
