"""Plans of instructions, worked out once for each address, and what the tracer samples of them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from renode.decode import Decoded
from renode.layout import BRANCH_TABLE, PC, STORE
from renode.lockstep.bounds import RULES
from renode.lockstep.program import PLACE_ROWS, PURE_BASE, PURE_OPS
from renode.lockstep.start import Start
from renode.lockstep.steps import EVERY_FLAG, Kind, Plan, Step, flags_of
from renode.lockstep.values import Unsupported
from renode.thumb import arrays, numbers
from renode.thumb.decode import decode
from renode.thumb.micro import CONTROL, PURE, REGISTERS, Coded, Micro, Op, Operand, Place, Refused

_KERNELS = {op: PURE_BASE + number for number, op in enumerate(PURE_OPS)}
_KINDS = {
    Op.LOAD: Kind.LOAD,
    Op.STORE: Kind.STORE,
    Op.LOAD_EXCLUSIVE: Kind.LOAD_EXCLUSIVE,
    Op.STORE_EXCLUSIVE: Kind.STORE_EXCLUSIVE,
    Op.CLEAR_EXCLUSIVE: Kind.CLEAR_EXCLUSIVE,
}
_LOADS, _STORES = {Kind.LOAD, Kind.LOAD_EXCLUSIVE}, {Kind.STORE, Kind.STORE_EXCLUSIVE}
_ACCESSES = _LOADS | _STORES


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
            coded = decode(*self._halfwords(address), address, self._core, in_it=in_it)
            return self._plan(coded, known, in_it=in_it)
        except Refused as refused:
            reason = f"{refused.why}: {refused.what}"
        except Unsupported as error:
            reason = str(error)
        refusal = f"{reason}, at 0x{address:08x}"
        nothing = Coded("", "", known.size, ())
        return Plan(address, known.size, nothing, (), None, traps=False, needs=EVERY_FLAG, refusal=refusal)

    def _halfwords(self, address: int) -> tuple[int, int]:
        for block in self._blocks:
            if block.start <= address < block.end:
                code = block.content[address - block.start : address - block.start + 4].tobytes().ljust(4, b"\0")
                return int.from_bytes(code[:2], "little"), int.from_bytes(code[2:], "little")
        raise Unsupported("address: no code that is never written")

    def _plan(self, coded: Coded, decoded: Decoded, *, in_it: bool) -> Plan:
        if decoded.conditional is not in_it:
            raise Unsupported("it-block: the path enters one in its middle")
        micros = coded.micros
        control = None
        if micros and micros[-1].op in CONTROL:
            control = self._step(micros[-1])
            micros = micros[:-1]
        if any(micro.op in CONTROL for micro in micros):
            raise Unsupported(f"order: {coded.row} goes somewhere before it is done")
        steps = self._sampled(coded, [self._step(micro) for micro in micros], decoded)
        needs = flags_of(control.micro.cond) if control is not None and control.micro.op is Op.BRANCH_IF else 0
        traps = control is not None and control.micro.op is Op.TRAP
        longer = decoded.cycles > 1 and control is None  # where it goes is told as a way
        return Plan(decoded.address, coded.size, coded, tuple(steps), control, traps, needs, longer=longer)

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
            # In this order: what a time limit breaks off in between leaves a number that nobody refers to.
            self.constants.append(operand)
            self._positions[operand] = PLACE_ROWS + len(self.constants) - 1
        return self._positions[operand]

    def _sampled(self, coded: Coded, steps: list[Step], decoded: Decoded) -> list[Step]:
        """Add what the tracer samples."""
        effects, low = decoded.effects, decoded.low
        own = {step.d for step in steps if step.d < REGISTERS}
        agree = own <= effects.written and decoded.size == coded.size and not decoded.refused
        if not agree or sum(step.kind in _ACCESSES for step in steps) != len(effects.transfers):
            raise _parted(coded, decoded)
        result, late, transferred = [], [], iter(effects.transfers)
        for step in steps:
            more: dict[str, Any] = {}
            if step.d < REGISTERS:
                more |= {"sampled": True, "low": step.d == low}
            if step.kind in _ACCESSES:
                register = next(transferred)
                if step.kind in _STORES:
                    more["low"] = True
                if self._on_its_way(step, register):
                    late.append(self._register(Kind.BUS, register, bus=decoded.mask))
                else:
                    more |= {"bus": decoded.mask, "to_pc": register == PC and not effects.shape & BRANCH_TABLE}
                    _check_order(step, register, coded, decoded)
            result.append(replace(step, **more))
        _tell_last_stored(result)
        kept = sorted(effects.written - own)
        return [*result, *(self._register(Kind.SAMPLE, register, low=register == low) for register in kept), *late]

    @staticmethod
    def _on_its_way(step: Step, register: int) -> bool:
        """Return whether a load is to a temporary first, and the register then has another word than was loaded."""
        return step.kind in _LOADS and step.d >= REGISTERS and register != PC

    def _register(self, kind: Kind, register: int, **more: Any) -> Step:
        zero = self._position(0)
        return Step(kind, PLACE_ROWS, register, zero, zero, Micro(Op.MOV, None, Place(register)), **more)


def _check_order(step: Step, register: int, coded: Coded, decoded: Decoded) -> None:
    """Raise Unsupported unless a step transfers the register that the tracer takes the word from."""
    storing = step.kind in _STORES
    through = step.m if storing else step.d
    if (through < REGISTERS and through != register) or storing is not bool(decoded.effects.shape & STORE):
        raise _parted(coded, decoded)


def _tell_last_stored(steps: list[Step]) -> None:
    """Of several words stored, let the low byte be that of the last one."""
    stores = [number for number, step in enumerate(steps) if step.kind in _STORES]
    for number in stores[:-1]:
        steps[number] = replace(steps[number], low=False)


def _parted(coded: Coded, decoded: Decoded) -> Unsupported:
    return Unsupported(f"tracer: it knows another {decoded.mnemonic} {decoded.operands} than {coded.row}")
