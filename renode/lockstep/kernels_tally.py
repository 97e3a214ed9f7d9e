"""Kernels that count levels: histograms of an instruction, by halves of a batch.

Eight levels at a time are counted (see `planes`). Which eights there are is remembered, and found again only when a
lane is in none of them. Levels of 16 bits are counted in the same way as long as they lie within 256 of one another,
and lane by lane where they do not.

A histogram is [bins, 2] of 16 bits: whoever runs batches empties it before a number can overflow.
"""

from dataclasses import dataclass

from llvmlite import ir

from renode.lockstep import arena, planes
from renode.lockstep.frame import STEP, A, D, Frame, M, N, X, Y
from renode.lockstep.kernels import Form
from renode.lockstep.llvm import I8, I16, I32, I64, splat
from renode.lockstep.planes import EIGHT, LOWER, PLANE, ROW, SUMS

BIN_BYTES = 4
MOST_BATCHES = 0xFFFF // (arena.MOST_LANES // 2)
"""Batches that a histogram holds, whatever their levels."""
_HALVES = ir.VectorType(I16, 32)
_AHEAD = 4
"""Cache lines of the next instruction's histograms that are asked for."""
_TRUTH = ir.IntType(1)


def relive(frame: Frame, _form: Form) -> None:
    """Write LIVE_BITS from the row LIVE, if a lane has strayed since."""
    b = frame.builder
    strayed = b.icmp_unsigned("!=", frame.state(arena.STRAYED, I64), ir.Constant(I64, 0))
    with b.if_then(strayed, likely=False):
        bits = splat(ROW, 0)
        row = frame.at(frame.base, arena.LIVE)
        for number in range(frame.lanes // STEP):
            words = [frame.load(row, ir.Constant(I64, 4 * STEP * number), k) for k in range(4)]
            packed = (words[0] & 0xFF) | (words[1] & 0xFF00) | (words[2] & 0xFF0000) | (words[3] & 0xFF000000)
            bits = b.or_(bits, b.and_(b.bitcast(packed.value, ROW), splat(ROW, 1 << number)))
        b.store(bits, frame.at(frame.base, arena.LIVE_BITS), align=64)
        b.store(ir.Constant(I64, 0), frame.at(frame.base, arena.STRAYED), align=8)


def count8(frame: Frame, form: Form) -> None:
    """Count levels of bytes. D of the record is the unit of its histograms, A the largest level; N and M are the first
    and last eight met, Y is how far the next record is that counts.
    """  # fmt: skip
    _ask_ahead(frame)
    b = frame.builder
    vectors = [_row(frame, number, PLANE) for number in range(frame.lanes // STEP)]
    region = b.shl(b.zext(frame.field(D), I64), ir.Constant(I64, 6))
    _counted(frame, vectors, form.numbers[0], region, b.trunc(frame.field(A), I8))


def count16(frame: Frame, _form: Form) -> None:
    """Count levels of 16 bits: the same, but eights are counted from level X of the record on."""
    _ask_ahead(frame)
    b = frame.builder
    region = b.shl(b.zext(frame.field(D), I64), ir.Constant(I64, 6))
    rows = [_row(frame, number, _HALVES) for number in range(frame.lanes // STEP * 2)]
    near, far, moved, after = (b.append_basic_block(name) for name in ("near", "far", "moved", "after"))
    entry, base = b.block, frame.field(X)
    within, _ = _within(frame, rows, base)
    b.cbranch(within, near, moved)

    b.position_at_end(moved)
    lowest = _least(frame, rows, "umin", base)
    within, _ = _within(frame, rows, lowest)
    moving = b.append_basic_block("moving")
    b.cbranch(within, moving, far)
    b.position_at_end(moving)
    for field, value in ((X, lowest), (N, ir.Constant(I32, 0xFF)), (M, ir.Constant(I32, 0))):
        b.store(value, frame.at(frame.record, 4 * field), align=4)
    b.branch(near)

    b.position_at_end(far)
    _one_by_one(frame, region)
    b.branch(after)

    b.position_at_end(near)
    start = b.phi(I32)
    start.add_incoming(base, entry)
    start.add_incoming(lowest, moving)
    _, distances = _within(frame, rows, start)
    eight = splat(_HALVES, 8)
    vectors = [
        b.bitcast(b.or_(one, b.shl(other, eight)), PLANE)
        for one, other in zip(distances[::2], distances[1::2], strict=True)
    ]
    shifted = b.add(region, b.mul(b.zext(start, I64), ir.Constant(I64, BIN_BYTES)))
    _counted(frame, vectors, 8, shifted, ir.Constant(I8, 0xFF))
    b.branch(after)
    b.position_at_end(after)


def flush(frame: Frame, _form: Form) -> None:
    """Add histograms to counts, and clear them. D of the record is their unit, N their bins, M the first bin of the
    counts, A the distance of bins there, X the first bin that must not have been met; TABLES are the histograms and
    the counts of both halves.
    """  # fmt: skip
    b = frame.builder
    region = b.shl(b.zext(frame.field(D), I64), ir.Constant(I64, 6))
    source = b.inttoptr(b.add(frame.state(arena.TABLES, I64), region), frame.base.type)
    start, stride, allowed = (b.zext(frame.field(field), I64) for field in (M, A, X))
    counts = [frame.pointer(arena.TABLES + 8 * (1 + half)) for half in range(2)]
    with frame.loop(b.zext(frame.field(N), I64)) as number:
        place = frame.at(source, b.shl(number, ir.Constant(I64, 2)))
        both = b.load(place, align=4, typ=I32)
        with b.if_then(b.icmp_unsigned("!=", both, ir.Constant(I32, 0))):
            b.store(ir.Constant(I32, 0), place, align=4)
            inside = b.icmp_unsigned("<", number, allowed)
            with b.if_else(inside, likely=True) as (then, otherwise):
                with then:
                    shift = b.shl(b.add(start, b.mul(number, stride)), ir.Constant(I64, 3))
                    for half in range(2):
                        value = b.and_(b.lshr(both, ir.Constant(I32, 16 * half)), ir.Constant(I32, 0xFFFF))
                        target = frame.at(counts[half], shift)
                        b.store(b.add(b.load(target, align=8, typ=I64), b.zext(value, I64)), target, align=8)
                with otherwise:
                    b.store(ir.Constant(I64, 1), frame.at(frame.base, arena.BEYOND), align=8)


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


def _counted(frame: Frame, vectors: list[ir.Value], bits: int, region: ir.Value, largest: ir.Value) -> None:
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
    found_first, found_last = (_eight_of(frame, vectors, name, largest) for name in ("umin", "umax"))
    lowest = b.select(b.icmp_unsigned("<", found_first, known_first), found_first, known_first)
    highest = b.select(b.icmp_unsigned(">", found_last, known_last), found_last, known_last)
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


def _ask_ahead(frame: Frame) -> None:
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


def _row(frame: Frame, number: int, kind: ir.VectorType) -> ir.Value:
    return frame.builder.load(frame.at(frame.base, arena.LEVELS + STEP * number), align=64, typ=kind)


def _eight_of(frame: Frame, vectors: list[ir.Value], name: str, largest: ir.Value) -> ir.Value:
    """Return the lowest or highest eight that rows of bytes have, of all lanes."""
    b = frame.builder
    extreme = b.bitcast(vectors[0], ROW)
    for vector in vectors[1:]:
        extreme = frame.call(f"llvm.{name}.v64i8", ROW, extreme, b.bitcast(vector, ROW))
    value = frame.call(f"llvm.vector.reduce.{name}.v64i8", I8, extreme)
    value = b.select(b.icmp_unsigned("<", value, largest), value, largest)
    return b.lshr(b.zext(value, I32), ir.Constant(I32, 3))


def _within(frame: Frame, rows: list[ir.Value], base: ir.Value) -> tuple[ir.Value, list[ir.Value]]:
    """Return whether all levels are in [base, base + 256), and how far they are from there."""
    b = frame.builder
    start = frame.broadcast(b.trunc(base, I16), _HALVES)
    distances = [b.sub(row, start) for row in rows]
    either = distances[0]
    for distance in distances[1:]:
        either = b.or_(either, distance)
    high = b.bitcast(b.and_(either, splat(_HALVES, 0xFF00)), PLANE)
    return b.not_(planes.anywhere(frame, high)), distances


def _least(frame: Frame, rows: list[ir.Value], name: str, base: ir.Value) -> ir.Value:
    """Return where eights may begin so that no level is below, nor below `base`."""
    b = frame.builder
    extreme = rows[0]
    for row in rows[1:]:
        extreme = frame.call(f"llvm.{name}.v32i16", _HALVES, extreme, row)
    value = b.zext(frame.call(f"llvm.vector.reduce.{name}.v32i16", I16, extreme), I32)
    value = b.select(b.icmp_unsigned("<", value, base), value, base)
    return b.and_(value, ir.Constant(I32, ~7))


def _one_by_one(frame: Frame, region: ir.Value) -> None:
    """Count levels lane by lane; A of the record is the largest."""
    b = frame.builder
    largest = frame.field(A)
    tables = [b.add(frame.state(arena.TABLES + 8 * block, I64), region) for block in range(arena.BLOCKS)]
    live_row, row = frame.at(frame.base, arena.LIVE), frame.at(frame.base, arena.LEVELS)
    with frame.loop(frame.lanes // 32) as pair:
        vector = frame.at(row, b.shl(pair, ir.Constant(I64, 6)))
        turn, second = b.lshr(pair, ir.Constant(I64, 1)), b.and_(pair, ir.Constant(I64, 1))
        for element in range(32):
            level = b.zext(b.load(frame.at(vector, 2 * element), align=2, typ=I16), I32)
            outside = b.icmp_unsigned(">", level, largest)
            level = b.select(outside, b.add(largest, ir.Constant(I32, 1)), level)
            # Of the turn's vectors it is the second or fourth, or the first or third: see `sampling`.
            lane = b.add(b.shl(turn, ir.Constant(I64, 8)), b.shl(second, ir.Constant(I64, 6)))
            lane = b.add(lane, ir.Constant(I64, 128 * (element & 1) + 4 * (element >> 1)))
            live = b.trunc(b.load(frame.at(live_row, lane), align=4, typ=I32), I16)
            at = b.add(tables[element >> 2], b.mul(b.zext(level, I64), ir.Constant(I64, BIN_BYTES)))
            place = b.inttoptr(at, frame.base.type)
            b.store(b.sub(b.load(place, align=2, typ=I16), live), place, align=2)
