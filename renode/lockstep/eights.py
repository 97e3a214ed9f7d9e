"""The loop over the eights of levels that an instruction has, in which they are counted.

A histogram is [bins, 2] of 16 bits, for the halves of a batch. Records hold the first and the last eight that were ever
met, in N and M; a lane that is in none of them makes the loop look for all that there are.
"""

from dataclasses import dataclass

from llvmlite import ir

from renode.lockstep import arena, planes
from renode.lockstep.frame import STEP, D, Frame, M, N, X, Y
from renode.lockstep.llvm import I8, I32, I64, splat
from renode.lockstep.planes import EIGHT, LOWER, PLANE, ROW, SUMS

BIN_BYTES = 4
MOST_BATCHES = 0xFFFF // (arena.MOST_LANES // 2)
"""Batches that a histogram holds, whatever their levels."""
_AHEAD = 4
"""Cache lines of the next instruction's histograms that are asked for."""
_TRUTH = ir.IntType(1)


@dataclass(frozen=True, slots=True)
class _Loop:
    """Blocks of the loop over eights."""

    rounds: ir.Block
    counting: ir.Block
    counted: ir.Block
    following: ir.Block
    covered: ir.Block
    again: ir.Block
    beyond: ir.Block
    search: ir.Block
    done: ir.Block


def counted(  # noqa: PLR0915 - one loop, whose blocks are told apart by empty lines
    frame: Frame, vectors: list[ir.Value], bits: int, region: ir.Value, largest: ir.Value
) -> None:
    """Count eight vectors of levels; fewer are filled up with such that no lane is live in."""
    b = frame.builder
    plane = planes.transposed(frame, vectors + [splat(PLANE, 0)] * (8 - len(vectors)))[:bits]
    live = b.load(frame.at(frame.base, arena.LIVE_BITS), align=64, typ=PLANE)
    lower = planes.minterms(frame, plane[:LOWER])
    slots = frame.state(arena.SLOT_COUNT, I64)
    old_first, old_last = frame.field(N), frame.field(M)
    entry = b.block
    go = _Loop(*(b.append_basic_block(name) for name in _Loop.__slots__))
    b.cbranch(b.icmp_unsigned(">", old_first, old_last), go.search, go.rounds)

    b.position_at_end(go.rounds)
    first, last, skip_first, skip_last = (b.phi(I32) for _ in range(4))
    second = b.phi(_TRUTH)
    b.branch(go.counting)

    b.position_at_end(go.counting)
    eight, seen = b.phi(I32), b.phi(PLANE)
    eight.add_incoming(first, go.rounds)
    seen.add_incoming(splat(PLANE, 0), go.rounds)
    upper = planes.having(frame, plane[LOWER:], eight, live)
    seen_now = b.or_(seen, upper)
    skipped = b.and_(b.icmp_unsigned(">=", eight, skip_first), b.icmp_unsigned("<=", eight, skip_last))
    b.cbranch(skipped, go.following, go.counted)
    b.position_at_end(go.counted)
    at = b.add(region, b.mul(b.zext(eight, I64), ir.Constant(I64, EIGHT * BIN_BYTES)))
    _add(frame, planes.numbers(frame, [b.and_(upper, term) for term in lower]), at, slots)
    b.branch(go.following)
    b.position_at_end(go.following)
    next_eight = b.add(eight, ir.Constant(I32, 1))
    eight.add_incoming(next_eight, go.following)
    seen.add_incoming(seen_now, go.following)
    b.cbranch(b.icmp_unsigned("<=", next_eight, last), go.counting, go.covered)

    b.position_at_end(go.covered)
    missing = planes.anywhere(frame, b.and_(live, b.xor(seen_now, splat(PLANE, -1))))
    b.cbranch(missing, go.again, go.done).set_weights([1, 2000])
    b.position_at_end(go.again)
    b.cbranch(second, go.beyond, go.search)
    b.position_at_end(go.beyond)
    b.store(ir.Constant(I64, 1), frame.at(frame.base, arena.BEYOND), align=8)
    b.branch(go.done)

    b.position_at_end(go.search)
    known_first, known_last = b.phi(I32), b.phi(I32)
    for value, known in ((old_first, known_first), (old_last, known_last)):
        known.add_incoming(value, entry)
        known.add_incoming(value, go.again)
    lowest = _found(frame, vectors, "umin", largest, known_first)
    highest = _found(frame, vectors, "umax", largest, known_last)
    b.store(lowest, frame.at(frame.record, 4 * N), align=4)
    b.store(highest, frame.at(frame.record, 4 * M), align=4)
    b.branch(go.rounds)
    for phi, at_start, later in (
        (first, old_first, lowest),
        (last, old_last, highest),
        (skip_first, ir.Constant(I32, 1), known_first),
        (skip_last, ir.Constant(I32, 0), known_last),
        (second, ir.Constant(_TRUTH, 0), ir.Constant(_TRUTH, 1)),
    ):
        phi.add_incoming(at_start, entry)
        phi.add_incoming(later, go.search)
    b.position_at_end(go.done)


def _add(frame: Frame, by_level: ir.Value, at: ir.Value, slots: ir.Value) -> None:
    """Add numbers to the histograms `at` bytes from where each slot's begin."""
    b = frame.builder
    with frame.loop(slots) as slot:
        place = frame.at(frame.base, b.add(b.shl(slot, ir.Constant(I64, 7)), ir.Constant(I64, arena.SLOTS)))
        mine = b.and_(by_level, b.load(place, align=64, typ=ROW))
        begin = b.load(frame.at(place, STEP), align=8, typ=I64)
        target = b.inttoptr(b.add(begin, at), frame.base.type)
        b.store(b.add(b.load(target, align=4, typ=SUMS), planes.halves(frame, mine)), target, align=4)


def ask_ahead(frame: Frame) -> None:
    """Ask for the histograms that are counted into next."""
    b = frame.builder
    record = frame.at(frame.record, b.zext(frame.field(Y), I64))
    unit, eight, base = (b.zext(b.load(frame.at(record, 4 * k), align=4, typ=I32), I64) for k in (D, N, X))
    bins = b.add(base, b.shl(b.and_(eight, ir.Constant(I64, 31)), ir.Constant(I64, 3)))
    at = b.add(b.shl(unit, ir.Constant(I64, 6)), b.shl(bins, ir.Constant(I64, 2)))
    place = b.inttoptr(b.add(frame.state(arena.SLOTS + STEP, I64), at), frame.base.type)
    for line in range(_AHEAD):
        to_write, near, data = ir.Constant(I32, 1), ir.Constant(I32, 3), ir.Constant(I32, 1)
        frame.call("llvm.prefetch.p0", ir.VoidType(), frame.at(place, 64 * line), to_write, near, data)


def _found(frame: Frame, vectors: list[ir.Value], name: str, largest: ir.Value, known: ir.Value) -> ir.Value:
    """Return the lowest or highest eight that rows of bytes have, of all lanes, or the one known."""
    b = frame.builder
    extreme = b.bitcast(vectors[0], ROW)
    for vector in vectors[1:]:
        extreme = frame.call(f"llvm.{name}.v64i8", ROW, extreme, b.bitcast(vector, ROW))
    value = frame.call(f"llvm.vector.reduce.{name}.v64i8", I8, extreme)
    value = b.select(b.icmp_unsigned("<", value, largest), value, largest)
    eight = b.lshr(b.zext(value, I32), ir.Constant(I32, 3))
    further = b.icmp_unsigned("<" if name == "umin" else ">", eight, known)
    return b.select(further, eight, known)
