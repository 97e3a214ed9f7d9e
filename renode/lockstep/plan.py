"""What a walker does at an instruction, worked out once for each address: steps, and what the tracer samples of them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any

from renode.decode import Decoded
from renode.layout import BRANCH_TABLE, EXCLUSIVE, NONE, PC, STORE
from renode.lockstep.bounds import RULES, Bounds
from renode.lockstep.program import PLACE_ROWS, PURE_BASE, PURE_OPS
from renode.lockstep.start import Start
from renode.lockstep.values import Unsupported
from renode.thumb import arrays, numbers
from renode.thumb.decode import decode
from renode.thumb.micro import ALWAYS, CONTROL, PURE, REGISTERS, Coded, Micro, Op, Operand, Place, Refused

_FLAGS = (Place.RESULT, Place.CARRY, Place.OVERFLOW, Place.SATURATED, Place.GREATER)
_FLAG_BITS = {place: 1 << number for number, place in enumerate(_FLAGS)}
_EVERY_FLAG = (1 << len(_FLAGS)) - 1
_KERNELS = {op: PURE_BASE + number for number, op in enumerate(PURE_OPS)}
_WORKING = frozenset(place for place in Place if place >= REGISTERS)
"""Flags and temporaries: nothing samples them."""
_RESULT, _CARRY, _OVERFLOW = Place.RESULT, Place.CARRY, Place.OVERFLOW
READ_BY: tuple[tuple[Place, ...], ...] = tuple(
    flags
    for flags in (
        (_RESULT,), (_CARRY,), (_RESULT,), (_OVERFLOW,), (_CARRY, _RESULT), (_RESULT, _OVERFLOW), (_RESULT, _OVERFLOW), (),
    )
    for _ in range(2)
)  # fmt: skip
"""The flags that each condition reads."""


class Kind(IntEnum):
    """Of a step."""

    PURE = 0
    LOAD = 1
    STORE = 2
    LOAD_EXCLUSIVE = 3
    STORE_EXCLUSIVE = 4
    CLEAR_EXCLUSIVE = 5
    SAMPLE = 6
    """A register that the tracer takes for written, though it keeps its value."""
    BUS = 7
    """A word that was loaded on its way to a register, as it is there."""


_KINDS = {
    Op.LOAD: Kind.LOAD,
    Op.STORE: Kind.STORE,
    Op.LOAD_EXCLUSIVE: Kind.LOAD_EXCLUSIVE,
    Op.STORE_EXCLUSIVE: Kind.STORE_EXCLUSIVE,
    Op.CLEAR_EXCLUSIVE: Kind.CLEAR_EXCLUSIVE,
}


@dataclass(frozen=True, slots=True)
class Step:
    """One micro-operation; d, n, m, a are positions in the walker's file: places, then numbers."""

    kind: Kind
    d: int
    n: int
    m: int
    a: int
    micro: Micro
    kernel: int = 0
    numbers: Callable[[int, int, int], int] = max
    arrays: Callable[..., Any] = max
    rule: Callable[[Bounds, Bounds], Bounds] | None = None
    sampled: bool = False
    """Whether it writes a register of the file."""
    low: bool = False
    """Whether the low byte is told: of the register, or of the word stored."""
    bus: int = 0
    """Bits of the word on the bus."""
    to_pc: bool = False
    """Whether the word on the bus is an address of code, of which bit 0 is set."""


@dataclass(slots=True)
class Plan:
    """An instruction."""

    address: int
    size: int
    coded: Coded
    steps: tuple[Step, ...]
    control: Step | None
    """Where it goes, after everything else."""
    needs: int
    """Flags that `control` reads, a bit each."""
    refusal: str = ""
    """Why it is not taken; it is never executed as long as its condition fails."""
    variants: dict[int, tuple[tuple[Step, ...], int]] = field(default_factory=dict)

    @property
    def traps(self) -> bool:
        """Return whether the execution ends here."""
        return self.control is not None and self.control.micro.op is Op.TRAP

    def variant(self, live: int, *, cond: int) -> tuple[tuple[Step, ...], int]:
        """Return the steps that matter where the flags `live` are read later, and the flags that are read from here on."""
        key = live << 4 | cond
        if key not in self.variants:
            self.variants[key] = self._variant(live, cond)
        return self.variants[key]

    def _variant(self, live: int, cond: int) -> tuple[tuple[Step, ...], int]:
        kept: list[Step] = []
        needed = {place for place, bit in _FLAG_BITS.items() if (live | self.needs) & bit}
        if self.control is not None:
            needed |= _operands(self.control.micro)
        for step in reversed(self.steps):
            d = step.micro.d
            if step.kind is Kind.PURE and d in _WORKING:
                if d not in needed:
                    continue
                needed.discard(d)
            needed |= _operands(step.micro)
            kept.append(step)
        before = sum(_FLAG_BITS.get(place, 0) for place in needed)
        if cond != ALWAYS:  # it may not be executed
            before |= live | flags_of(cond)
        return tuple(reversed(kept)), before


def flags_of(cond: int) -> int:
    """Return the flags that a condition reads, a bit each."""
    return sum(_FLAG_BITS[place] for place in READ_BY[cond])


def _operands(micro: Micro) -> set[Place]:
    if micro.op is Op.CONDITION or micro.op is Op.BRANCH_IF:
        read = set(READ_BY[micro.cond]) if micro.op is Op.BRANCH_IF else set()
        return read | {operand for operand in (micro.n, micro.m, micro.a) if isinstance(operand, Place)}
    return {operand for operand in (micro.n, micro.m, micro.a) if isinstance(operand, Place)}


class Planner:
    """Plans the instructions of one firmware, each of them once."""

    def __init__(self, start: Start, decoded: Callable[[int], Decoded]) -> None:
        """Take the code from `start`, and what the tracer knows of an instruction from `decoded`."""
        self.constants: list[int] = []
        """The numbers that operands are, behind the places in the walker's file."""
        self._core = start.core
        self._blocks = start.readable
        self._decoded = decoded
        self._positions: dict[int, int] = {}
        self._plans: dict[int, Plan] = {}

    def at(self, address: int, *, in_it: bool) -> Plan:
        """Return the plan of the instruction at `address`."""
        key = address | in_it
        if key not in self._plans:
            self._plans[key] = self._made(address, in_it=in_it)
        return self._plans[key]

    def _made(self, address: int, *, in_it: bool) -> Plan:
        known = self._decoded(address)
        try:
            if known.conditional is not in_it:
                raise Unsupported("it-block: the path enters one in its middle")
            return self._plan(decode(*self._halfwords(address), address, self._core, in_it=in_it), known)
        except Refused as refused:
            reason = f"{refused.why}: {refused.what}"
        except Unsupported as error:
            reason = str(error)
        refusal = f"{reason}, at 0x{address:08x}"
        return Plan(address, known.size, Coded("", "", known.size, ()), (), None, _EVERY_FLAG, refusal)

    def _halfwords(self, address: int) -> tuple[int, int]:
        for block in self._blocks:
            if block.start <= address < block.end:
                code = block.content[address - block.start : address - block.start + 4].tobytes().ljust(4, b"\0")
                return int.from_bytes(code[:2], "little"), int.from_bytes(code[2:], "little")
        raise Unsupported("address: no code that is never written")

    def _plan(self, coded: Coded, decoded: Decoded) -> Plan:
        micros = coded.micros
        control = None
        if micros and micros[-1].op in CONTROL:
            control = self._step(micros[-1])
            micros = micros[:-1]
        if any(micro.op in CONTROL for micro in micros):
            raise Unsupported(f"order: {coded.row} goes somewhere before it is done")
        steps = self._sampled(coded, [self._step(micro) for micro in micros], decoded)
        needs = flags_of(control.micro.cond) if control is not None and control.micro.op is Op.BRANCH_IF else 0
        return Plan(decoded.address, coded.size, coded, tuple(steps), control, needs)

    def _step(self, micro: Micro) -> Step:
        d = PLACE_ROWS if micro.d is None else int(micro.d)
        n, m, a = self._position(micro.n), self._position(micro.m), self._position(micro.a)
        if micro.op not in PURE:
            return Step(_KINDS.get(micro.op, Kind.PURE), d, n, m, a, micro)
        conditional = micro.op is Op.CONDITION
        return Step(
            Kind.PURE,
            d,
            n,
            m,
            a,
            micro,
            _KERNELS[micro.op],
            numbers.CONDITIONS[micro.cond] if conditional else numbers.FUNCTIONS[micro.op],
            arrays.CONDITIONS[micro.cond] if conditional else arrays.FUNCTIONS[micro.op],
            RULES.get(micro.op),
        )

    def _position(self, operand: Operand) -> int:
        if isinstance(operand, Place):
            return int(operand)
        if operand not in self._positions:
            self._positions[operand] = PLACE_ROWS + len(self.constants)
            self.constants.append(operand)
        return self._positions[operand]

    def _sampled(self, coded: Coded, steps: list[Step], decoded: Decoded) -> list[Step]:
        """Add what the tracer samples."""
        effects = decoded.effects
        own = {step.d for step in steps if step.d < REGISTERS}
        if not own <= effects.written or decoded.size != coded.size or decoded.refused:
            raise Unsupported(f"tracer: it knows another {decoded.mnemonic} {decoded.operands} than {coded.row}")
        accesses = [step for step in steps if step.kind not in {Kind.PURE, Kind.CLEAR_EXCLUSIVE}]
        if len(accesses) != len(effects.transfers):
            raise Unsupported(f"tracer: {decoded.mnemonic} {decoded.operands} has other transfers than {coded.row}")
        low = decoded.low
        result, late, transfer = [], [], 0
        for step in steps:
            more: dict[str, Any] = {}
            if step.d < REGISTERS:
                more |= {"sampled": True, "low": step.d == low}
            if step.kind not in {Kind.PURE, Kind.CLEAR_EXCLUSIVE}:
                register = effects.transfers[transfer]
                transfer += 1
                storing = bool(effects.shape & STORE)
                if storing is not (step.kind in {Kind.STORE, Kind.STORE_EXCLUSIVE}):
                    raise Unsupported(f"tracer: {decoded.mnemonic} is not {coded.row}")
                through = step.m if storing else step.d
                if through >= REGISTERS and register != PC and not storing:
                    late.append(self._register(Kind.BUS, register, bus=decoded.mask))
                elif through < REGISTERS and through != register:
                    raise Unsupported(
                        f"tracer: {decoded.mnemonic} {decoded.operands} has another order than {coded.row}"
                    )
                else:
                    more["bus"] = decoded.mask
                    more["to_pc"] = register == PC and not effects.shape & BRANCH_TABLE
                if storing:
                    more["low"] = transfer == len(effects.transfers)
            result.append(replace(step, **more))
        kept = sorted(effects.written - own)
        if low != NONE and low not in effects.written and not effects.shape & EXCLUSIVE:
            raise Unsupported(f"tracer: the low byte of {decoded.mnemonic} is none that is written")
        return [*result, *(self._register(Kind.SAMPLE, register, low=register == low) for register in kept), *late]

    def _register(self, kind: Kind, register: int, **more: Any) -> Step:
        zero = self._position(0)
        return Step(kind, PLACE_ROWS, register, zero, zero, Micro(Op.MOV, None, Place(register)), **more)
