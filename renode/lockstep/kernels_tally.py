"""Kernels that count levels: histograms of an instruction, by blocks of lanes that belong to one group.

Levels of bytes are turned into planes: a plane is 512 bits, of which bit k of byte p is one bit of the level in byte p
of the row's 64-byte vector k. The lanes that have one level are then an intersection of planes, and how many there are
its number of ones, for each of eight qwords: the blocks. Eight levels at a time, whose upper bits are the same, are
counted; which such eights there are is remembered, and found again only when a lane is in none of them.
"""

from llvmlite import ir

from renode.lockstep import arena
from renode.lockstep.frame import STEP, A, D, Frame, M, N, X
from renode.lockstep.kernels import Form
from renode.lockstep.llvm import I8, I16, I32, I64, splat

_PLANE = ir.VectorType(I64, arena.BLOCKS)
_ROW = ir.VectorType(I8, STEP)
_SUMS = ir.VectorType(I32, 16)
_EIGHT = 8
"""Levels counted together: the lower three planes."""


def relive(frame: Frame, _form: Form) -> None:
    """Write LIVE_BITS from the row LIVE, if a lane has strayed since."""
    b = frame.builder
    strayed = b.icmp_unsigned("!=", frame.state(arena.STRAYED, I64), ir.Constant(I64, 0))
    with b.if_then(strayed, likely=False):
        bits = splat(_ROW, 0)
        row = frame.at(frame.base, arena.LIVE)
        for number in range(frame.lanes // STEP):
            words = [frame.load(row, ir.Constant(I64, 4 * STEP * number), k) for k in range(4)]
            k = frame.algebra
            packed = (words[0] & 0xFF) | (words[1] & 0xFF00) | (words[2] & 0xFF0000) | (words[3] & 0xFF000000)
            bits = b.or_(bits, b.and_(b.bitcast(packed.value, _ROW), splat(_ROW, 1 << number)))
            del k
        b.store(bits, frame.at(frame.base, arena.LIVE_BITS), align=64)
        b.store(ir.Constant(I64, 0), frame.at(frame.base, arena.STRAYED), align=8)


def count8(frame: Frame, form: Form) -> None:
    """Count levels of bytes. D of the record is the unit of its histograms, A the largest level; N and M are the first
    and last eight met."""
    (planes,) = form.numbers
    b = frame.builder
    vectors = [_level_vector(frame, number) for number in range(frame.lanes // STEP)]
    vectors += [splat(_PLANE, 0)] * (8 - len(vectors))
    plane = _planes(frame, vectors)[:planes]
    live = b.load(frame.at(frame.base, arena.LIVE_BITS), align=64, typ=_PLANE)
    lower = _minterms(frame, plane[:3], live)
    region = b.shl(b.zext(frame.field(D), I64), ir.Constant(I64, 6))
    slots = frame.state(arena.SLOT_COUNT, I64)

    old_first, old_last = frame.field(N), frame.field(M)
    fresh = b.icmp_unsigned(">", old_first, old_last)
    entry = b.block
    rounds, counting, search, done = (b.append_basic_block(name) for name in ("rounds", "counting", "search", "done"))
    b.cbranch(fresh, search, rounds)

    b.position_at_end(rounds)
    first, last, skip_first, skip_last = (b.phi(I32) for _ in range(4))
    second = b.phi(ir.IntType(1))
    b.branch(counting)

    b.position_at_end(counting)
    eight, seen = b.phi(I32), b.phi(_PLANE)
    eight.add_incoming(first, rounds)
    seen.add_incoming(splat(_PLANE, 0), rounds)
    upper = live
    for number in range(3, planes):
        bit = b.and_(b.shl(eight, ir.Constant(I32, 6 - (number - 3))), ir.Constant(I32, 64))
        flip = b.load(frame.at(_flips(frame), b.zext(bit, I64)), align=64, typ=_PLANE)
        upper = b.and_(upper, b.xor(plane[number], flip))
    seen_now = b.or_(seen, upper)
    skipped = b.and_(b.icmp_unsigned(">=", eight, skip_first), b.icmp_unsigned("<=", eight, skip_last))
    counted, following = b.append_basic_block("counted"), b.append_basic_block("following")
    b.cbranch(skipped, following, counted)
    b.position_at_end(counted)
    _add(
        frame,
        [b.and_(upper, term) for term in lower],
        b.add(region, b.shl(b.zext(eight, I64), ir.Constant(I64, 6))),
        slots,
    )
    b.branch(following)
    b.position_at_end(following)
    next_eight = b.add(eight, ir.Constant(I32, 1))
    eight.add_incoming(next_eight, following)
    seen.add_incoming(seen_now, following)
    covered = b.append_basic_block("covered")
    b.cbranch(b.icmp_unsigned("<=", next_eight, last), counting, covered)
    b.position_at_end(covered)
    unseen = b.and_(live, b.xor(seen_now, splat(_PLANE, -1)))
    missing = _any(frame, unseen)
    again, beyond = b.append_basic_block("again"), b.append_basic_block("beyond")
    b.cbranch(missing, again, done).set_weights([1, 2000])
    b.position_at_end(again)
    b.cbranch(second, beyond, search)
    b.position_at_end(beyond)
    b.store(ir.Constant(I64, 1), frame.at(frame.base, arena.BEYOND), align=8)
    b.branch(done)

    b.position_at_end(search)
    known_first, known_last = b.phi(I32), b.phi(I32)
    for value, known in ((old_first, known_first), (old_last, known_last)):
        known.add_incoming(value, entry)
        known.add_incoming(value, again)
    found_first, found_last = _extent(frame)
    lowest = b.select(b.icmp_unsigned("<", found_first, known_first), found_first, known_first)
    highest = b.select(b.icmp_unsigned(">", found_last, known_last), found_last, known_last)
    b.store(lowest, frame.at(frame.record, 4 * N), align=4)
    b.store(highest, frame.at(frame.record, 4 * M), align=4)
    b.branch(rounds)
    for phi, at_start, later in (
        (first, old_first, lowest),
        (last, old_last, highest),
        (skip_first, ir.Constant(I32, 1), known_first),
        (skip_last, ir.Constant(I32, 0), known_last),
        (second, ir.Constant(ir.IntType(1), 0), ir.Constant(ir.IntType(1), 1)),
    ):
        phi.add_incoming(at_start, entry)
        phi.add_incoming(later, b.block)
    b.position_at_end(done)


def count16(frame: Frame, _form: Form) -> None:
    """Count levels of 16 bits, lane by lane. D of the record is the unit of its histograms, A the number of bins."""
    b = frame.builder
    bins = frame.field(A)
    region = b.shl(b.zext(frame.field(D), I64), ir.Constant(I64, 6))
    tables = [b.add(frame.state(arena.TABLES + 8 * block, I64), region) for block in range(arena.BLOCKS)]
    live_row, row = frame.at(frame.base, arena.LIVE), frame.at(frame.base, arena.LEVELS)
    with frame.loop(frame.lanes // 32) as pair:
        vector = frame.at(row, b.shl(pair, ir.Constant(I64, 6)))
        for element in range(32):
            level = b.zext(b.load(frame.at(vector, 2 * element), align=2, typ=I16), I32)
            level = b.select(b.icmp_unsigned("<", level, bins), level, bins)
            # Lane 16 (2 pair + (element & 1)) + element / 2: see `sampling`.
            lane = frame.at(
                live_row,
                b.add(b.shl(pair, ir.Constant(I64, 7)), ir.Constant(I64, 64 * (element & 1) + 4 * (element >> 1))),
            )
            live = b.lshr(b.load(lane, align=4, typ=I32), ir.Constant(I32, 31))
            at = b.add(tables[element >> 2], b.shl(b.zext(level, I64), ir.Constant(I64, 3)))
            place = b.inttoptr(at, frame.base.type)
            b.store(b.add(b.load(place, align=4, typ=I32), live), place, align=4)


def flush(frame: Frame, _form: Form) -> None:
    """Add histograms to counts, and clear them. D of the record is their unit, N their bins, M the first bin of the
    counts, A the distance of bins there, X the first bin that must not have been met; TABLES are the histograms and
    the counts of both halves.
    """  # fmt: skip
    b = frame.builder
    region = b.shl(b.zext(frame.field(D), I64), ir.Constant(I64, 6))
    source = b.inttoptr(b.add(frame.state(arena.TABLES, I64), region), frame.base.type)
    start, stride = (
        b.shl(b.zext(frame.field(M), I64), ir.Constant(I64, 3)),
        b.shl(b.zext(frame.field(A), I64), ir.Constant(I64, 3)),
    )
    counts = [b.add(frame.state(arena.TABLES + 8 * (1 + half), I64), start) for half in range(2)]
    with frame.loop(b.zext(frame.field(N), I64)) as number:
        place = frame.at(source, b.shl(number, ir.Constant(I64, 3)))
        both = b.load(place, align=8, typ=I64)
        with b.if_then(b.icmp_unsigned("!=", both, ir.Constant(I64, 0))):
            b.store(ir.Constant(I64, 0), place, align=8)
            beyond = b.icmp_unsigned(">=", number, b.zext(frame.field(X), I64))
            with b.if_then(beyond, likely=False):
                b.store(ir.Constant(I64, 1), frame.at(frame.base, arena.BEYOND), align=8)
            with b.if_then(b.not_(beyond)):
                shift = b.mul(number, stride)
                for half, value in enumerate(
                    (b.and_(both, ir.Constant(I64, 0xFFFFFFFF)), b.lshr(both, ir.Constant(I64, 32)))
                ):
                    target = b.inttoptr(b.add(counts[half], shift), frame.base.type)
                    b.store(b.add(b.load(target, align=8, typ=I64), value), target, align=8)


def _level_vector(frame: Frame, number: int) -> ir.Value:
    return frame.builder.load(frame.at(frame.base, arena.LEVELS + STEP * number), align=64, typ=_PLANE)


def _planes(frame: Frame, vectors: list[ir.Value]) -> list[ir.Value]:
    """Transpose the bits of eight vectors: bit k of byte p of plane j is bit j of byte p of vector k."""
    b = frame.builder
    for distance, mask in ((4, 0x0F), (2, 0x33), (1, 0x55)):
        low = splat(_PLANE, int.from_bytes(bytes([mask]) * 8, "little"))
        high, by = splat(_PLANE, int.from_bytes(bytes([0xFF ^ mask]) * 8, "little")), splat(_PLANE, distance)
        turned = list(vectors)
        for k in range(8):
            if k & distance:
                continue
            one, other = vectors[k], vectors[k + distance]
            turned[k] = b.or_(b.and_(one, low), b.and_(b.shl(other, by), high))
            turned[k + distance] = b.or_(b.and_(b.lshr(one, by), low), b.and_(other, high))
        vectors = turned
    return vectors


def _minterms(frame: Frame, planes: list[ir.Value], live: ir.Value) -> list[ir.Value]:
    """Return, for each number of three bits, where the planes have it."""
    b = frame.builder
    terms = [live]
    for plane in planes:
        without = b.xor(plane, splat(_PLANE, -1))
        terms = [b.and_(term, without) for term in terms] + [b.and_(term, plane) for term in terms]
    return terms


def _add(frame: Frame, leaves: list[ir.Value], at: ir.Value, slots: ir.Value) -> None:
    """Add the numbers of ones to the histograms `at` bytes from where each slot's begin."""
    b = frame.builder
    # Byte j of qword q: how many lanes of block q have level j.
    counts = [frame.call("llvm.ctpop.v8i64", _PLANE, leaf) for leaf in leaves]
    step = 1
    while len(counts) > 1:
        by = splat(_PLANE, 8 * step)
        counts = [b.or_(one, b.shl(other, by)) for one, other in zip(counts[::2], counts[1::2], strict=True)]
        step *= 2
    order = [8 * block + level for level in range(_EIGHT) for block in range(arena.BLOCKS)]
    flat = b.bitcast(counts[0], _ROW)
    by_level = b.shuffle_vector(flat, flat, ir.Constant(ir.VectorType(I32, STEP), order))
    with frame.loop(slots) as slot:
        place = frame.at(frame.base, b.add(b.shl(slot, ir.Constant(I64, 7)), ir.Constant(I64, arena.SLOTS)))
        mine = b.and_(by_level, b.load(place, align=64, typ=_ROW))
        begin = b.load(frame.at(place, STEP), align=8, typ=I64)
        target = b.inttoptr(b.add(begin, at), frame.base.type)
        b.store(_fours(frame, b.load(target, align=64, typ=_SUMS), mine), target, align=64)


def _fours(frame: Frame, sums: ir.Value, numbers: ir.Value) -> ir.Value:
    """Add four bytes each to `sums`."""
    b = frame.builder
    words = b.bitcast(numbers, _SUMS)
    low = splat(_SUMS, 0x00FF00FF)
    pairs = b.add(b.and_(words, low), b.and_(b.lshr(words, splat(_SUMS, 8)), low))
    pairs = b.add(b.and_(pairs, splat(_SUMS, 0xFFFF)), b.lshr(pairs, splat(_SUMS, 16)))
    return b.add(sums, pairs)


def _any(frame: Frame, plane: ir.Value) -> ir.Value:
    b = frame.builder
    flags = b.icmp_unsigned("!=", plane, splat(_PLANE, 0))
    return b.icmp_unsigned("!=", b.bitcast(flags, I8), ir.Constant(I8, 0))


def _extent(frame: Frame) -> tuple[ir.Value, ir.Value]:
    """Return the lowest and the highest eight that the row has, of all lanes."""
    b = frame.builder
    low = high = None
    for number in range(frame.lanes // STEP):
        row = b.load(frame.at(frame.base, arena.LEVELS + STEP * number), align=64, typ=_ROW)
        low = row if low is None else frame.call("llvm.umin.v64i8", _ROW, low, row)
        high = row if high is None else frame.call("llvm.umax.v64i8", _ROW, high, row)
    largest = b.trunc(frame.field(A), I8)
    ends = []
    for vector, name in ((low, "umin"), (high, "umax")):
        value = frame.call(f"llvm.vector.reduce.{name}.v64i8", I8, vector)
        value = b.select(b.icmp_unsigned("<", value, largest), value, largest)
        ends.append(b.lshr(b.zext(value, I32), ir.Constant(I32, 3)))
    return ends[0], ends[1]


def _flips(frame: Frame) -> ir.Value:
    """Return a constant of the module: a plane of ones, for bits that are not set, and one of zeros."""
    name = "flips"
    found = frame.module.globals.get(name)
    if found is None:
        kind = ir.ArrayType(I64, 2 * arena.BLOCKS)
        found = ir.GlobalVariable(frame.module, kind, name)
        found.initializer = ir.Constant(kind, [0xFFFFFFFFFFFFFFFF] * arena.BLOCKS + [0] * arena.BLOCKS)
        found.global_constant, found.linkage, found.align = True, "internal", 64
    return found
