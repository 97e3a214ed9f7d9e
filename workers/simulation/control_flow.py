"""Findings of ways: where executions of the campaign parted, and what the check of secrets says of that."""

from jobs.report import Finding
from jobs.report_constant_time import SecretCheck
from renode.trace import Simulator
from workers.simulation.behaviour import Behaviour
from workers.simulation.findings import where
from workers.simulation.findings_executions import Parted, divergences
from workers.simulation.findings_secret import secret_findings, without_public_ways
from workers.simulation.inputs import input_rows, reference_row
from workers.simulation.parting import parting
from workers.simulation.plan import CampaignPlan


def control_flow(
    plan: CampaignPlan, simulator: Simulator, behaviour: Behaviour, checked: SecretCheck | None
) -> tuple[list[Finding], tuple[str, ...]]:
    """Return the findings, those of the check of secrets included, and a warning for each way that public inputs decide."""
    made = divergences(behaviour, plan.path, plan.public, simulator.instruction, parted(plan))
    if checked is None:
        return made, ()
    kept, by_public = without_public_ways(made, checked)
    warnings = tuple(
        f"{where(one.place)} decides by inputs that are not secret: {one.value or 0:.0%} of the executions left the "
        "reference path there, and none of those that differ in secrets alone part; it is no finding"
        for one in by_public
    )
    return kept + secret_findings(checked), warnings


def parted(plan: CampaignPlan) -> Parted:
    """Return how to say in which inputs a trace differs from the reference."""
    reference = reference_row(plan.request)
    return lambda trace: parting(plan.request, reference, input_rows(plan.request, trace, 1)[0])
