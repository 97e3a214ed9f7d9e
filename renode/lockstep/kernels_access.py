"""Kernels that may lose lanes: tables, memory at addresses that vary, comparisons.

Addresses of lanes that stray are replaced before anything is read or written there.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from llvmlite import ir

from renode.lockstep import arena
from renode.lockstep.frame import VECTORS, A, D, Frame, M, N, X, Z
from renode.lockstep.kernels import EACH, NONE, Form, Operands, part
from renode.lockstep.llvm import I8, I16, I32, I64, LANES, POINTER, WORDS, Word, splat
from renode.lockstep.sampling import Sampler

_POINTERS = ir.VectorType(POINTER, LANES)
_FLAGS = ir.VectorType(ir.IntType(1), LANES)
_BYTES = ir.VectorType(I8, 4 * LANES)
_ABREAST = 8
"""Lanes written in one turn of a loop."""


_Read = Callable[[ir.Value, int, Word, ir.Value], Word]
"""Of a turn's offset, a vector's number in it, how far addresses are from the lowest, and which of them are good."""


def check(frame: Frame, form: Form) -> None:
    """Lose lanes where (n == m) is not a flag; a is how many instructions they have done."""
    (flag,) = form.numbers
    operands, done = Operands(frame, form), frame.field(A)
    with frame.turns() as offset:
        good = []
        for number in range(VECTORS):
            same = frame.algebra.equal(operands.vector(N, offset, number), operands.vector(M, offset, number))
            good.append(same if flag else frame.algebra.opposite(same))
        frame.lose(good, offset, done)


@dataclass(frozen=True, slots=True)
class _Range:
    """The addresses of a form: [low, low + span], those of whole words with `width` bytes inside one, or any."""

    low: Word
    span: int
    width: int
    index: ir.Value
    """The instruction at which other lanes are lost."""

    def turn(
        self, frame: Frame, given: list[Word], offset: ir.Value, masks: list[Word]
    ) -> tuple[list[Word], list[ir.Value]]:
        """Return how far from `low` a turn's addresses are and which may be used; lose the others.

        Where a mask is 0 an address is not used, and the lane is not lost.
        """
        k = frame.algebra
        distances = [address - self.low for address in given]
        good = []
        for distance in distances:
            flags = k.less(distance, self.span + 1) if self.span < 0xFFFFFFFF else k.equal(distance, distance)
            good.append(k.both(flags, k.less(distance & 3, 5 - self.width)) if self.width > 1 else flags)
        outside = [k.equal(mask, 0) for mask in masks]
        fine = [frame.builder.or_(*pair) for pair in zip(good, outside, strict=True)] if masks else good
        frame.lose(fine, offset, self.index)
        if masks:
            good = [k.both(flags, k.opposite(other)) for flags, other in zip(good, outside, strict=True)]
        return distances, good


def table(frame: Frame, form: Form) -> None:
    """Read a table of bytes: M of the record is the lowest address, A the byte of the arena where the table is."""
    mask, signed, span = form.numbers
    source = frame.at(frame.base, frame.builder.zext(frame.field(A), I64))

    def read(_offset: ir.Value, number: int, distance: Word, flags: ir.Value) -> Word:
        del number
        at = frame.algebra.select(flags, distance, 0)
        return part(frame.algebra, _gathered(frame, source, at, 1), 0, mask, signed)

    _loaded(frame, form, _Range(frame.everywhere(M), span, 1, frame.field(Z)), read)


def permute(frame: Frame, form: Form) -> None:
    """Read a table of up to 256 bytes, like `table`, from registers (AVX-512 VBMI)."""
    mask, signed, span = form.numbers
    b, k = frame.builder, frame.algebra
    operands, sampler = (
        Operands(frame, replace(form, operands=(*form.operands[:2], NONE, NONE))),
        Sampler(frame, form.sampling),
    )
    limits = _Range(frame.everywhere(M), span, 1, frame.field(Z))
    source = frame.at(frame.base, b.zext(frame.field(A), I64))
    quarters = [b.load(frame.at(source, 64 * quarter), align=1, typ=_BYTES) for quarter in range(4)]
    with frame.turns() as offset:
        distances, _ = limits.turn(frame, operands.turn(N, offset), offset, [])
        packed = k.number(0)
        for number, distance in enumerate(distances):
            packed |= k.shl(distance & 0xFF, 8 * number)
        index = b.bitcast(packed.value, _BYTES)
        found = [
            frame.call("llvm.x86.avx512.vpermi2var.qi.512", _BYTES, quarters[half], index, quarters[half + 1])
            for half in (0, 2)
        ]
        upper = b.icmp_signed("<", index, splat(_BYTES, 0))
        read = k.word(b.bitcast(b.select(upper, found[1], found[0]), WORDS))
        values, before = [], []
        for number in range(VECTORS):
            values.append(part(k, read, 8 * number, mask, signed))
            if form.sampling.compares:
                before.append(operands.vector(D, offset, number))
            operands.keep(values[-1], offset, number)
        sampler.sample(offset, values, before, [])


def gather(frame: Frame, form: Form) -> None:
    """Read memory rows: M of the record is the lowest address, A the row where it is."""
    mask, signed, span = form.numbers
    source = frame.row(A)
    within = frame.algebra.word(ir.Constant(WORDS, list(range(LANES))))

    def read(offset: ir.Value, number: int, distance: Word, flags: ir.Value) -> Word:
        k, b = frame.algebra, frame.builder
        first = b.trunc(b.lshr(offset, ir.Constant(I64, 2)), I32)
        lane = k.word(frame.broadcast(first, WORDS)) + within + LANES * number
        at = k.select(flags, k.shr(distance, 2) * frame.lanes, 0) + lane
        word = k.shr(_gathered(frame, source, at, 4), k.shl(distance & 3, 3))
        return part(k, word, 0, mask, signed)

    _loaded(frame, form, _Range(frame.everywhere(M), span, mask.bit_length() // 8, frame.field(Z)), read)


def scatter(frame: Frame, form: Form) -> None:
    """Write memory rows, one lane after the other: X of the record is the lowest address, A the row where it is."""
    mask, span = form.numbers
    width = mask.bit_length() // 8
    operands = Operands(frame, Form(form.work, (*form.operands[:3], NONE)))
    within = frame.algebra.word(ir.Constant(WORDS, [4 * lane for lane in range(LANES)]))
    region = frame.everywhere(A)
    limits = _Range(frame.everywhere(X), span, width, frame.field(Z))
    stored = {1: I8, 2: I16, 4: I32}[width]
    places = frame.at(frame.base, arena.ADDRESSES)
    with frame.turns() as offset:
        k, b = frame.algebra, frame.builder
        distances, good = limits.turn(frame, operands.turn(N, offset), offset, operands.turn(D, offset))
        for number, (distance, flags) in enumerate(zip(distances, good, strict=True)):
            lane = k.word(frame.broadcast(b.trunc(offset, I32), WORDS)) + within + 4 * LANES * number
            at = k.shr(distance, 2) * (4 * frame.lanes) + lane + (distance & 3) + k.shl(region, 6)
            frame.store(k.select(flags, at, arena.OUTSIDE), places, offset, number)
    values = None if form.operands[2] == EACH else frame.row(M)
    each = frame.field(M)
    with frame.loop(4 * frame.lanes, 4 * _ABREAST) as first:
        b = frame.builder
        for beside in range(_ABREAST):
            place = b.load(frame.at(frame.at(places, first), 4 * beside), align=4, typ=I32)
            word = each if values is None else b.load(frame.at(frame.at(values, first), 4 * beside), align=4, typ=I32)
            part_of_it = b.trunc(word, stored) if width < 4 else word
            b.store(part_of_it, frame.at(frame.base, b.zext(place, I64)), align=1)


def _loaded(frame: Frame, form: Form, limits: _Range, read: _Read) -> None:
    """Write d with what is read at each lane's address, and sample it."""
    operands = Operands(frame, Form(form.work, (*form.operands[:2], NONE, NONE)))
    sampler = Sampler(frame, form.sampling)
    with frame.turns() as offset:
        distances, good = limits.turn(frame, operands.turn(N, offset), offset, [])
        values, before = [], []
        for number, (distance, flags) in enumerate(zip(distances, good, strict=True)):
            values.append(read(offset, number, distance, flags))
            if form.sampling.compares:
                before.append(operands.vector(D, offset, number))
            operands.keep(values[-1], offset, number)
        sampler.sample(offset, values, before, [])


def _gathered(frame: Frame, source: ir.Value, at: Word, scale: int) -> Word:
    """Return the words at `source` plus `scale` times each of `at`, which are below 2^31."""
    b = frame.builder
    element = I8 if scale == 1 else I32
    pointers = b.gep(source, [at.value], source_etype=element)
    pointers.type = _POINTERS
    all_of_them = ir.Constant(_FLAGS, [1] * LANES)
    function = frame.module.globals.get("llvm.masked.gather.v16i32.v16p0")
    if function is None:
        kind = ir.FunctionType(WORDS, [_POINTERS, _FLAGS, WORDS])
        function = ir.Function(frame.module, kind, "llvm.masked.gather.v16i32.v16p0")
    return frame.algebra.word(b.call(function, [pointers, all_of_them, splat(WORDS, 0)]))
