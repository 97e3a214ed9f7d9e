"""Kernels at the ends of a batch, and of activity words: inputs, outputs, who is lost; and what calls them all."""

from llvmlite import ir

from renode.lockstep import arena
from renode.lockstep.frame import VECTORS, D, Frame, N, X, Y
from renode.lockstep.kernels import Form
from renode.lockstep.llvm import I32, I64, LANES, POINTER
from renode.trace import BUS_HW, LOW_BYTE

RECORD_BYTES = 32
_WORDS64 = ir.VectorType(I64, LANES)
_EIGHT = ir.VectorType(I64, 8)
_CHOICE = ir.VectorType(I32, 8)


def begin(frame: Frame, _form: Form) -> None:
    """Begin a batch: say which row each lane executes, and that all lanes but those that fill up are live.

    N is how many instructions lanes have done that stay.
    """
    b = frame.builder
    order, done = frame.pointer(arena.ORDER), frame.field(N)
    rows, live, lost = (frame.at(frame.base, at) for at in (arena.ROWS_ORDER, arena.LIVE, arena.LOST))
    with frame.loop(4 * frame.lanes, 4) as offset:
        row = b.load(frame.at(order, offset), align=4, typ=I32)
        fills = b.ashr(row, ir.Constant(I32, 31))
        b.store(b.xor(row, fills), frame.at(rows, offset), align=4)
        b.store(b.not_(fills), frame.at(live, offset), align=4)
        b.store(done, frame.at(lost, offset), align=4)
    b.store(ir.Constant(I64, 1), frame.at(frame.base, arena.STRAYED), align=8)


def finish(frame: Frame, _form: Form) -> None:
    """Tell how many instructions each lane has done."""
    b = frame.builder
    order, out = frame.pointer(arena.ORDER), frame.pointer(arena.LOST_OUT)
    with frame.loop(4 * frame.lanes, 4) as offset:
        row = b.load(frame.at(order, offset), align=4, typ=I32)
        with b.if_then(b.icmp_signed(">=", row, ir.Constant(I32, 0))):
            lost = b.load(frame.at(frame.base, b.add(offset, ir.Constant(I64, arena.LOST))), align=4, typ=I32)
            b.store(lost, frame.at(out, b.shl(b.zext(row, I64), ir.Constant(I64, 2))), align=4)


def take(frame: Frame, form: Form) -> None:
    """Put `count` bytes of each lane's inputs, from byte X on, into bits `shift` on of row D, after the bits of Y.

    What the row held before is lost but where `more`: then it is what the bits are put into.
    """
    shift, count, more = form.numbers
    b = frame.builder
    kind = ir.IntType(8 * count)
    source = frame.at(frame.pointer(arena.INPUTS), b.zext(frame.field(X), I64))
    stride, target, around = frame.state(arena.INPUT_STRIDE, I64), frame.row(D), frame.field(Y)
    with frame.loop(4 * frame.lanes, 4) as offset:
        row = b.load(frame.at(frame.base, b.add(offset, ir.Constant(I64, arena.ROWS_ORDER))), align=4, typ=I32)
        value = b.load(frame.at(source, b.mul(b.zext(row, I64), stride)), align=1, typ=kind)
        word = b.shl(b.zext(value, I32) if count < 4 else value, ir.Constant(I32, shift))
        place = frame.at(target, offset)
        word = b.or_(word, b.load(place, align=4, typ=I32) if more else around)
        b.store(word, place, align=4)


def give(frame: Frame, form: Form) -> None:
    """Put `count` bytes, from bit `shift` on, of row N to byte X on of each lane's output."""
    shift, count = form.numbers
    b = frame.builder
    source = frame.row(N)
    target = frame.at(frame.pointer(arena.OUTPUTS), b.zext(frame.field(X), I64))
    stride = frame.state(arena.OUTPUT_STRIDE, I64)
    with frame.loop(4 * frame.lanes, 4) as offset:
        row = b.load(frame.at(frame.base, b.add(offset, ir.Constant(I64, arena.ROWS_ORDER))), align=4, typ=I32)
        word = b.lshr(b.load(frame.at(source, offset), align=4, typ=I32), ir.Constant(I32, shift))
        value = b.trunc(word, ir.IntType(8 * count)) if count < 4 else word
        b.store(value, frame.at(target, b.mul(b.zext(row, I64), stride)), align=1)


def word(frame: Frame, form: Form) -> None:
    """Complete the activity words of an instruction: X and Y do not vary, D is the row of 64 bits where they go."""
    b = frame.builder
    registers, bus, low = form.numbers
    base = b.or_(b.zext(frame.field(X), I64), b.shl(b.zext(frame.field(Y), I64), ir.Constant(I64, 32)))
    base = frame.broadcast(base, _WORDS64)
    sums = [
        (frame.at(frame.base, at), shift)
        for wanted, at, shift in (
            (registers, arena.REGISTER_SUMS, 0),
            (bus, arena.BUS_SUMS, BUS_HW),
            (low, arena.LOW_SUMS, LOW_BYTE),
        )
        if wanted
    ]
    target = frame.row(D)
    with frame.turns() as offset:
        for number in range(VECTORS):
            total = base
            for row, shift in sums:
                part = b.zext(frame.load(row, offset, number).value, _WORDS64)
                total = b.add(total, b.shl(part, ir.Constant(_WORDS64, [shift] * LANES)))
            place = frame.at(target, b.add(b.shl(offset, ir.Constant(I64, 1)), ir.Constant(I64, 128 * number)))
            b.store(total, place, align=64)


def tile(frame: Frame, form: Form) -> None:
    """Put the words of some instructions, from position X on, into the output: the tile's rows become columns there."""
    (count,) = form.numbers
    b = frame.builder
    skip = b.shl(b.zext(frame.field(X), I64), ir.Constant(I64, 3))
    out, stride = frame.at(frame.pointer(arena.WORDS_OUT), skip), frame.state(arena.WORDS_STRIDE, I64)
    with frame.loop(frame.lanes // 8) as eight:
        at = frame.at(frame.base, b.add(b.shl(eight, ir.Constant(I64, 5)), ir.Constant(I64, arena.ROWS_ORDER)))
        rows = [b.zext(b.load(frame.at(at, 4 * lane), align=4, typ=I32), I64) for lane in range(8)]
        targets = [frame.at(out, b.mul(row, stride)) for row in rows]
        columns = frame.at(frame.base, b.add(b.shl(eight, ir.Constant(I64, 6)), ir.Constant(I64, arena.TILE_ROWS)))
        for first in range(0, count, 8):
            words = min(8, count - first)
            vectors = [
                b.load(frame.at(columns, 8 * frame.lanes * (first + number)), align=64, typ=_EIGHT)
                for number in range(words)
            ]
            vectors += [ir.Constant(_EIGHT, ir.Undefined)] * (8 - words)
            for target, vector in zip(targets, _transposed(b, vectors), strict=True):
                place = frame.at(target, 8 * first)
                if words == 8:
                    b.store(vector, place, align=8)
                    continue
                for number in range(words):
                    b.store(b.extract_element(vector, ir.Constant(I32, number)), frame.at(place, 8 * number), align=8)


def _transposed(b: ir.IRBuilder, vectors: list[ir.Value]) -> list[ir.Value]:
    """Exchange rows and columns of eight vectors of eight."""
    for distance in (4, 2, 1):
        low = [k if not k & distance else 8 + k - distance for k in range(8)]
        high = [k + distance if not k & distance else 8 + k for k in range(8)]
        turned = list(vectors)
        for k in range(8):
            if not k & distance:
                one, other = vectors[k], vectors[k + distance]
                turned[k] = b.shuffle_vector(one, other, ir.Constant(_CHOICE, low))
                turned[k + distance] = b.shuffle_vector(one, other, ir.Constant(_CHOICE, high))
        vectors = turned
    return vectors


def runner(name: str, lanes: int) -> str:
    """Return the module of a function `run(base, records, functions, end, batches)`: all records, for each batch of lanes."""
    frame = Frame("unused", lanes)
    module = ir.Module(name=name)
    kind = ir.FunctionType(ir.VoidType(), [POINTER, POINTER, POINTER, POINTER, I64])
    function = ir.Function(module, kind, name)
    base, records, functions, end, batches = function.args
    b = frame.builder = ir.IRBuilder(function.append_basic_block("entry"))
    frame.base = base
    called = ir.FunctionType(ir.VoidType(), [POINTER, POINTER])
    first = frame.state(arena.ORDER, I64)
    with frame.loop(batches) as batch:
        order = b.add(first, b.mul(batch, ir.Constant(I64, 4 * lanes)))
        b.store(order, frame.at(base, arena.ORDER), align=8)
        before, body = b.block, b.append_basic_block("record")
        b.branch(body)
        b.position_at_end(body)
        record = b.phi(POINTER)
        record.add_incoming(records, before)
        number = b.zext(b.load(record, align=4, typ=I32), I64)
        kernel = b.load(frame.at(functions, b.shl(number, ir.Constant(I64, 3))), align=8, typ=I64)
        b.call(b.inttoptr(kernel, called.as_pointer()), [base, record])
        following = frame.at(record, RECORD_BYTES)
        record.add_incoming(following, body)
        after = b.append_basic_block("through")
        b.cbranch(b.icmp_unsigned("!=", following, end), body, after)
        b.position_at_end(after)
    b.ret_void()
    return str(module)
