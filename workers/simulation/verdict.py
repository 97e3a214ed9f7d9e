"""The answer in one word and one sentence, and whether the traces support it."""

from collections.abc import Sequence

from jobs.measuring import ImportRequest
from jobs.payloads import CampaignRequest, Plan
from jobs.report import SAMPLES, CpaReport, Finding, Kind, Severity, Sufficiency, Tvla, Verdict
from jobs.report_constant_time import SecretCheck
from workers.simulation.ranks import noise_floor

COUNTED = frozenset({Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM})
FAULTS = frozenset({Kind.FAULT, Kind.BUDGET})


def counted(findings: Sequence[Finding], *, assess_order: int) -> list[Finding]:
    """Return the findings that make a verdict `leaks`."""
    ignored = FAULTS if assess_order > 1 else FAULTS | {Kind.TVLA_2, Kind.BIVARIATE}
    return [finding for finding in findings if finding.severity in COUNTED and finding.kind not in ignored]


def sufficiency(
    request: CampaignRequest | ImportRequest,
    leaks: Sequence[Finding],
    tvla: Tvla | None,
    cpa: CpaReport | None,
    *,
    gap: str | None,
    checked: SecretCheck | None = None,
) -> Sufficiency:
    """Say whether the traces carry the verdict: leaks that were seen, or a difference that would have been.

    `gap` says what of the code was not looked at, if any: silence about the rest is no verdict then. With a plan that
    has no statistics the check of secrets, where there is one, is all that is asked for.
    """
    sure = sum(finding.sufficient for finding in leaks)
    if sure:
        return Sufficiency(sufficient=True, why=f"{sure} of {len(leaks)} findings stand clear of chance by themselves")
    without_statistics = isinstance(request, CampaignRequest) and request.plan is Plan.FIXED
    if checked is not None and (without_statistics or checked.verdict == "undecided"):
        return Sufficiency(sufficient=checked.verdict == "constant-time", why=checked.why)
    if gap is not None:
        return Sufficiency(sufficient=False, why=gap)
    wanted = request.minimum_effect
    if tvla is not None and tvla.minimum_effect is not None:
        enough = tvla.minimum_effect <= wanted
        return Sufficiency(
            sufficient=enough,
            why=f"{tvla.traces_fixed} + {tvla.traces_random} traces show a difference of means of "
            f"{tvla.minimum_effect:.3f} standard deviations with 95 % power; the campaign asks for {wanted:g}",
        )
    if cpa is not None:
        # A difference of d standard deviations between two equal sets is a correlation of d / sqrt(d^2 + 4).
        correlation = wanted / (wanted**2 + 4) ** 0.5
        floor = noise_floor(cpa.traces)
        return Sufficiency(
            sufficient=floor <= correlation,
            why=f"{cpa.traces} traces show correlations above {floor:.3f}; the campaign asks for {correlation:.3f}",
        )
    return Sufficiency(sufficient=False, why="no statistic could be computed")


def verdict(findings: Sequence[Finding], enough: Sufficiency, *, assess_order: int) -> Verdict:
    """Decide: a leak outweighs a fault, a fault outweighs silence, and silence counts only with enough traces."""
    if counted(findings, assess_order=assess_order):
        return Verdict.LEAKS
    if any(finding.kind in FAULTS for finding in findings):
        return Verdict.FAULT
    return Verdict.CLEAN if enough.sufficient else Verdict.INSUFFICIENT


def headline(
    decided: Verdict,
    findings: Sequence[Finding],
    cpa: CpaReport | None,
    enough: Sufficiency,
    *,
    assess_order: int,
    only_time: bool = False,
) -> str:
    """Say the verdict in one sentence; `only_time` where nothing but constant time was asked for."""
    leaks = counted(findings, assess_order=assess_order)
    if decided is Verdict.LEAKS:
        many = f"{len(leaks)} finding{'s' if len(leaks) > 1 else ''}"
        places = len({finding.place.address for finding in leaks})
        named = any(finding.place.mnemonic == SAMPLES for finding in leaks)
        told = f"{many} at {places} {'place' if named else 'instruction'}{'s' if places > 1 else ''}"
        if cpa is not None and cpa.confident:
            right = sum(byte.confident and byte.rank == 0 for byte in cpa.bytes)
            known = f", {right} of them right" if cpa.key_known else ""
            to = " to whoever knows the masks" if cpa.conditional else ""
            return f"Leaks: {told}; {cpa.confident} of {len(cpa.bytes)} {cpa.of} bytes stand out{to}{known}."
        return f"Leaks: {told}."
    if decided is Verdict.FAULT:
        count = sum(finding.kind in FAULTS for finding in findings)
        return f"Faults: executions ended abnormally at {count} place{'s' if count > 1 else ''}; no leak was seen."
    if decided is Verdict.CLEAN and only_time:
        return f"Clean: {enough.why}."
    if decided is Verdict.CLEAN:
        return "Clean: nothing leaks outside declared-public code, under this model and these traces."
    return f"Not decided: nothing was seen, but {enough.why}."
