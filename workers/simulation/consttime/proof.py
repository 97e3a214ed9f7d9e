"""What is computed from secrets along the paths that were seen: where nothing is, no secret at all can matter there.

Lanes know what a value comes from, whatever it comes out as (`Simulator.dependences`). That sees more than executions
do, which may miss a secret that one in a billion has, and it sees too much: `x ^ x` is computed from x.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from jobs.report_constant_time import Dependence
from jobs.report_parts import Parting
from renode.lockstep.program import Access
from renode.trace import Simulator
from workers.simulation.attribution import place_of, reason_of
from workers.simulation.consttime.contingency import of_addresses
from workers.simulation.consttime.masked import Tested
from workers.simulation.consttime.roles import Roles, columns_of
from workers.simulation.consttime.seen import Seen
from workers.simulation.consttime.told import LISTED, Describing, beyond_chance, parting_of_sets, surest
from workers.simulation.consttime.trials import FIXED, RANDOM
from workers.simulation.parting import parting

PROFILE = 256
"""Executions that `Simulator.dependences` is shown."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether something was proven."""

    proven: bool
    unproven: str | None
    open: tuple[Dependence, ...]
    operands: tuple[Dependence, ...] = ()
    """Of what takes longer for some: seen to differ."""


def prove(
    trials: Sequence[Seen],
    simulator: Simulator,
    describing: Describing,
    roles: Roles,
    *,
    seen: Collection[tuple[str, int]],
    alive: Callable[[], None],
) -> Proof:
    """Look along the reference path of each trial; `seen` are (kind, address) of what was seen to depend on secrets.

    `alive` is called between trials and may raise.
    """
    if roles.masks:
        return Proof(
            proven=False,
            unproven="masks change what is computed, so laws are compared",
            open=(),
            operands=_by_law(trials, simulator, describing, alive),
        )
    secret = columns_of(describing.request, roles.secrets)
    found: dict[tuple[str, int], Dependence] = {}
    timed: dict[int, Dependence] = {}
    absent = None
    for one in trials:
        alive()
        rows = one.trial.rows[[0, *np.flatnonzero((one.trial.rows != one.trial.rows[0])[:, secret].any(axis=1))]][
            :PROFILE
        ]
        known = simulator.dependences(rows, simulator.path(rows[0]))
        absent = absent or known.absent
        for access in known.found:
            pc = int(one.reference.pcs[access.index])
            if access.kind == "operand" and access.lanes[0] != access.lanes[1]:
                pair = rows[access.lanes[0]], rows[access.lanes[1]]
                timed.setdefault(pc, _dependence(describing, one, access, pc, parting(describing.request, *pair)))
                continue
            if (access.kind, pc) not in seen:
                found.setdefault((access.kind, pc), _dependence(describing, one, access, pc, ()))
    still = tuple(sorted(found.values(), key=lambda one: (one.public is not None, one.first))[:LISTED])
    if seen or timed:
        operands = tuple(sorted(timed.values(), key=lambda one: (one.public is not None, one.first))[:LISTED])
        return Proof(proven=False, unproven="executions with other secrets differ", open=still, operands=operands)
    if absent is not None:
        return Proof(proven=False, unproven=absent, open=still)
    if still:
        count = len(found)
        what = "instruction is" if count == 1 else "instructions are"
        unproven = f"{count} {what} decided in way, address or time by what is computed from secrets"
        return Proof(proven=False, unproven=unproven, open=still)
    return Proof(proven=True, unproven=None, open=())


def _by_law(
    trials: Sequence[Seen], simulator: Simulator, describing: Describing, alive: Callable[[], None]
) -> tuple[Dependence, ...]:
    """Return what takes longer for some and is decided by another law with random secrets than with the fixed one.

    Only executions that go the reference's way are looked at, as with addresses.
    """
    family: list[tuple[Seen, list[Tested]]] = []
    first: dict[int, Access] = {}
    for one in trials:
        alive()
        chosen = np.concatenate([np.flatnonzero(one.trial.sets == which)[: PROFILE // 2] for which in (FIXED, RANDOM)])
        rows, is_random = one.trial.rows[chosen], one.trial.sets[chosen] == RANDOM
        tests = []
        known = simulator.dependences(rows, simulator.path(rows[0]))
        for access in (access for access in known.found if access.kind == "operand"):
            pc = int(one.reference.pcs[access.index])
            first.setdefault(pc, access)
            tests += [
                Tested(pc, access.index, None, of_addresses(values, is_random[lanes]))
                for lanes, values in access.deciding
            ]
        family.append((one, tests))
    told = {test.pc: seen for seen, test in surest(beyond_chance(family))}
    return tuple(
        _dependence(describing, seen, first[pc], pc, parting_of_sets(describing, seen))
        for pc, seen in sorted(told.items())
    )[:LISTED]


def _dependence(describing: Describing, seen: Seen, access: Access, pc: int, parts: tuple[Parting, ...]) -> Dependence:
    return Dependence.model_validate(
        {
            "kind": access.kind,
            "place": place_of(describing.instruction(pc)),
            "executions": int((seen.reference.pcs == pc).sum()),
            "first": access.index,
            "parting": parts,
            "public": reason_of(pc, describing.public),
        }
    )
