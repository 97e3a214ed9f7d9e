"""The micro-operations of one instruction, as they are put together.

What may not be written is refused where it shows: the rows of the table say which bits are what, the functions that
they name say which registers go together.
"""

from renode.thumb.micro import ALWAYS, Micro, Op, Operand, Place, Refused

SP, LR, PC = 13, 14, 15
_TEMPORARIES = tuple(place for place in Place if place >= Place.T0)


class Steps:
    """What an instruction at `address` does, so far.

    `in_it` says whether it is in an IT block, `last` whether it is the last one there.
    """

    def __init__(self, row: str, address: int, size: int, *, in_it: bool, last: bool) -> None:
        """Begin with nothing."""
        self.row = row
        self.following = address + size
        self.pc = (address + 4) & 0xFFFFFFFF
        """The pc as the instruction reads it (A5.1.2)."""
        self.in_it = in_it
        self.covers: tuple[int, ...] = ()
        self._last = last
        self._micros: list[Micro] = []
        self._used = 0
        self._way: Micro | None = None

    @property
    def micros(self) -> tuple[Micro, ...]:
        """Return all of them; where the instruction goes comes last."""
        return (*self._micros, *((self._way,) if self._way is not None else ()))

    def read(self, number: int) -> Operand:
        """Return register `number` as an operand."""
        return self.pc if number == PC else Place(number)

    def emit(self, op: Op, n: Operand = 0, m: Operand = 0, a: Operand = 0, *, d: Place | None = None) -> Place:
        """Add an operation and return the place it writes: a temporary unless `d` says another."""
        place = self._temporary() if d is None else d
        self._micros.append(Micro(op, place, n, m, a))
        return place

    def put(self, d: int, op: Op, n: Operand = 0, m: Operand = 0, a: Operand = 0) -> Place:
        """Write register d and return it.

        What is written to sp stays as it is, as in Unicorn; a core clears the two lowest bits (B1.4.1).
        """
        return self.emit(op, n, m, a, d=Place(d))

    def load(self, t: int, address: Operand, *, width: int = 4, signed: bool = False, op: Op = Op.LOAD) -> None:
        """Load register t; what is loaded to the pc is where the instruction goes."""
        place = self._temporary() if t == PC else Place(t)
        self._micros.append(Micro(op, place, address, width=width, signed=signed))
        if t == PC:
            self.go(place)

    def read_memory(self, address: Operand, *, width: int) -> Place:
        """Load to a temporary."""
        place = self._temporary()
        self._micros.append(Micro(Op.LOAD, place, address, width=width))
        return place

    def store(self, t: int, address: Operand, *, width: int = 4, status: int | None = None) -> None:
        """Store register t; exclusively where there is a `status` register."""
        if status is None:
            self._micros.append(Micro(Op.STORE, None, address, Place(t), width=width))
        else:
            self._micros.append(Micro(Op.STORE_EXCLUSIVE, Place(status), address, Place(t), width=width))

    def clear_exclusive(self) -> None:
        """Forget the address that was loaded exclusively."""
        self._micros.append(Micro(Op.CLEAR_EXCLUSIVE))

    def add(self, micro: Micro) -> None:
        """Add an operation that is complete."""
        self._micros.append(micro)

    def go(self, target: Operand, *, op: Op = Op.BRANCH, m: Operand = 0, cond: int = ALWAYS) -> None:
        """Go to `target` when everything else is done."""
        self.forbid(self.in_it and not self._last, "a branch that is not the last of its IT block")
        self._way = Micro(op, None, target, m, cond=cond)

    def trap(self) -> None:
        """End the execution."""
        self._way = Micro(Op.TRAP)

    def forbid(self, wrong: bool, what: str) -> None:
        """Refuse what the architecture leaves open."""
        if wrong:
            raise Refused("unpredictable", f"{self.row}: {what}")

    def outside_it(self) -> None:
        """Refuse the instruction inside an IT block."""
        self.forbid(self.in_it, "in an IT block")

    def general(self, *registers: int | None) -> None:
        """Refuse sp and pc among `registers`."""
        self.forbid(SP in registers or PC in registers, "sp or pc where neither may be")

    def not_pc(self, *registers: int | None) -> None:
        """Refuse the pc among `registers`."""
        self.forbid(PC in registers, "pc where it may not be")

    def _temporary(self) -> Place:
        self._used += 1
        return _TEMPORARIES[self._used - 1]


def moved(base: Operand, offset: int, it: Steps) -> Operand:
    """Return `base` plus `offset`, which may be negative: a number where `base` is one."""
    if offset == 0:
        return base
    if not isinstance(base, Place):
        return (base + offset) & 0xFFFFFFFF
    return it.emit(Op.ADD, base, offset & 0xFFFFFFFF)
