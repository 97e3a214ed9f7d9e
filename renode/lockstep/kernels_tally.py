"""Kernels that count levels: histograms of an instruction, by halves of a batch.

Eight levels at a time are counted (see `eights` and `planes`). Levels of 16 bits are counted in the same way as long as
they lie within 256 of one another, and lane by lane where they do not. Whoever runs batches empties histograms before
a number can overflow.
"""

from llvmlite import ir

from renode.lockstep import arena, planes
from renode.lockstep.eights import BIN_BYTES, ask_ahead, counted
from renode.lockstep.frame import STEP, A, D, Frame, M, N, X
from renode.lockstep.kernels import Form
from renode.lockstep.llvm import I8, I16, I32, I64, splat
from renode.lockstep.planes import PLANE, ROW

UNKNOWN = MOST_LEVELS = 0x7F00
"""From which level on eights are counted, before there was any; as many levels there may be."""
_HALVES = ir.VectorType(I16, 32)


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
    ask_ahead(frame)
    b = frame.builder
    vectors = [_row(frame, number, PLANE) for number in range(frame.lanes // STEP)]
    region = b.shl(b.zext(frame.field(D), I64), ir.Constant(I64, 6))
    counted(frame, vectors, form.numbers[0], region, b.trunc(frame.field(A), I8))


def count16(frame: Frame, _form: Form) -> None:
    """Count levels of 16 bits: the same, but eights are counted from level X of the record on."""
    ask_ahead(frame)
    b = frame.builder
    region = b.shl(b.zext(frame.field(D), I64), ir.Constant(I64, 6))
    rows = [_row(frame, number, _HALVES) for number in range(frame.lanes // STEP * 2)]
    near, far, moved, after = (b.append_basic_block(name) for name in ("near", "far", "moved", "after"))
    entry, base = b.block, frame.field(X)
    within, _ = _within(frame, rows, base)
    known = b.icmp_unsigned("<=", frame.field(N), frame.field(M))
    b.cbranch(b.and_(within, known), near, moved)

    b.position_at_end(moved)
    lowest = _lowest(frame, rows, base)
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
    counted(frame, vectors, 8, shifted, ir.Constant(I8, 0xFF))
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


def _row(frame: Frame, number: int, kind: ir.VectorType) -> ir.Value:
    return frame.builder.load(frame.at(frame.base, arena.LEVELS + STEP * number), align=64, typ=kind)


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


def _lowest(frame: Frame, rows: list[ir.Value], base: ir.Value) -> ir.Value:
    """Return where eights may begin so that no level is below, nor `base`."""
    b = frame.builder
    least = rows[0]
    for row in rows[1:]:
        least = frame.call("llvm.umin.v32i16", _HALVES, least, row)
    value = b.zext(frame.call("llvm.vector.reduce.umin.v32i16", I16, least), I32)
    for bound in (base, frame.field(A)):
        value = b.select(b.icmp_unsigned("<", value, bound), value, bound)
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
