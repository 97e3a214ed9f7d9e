"""What a kernel samples: fields of activity, each times its weight, packed in the order of the levels' row.

Levels are kept modulo 2^8 or 2^16: what matters is that an instruction's own, when it is done, lies in the range. A
turn's 64 lanes are packed by shifts: with bytes, lane 16 k + i is byte k of word i; with 16 bits, lane 16 k + i is
half k >> 1 of word i of vector k & 1, so that two vectors' bytes are easily put together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from llvmlite import ir

from renode.lockstep import arena
from renode.lockstep.frame import VECTORS, Frame, X, Y
from renode.lockstep.llvm import I8, I16, I32, LANES, Word, splat

_HALVES = ir.VectorType(I16, 2 * LANES)
_BYTES = ir.VectorType(I8, 4 * LANES)
NOTHING, LEVELS8, LEVELS16, ACTIVITY = range(4)
"""Modes: sample nothing, add weights to levels of so many bits, or sum the fields of activity words."""
ABSENT, ONE, ANY = range(3)
"""Weights that kernels are made for."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a kernel samples. With ACTIVITY the weights only say which fields there are.

    Weights that are neither 0 nor 1 are in the record: of the Hamming weight in the low half of X, of the distance in
    its high half, of the low byte in the low half of Y. What is `first` writes the row, beginning with the high half of
    Y; what is not adds to it.
    """

    mode: int = NOTHING
    weight: int = ABSENT
    distance: int = ABSENT
    low: int = ABSENT
    first: bool = False
    low_first: bool = False
    """Of ACTIVITY: the same for the low bytes, which have sums of their own."""
    bus: bool = False
    """Of ACTIVITY: which sums it is for."""

    @property
    def name(self) -> str:
        """Return it as a part of a kernel's name."""
        fields = (self.mode, self.weight, self.distance, self.low, self.first, self.low_first, self.bus)
        return "s" + "".join(str(int(field)) for field in fields)

    @property
    def compares(self) -> bool:
        """Return whether it needs the value from before."""
        return self.mode != NOTHING and self.distance != ABSENT


SILENT = Sampling()


class Sampler:
    """Puts the samples of one turn after the other into the function of a frame."""

    def __init__(self, frame: Frame, sampling: Sampling) -> None:
        """Load the weights, outside of the loop."""
        self._frame = frame
        self._is = sampling
        self._first: ir.Value | None = None
        self._weights: dict[str, ir.Value] = {}
        if sampling.mode not in {LEVELS8, LEVELS16}:
            return
        b = frame.builder
        halves = {"weight": (X, 0), "distance": (X, 16), "low": (Y, 0), "first": (Y, 16)}
        for name, (field, shift) in halves.items():
            if getattr(sampling, name) == ANY or (name == "first" and sampling.first):
                half = b.trunc(b.lshr(frame.field(field), ir.Constant(I32, shift)), I16)
                if name == "first" and sampling.mode == LEVELS8:
                    self._first = frame.broadcast(b.trunc(half, I8), _BYTES)
                elif name == "first":
                    self._first = frame.broadcast(half, _HALVES)
                else:
                    self._weights[name] = frame.broadcast(half, _HALVES)

    def sample(self, offset: ir.Value, values: Sequence[Word], before: Sequence[Word], masks: Sequence[Word]) -> None:
        """Sample a turn's `values` after those `before`; `masks`, if any, say in which lanes."""
        if self._is.mode == NOTHING:
            return
        k = self._frame.algebra
        kept = [value & mask for value, mask in zip(values, masks, strict=True)] if masks else list(values)
        fields: dict[str, list[Word]] = {}
        if self._is.weight:
            fields["weight"] = [k.ones(value) for value in kept]
        if self._is.distance:
            changed = [value ^ old for value, old in zip(values, before, strict=True)]
            if masks:
                changed = [word & mask for word, mask in zip(changed, masks, strict=True)]
            fields["distance"] = [k.ones(word) for word in changed]
        if self._is.low:
            fields["low"] = [value & 0xFF for value in kept]
        if self._is.mode == ACTIVITY:
            self._sum(offset, fields)
        else:
            self._level(offset, fields)

    def _level(self, offset: ir.Value, fields: dict[str, list[Word]]) -> None:
        b = self._frame.builder
        plain = [words for name, words in fields.items() if name not in self._weights]
        parts: list[list[ir.Value]] = []
        if plain:
            together = plain[0]
            for words in plain[1:]:
                together = [one + other for one, other in zip(together, words, strict=True)]
            # Two Hamming weights fit a byte; a low byte more may not, and would spill into its neighbour.
            parts.append(self._packed(together, whole=len(plain) == 1 or "low" not in fields))
        parts.extend(
            [self._times(half, self._weights[name]) for half in self._packed(words)]
            for name, words in fields.items()
            if name in self._weights
        )
        kind = _BYTES if self._is.mode == LEVELS8 else _HALVES
        row = self._frame.at(self._frame.base, arena.LEVELS)
        for number in range(len(parts[0])):
            size = 64
            place = self._frame.at(row, b.lshr(offset, ir.Constant(offset.type, 2 if kind is _BYTES else 1)))
            place = self._frame.at(place, size * number)
            level = b.load(place, align=64, typ=kind) if self._first is None else self._first
            for part in parts:
                level = b.add(level, b.bitcast(part[number], kind))
            b.store(level, place, align=64)

    def _packed(self, words: Sequence[Word], *, whole: bool = True) -> list[ir.Value]:
        """Return the words of a turn as vectors of halves."""
        k, b = self._frame.algebra, self._frame.builder
        if self._is.mode == LEVELS16:
            pairs = [words[number] | k.shl(words[number + 2], 16) for number in range(VECTORS // 2)]
            return [b.bitcast(pair.value, _HALVES) for pair in pairs]
        if not whole:
            words = [word & 0xFF for word in words]
        low, high = words[0] | k.shl(words[1], 8), k.shl(words[2], 16) | k.shl(words[3], 24)
        return [b.bitcast((low | high).value, _HALVES)]

    def _times(self, packed: ir.Value, weight: ir.Value) -> ir.Value:
        b = self._frame.builder
        if self._is.mode == LEVELS16:
            return b.mul(packed, weight)
        eight, low = splat(_HALVES, 8), splat(_HALVES, 0xFF)
        return b.or_(b.and_(b.mul(packed, weight), low), b.shl(b.mul(b.lshr(packed, eight), weight), eight))

    def _sum(self, offset: ir.Value, fields: dict[str, list[Word]]) -> None:
        k, frame = self._frame.algebra, self._frame
        row = frame.at(frame.base, arena.BUS_SUMS if self._is.bus else arena.REGISTER_SUMS)
        low_row = frame.at(frame.base, arena.LOW_SUMS)
        for number in range(VECTORS):
            total = None
            if "weight" in fields:
                total = fields["weight"][number] | k.shl(fields["distance"][number], 12)
                frame.store(total if self._is.first else total + frame.load(row, offset, number), row, offset, number)
            if "low" in fields:
                low = fields["low"][number]
                low = low if self._is.low_first else low + frame.load(low_row, offset, number)
                frame.store(low, low_row, offset, number)
