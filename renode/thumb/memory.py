"""What loads and stores do (A4.6)."""

from typing import NamedTuple

from renode.thumb.micro import Op, Operand, Place, Refused
from renode.thumb.steps import PC, SP, Steps, moved


class Kind(NamedTuple):
    """What is transferred."""

    loads: bool
    width: int = 4
    signed: bool = False


LDR, LDRB, LDRH = Kind(loads=True), Kind(loads=True, width=1), Kind(loads=True, width=2)
LDRSB, LDRSH = Kind(loads=True, width=1, signed=True), Kind(loads=True, width=2, signed=True)
STR, STRB, STRH = Kind(loads=False), Kind(loads=False, width=1), Kind(loads=False, width=2)


def transfer(it: Steps, kind: Kind, t: int, address: Operand) -> None:
    """Load or store register t."""
    if kind.loads:
        it.load(t, address, width=kind.width, signed=kind.signed)
    else:
        it.store(t, address, width=kind.width)


def scaled(it: Steps, *, kind: Kind, i: int, t: int, n: int = SP) -> None:
    """Address register n plus i times the width."""
    transfer(it, kind, t, moved(Place(n), i * kind.width, it))


def literal(it: Steps, *, i: int, t: int) -> None:
    """Load from 4 * i after the pc."""
    it.load(t, ((it.pc & ~3) + 4 * i) & 0xFFFFFFFF)


def indexed(it: Steps, *, kind: Kind, m: int, n: int, t: int) -> None:
    """Address register n plus register m."""
    transfer(it, kind, t, it.emit(Op.ADD, Place(n), Place(m)))


def wide_literal(it: Steps, *, kind: Kind, u: int, t: int, i: int) -> None:
    """Load from i after or before the pc."""
    _register(it, kind, t)
    transfer(it, kind, t, moved(it.pc & ~3, i if u else -i, it))


def wide_offset(it: Steps, *, kind: Kind, n: int, t: int, i: int) -> None:
    """Address register n plus i."""
    _register(it, kind, t)
    _base(it, n)
    transfer(it, kind, t, moved(Place(n), i, it))


def wide_signed_offset(it: Steps, *, kind: Kind, n: int, t: int, p: int, u: int, w: int, i: int) -> None:
    """Address register n plus or minus i, before (p) or after, writing it back (w) or not."""
    _allocated(it, bool(p or w))
    _register(it, kind, t)
    _base(it, n)
    it.forbid(bool(w) and n == t, "a base that is transferred is written back")
    offset = i if u else -i
    transfer(it, kind, t, moved(Place(n), offset, it) if p else Place(n))
    if w:
        write_back(it, n, offset)


def wide_indexed(it: Steps, *, kind: Kind, n: int, t: int, i: int, m: int) -> None:
    """Address register n plus register m shifted left by i."""
    _register(it, kind, t)
    _base(it, n)
    it.general(m)
    transfer(it, kind, t, it.emit(Op.ADD, Place(n), it.emit(Op.LSL, Place(m), i) if i else Place(m)))


def unprivileged(it: Steps, *, kind: Kind, n: int, t: int, i: int) -> None:
    """Address register n plus i; here everything is privileged, or nothing is."""
    it.general(t)
    _base(it, n)
    transfer(it, kind, t, moved(Place(n), i, it))


def pop_one(it: Steps, *, t: int) -> None:
    """Load register t, which is not sp, from the stack."""
    it.forbid(t == SP, "sp")
    it.load(t, Place.SP)
    write_back(it, SP, 4)


def push_one(it: Steps, *, t: int) -> None:
    """Store register t to the stack."""
    it.general(t)
    it.store(t, moved(Place.SP, -4, it))
    write_back(it, SP, -4)


def pair(it: Steps, *, loads: bool, p: int, u: int, w: int, n: int, t: int, s: int, i: int) -> None:
    """Load or store registers t and s at register n plus or minus 4 * i."""
    _allocated(it, bool(p or w))
    it.general(t, s)
    it.not_pc(n)
    it.forbid(loads and t == s, "one register twice")
    it.forbid(bool(w) and n in {t, s}, "a base that is transferred is written back")
    offset = 4 * i if u else -4 * i
    first = moved(Place(n), offset, it) if p else Place(n)
    second = moved(Place(n), 4 + (offset if p else 0), it)  # first, as the base may be loaded
    transfer(it, LDR if loads else STR, t, first)
    transfer(it, LDR if loads else STR, s, second)
    if w:
        write_back(it, n, offset)


def pair_literal(it: Steps, *, p: int, u: int, w: int, t: int, s: int, i: int) -> None:
    """Load registers t and s from 4 * i after or before the pc."""
    _allocated(it, bool(p or w))
    it.forbid(bool(w), "the pc written back")
    it.general(t, s)
    it.forbid(t == s, "one register twice")
    first = moved(it.pc & ~3, 4 * i if u else -4 * i, it)
    it.load(t, first)
    it.load(s, moved(first, 4, it))


def many(it: Steps, *, loads: bool, n: int, r: int, w: int, before: bool = False) -> None:
    """Load or store the registers r from register n on, upwards; with `before`, up to it."""
    listed = [register for register in range(16) if r >> register & 1]
    start = -4 * len(listed) if before else 0
    base = Place(n)
    if loads and n in listed:
        base = it.emit(Op.MOV, base)
    lowest = moved(base, start, it)
    at: Place | None = None  # one temporary for the addresses of all but the lowest
    for k, register in enumerate(listed):
        at = it.emit(Op.ADD, lowest, 4 * k, d=at) if k else None
        transfer(it, LDR if loads else STR, register, lowest if at is None else at)
    if w:
        write_back(it, n, start or 4 * len(listed))


def push(it: Steps, *, r: int, m: int) -> None:
    """Store low registers, and lr, to the stack."""
    listed(it, r | m << 14, least=1)
    many(it, loads=False, n=SP, r=r | m << 14, w=1, before=True)


def pop(it: Steps, *, r: int, p: int) -> None:
    """Load low registers, and the pc, from the stack."""
    listed(it, r | p << 15, least=1)
    many(it, loads=True, n=SP, r=r | p << 15, w=1)


def load_many(it: Steps, *, n: int, r: int) -> None:
    """Load low registers from register n on, which is written back unless it is loaded."""
    listed(it, r, least=1)
    many(it, loads=True, n=n, r=r, w=~r >> n & 1)


def store_many(it: Steps, *, n: int, r: int) -> None:
    """Store low registers from register n on, which is written back."""
    listed(it, r, least=1)
    it.forbid(bool(r >> n & 1 and r & ((1 << n) - 1)), "a base that is stored, but not first")
    many(it, loads=False, n=n, r=r, w=1)


def wide_load_many(it: Steps, *, p: int, m: int, w: int, r: int, n: int = SP, before: bool = False) -> None:
    """Load registers from register n on, or up to it."""
    r |= m << 14 | p << 15
    listed(it, r, least=2)
    it.not_pc(n)
    it.forbid(bool(p and m), "lr and pc")
    it.forbid(bool(w and r >> n & 1), "a base that is loaded is written back")
    many(it, loads=True, n=n, r=r, w=w, before=before)


def wide_store_many(it: Steps, *, m: int, w: int, r: int, n: int = SP, before: bool = False) -> None:
    """Store registers from register n on, or up to it."""
    r |= m << 14
    listed(it, r, least=2)
    it.not_pc(n)
    it.forbid(bool(w and r >> n & 1), "a base that is stored is written back")
    many(it, loads=False, n=n, r=r, w=w, before=before)


def listed(it: Steps, r: int, *, least: int) -> None:
    """Refuse lists that are too short."""
    it.forbid(r.bit_count() < least, f"fewer than {least} registers")


def write_back(it: Steps, n: int, offset: int) -> None:
    """Add to the base."""
    if offset < 0:
        it.put(n, Op.SUB, Place(n), -offset)
    else:
        it.put(n, Op.ADD, Place(n), offset)


def load_exclusive(it: Steps, *, n: int, t: int, i: int = 0, width: int = 4) -> None:
    """Load exclusively from register n plus 4 * i."""
    it.general(t)
    it.not_pc(n)
    it.load(t, moved(Place(n), 4 * i, it), width=width, op=Op.LOAD_EXCLUSIVE)


def store_exclusive(it: Steps, *, n: int, t: int, d: int, i: int = 0, width: int = 4) -> None:
    """Store exclusively to register n plus 4 * i; register d says whether it was not done."""
    it.general(t, d)
    it.not_pc(n)
    it.forbid(d in {n, t}, "one register twice")
    it.store(t, moved(Place(n), 4 * i, it), width=width, status=d)


def clear_exclusive(it: Steps) -> None:
    """Forget what was loaded exclusively."""
    it.clear_exclusive()


def preload_indexed(it: Steps, *, n: int, i: int, m: int) -> None:  # noqa: ARG001 -- the row's fields
    """Load nothing; the address is not looked at."""
    it.general(m)


def _register(it: Steps, kind: Kind, t: int) -> None:
    """Refuse registers that cannot be transferred."""
    if kind.width == 2 and kind.loads and t == PC:
        raise Refused("unallocated", f"{it.row}: a memory hint")
    if kind.width < 4:
        it.general(t)
    elif not kind.loads:
        it.not_pc(t)


def _base(it: Steps, n: int) -> None:
    _allocated(it, n != PC)


def _allocated(it: Steps, allocated: bool) -> None:
    if not allocated:
        raise Refused("unallocated", it.row)
