"""Which instructions take their way or their address from the inputs: what a constant-time program has none of.

Lanes know it without extra work: whatever does not depend on the inputs that vary is a number to them. It is told and
is no finding: a branch that parts executions is one already, and a table that is read at a secret address leaks on a
core with a data cache, which these cores have not.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
import numpy.typing as npt

from jobs.payloads import CampaignRequest
from jobs.report import ConstantTime, Dependence
from renode.lockstep.program import Access
from renode.trace import Instruction, Simulator
from workers.simulation.attribution import place_of, reason_of
from workers.simulation.inputs import input_rows, reference_row
from workers.simulation.parting import parting
from workers.simulation.plan import CampaignPlan

LOOKED_AT = 256
"""The reference and the first traces of the campaign, of which every one may be run again."""
LISTED = 1000
Dependent = Literal["branch", "load", "store"]


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found, or why nothing was looked for."""

    found: ConstantTime | None
    absent: str | None


def constant_time(plan: CampaignPlan, simulator: Simulator) -> Looked:
    """Look along the reference path; the answer is the same for any shards and workers of one engine."""
    rows = looked_at(plan.request)
    if not (rows != rows[0]).any():
        return Looked(None, "all executions have the same inputs, so nothing can depend on them")
    known = simulator.dependences(rows, plan.path)
    if known.absent is not None:
        return Looked(None, known.absent)
    ways = [access for access in known.found if access.kind != "operand"]
    return Looked(told(plan, rows, ways, simulator.instruction), None)


def told(
    plan: CampaignPlan,
    rows: npt.NDArray[np.uint8],
    accesses: Iterable[Access],
    describe: Callable[[int], Instruction],
) -> ConstantTime:
    """Say by instruction what was found among `rows` [P, input bytes]."""
    times = Counter(int(pc) for pc in plan.path.pcs)
    found = [
        Dependence(
            kind=kind,
            place=place_of(describe(pc)),
            executions=times[pc],
            first=access.index,
            parting=parting(plan.request, rows[access.lanes[0]], rows[access.lanes[1]]),
            public=reason_of(pc, plan.public),
        )
        for (pc, kind), access in _one_of_each(accesses, plan.path.pcs).items()
    ]
    secret = [dependence for dependence in found if dependence.public is None]
    branches = sum(dependence.kind == "branch" for dependence in secret)
    found.sort(key=lambda one: (one.public is not None, one.kind != "branch", one.first))
    varied, held = _names(plan.request, rows)
    return ConstantTime(
        varied=varied,
        held=held,
        looked_at=len(rows),
        branches=branches,
        addresses=len(secret) - branches,
        found=tuple(found[:LISTED]),
        total=len(found),
    )


def looked_at(request: CampaignRequest) -> npt.NDArray[np.uint8]:
    """Return the inputs [P, input bytes] of the executions that are laid beside each other, the reference first."""
    return np.vstack(
        [reference_row(request)[np.newaxis, :], input_rows(request, 0, min(request.traces, LOOKED_AT - 1))]
    )


def _one_of_each(accesses: Iterable[Access], pcs: npt.NDArray[np.uint32]) -> dict[tuple[int, Dependent], Access]:
    """Return the first access of each instruction and kind; one that parts executions goes before one that does not."""
    ones: dict[tuple[int, Dependent], Access] = {}
    for access in sorted(accesses, key=lambda access: (access.lanes[0] == access.lanes[1], access.index)):
        ones.setdefault((int(pcs[access.index]), cast("Dependent", access.kind)), access)
    return ones


def _names(request: CampaignRequest, rows: npt.NDArray[np.uint8]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of the inputs that vary, and of those that do not."""
    differs = (rows != rows[0]).any(axis=0)
    varied: list[str] = []
    held: list[str] = []
    start = 0
    for item in request.target.inputs:
        (varied if differs[start : start + item.length].any() else held).append(item.name)
        start += item.length
    return tuple(varied), tuple(held)
