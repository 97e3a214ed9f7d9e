"""What branches, IT, hints, barriers and system instructions do (A4.3, A4.7 to A4.9)."""

from renode.thumb.micro import ALWAYS, WORD, Op, Place, Refused
from renode.thumb.steps import LR, Steps

_STATUS = frozenset({0, 1, 2, 3, 5, 6, 7})
"""Numbers of special registers: APSR, IAPSR, EAPSR, XPSR; IPSR, EPSR, IEPSR (B5.2.2)."""
_NO_APSR = 4


def branch(it: Steps, *, i: int) -> None:
    """Branch by i halfwords, 11 bits with a sign."""
    it.go(_target(it, i, 11))


def branch_if(it: Steps, *, c: int, i: int) -> None:
    """Branch by i halfwords, 8 bits with a sign, on condition c."""
    it.outside_it()
    it.go(_target(it, i, 8), op=Op.BRANCH_IF, cond=c)


def compare_and_branch(it: Steps, *, op: Op, i: int, n: int) -> None:
    """Branch forward by i halfwords as register n says."""
    it.outside_it()
    it.go((it.pc + 2 * i) & WORD, op=op, m=Place(n))


def wide_branch_if(it: Steps, *, s: int, c: int, i: int, j: int, k: int) -> None:
    """Branch by s:k:j:i halfwords on condition c."""
    if c >= ALWAYS:
        raise Refused("unallocated", it.row)
    it.outside_it()
    it.go(_target(it, s << 19 | k << 18 | j << 17 | i, 20), op=Op.BRANCH_IF, cond=c)


def wide_branch(it: Steps, *, s: int, i: int, j: int, k: int) -> None:
    """Branch by halfwords, 24 bits with a sign."""
    it.go(_far(it, s, i, j, k))


def wide_call(it: Steps, *, s: int, i: int, j: int, k: int) -> None:
    """Branch like `wide_branch`; lr is the address after."""
    it.put(LR, Op.MOV, it.following | 1)
    it.go(_far(it, s, i, j, k))


def table_branch(it: Steps, *, n: int, h: int, m: int) -> None:
    """Branch forward by the halfwords that lie at register n plus register m, a byte or (h) a halfword each."""
    it.forbid(n == 13, "sp")
    it.general(m)
    index = it.emit(Op.LSL, Place(m), 1) if h else Place(m)
    address = it.emit(Op.ADD, it.read(n), index)
    distance = it.read_memory(address, width=2 if h else 1)
    it.go(it.emit(Op.ADD, it.emit(Op.LSL, distance, 1), it.pc | 1))


def if_then(it: Steps, *, c: int, m: int) -> None:
    """Put the next one to four instructions under condition c or its opposite."""
    it.outside_it()
    it.forbid(c == 15 or (c == ALWAYS and m.bit_count() != 1), "no condition")
    count = 4 - ((m & -m).bit_length() - 1)
    it.covers = (c, *((c & 14) | (m >> (4 - k) & 1) for k in range(1, count)))


def hint(_it: Steps, **_: int) -> None:
    """Do nothing that is seen."""


def synchronise(it: Steps, **_: int) -> None:
    """Do nothing that is seen; refused in an IT block, of which Unicorn forgets what lies behind it."""
    if it.in_it:
        raise Refused("system", f"{it.row} in an IT block")


def stops(it: Steps) -> None:
    """Refuse what waits or yields: the simulator's core stops there."""
    raise Refused("system", it.row)


def system(it: Steps, **_: int) -> None:
    """Refuse what changes the system's state."""
    raise Refused("system", it.row)


def status(it: Steps, *, d: int, s: int) -> None:
    """Read the APSR, alone or with the IPSR and the EPSR, which are 0 here; other registers are the system's."""
    it.general(d)
    if s not in _STATUS:
        raise Refused("system", f"{it.row}: special register {s}")
    if s >= _NO_APSR:
        it.put(d, Op.MOV, 0)
        return
    flags = it.emit(Op.STATUS, Place.RESULT, Place.CARRY, Place.OVERFLOW)
    flags = it.emit(Op.ORR, flags, it.emit(Op.LSL, Place.SATURATED, 27))
    it.put(d, Op.ORR, flags, it.emit(Op.LSL, Place.GREATER, 16))


def trap(it: Steps, **_: int) -> None:
    """End the execution."""
    it.trap()


def breakpoint_(it: Steps, **_: int) -> None:
    """End the execution; a breakpoint has no condition."""
    it.outside_it()
    it.trap()


def _target(it: Steps, i: int, bits: int) -> int:
    sign = 1 << (bits - 1)
    return (it.pc + 2 * ((i ^ sign) - sign)) & WORD


def _far(it: Steps, s: int, i: int, j: int, k: int) -> int:
    """J1 and J2 are such that a short offset has the sign in both (A7.7.12)."""
    return _target(it, s << 23 | (j ^ s ^ 1) << 22 | (k ^ s ^ 1) << 21 | i, 24)
