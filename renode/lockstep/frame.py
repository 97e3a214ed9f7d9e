"""A kernel being built: a function of the arena's base and of its record, and the loop over the lanes in it."""

from collections.abc import Iterator
from contextlib import contextmanager

from llvmlite import ir

from renode.lockstep import arena
from renode.lockstep.llvm import FLAGS, I8, I32, I64, LANES, POINTER, WORDS, Vectors, Word, intrinsic

D, N, M, A, X, Y, Z = range(1, 8)
"""Fields of a record: eight 32-bit words, the first of which says which function it is for."""
STEP = 64
"""Lanes of one turn of a loop: as many as a vector has bytes."""
VECTORS = STEP // LANES
VECTOR_BYTES = 4 * LANES


class Frame:
    """The function `name`, begun."""

    def __init__(self, name: str, lanes: int) -> None:
        """Begin it in a module of its own."""
        self.lanes = lanes
        self.module = ir.Module(name=name)
        function = ir.Function(self.module, ir.FunctionType(ir.VoidType(), [POINTER, POINTER]), name)
        for argument in function.args:
            argument.add_attribute("nonnull")
        self.base, self.record = function.args
        self.function = function
        self.builder = ir.IRBuilder(function.append_basic_block("entry"))
        self.algebra = Vectors(self.builder)

    def text(self) -> str:
        """End the function and return its module."""
        self.builder.ret_void()
        return str(self.module)

    def call(self, name: str, result: ir.Type, *operands: ir.Value) -> ir.Value:
        """Call an intrinsic function."""
        return intrinsic(self.builder, name, result, list(operands))

    def at(self, pointer: ir.Value, offset: ir.Value | int) -> ir.Value:
        """Return the pointer `offset` bytes further."""
        by = ir.Constant(I64, offset) if isinstance(offset, int) else offset
        return self.builder.gep(pointer, [by], source_etype=I8)

    def field(self, k: int) -> ir.Value:
        """Return field `k` of the record, 32 bits."""
        return self.builder.load(self.at(self.record, 4 * k), align=4, typ=I32)

    def row(self, k: int) -> ir.Value:
        """Return where the row is that field `k` names."""
        return self.at(self.base, self.builder.shl(self.builder.zext(self.field(k), I64), ir.Constant(I64, 6)))

    def everywhere(self, k: int) -> Word:
        """Return field `k` in each lane."""
        return self.algebra.word(self.broadcast(self.field(k), WORDS))

    def broadcast(self, value: ir.Value, kind: ir.VectorType) -> ir.Value:
        """Return a vector with `value` in each element."""
        b = self.builder
        one = b.insert_element(ir.Constant(kind, ir.Undefined), value, ir.Constant(I32, 0))
        return b.shuffle_vector(
            one, ir.Constant(kind, ir.Undefined), ir.Constant(ir.VectorType(I32, kind.count), [0] * kind.count)
        )

    def state(self, at: int, kind: ir.Type) -> ir.Value:
        """Return a number of the state."""
        return self.builder.load(self.at(self.base, at), align=kind.width // 8, typ=kind)

    def pointer(self, at: int) -> ir.Value:
        """Return a pointer of the state."""
        return self.builder.inttoptr(self.state(at, I64), POINTER)

    @contextmanager
    def loop(self, count: ir.Value | int, step: int = 1, first: ir.Value | int = 0) -> Iterator[ir.Value]:
        """Build a loop over `first`, `first` + step, ... below `count`, both 64 bits; its body runs at least once."""
        b = self.builder
        start = ir.Constant(I64, first) if isinstance(first, int) else first
        end = ir.Constant(I64, count) if isinstance(count, int) else count
        before, body = b.block, b.append_basic_block("turn")
        b.branch(body)
        b.position_at_end(body)
        index = b.phi(I64)
        index.add_incoming(start, before)
        yield index
        following = b.add(index, ir.Constant(I64, step))
        index.add_incoming(following, b.block)
        after = b.append_basic_block("after")
        b.cbranch(b.icmp_signed("<", following, end), body, after)
        b.position_at_end(after)

    @contextmanager
    def turns(self) -> Iterator[ir.Value]:
        """Build the loop over the lanes, STEP at a time; what it yields is 4 times the first lane of the turn."""
        with self.loop(4 * self.lanes, 4 * STEP) as offset:
            yield offset

    def load(self, row: ir.Value, offset: ir.Value, k: int) -> Word:
        """Return vector `k` of a turn."""
        return self.algebra.word(self.builder.load(self._vector(row, offset, k), align=64, typ=WORDS))

    def store(self, word: Word, row: ir.Value, offset: ir.Value, k: int) -> None:
        """Write vector `k` of a turn."""
        self.builder.store(word.value, self._vector(row, offset, k), align=64)

    def any(self, flags: ir.Value) -> ir.Value:
        """Return whether any flag of a vector is set."""
        bits = self.builder.bitcast(flags, ir.IntType(LANES))
        return self.builder.icmp_unsigned("!=", bits, ir.Constant(bits.type, 0))

    def lose(self, good: list[ir.Value], offset: ir.Value, index: ir.Value) -> None:
        """Lose the lanes of a turn that are live and whose flag in `good` is not set, at instruction `index`."""
        b = self.builder
        live_row, lost_row = self.at(self.base, arena.LIVE), self.at(self.base, arena.LOST)
        live = [self.load(live_row, offset, k) for k in range(VECTORS)]
        none = ir.Constant(FLAGS, [0] * LANES)
        bad = [
            b.select(flags, none, self.algebra.less(self.algebra.number(0), word))
            for flags, word in zip(good, live, strict=True)
        ]
        either = b.or_(b.or_(bad[0], bad[1]), b.or_(bad[2], bad[3]))
        with b.if_then(self.any(either), likely=False):
            at = self.algebra.word(self.broadcast(index, WORDS))
            for k, flags in enumerate(bad):
                self.store(self.algebra.select(flags, 0, live[k]), live_row, offset, k)
                kept = self.load(lost_row, offset, k)
                self.store(self.algebra.select(flags, at, kept), lost_row, offset, k)
            b.store(ir.Constant(I64, 1), self.at(self.base, arena.STRAYED), align=8)

    def _vector(self, row: ir.Value, offset: ir.Value, k: int) -> ir.Value:
        place = self.at(row, offset)
        return self.at(place, VECTOR_BYTES * k) if k else place
