"""Kernels of what is computed and sampled: pure operations, parts of words, samples alone.

A kernel is made for one form: which of its operands are rows and which numbers, what is sampled, and the few numbers
that shape its code (amounts of shifts, masks of parts of words). Its name says all of that, so equal names are equal
kernels.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from llvmlite import ir

from renode.lockstep.frame import VECTORS, A, D, Frame, M, N
from renode.lockstep.llvm import Vectors, Word
from renode.lockstep.sampling import SILENT, Sampler, Sampling
from renode.thumb.micro import Op
from renode.thumb.semantics import PURE, condition

ROW, EACH, NONE = "r", "e", "n"
"""Kinds of operands: a row; a number in the record; none."""
FOLDED = frozenset(
    {Op.LSL, Op.LSR, Op.ASR, Op.ROR, Op.LSL_CARRY, Op.LSR_CARRY, Op.ASR_CARRY, Op.ROR_CARRY}
    | {Op.SSAT, Op.USAT, Op.SSAT16, Op.USAT16}
)
"""Operations whose m, where it is a number, is the number of their form: that makes them far less than the whole."""


@dataclass(frozen=True, slots=True)
class Form:
    """One kernel: what it does, on what, and what of it is sampled."""

    work: str
    operands: tuple[str, str, str, str] = (NONE, NONE, NONE, NONE)
    """d, n, m, a"""
    numbers: tuple[int, ...] = ()
    sampling: Sampling = SILENT

    @property
    def name(self) -> str:
        """Return the name of its function."""
        numbers = "".join(f"_{number:x}" for number in self.numbers)
        return f"{self.work}_{'_'.join(self.operands)}{numbers}_{self.sampling.name}"


class Operands:
    """The operands of a form, turn by turn."""

    def __init__(self, frame: Frame, form: Form) -> None:
        """Load what is the same in every turn."""
        self._frame = frame
        self._rows: dict[int, ir.Value] = {}
        self._each: dict[int, Word] = {}
        for field, kind in zip((D, N, M, A), form.operands, strict=True):
            if kind == ROW:
                self._rows[field] = frame.row(field)
            elif kind == EACH:
                self._each[field] = frame.everywhere(field)

    def has(self, field: int) -> bool:
        """Return whether there is such an operand."""
        return field in self._rows or field in self._each

    def vector(self, field: int, offset: ir.Value, number: int) -> Word:
        """Return vector `number` of a turn; 0 of an operand that there is not."""
        if field in self._rows:
            return self._frame.load(self._rows[field], offset, number)
        return self._each.get(field) or self._frame.algebra.number(0)

    def turn(self, field: int, offset: ir.Value) -> list[Word]:
        """Return all vectors of a turn; none of an operand that there is not."""
        return [self.vector(field, offset, number) for number in range(VECTORS)] if self.has(field) else []

    def keep(self, word: Word, offset: ir.Value, number: int) -> None:
        """Write vector `number` of a turn into d."""
        self._frame.store(word, self._rows[D], offset, number)


Compute = Callable[[Vectors, Word, Word, Word], Word]


def build(form: Form, lanes: int) -> Frame:
    """Return the function of a form, complete but for its end."""
    frame = Frame(f"{form.name}_x{lanes}", lanes)
    _BUILDERS.get(form.work, _pure)(frame, form)
    return frame


def written(frame: Frame, form: Form, compute: Compute) -> None:
    """Write d, a function of n, m and a, and sample it."""
    operands = Operands(frame, form)
    sampler = Sampler(frame, form.sampling)
    with frame.turns() as offset:
        values, before = [], []
        for number in range(VECTORS):
            given = [operands.vector(field, offset, number) for field in (N, M, A)]
            values.append(compute(frame.algebra, *given))
            if form.sampling.compares:
                before.append(operands.vector(D, offset, number))
            operands.keep(values[-1], offset, number)
        sampler.sample(offset, values, before, [])


def part(k: Vectors, word: Word, shift: int, mask: int, signed: int) -> Word:
    """Return the bits of a mask, a power of two less one, from bit `shift` on."""
    bits = mask.bit_length()
    if signed and bits < 32:
        return k.sar(k.shl(word, 32 - bits - shift), 32 - bits)
    word = k.shr(word, shift) if shift else word
    return word & mask if mask != 0xFFFFFFFF >> shift else word


def _pure(frame: Frame, form: Form) -> None:
    op = Op(form.work)
    if op is Op.CONDITION:
        written(frame, form, lambda k, n, m, a: condition(k, form.numbers[0], n, m, a))
    elif op in FOLDED and form.numbers:
        (amount,) = form.numbers
        written(frame, form, lambda k, n, _m, a: PURE[op](k, n, k.number(amount), a))
    else:
        written(frame, form, PURE[op])


def _extract(frame: Frame, form: Form) -> None:
    shift, mask, signed = form.numbers
    written(frame, form, lambda k, n, _m, _a: part(k, n, shift, mask, signed))


def _insert(frame: Frame, form: Form) -> None:
    """Write a part of d; nothing is sampled of it."""
    shift, mask = form.numbers
    operands = Operands(frame, form)
    with frame.turns() as offset:
        for number in range(VECTORS):
            k, word = frame.algebra, operands.vector(N, offset, number)
            if (mask << shift) & 0xFFFFFFFF != 0xFFFFFFFF:
                kept = operands.vector(D, offset, number) & ~(mask << shift) & 0xFFFFFFFF
                word = k.shl(word & mask, shift) | kept
            operands.keep(word, offset, number)


def _register(frame: Frame, form: Form) -> None:
    """Sample n after m, where d says."""
    operands = Operands(frame, form)
    sampler = Sampler(frame, form.sampling)
    with frame.turns() as offset:
        sampler.sample(offset, operands.turn(N, offset), operands.turn(M, offset), operands.turn(D, offset))


def _bus(frame: Frame, form: Form) -> None:
    """Sample a part of n after m, where a says, and keep it in d; of the low byte there is no m."""
    (mask,) = form.numbers
    operands = Operands(frame, form)
    sampler = Sampler(frame, form.sampling)
    with frame.turns() as offset:
        before, masks = operands.turn(M, offset), operands.turn(A, offset)
        words = [word & mask if mask != 0xFFFFFFFF else word for word in operands.turn(N, offset)]
        if form.operands[0] == ROW:
            for number, word in enumerate(words):
                kept = before[number] ^ ((word ^ before[number]) & masks[number]) if masks else word
                operands.keep(kept, offset, number)
        sampler.sample(offset, words, before, masks)


_BUILDERS: Mapping[str, Callable[[Frame, Form], None]] = {
    "extract": _extract,
    "insert": _insert,
    "register": _register,
    "bus": _bus,
}
