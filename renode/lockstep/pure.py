"""Pure operations of a walker: numbers are folded, what varies is emitted."""

from jobs.target import Core
from renode.lockstep.bounds import ANY
from renode.lockstep.emit import NUMBER_CODE, PLACE_CODE
from renode.lockstep.state import State
from renode.lockstep.steps import Step
from renode.lockstep.values import Varying
from renode.thumb.micro import Op, Place

_MOV, _ADD = Op.MOV, Op.ADD
_OF_THE_SAME = frozenset({Op.EOR, Op.SUB, Op.BIC})
"""Operations of a word with itself that give 0."""

_ENDS_EARLY: dict[Core, frozenset[Op]] = {
    Core.M0: frozenset(),
    Core.M3: frozenset({Op.UDIV, Op.SDIV, Op.UMULH, Op.SMULH}),
    Core.M4: frozenset({Op.UDIV, Op.SDIV}),
}
"""What takes a core longer for some operands than for others: divisions end early (Cortex-M4 TRM, DDI 0439B, table 3-1,
note c), and the long multiplications of a Cortex-M3 (DDI 0337I, table 3-1, notes)."""


def compute(state: State, step: Step) -> None:
    """Compute a pure operation."""
    file = state.file
    n, m, a = file[step.n], file[step.m], file[step.a]
    if isinstance(n, int) and isinstance(m, int) and isinstance(a, int):
        state.write(step, step.numbers(n, m, a))
        return
    op = step.micro.op
    if op in _ENDS_EARLY[state.core]:
        for operand in (n, m):
            if isinstance(operand, Varying):
                state.note("operand", operand)
    if op is _MOV and not isinstance(n, int):
        value = n
    else:
        if n is m and op in _OF_THE_SAME:
            state.write(step, 0)
            return
        bounds = ANY
        if step.rule is not None:
            bounds = step.rule(
                (n, n, n) if isinstance(n, int) else n.bounds,
                (m, m, m) if isinstance(m, int) else m.bounds,
            )
            if bounds[0] == bounds[1]:
                state.write(step, bounds[0])
                return
        value = Varying(step.arrays, (n, m, a), bounds)
    if op is _ADD and step.d >= Place.T0:
        _remember(state, step, value)
    state.compute(
        step,
        value,
        step.kernel,
        NUMBER_CODE | n if isinstance(n, int) else PLACE_CODE | step.n,
        NUMBER_CODE | m if isinstance(m, int) else PLACE_CODE | step.m,
        a=NUMBER_CODE | a if isinstance(a, int) else PLACE_CODE | step.a,
    )


def _remember(state: State, step: Step, value: Varying) -> None:
    """Remember an address that is a place and a number: an access may be planned by the place alone."""
    n, m = state.file[step.n], state.file[step.m]
    if isinstance(n, int) and isinstance(m, Varying):
        state.sums[step.d] = value, step.m, m, n
    elif isinstance(m, int) and isinstance(n, Varying):
        state.sums[step.d] = value, step.n, n, m
