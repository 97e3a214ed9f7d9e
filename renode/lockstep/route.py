"""The instructions of a path as plans, each with the steps that matter there: whether a flag is read is known exactly."""

from renode.lockstep.plan import Planner
from renode.lockstep.steps import Plan, Step
from renode.lockstep.values import Unsupported
from renode.thumb.micro import ALWAYS


def route(pcs: list[int], planner: Planner) -> list[tuple[Plan, tuple[Step, ...], int]]:
    """Return for each instruction its plan, the steps of it that matter, and its condition."""
    plans, conditions = [], []
    covered: list[int] = []
    for pc in pcs:
        plan = planner.at(pc, in_it=bool(covered))
        cond = covered.pop() if covered else ALWAYS
        if plan.refusal and cond == ALWAYS:
            raise Unsupported(plan.refusal)
        plans.append(plan)
        conditions.append(cond)
        if plan.coded.covers:
            covered = list(reversed(plan.coded.covers))
    taken: list[tuple[Plan, tuple[Step, ...], int]] = []
    live = 0
    for plan, cond in zip(reversed(plans), reversed(conditions), strict=True):
        steps, live = plan.variant(live, cond=cond)
        taken.append((plan, steps, cond))
    taken.reverse()
    return taken
