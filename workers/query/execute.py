"""A step of a plan against the stores. Each returns what was found as plain data; stores that fail raise as they do."""

from collections.abc import Sequence

from workers.query.budget import FAILED
from workers.query.execute_compare import compare
from workers.query.execute_explain import explain
from workers.query.execute_figures import aggregate
from workers.query.execute_select import LISTED, extremum, lookup, select
from workers.query.outcome import Connected, Failed, Outcome, Surrounded
from workers.query.plan import (
    Aggregate,
    Around,
    Compare,
    Connect,
    Explain,
    Extremum,
    Lookup,
    Open,
    Select,
    Step,
)
from workers.query.view import View


def execute(steps: Sequence[Step], view: View, *, hops: int) -> list[Outcome]:
    """Carry out the steps that have structure, in their order."""
    outcomes: list[Outcome] = []
    for step in steps:
        if isinstance(step, Open):
            continue
        try:
            outcomes.append(_execute(step, view, hops=hops))
        except FAILED:
            outcomes.append(Failed(step))
    return outcomes


def _execute(step: Step, view: View, *, hops: int) -> Outcome:  # noqa: PLR0911 - one line a kind of step
    match step:
        case Lookup():
            return lookup(step, view)
        case Select():
            return select(step, view)
        case Extremum():
            return extremum(step, view)
        case Aggregate():
            return aggregate(step, view)
        case Compare():
            return compare(step, view)
        case Connect():
            ends = view.nodes([step.source, step.target])
            known = len(ends) == len({step.source, step.target})
            ways = view.ways(step.source, step.target, hops=min(step.hops, hops)) if known else []
            return Connected(step, (ends.get(step.source), ends.get(step.target)), ways)
        case Around():
            return _around(step, view, hops=min(step.hops, hops))
        case Explain():
            return explain(step, view)
        case Open():
            return Failed(step)


def _around(step: Around, view: View, *, hops: int) -> Surrounded:
    centre = view.nodes([step.id]).get(step.id)
    if centre is None:
        return Surrounded(step, None, (), {})
    found = view.neighbourhood([step.id], hops=hops, limit=view.budget.nodes_left)
    wanted = [node for node in found.nodes if node.id != step.id and (not step.labels or node.label in step.labels)]
    return Surrounded(step, centre, wanted[:LISTED], found.distances)
