"""What the operations of a program mean, said in NumPy: slow, and what the kernels are measured against."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from renode.lockstep.program import (
    MEMORY,
    NOTHING,
    NUMBER,
    PLACE_ROWS,
    PLACES,
    PURE_BASE,
    PURE_OPS,
    SAMPLED_BASE,
    Kernel,
    Program,
)
from renode.lockstep.start import Start
from renode.thumb import arrays
from renode.thumb.micro import WORD, Op
from renode.trace import BUS_HD, BUS_HW, LOW_BYTE, REGISTER_HD, REGISTER_HW

Lanes = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Replayed:
    """How lanes went."""

    activity: npt.NDArray[np.uint64]
    """[N, M] activity words; zero from `lost` on."""
    lost: npt.NDArray[np.int32]
    """[N] instructions in common with the reference; M of those that went through."""
    output: npt.NDArray[np.uint8]
    """[N, output bytes] meaningless in lanes that are lost."""


def replay(program: Program, start: Start, inputs: npt.NDArray[np.uint8]) -> Replayed:
    """Execute a program for `inputs` [N, input bytes]."""
    return _Replay(program, start, inputs).replayed()


class _Replay:
    def __init__(self, program: Program, start: Start, inputs: npt.NDArray[np.uint8]) -> None:
        self._program = program
        count = len(inputs)
        words = sum(len(block.content) for block in start.writable) // 4
        # What nobody has written is arbitrary: a program that reads it shows.
        self._memory = np.full((words, count), 0xDEADBEEF, np.uint32)
        self._places = np.full((PLACE_ROWS, count), 0xDEADBEEF, np.uint32)
        for row, rest, *sources in program.input_words:
            self._memory[row] = rest
            for byte, source in enumerate(sources):
                if source >= 0:
                    self._memory[row] |= inputs[:, source].astype(np.uint32) << np.uint32(8 * byte)
        length = len(program.constant)
        self._lost = np.full(count, program.ends, np.int32)
        self._activity = np.tile(program.constant, (count, 1))
        self._sums = np.zeros(count, np.uint64)
        self._length = length

    def replayed(self) -> Replayed:
        program = self._program
        for operation in program.operations:
            self._do(operation)
        self._activity[np.arange(self._length) >= self._lost[:, np.newaxis]] = 0
        output = np.tile(program.output, (len(self._lost), 1))
        for byte, (space, row, shift) in enumerate(program.output_rows):
            if space != NOTHING:
                rows = self._places if space == PLACES else self._memory
                output[:, byte] = rows[row] >> np.uint32(shift) & np.uint32(0xFF)
        return Replayed(self._activity, self._lost, output)

    def _do(self, operation: Any) -> None:
        kernel = int(operation["kernel"])
        if kernel >= PURE_BASE:
            sampled = kernel >= SAMPLED_BASE
            op = PURE_OPS[kernel - (SAMPLED_BASE if sampled else PURE_BASE)]
            n, m, a = (self._operand(operation, which) for which in (1, 2, 3))
            value = arrays.compute(op, n, m, a, cond=int(operation["cond"]) if op is Op.CONDITION else 14)
            self._write(operation, value, sampled=sampled, low=sampled and bool(operation["low"]))
        else:
            getattr(self, f"_{Kernel(kernel).name.lower()}")(operation)

    def _operand(self, operation: Any, which: int) -> Lanes:
        space, row = int(operation["spaces"][which]), int(operation["rows"][which])
        if space == NUMBER:
            return np.full(len(self._lost), self._program.numbers[row], np.uint32)
        if space in {PLACES, MEMORY}:
            word: Lanes = (self._places if space == PLACES else self._memory)[row]
            return word.copy()
        return np.zeros(len(self._lost), np.uint32)

    def _write(self, operation: Any, value: Lanes, *, sampled: bool = False, low: bool = False) -> None:
        rows = self._places if operation["spaces"][0] == PLACES else self._memory
        row = rows[int(operation["rows"][0])]
        if sampled:
            self._sample(value, row, (REGISTER_HW, REGISTER_HD))
        if low:
            self._sums += (value & np.uint32(0xFF)).astype(np.uint64) << np.uint64(LOW_BYTE)
        row[:] = value

    def _sample(self, value: Lanes, old: Lanes, fields: tuple[int, int], where: Lanes | None = None) -> None:
        weight, distance = np.bitwise_count(value).astype(np.uint64), np.bitwise_count(value ^ old).astype(np.uint64)
        word = (weight << np.uint64(fields[0])) + (distance << np.uint64(fields[1]))
        self._sums += word if where is None else np.where(where != 0, word, np.uint64(0))

    def _masks(self, operation: Any, which: int) -> Lanes:
        """Return the row of masks; all ones where there is none."""
        if operation["spaces"][which] == NOTHING:
            return np.full(len(self._lost), WORD, np.uint32)
        return self._operand(operation, which)

    def _lose(self, lanes: npt.NDArray[np.bool_], index: int) -> None:
        self._lost[lanes & (self._lost > index)] = index

    def _extract(self, operation: Any, *, sampled: bool = False) -> None:
        mask = int(operation["mask"])
        value = self._operand(operation, 1) >> np.uint32(operation["shift"]) & np.uint32(mask)
        value = _extended(value, mask, signed=bool(operation["flag"]))
        self._write(operation, value, sampled=sampled, low=sampled and bool(operation["low"]))

    def _extract_sampled(self, operation: Any) -> None:
        self._extract(operation, sampled=True)

    def _insert(self, operation: Any) -> None:
        mask, shift = np.uint32(operation["mask"]), np.uint32(operation["shift"])
        before, part = self._operand(operation, 0), self._operand(operation, 1)
        self._write(operation, (before & ~(mask << shift)) | ((part & mask) << shift))

    def _table(self, operation: Any, *, sampled: bool = False) -> None:
        offset = self._planned(operation, self._operand(operation, 1))
        table = self._program.tables[int(operation["table"]) :]
        value = np.zeros(len(offset), np.uint32)
        for byte in range(4):
            value |= table[offset + byte].astype(np.uint32) << np.uint32(8 * byte)
        mask = int(operation["mask"])
        value = _extended(value & np.uint32(mask), mask, signed=bool(operation["flag"]))
        self._write(operation, value, sampled=sampled)

    def _table_sampled(self, operation: Any) -> None:
        self._table(operation, sampled=True)

    def _planned(self, operation: Any, address: Lanes, where: Lanes | None = None) -> Lanes:
        """Return how far addresses lie above `low`; lose the lanes in which that was not planned for."""
        low, high = np.uint32(operation["low"]), np.uint32(operation["high"])
        outside = (address < low) | (address > high)
        if where is not None:
            outside &= where != 0
        self._lose(outside, int(operation["index"]))
        return np.clip(address, low, high) - low

    def _across(self, operation: Any, address: Lanes) -> npt.NDArray[np.bool_]:
        width = int(operation["mask"]).bit_length() // 8
        return (address & np.uint32(3)) + np.uint32(width) > 4

    def _gather(self, operation: Any, *, sampled: bool = False) -> None:
        address = self._operand(operation, 1)
        self._lose(self._across(operation, address), int(operation["index"]))
        offset = self._planned(operation, address)
        mask = int(operation["mask"])
        word = self._memory[int(operation["table"]) + (offset >> np.uint32(2)), np.arange(len(offset))]
        value = word >> ((offset & np.uint32(3)) << np.uint32(3)) & np.uint32(mask)
        self._write(operation, _extended(value, mask, signed=bool(operation["flag"])), sampled=sampled)

    def _gather_sampled(self, operation: Any) -> None:
        self._gather(operation, sampled=True)

    def _scatter(self, operation: Any) -> None:
        address, part = self._operand(operation, 1), self._operand(operation, 2)
        where = self._masks(operation, 0)
        index = int(operation["index"])
        self._lose(self._across(operation, address) & (where != 0), index)
        offset = self._planned(operation, address, where)
        lanes = np.flatnonzero((where != 0) & (self._lost > index))
        rows = int(operation["table"]) + (offset[lanes] >> np.uint32(2))
        shift = (offset[lanes] & np.uint32(3)) << np.uint32(3)
        mask = np.uint32(operation["mask"])
        before = self._memory[rows, lanes]
        self._memory[rows, lanes] = (before & ~(mask << shift)) | ((part[lanes] & mask) << shift)

    def _check(self, operation: Any) -> None:
        equal = self._operand(operation, 1) == self._operand(operation, 2)
        self._lose(equal != bool(operation["flag"]), int(operation["index"]) + 1)

    def _register(self, operation: Any) -> None:
        new, old = self._operand(operation, 1), self._operand(operation, 2)
        self._sample(new, old, (REGISTER_HW, REGISTER_HD), self._masks(operation, 0))

    def _bus(self, operation: Any) -> None:
        word, last = self._operand(operation, 1) & np.uint32(operation["mask"]), self._operand(operation, 2)
        where = self._masks(operation, 3)
        self._sample(word, last, (BUS_HW, BUS_HD), where)
        if operation["spaces"][0] != NOTHING:
            self._write(operation, np.where(where != 0, word, last))

    def _low(self, operation: Any) -> None:
        low = (self._operand(operation, 1) & np.uint32(0xFF) & self._masks(operation, 3)).astype(np.uint64)
        self._sums += low << np.uint64(LOW_BYTE)

    def _end(self, operation: Any) -> None:
        self._activity[:, int(operation["index"])] = self._sums + np.uint64(operation["base"])
        self._sums[:] = 0


def _extended(value: Lanes, mask: int, *, signed: bool) -> Lanes:
    sign = np.uint32((mask >> 1) + 1)
    return (value ^ sign) - sign if signed else value
