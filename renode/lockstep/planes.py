"""Levels of bytes as planes of bits: which lanes have which level, and how many in each block.

A plane is 512 bits; its bit k of byte p is one bit of the level in byte p of the row's 64-byte vector k. The lanes that
have one level are an intersection of planes, and the ones in each of its eight qwords are the lanes of a block.
"""

from llvmlite import ir

from renode.lockstep.arena import BLOCKS
from renode.lockstep.frame import STEP, Frame
from renode.lockstep.llvm import I8, I16, I32, I64, splat

PLANE = ir.VectorType(I64, BLOCKS)
ROW = ir.VectorType(I8, STEP)
SUMS = ir.VectorType(I16, 16)
"""Of eight levels, each in both halves of a batch."""
EIGHT = 8
"""Levels counted together: those whose upper bits are the same."""
LOWER = 3
"""Planes of the bits in which eight levels differ."""
_WORDS = ir.VectorType(I32, 16)


def transposed(frame: Frame, vectors: list[ir.Value]) -> list[ir.Value]:
    """Return the planes of eight vectors, beginning with the lowest bits."""
    b = frame.builder
    for distance, mask in ((4, 0x0F), (2, 0x33), (1, 0x55)):
        low = splat(PLANE, int.from_bytes(bytes([mask]) * 8, "little"))
        high, by = splat(PLANE, int.from_bytes(bytes([0xFF ^ mask]) * 8, "little")), splat(PLANE, distance)
        turned = list(vectors)
        for k in range(8):
            if not k & distance:
                one, other = vectors[k], vectors[k + distance]
                turned[k] = b.or_(b.and_(one, low), b.and_(b.shl(other, by), high))
                turned[k + distance] = b.or_(b.and_(b.lshr(one, by), low), b.and_(other, high))
        vectors = turned
    return vectors


def minterms(frame: Frame, planes: list[ir.Value]) -> list[ir.Value]:
    """Return, for each number that some planes can have, where they have it."""
    b = frame.builder
    terms = [splat(PLANE, -1)]
    for plane in planes:
        without = b.xor(plane, splat(PLANE, -1))
        terms = [b.and_(term, without) for term in terms] + [b.and_(term, plane) for term in terms]
    return terms


def having(frame: Frame, planes: list[ir.Value], number: ir.Value, within: ir.Value) -> ir.Value:
    """Return where planes have a `number` of 32 bits."""
    b = frame.builder
    for k, plane in enumerate(planes):
        bit = b.and_(b.shl(number, ir.Constant(I32, 6 - k)), ir.Constant(I32, 64))
        flip = b.load(frame.at(_flips(frame), b.zext(bit, I64)), align=64, typ=PLANE)
        within = b.and_(within, b.xor(plane, flip))
    return within


def numbers(frame: Frame, leaves: list[ir.Value]) -> ir.Value:
    """Return how many lanes each of eight intersections has: byte 8 l + q for leaf l, block q."""
    b = frame.builder
    counts = [frame.call("llvm.ctpop.v8i64", PLANE, leaf) for leaf in leaves]
    step = 1
    while len(counts) > 1:
        by = splat(PLANE, 8 * step)
        counts = [b.or_(one, b.shl(other, by)) for one, other in zip(counts[::2], counts[1::2], strict=True)]
        step *= 2
    order = [EIGHT * block + level for level in range(EIGHT) for block in range(BLOCKS)]
    flat = b.bitcast(counts[0], ROW)
    return b.shuffle_vector(flat, flat, ir.Constant(ir.VectorType(I32, STEP), order))


def halves(frame: Frame, each: ir.Value) -> ir.Value:
    """Return the sums of four blocks each, as SUMS."""
    b = frame.builder
    words, low = b.bitcast(each, _WORDS), splat(_WORDS, 0x00FF00FF)
    pairs = b.add(b.and_(words, low), b.and_(b.lshr(words, splat(_WORDS, 8)), low))
    return b.trunc(b.add(pairs, b.lshr(pairs, splat(_WORDS, 16))), SUMS)


def anywhere(frame: Frame, plane: ir.Value) -> ir.Value:
    """Return whether any bit is set."""
    b = frame.builder
    flags = b.icmp_unsigned("!=", plane, splat(PLANE, 0))
    return b.icmp_unsigned("!=", b.bitcast(flags, I8), ir.Constant(I8, 0))


def _flips(frame: Frame) -> ir.Value:
    """Return a constant of the module: a plane of ones, for bits that are not set, and one of zeros."""
    found = frame.module.globals.get("flips")
    if found is None:
        kind = ir.ArrayType(I64, 2 * BLOCKS)
        found = ir.GlobalVariable(frame.module, kind, "flips")
        found.initializer = ir.Constant(kind, [0xFFFFFFFFFFFFFFFF] * BLOCKS + [0] * BLOCKS)
        found.global_constant, found.linkage, found.align = True, "internal", 64
    return found
