"""What a walker knows at one instruction, and how it samples: registers written, words on the bus, low bytes.

What all lanes share is added to the instruction's activity word; for the rest operations are emitted.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from renode.lockstep.emit import NONE, NUMBER_CODE, PLACE_CODE, Emitter
from renode.lockstep.memory import Memory
from renode.lockstep.program import DECIDING, PLACE_ROWS, PURE_BASE, PURE_OPS, SAMPLED_BASE, Access, Kernel
from renode.lockstep.start import Start
from renode.lockstep.steps import READ_BY, Step
from renode.lockstep.values import Unsupported, Varying, Word, lanes_of
from renode.thumb import arrays, numbers
from renode.thumb.micro import PLACES, Op, Place
from renode.trace import BUS_HD, BUS_HW, LOW_BYTE, REGISTER_HD

BUS_ROW, MASK_ROW, _, SPARE, SECOND_SPARE, THIRD_SPARE = range(PLACES, PLACES + 6)
"""Rows of PLACES behind the places."""
FLAGS = (Place.RESULT, Place.CARRY, Place.OVERFLOW)
"""What conditions read."""
_CONDITION = PURE_BASE + PURE_OPS.index(Op.CONDITION)
_NOWHERE = -1
MOST_EFFORT = 2**25
"""Rows of memory that the accesses of a path may go over, each as often as it does: ten seconds or so."""
FREE = (-1, 0)
"""Of the monitor of exclusive accesses."""


class State:
    """Registers, flags and memory, the bus, and the profile lanes that are still on the path."""

    def __init__(
        self, start: Start, rows: npt.NDArray[np.uint8], varying: npt.NDArray[np.bool_], constants: list[int]
    ) -> None:
        """Begin where an execution begins; `constants` are the numbers that steps refer to."""
        self.core = start.core
        self.emit = Emitter()
        self.memory = Memory(start, rows, varying, self.emit)
        self.file: list[Word] = [*start.registers, *flags_of_status(start.status)]
        self.file += [0] * (PLACE_ROWS - len(self.file)) + constants
        self.address = 0
        """Of the instruction."""
        self.base = 0
        """Its activity word, as far as lanes share it."""
        self.sampled = False
        """Whether there is more of it."""
        self.alive = np.ones(len(rows), np.bool_)
        """[profile lanes] which are on the path."""
        self.deserted = False
        """Whether none is."""
        self._effort = 0
        self.accesses: dict[tuple[int, str], Access] = {}
        self.deciding: dict[int, list[tuple[npt.NDArray[np.int16], npt.NDArray[np.uint32]]]] = {}
        """Address -> what decides how long the instruction takes: `Access.deciding`."""
        self.sums: dict[int, tuple[Varying, int, Varying, int]] = {}
        """Temporary -> its word, and the place, the word and the number that it is the sum of."""
        self.mask: Varying | None = None
        """All ones in the lanes that execute the instruction, where its condition varies."""
        self.mask_code = NONE
        self.monitor: tuple[int, int] | None = None
        """Address and width of what was loaded exclusively; FREE if nothing is, None where that is not known."""
        self._masks: dict[int, tuple[int, tuple[Word, ...], Varying]] = {}
        self._bus: Word = 0
        self._bus_place = _NOWHERE
        self._bus_operation = _NOWHERE

    def code(self, position: int) -> int:
        """Return the operand at a position of the file."""
        value = self.file[position]
        return NUMBER_CODE | value if isinstance(value, int) else PLACE_CODE | position

    def write(self, step: Step, value: int) -> None:
        """Write what lanes share to the place of a step."""
        if step.sampled:
            self.sample(step.d, value, low=step.low)
        self.file[step.d] = value

    def sample(self, register: int, value: int, *, low: bool) -> None:
        """Sample a number that is written to a register."""
        old = self.file[register]
        if isinstance(old, int):
            self.base += value.bit_count() + ((value ^ old).bit_count() << REGISTER_HD)
        else:
            self.emit.add(Kernel.REGISTER, NONE, NUMBER_CODE | value, PLACE_CODE | register)
            self.sampled = True
        if low:
            self.base |= (value & 0xFF) << LOW_BYTE

    def sample_kept(self, step: Step) -> None:
        """Sample a register that is written with what it holds."""
        value = self.file[step.n]
        if isinstance(value, int):
            self.sample(step.n, value, low=step.low)
            return
        self.emit.add(Kernel.REGISTER, NONE, PLACE_CODE | step.n, PLACE_CODE | step.n)
        if step.low:
            self.emit.add(Kernel.LOW, NONE, PLACE_CODE | step.n)
        self.sampled = True

    def compute(self, step: Step, value: Varying, kernel: int, n: int = NONE, m: int = NONE, **fields: int) -> None:
        """Emit the operation that computes `value` in the place of a step, sampled if that is a register."""
        place, add = PLACE_CODE | step.d, self.emit.add
        fields["cond"] = step.micro.cond
        if step.sampled:
            old, telling = self.file[step.d], step.low
            if isinstance(old, int):
                add(kernel, place, n, m, **fields)
                add(Kernel.REGISTER, NONE, place, NUMBER_CODE | old)
            elif kernel >= PURE_BASE or kernel == Kernel.EXTRACT:
                sampled = SAMPLED_BASE - PURE_BASE if kernel >= PURE_BASE else 1
                fields["low"], telling = int(telling), False
                add(kernel + sampled, place, n, m, **fields)
            else:  # `low` is an address
                add(kernel + 1, place, n, m, **fields)
            if telling:
                add(Kernel.LOW, NONE, place)
            self.sampled = True
        else:
            add(kernel, place, n, m, **fields)
        self.file[step.d] = value

    def put_on_bus(self, value: Word, place: int, mask: int) -> None:
        """Sample the low bits `mask` of a word, which lies in a place if it varies, after the word before."""
        last = self._bus
        if isinstance(value, int):
            word = value & mask
            if isinstance(last, int):
                self.base += (word.bit_count() << BUS_HW) + ((word ^ last).bit_count() << BUS_HD)
            else:
                self.emit.add(Kernel.BUS, NONE, NUMBER_CODE | word, self._last_on_bus())
                self.sampled = True
            self._bus = word
            return
        self.emit.add(Kernel.BUS, NONE, PLACE_CODE | place, self._last_on_bus(), mask=mask)
        self.sampled = True
        self._bus = value
        # The word is kept in a row of its own only if the place holds another one when it is needed.
        self._bus_place = place if not value.bounds[2] & ~mask else _NOWHERE
        self._bus_operation = len(self.emit.operations) - 1

    def _last_on_bus(self) -> int:
        last = self._bus
        if isinstance(last, int):
            return NUMBER_CODE | last
        if self._bus_place != _NOWHERE and self.file[self._bus_place] is last:
            return PLACE_CODE | self._bus_place
        self.emit.keep_word(self._bus_operation, PLACE_CODE | BUS_ROW)
        return PLACE_CODE | BUS_ROW

    def put_some_on_bus(self, value: Word, code: int, mask: int) -> None:
        """Do the same where the instruction's condition varies: in the other lanes the last word stays."""
        last, code_of_last = self._bus, self._last_on_bus()
        if isinstance(value, int):
            value &= mask
            code = NUMBER_CODE | value
        self.emit.add(Kernel.BUS, PLACE_CODE | BUS_ROW, code, code_of_last, self.mask_code, mask=mask)
        self.sampled = True
        if not isinstance(value, int) and value.bounds[2] & ~mask:
            value = Varying(arrays.FUNCTIONS[Op.AND], (value, mask, 0))
        self._bus = self.file[BUS_ROW] = self.merged(last, value)
        self._bus_place = BUS_ROW

    def merged(self, old: Word, new: Word) -> Varying:
        """Return the word that is new in the lanes that execute the instruction."""
        return Varying(arrays.FUNCTIONS[Op.MERGE], (old, new, self.mask))

    def spend(self, rows: int) -> None:
        """Raise Unsupported when accesses have gone over more rows than is worth while."""
        self._effort += rows
        if self._effort > MOST_EFFORT:
            raise Unsupported("address: varying ones go over too much memory, too often")

    def keep(self, lanes: npt.NDArray[np.bool_]) -> None:
        """Drop the other profile lanes."""
        self.alive = self.alive & lanes
        self.deserted = not self.alive.any()

    def executing(self) -> npt.NDArray[np.bool_]:
        """Return [profile lanes] those that execute the instruction."""
        return self.alive if self.mask is None else self.alive & (lanes_of(self.mask) != 0)

    def holds(self, cond: int) -> bool | Varying:
        """Return whether a condition holds, or the masks of the lanes, which are then in the row `mask_row(cond)`."""
        file = self.file
        flags = tuple(file[place] if place in READ_BY[cond] else 0 for place in FLAGS)
        result, carry, overflow = flags
        if isinstance(result, int) and isinstance(carry, int) and isinstance(overflow, int):
            return numbers.CONDITIONS[cond](result, carry, overflow) != 0
        row = mask_row(cond)
        known = self._masks.get(row)
        if known is not None and known[0] == cond and all(n is m for n, m in zip(known[1], flags, strict=True)):
            return known[2]
        n, m, a = (
            NUMBER_CODE | flag if isinstance(flag, int) else PLACE_CODE | place
            for flag, place in zip(flags, FLAGS, strict=True)
        )
        self.emit.add(_CONDITION, PLACE_CODE | row, n, m, a, cond=cond)
        mask = Varying(arrays.CONDITIONS[cond], flags)
        self._masks[row] = cond, flags, mask
        return mask

    def tell_low(self, value: Word, place: int) -> None:
        """Sample the low byte of a word, which lies in a place if it varies."""
        if isinstance(value, int):
            self.base |= (value & 0xFF) << LOW_BYTE
        else:
            self.emit.add(Kernel.LOW, NONE, PLACE_CODE | place)
            self.sampled = True

    def note(self, kind: str, word: Varying) -> None:
        """Note an access at this instruction, by an address or a truth value: where profile lanes part, if they do."""
        noted = self.accesses.get((self.address, kind))
        told = noted is not None and noted.lanes[0] != noted.lanes[1]
        deciding = self.deciding.setdefault(self.address, []) if kind == "operand" else None
        if told and (deciding is None or len(deciding) >= DECIDING):
            return
        lanes = np.flatnonzero(self.alive if kind == "branch" else self.executing())
        values = lanes_of(word)[lanes] if len(lanes) else lanes
        if deciding is not None and len(deciding) < DECIDING:
            deciding.append((lanes.astype(np.int16), values.astype(np.uint32)))
        if told:
            return
        other = np.flatnonzero(values != values[:1])
        if len(other):
            pair = int(lanes[0]), int(lanes[other[0]])
            self.accesses[self.address, kind] = Access(self.emit.index, kind, pair)
        elif noted is None:
            self.accesses[self.address, kind] = Access(self.emit.index, kind, (0, 0))

    def noted(self) -> Iterator[Access]:
        """Yield the accesses noted, with what decides."""
        for (address, kind), access in self.accesses.items():
            yield replace(access, deciding=tuple(self.deciding[address])) if kind == "operand" else access


def mask_row(cond: int) -> int:
    """Return the row of PLACES that has the masks of a condition: its opposite has another one."""
    return MASK_ROW + (cond & 1)


def flags_of_status(status: int) -> tuple[int, int, int, int, int]:
    """Return RESULT, CARRY, OVERFLOW, SATURATED and GREATER of an APSR, in which N and Z are not both set."""
    negative, zero, carry, overflow, saturated = (status >> bit & 1 for bit in (31, 30, 29, 28, 27))
    return (negative << 31 | (1 - negative) * (1 - zero), carry, overflow, saturated, status >> 16 & 15)
