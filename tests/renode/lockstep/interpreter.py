"""A third engine, slow and plain: what the decoder and the semantics say, one instruction and one execution at a time.

Where engines differ it tells whose fault it is: decoder and semantics, or what is made of them.
"""

from jobs.payloads import Core
from renode.lockstep.start import Start
from renode.thumb.decode import decode
from renode.thumb.micro import ALWAYS, WORD, Coded, Micro, Op, Operand, Place
from renode.thumb.numbers import compute

_N, _Z = 1 << 31, 1 << 30
_FLAGS = ((Place.CARRY, 29, 1), (Place.OVERFLOW, 28, 1), (Place.SATURATED, 27, 1), (Place.GREATER, 16, 15))


class Left(Exception):
    """The execution went where nothing is, or ended otherwise than by returning."""


class Interpreter:
    """Executes one function from its start, once."""

    def __init__(self, start: Start) -> None:
        """Take the memory and the registers."""
        self.start = start
        self.places = [*self.start.registers, *[0] * (len(Place) - len(self.start.registers))]
        self.places[Place.RESULT] = 0 if start.status & _Z else start.status & _N | 1
        for place, shift, mask in _FLAGS:
            self.places[place] = start.status >> shift & mask
        self.blocks = [(block.start, bytearray(block.content), True) for block in self.start.writable]
        self.blocks += [(block.start, bytearray(block.content), False) for block in self.start.readable]
        self.exclusive: int | None = None
        """The address that was loaded exclusively."""
        self.pcs: list[int] = []

    def run(self, entry: int, inputs: bytes, *, limit: int) -> bytes:
        """Execute with `inputs`; return the output. Raise Left or Refused."""
        for place in self.start.inputs:
            self._write(place.address, inputs[place.offset : place.offset + place.length])
        pc, covers = entry, ()
        while pc != self.start.stop:
            if len(self.pcs) == limit:
                raise Left(f"{limit} instructions")
            self.pcs.append(pc)
            coded = self._coded(pc, in_it=bool(covers))
            covers, condition = (covers[1:], covers[0]) if covers else (coded.covers, ALWAYS)
            pc = self._step(pc, coded) if self._holds(condition) else pc + coded.size
        output = self.start.output
        return b"" if output is None else self._read(output.address, output.length)

    def _coded(self, pc: int, *, in_it: bool) -> Coded:
        code = self._read(pc, 2)
        wide = code[1] >> 3 > 0b11100
        second = int.from_bytes(self._read(pc + 2, 2), "little") if wide else 0
        return decode(int.from_bytes(code, "little"), second, pc, Core(self.start.core), in_it=in_it)

    def _holds(self, condition: int) -> bool:
        p = self.places
        return bool(compute(Op.CONDITION, p[Place.RESULT], p[Place.CARRY], p[Place.OVERFLOW], cond=condition))

    def _step(self, pc: int, coded: Coded) -> int:
        following = pc + coded.size
        for micro in coded.micros:
            n, m, a = self._value(micro.n), self._value(micro.m), self._value(micro.a)
            going = self._goes(micro, m)
            if going is not None:
                following = n & ~1 if going else following
            elif micro.op is Op.TRAP:
                raise Left("a trap")
            else:
                found = self._access(micro, n, m)
                value = compute(micro.op, n, m, a, cond=micro.cond) if found is None else found
                if micro.d is not None:
                    self.places[micro.d] = value & WORD
        return following

    def _value(self, operand: Operand) -> int:
        return self.places[operand] if isinstance(operand, Place) else operand

    def _goes(self, micro: Micro, m: int) -> bool | None:
        if micro.op is Op.BRANCH:
            return True
        if micro.op is Op.BRANCH_IF:
            return self._holds(micro.cond)
        if micro.op in {Op.BRANCH_ZERO, Op.BRANCH_NONZERO}:
            return (m == 0) == (micro.op is Op.BRANCH_ZERO)
        return None

    def _access(self, micro: Micro, n: int, m: int) -> int | None:
        """Return what goes to the place written; None where the operation is none of memory."""
        if micro.op in {Op.LOAD, Op.LOAD_EXCLUSIVE}:
            if micro.op is Op.LOAD_EXCLUSIVE:
                self.exclusive = n
            return int.from_bytes(self._read(n, micro.width), "little", signed=micro.signed)
        if micro.op is Op.CLEAR_EXCLUSIVE:
            self.exclusive = None
            return 0
        if micro.op is Op.STORE_EXCLUSIVE:
            fails, self.exclusive = self.exclusive != n, None
            if fails:
                return 1
        elif micro.op is not Op.STORE:
            return None
        self._write(n, (m & WORD >> (32 - 8 * micro.width)).to_bytes(micro.width, "little"))
        return 0

    def _read(self, address: int, count: int) -> bytes:
        for start, content, _ in self.blocks:
            if start <= address and address + count <= start + len(content):
                return bytes(content[address - start : address - start + count])
        raise Left(f"read 0x{address:08x}")

    def _write(self, address: int, data: bytes) -> None:
        for start, content, writable in self.blocks:
            if writable and start <= address and address + len(data) <= start + len(content):
                content[address - start : address - start + len(data)] = data
                return
        raise Left(f"wrote 0x{address:08x}")
