"""The instructions that a trace goes through, as tables for compiled code: what they do, and what the tracer samples."""

import numpy as np
import numpy.typing as npt

from renode.code import Code
from renode.decode import Decoded
from renode.execution_trace import replaying
from renode.execution_trace.pure import FIRST_CONDITION
from renode.execution_trace.replaying import (
    BRANCH,
    BRANCH_IF,
    BRANCH_NONZERO,
    BRANCH_ZERO,
    KNOWN,
    ONWARD,
    OUTSIDE,
    REFUSED,
    TOLD,
    TRAP,
)
from renode.layout import HIDDEN
from renode.lockstep.plan import Planner
from renode.lockstep.program import PLACE_ROWS, PURE_OPS
from renode.lockstep.start import Start
from renode.lockstep.steps import Kind, Plan, Step
from renode.thumb.decode import size_of
from renode.thumb.micro import Op

PLAN = np.dtype(
    [
        ("pc", "i8"),
        ("opcode", "u4"),  # of the firmware, as `ExecutionTrace.opcodes`
        ("first", "i4"),  # its steps are [first, last)
        ("last", "i4"),
        ("n", "i4"),  # of its control: where it goes, and the word that decides
        ("m", "i4"),
        ("written", "u4"),  # of a refused one: registers that it writes, a bit each
        ("size", "u1"),
        ("cycles", "u1"),
        ("refill", "u1"),
        ("control", "u1"),
        ("cond", "u1"),  # number of the condition's operation
        ("in_it", "u1"),
        ("covers", "u1"),  # how many instructions an IT covers
        ("conds", "u1", 4),  # their conditions
        ("low", "u1"),  # of a refused one: whose low byte is told
        ("hidden", "u1"),  # of a refused one: it may write the stack pointer without saying so
        ("state", "u1"),
    ]
)
STEP = np.dtype(
    [
        ("d", "i4"),
        ("n", "i4"),
        ("m", "i4"),
        ("a", "i4"),
        ("mask", "u4"),  # of an access
        ("bus", "u4"),  # bits that are on the bus, 0 for none
        ("kind", "u1"),
        ("op", "u1"),
        ("signed", "u1"),
        ("sampled", "u1"),
        ("low", "u1"),
        ("to_pc", "u1"),
    ]
)
_CONTROLS = {
    Op.BRANCH: BRANCH,
    Op.BRANCH_IF: BRANCH_IF,
    Op.BRANCH_ZERO: BRANCH_ZERO,
    Op.BRANCH_NONZERO: BRANCH_NONZERO,
    Op.TRAP: TRAP,
}
_OPS = {op: number for number, op in enumerate(PURE_OPS)}
_KINDS = {
    Kind.PURE: replaying.PURE,
    Kind.LOAD: replaying.LOAD,
    Kind.STORE: replaying.STORE,
    Kind.LOAD_EXCLUSIVE: replaying.LOAD_EXCLUSIVE,
    Kind.STORE_EXCLUSIVE: replaying.STORE_EXCLUSIVE,
    Kind.CLEAR_EXCLUSIVE: replaying.CLEAR_EXCLUSIVE,
    Kind.SAMPLE: replaying.SAMPLE,
    Kind.BUS: replaying.BUS,
}
_ACCESSES = {Kind.LOAD, Kind.STORE, Kind.LOAD_EXCLUSIVE, Kind.STORE_EXCLUSIVE}


class Instructions:
    """Grows with the traces that go through it; plans of instructions are worked out once."""

    def __init__(self, start: Start, code: Code) -> None:
        """Begin with nothing; `code` and `start` are of the same firmware."""
        self._start = start
        self._code = code
        self._planner = Planner(start, code.at)
        self._numbers: dict[int, int] = {}
        self._plans: list[tuple[object, ...]] = []
        self._steps: list[tuple[object, ...]] = []
        self._refusals: dict[int, str] = {}
        self.plans = np.zeros(0, PLAN)
        self.steps = np.zeros(0, STEP)

    @property
    def constants(self) -> list[int]:
        """Return the numbers that steps refer to, behind the places."""
        return self._planner.constants

    def along(self, pcs: npt.NDArray[np.uint32]) -> npt.NDArray[np.int32]:
        """Return [N] which of `plans` is each pc's, adding those that are new."""
        unique, inverse = np.unique(pcs, return_inverse=True)
        before = len(self._plans)
        # Ascending: an IT is reached before what it covers.
        numbers = np.array([self._number(pc) for pc in unique.tolist()], np.int32)
        if len(self._plans) > before:
            self.plans = np.array(self._plans, PLAN)
            self.steps = np.array(self._steps, STEP)
        return numbers[inverse]

    def refusal(self, pc: int) -> str:
        """Return why an instruction is not taken."""
        return self._refusals[pc]

    def _number(self, pc: int) -> int:
        if pc not in self._numbers:
            row, steps = self._made(pc)
            # What a time limit breaks off here is made again.
            self._steps += steps
            self._plans.append(row)
            self._numbers[pc] = len(self._plans) - 1
        return self._numbers[pc]

    def _made(self, pc: int) -> tuple[tuple[object, ...], list[tuple[object, ...]]]:
        try:
            decoded = self._decoded(pc)
        except KeyError:
            self._refusals[pc] = "there is no code of the firmware"
            return (pc, 0, 0, 0, 0, 0, 0, 2, 1, 0, ONWARD, 0, 0, 0, (0, 0, 0, 0), 0, 0, OUTSIDE), []
        plan = self._planner.at(pc, in_it=decoded.conditional)
        state = KNOWN
        if plan.refusal:
            self._refusals[pc] = plan.refusal
            state = TOLD if _is_told(decoded) else REFUSED
        steps = [_step(step) for step in plan.steps]
        control, n, m, cond = _control(plan)
        first = len(self._steps)
        covers = plan.coded.covers
        row = (
            *(pc, self._opcode(pc), first, first + len(steps), n, m, sum(1 << r for r in decoded.effects.written)),
            *(decoded.size, decoded.cycles, decoded.refill, control, cond, int(decoded.conditional), len(covers)),
            (*(FIRST_CONDITION + it for it in covers), *(0,) * (4 - len(covers))),
            decoded.low,
            int(bool(decoded.effects.shape & HIDDEN)),
            state,
        )
        return row, steps

    def _decoded(self, pc: int) -> Decoded:
        """Return the instruction at `pc`; raise KeyError where there can be none."""
        if pc & 1:
            raise KeyError(f"0x{pc:08x} is odd")
        self._code.reach(pc)
        return self._code.at(pc)

    def _opcode(self, pc: int) -> int:
        for block in self._start.readable:
            if block.start <= pc < block.end:
                code = block.content[pc - block.start : pc - block.start + 4].tobytes().ljust(4, b"\0")
                first, second = int.from_bytes(code[:2], "little"), int.from_bytes(code[2:], "little")
                return first if size_of(first) == 2 else first << 16 | second
        return 0


def _is_told(decoded: Decoded) -> bool:
    """Return whether all that an instruction changes are registers: no memory, and no flags."""
    flags = decoded.mnemonic.startswith("msr") and "psr" in decoded.operands
    return not decoded.refused and not decoded.effects.transfers and not flags


def _control(plan: Plan) -> tuple[int, int, int, int]:
    """Return what decides where an instruction goes: kind, n, m, number of the condition's operation."""
    control = plan.control
    if control is None:
        return ONWARD, 0, 0, 0
    return _CONTROLS[control.micro.op], control.n, control.m, FIRST_CONDITION + control.micro.cond


def _step(step: Step) -> tuple[object, ...]:
    op = 0
    if step.kind is Kind.PURE:
        op = FIRST_CONDITION + step.micro.cond if step.micro.op is Op.CONDITION else _OPS[step.micro.op]
    mask = (1 << 8 * step.micro.width) - 1 if step.kind in _ACCESSES else 0
    d = step.d if step.d < PLACE_ROWS else -1
    flags = int(step.micro.signed), int(step.sampled), int(step.low), int(step.to_pc)
    return (d, step.n, step.m, step.a, mask, step.bus, _KINDS[step.kind], op, *flags)
