"""Executes micro-operations one after another on numbers, as plainly as can be."""

from dataclasses import dataclass, field

from renode.thumb.micro import ALWAYS, CONTROL, PLACES, Coded, Micro, Op, Operand, Place
from renode.thumb.numbers import CONDITIONS, FUNCTIONS
from tests.renode.thumb.pseudocode import WORD, sint, word_of


class Outside(Exception):
    """An access to where there is no memory, or to what may not be written."""


class Trapped(Exception):
    """The execution ended."""


@dataclass
class Block:
    """Memory that lies together."""

    start: int
    content: bytearray
    writable: bool


@dataclass
class State:
    """Places, memory, and the address that was loaded exclusively."""

    places: list[int] = field(default_factory=lambda: [0] * PLACES)
    blocks: tuple[Block, ...] = ()
    exclusive: int | None = None
    accesses: list[tuple[int, int]] = field(default_factory=list)
    """Address and width of each, in order."""
    target: int | None = None
    """What the last branch to a place was given, with its bit 0."""

    def status(self) -> int:
        """Return the APSR."""
        result = self.places[Place.RESULT]
        flags = (self.places[place] << shift for place, shift in _FLAGS)
        return (result & 1 << 31) | (1 << 30 if result == 0 else 0) | sum(flags)

    def value(self, operand: Operand) -> int:
        """Return the operand's value."""
        return self.places[operand] if isinstance(operand, Place) else operand

    def holds(self, cond: int) -> bool:
        """Return whether the condition holds."""
        places = self.places
        return CONDITIONS[cond](places[Place.RESULT], places[Place.CARRY], places[Place.OVERFLOW]) != 0

    def load(self, address: int, width: int) -> int:
        """Return `width` bytes, little-endian."""
        block, offset = self._at(address, width)
        return int.from_bytes(block.content[offset : offset + width], "little")

    def store(self, address: int, width: int, value: int) -> None:
        """Write the low `width` bytes of `value`."""
        block, offset = self._at(address, width)
        if not block.writable:
            raise Outside(hex(address))
        block.content[offset : offset + width] = (value & ((1 << 8 * width) - 1)).to_bytes(width, "little")

    def _at(self, address: int, width: int) -> tuple[Block, int]:
        self.accesses.append((address, width))
        for block in self.blocks:
            if block.start <= address <= block.start + len(block.content) - width:
                return block, address - block.start
        raise Outside(hex(address))


_FLAGS = ((Place.CARRY, 29), (Place.OVERFLOW, 28), (Place.SATURATED, 27), (Place.GREATER, 16))


def step(state: State, coded: Coded, address: int, *, cond: int = ALWAYS) -> int:
    """Execute the instruction at `address` if `cond` holds; return where it goes on, without bit 0."""
    following = address + coded.size
    if not state.holds(cond):
        return following
    for micro in coded.micros:
        if micro.op in CONTROL:
            following = _gone(state, micro, following)
        else:
            _done(state, micro)
    return following


def _gone(state: State, micro: Micro, following: int) -> int:
    if micro.op is Op.TRAP:
        raise Trapped
    taken = {
        Op.BRANCH: True,
        Op.BRANCH_IF: state.holds(micro.cond),
        Op.BRANCH_ZERO: state.value(micro.m) == 0,
        Op.BRANCH_NONZERO: state.value(micro.m) != 0,
    }[micro.op]
    if not taken:
        return following
    target = state.value(micro.n)
    if isinstance(micro.n, Place):
        state.target = target
    return target & ~1


def _done(state: State, micro: Micro) -> None:
    n, m, a = (state.value(operand) for operand in (micro.n, micro.m, micro.a))
    match micro.op:
        case Op.LOAD | Op.LOAD_EXCLUSIVE:
            result = state.load(n, micro.width)
            if micro.signed:
                result = word_of(sint(result, 8 * micro.width))
            if micro.op is Op.LOAD_EXCLUSIVE:
                state.exclusive = n
        case Op.STORE:
            state.store(n, micro.width, m)
            return
        case Op.STORE_EXCLUSIVE:
            result = int(state.exclusive != n)
            if not result:
                state.store(n, micro.width, m)
            state.exclusive = None
        case Op.CLEAR_EXCLUSIVE:
            state.exclusive = None
            return
        case Op.CONDITION:
            result = CONDITIONS[micro.cond](n, m, a)
        case _:
            result = FUNCTIONS[micro.op](n, m, a)
    assert micro.d is not None, micro
    assert 0 <= result <= WORD, micro
    state.places[micro.d] = result
