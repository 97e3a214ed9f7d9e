"""Which two reports may be held side by side, and what makes that less than exact. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

from jobs.payloads import CampaignRequest, Plan
from jobs.target import Varies
from web.compared import Side, Traces, attacked, checked
from web.refusals import NotComparable


class Same(NamedTuple):
    """What has to be the same on both sides."""

    name: str
    before: object
    after: object
    reason: str
    hint: str = ""
    """What to do where it is not."""


def check(before: Side, after: Side) -> None:
    """Raise NotComparable for reports of different firmware, or that measured in different ways."""
    if (before.measured is None) != (after.measured is None):
        raise NotComparable(
            "One is of measured traces, the other of simulated ones. How far a simulation is from measured traces is "
            "what a calibration says: `dasein calibrate`.",
            reason="measured",
        )
    _check_firmware(before, after)
    for same in _same(before, after):
        if same.before != same.after:
            told = f"{same.name} differs: {same.before} before, {same.after} after."
            raise NotComparable(f"{told} {same.hint}".rstrip(), reason=same.reason)
    if before.measured is not None and not _share_a_statistic(before, after):
        raise NotComparable("No t-test and no attack was computed of both.", reason="plan")


def warnings(before: Side, after: Side) -> Iterable[str]:
    """Say what makes the comparison less than exact."""
    first, second = before.simulated, after.simulated
    if first is not None and second is not None:
        if first.power.noise_sigma != second.power.noise_sigma:
            yield f"The noise differs: sigma {first.power.noise_sigma:g} before, {second.power.noise_sigma:g} after."
        yield from _of_values(first, second)
    elif before.measured is not None and after.measured is not None:
        yield from _of_benches(before, before.measured, after, after.measured)
    if before.request.assess_order != after.request.assess_order:
        yield f"The order that counts differs: {before.request.assess_order} before, {after.request.assess_order} after."
    ours, theirs = attacked(before), attacked(after)
    if (ours is None) != (theirs is None):
        yield "Only one of them ran the correlation attack: its findings are left out."
    elif ours != theirs:
        yield f"One attacked {ours}, the other {theirs}: findings of the attack are left out."
    yield from _looked_for(before, after)
    if any(side is not None and side.sequential is not None for side in (first, second)):
        yield "A sequential campaign stops where it has seen enough, so its effects come out larger than they are."
    for name, side in (("before", before), ("after", after)):
        if not side.sufficiency.sufficient:
            yield f"Too few traces {name}: {side.sufficiency.why}"


def _of_values(first: CampaignRequest, second: CampaignRequest) -> Iterable[str]:
    """Say which inputs had other fixed values: a value without a word of the request is drawn from the seed."""
    ours, theirs = (
        {
            item.name: item.value or f"of seed {request.seed}"
            for item in request.target.inputs
            if item.variation is Varies.CONSTANT or (item.variation is Varies.PLAN and request.plan is not Plan.RANDOM)
        }
        for request in (first, second)
    )
    if names := [name for name in ours if name in theirs and ours[name] != theirs[name]]:
        one = len(names) == 1
        yield (
            f"The fixed {'value' if one else 'values'} of {', '.join(names)} {'differs' if one else 'differ'}: what depends "
            "on them has other effects without any change of the code. Give both campaigns the same ones."
        )


def _check_firmware(before: Side, after: Side) -> None:
    if before.target is None or after.target is None or before.firmware is None or after.firmware is None:
        if (before.firmware is None) != (after.firmware is None):
            known = "before" if after.firmware is None else "after"
            raise NotComparable(
                f"Only the traces {known} have their firmware, so their samples are instructions, and the other ones are "
                "not: import both with firmware, target and clock, or both without.",
                reason="firmware",
            )
        return
    if before.target.core is not after.target.core:
        raise NotComparable(f"One ran on {before.target.core}, the other on {after.target.core}.", reason="firmware")
    functions = [{row.place.function for row in side.rows} - {None} for side in (before, after)]
    if before.firmware.sha256 != after.firmware.sha256 and not functions[0] & functions[1]:
        raise NotComparable("The two firmware images have no executed function in common.", reason="firmware")


def _same(before: Side, after: Side) -> Iterable[Same]:
    if before.simulated is not None and after.simulated is not None:
        yield from _of_plans(before.simulated, after.simulated)
    elif before.measured is not None and after.measured is not None:
        yield from _of_traces(before, before.measured, after, after.measured)


def _of_plans(first: CampaignRequest, second: CampaignRequest) -> Iterable[Same]:
    yield Same("plan", first.plan, second.plan, "plan")
    yield Same("target.entry", first.target.entry, second.target.entry, "plan")
    yield Same("power.model", first.power.model, second.power.model, "plan")
    yield Same("power.sampling", first.power.sampling, second.power.sampling, "plan")


def _of_traces(before: Side, first: Traces, after: Side, second: Traces) -> Iterable[Same]:
    yield Same("unit", first.unit, second.unit, "unit")
    if first.sampled_hz is not None and second.sampled_hz is not None:
        yield Same("sampled_hz", first.sampled_hz, second.sampled_hz, "sampling")
    hint = "Import one of them again with the other's `groups`." if "none" not in {first.groups, second.groups} else ""
    yield Same("groups", first.groups, second.groups, "plan", hint)
    if before.target is not None and after.target is not None:
        yield Same("target.entry", before.target.entry, after.target.entry, "plan")
        yield Same("clock.samples_per_cycle", _samples_per_cycle(before), _samples_per_cycle(after), "sampling")
        # Instructions are known by themselves: one trace may well be longer than the other.
        return
    hint = "Keep the same ones with `samples` of the import."
    yield Same("the first sample", before.alignment.first_sample, after.alignment.first_sample, "samples", hint)
    yield Same("the number of samples", before.alignment.samples, after.alignment.samples, "samples", hint)


def _samples_per_cycle(side: Side) -> float | None:
    clock = None if isinstance(side.request, CampaignRequest) else side.request.clock
    return None if clock is None else clock.samples_per_cycle


def _share_a_statistic(before: Side, after: Side) -> bool:
    tested = before.tvla is not None and after.tvla is not None
    return tested or (attacked(before) is not None and attacked(before) == attacked(after))


def _of_benches(before: Side, first: Traces, after: Side, second: Traces) -> Iterable[str]:
    """Say what may differ between two measurements and is not in their reports."""
    if first.sha256 == second.sha256:
        yield "Both were imported from the same file."
    else:
        yield (
            "Effects are in standard deviations of each file's own traces: other noise, gain or alignment on the bench "
            "changes them as well."
        )
    if (first.sampled_hz is None) != (second.sampled_hz is None):
        yield "Only one of them says how fast it was sampled."
    if min(_samples_per_cycle(side) or 1.0 for side in (before, after)) < 1:
        yield "There is less than one sample a cycle: instructions without a sample look as if they had not run."


def _looked_for(before: Side, after: Side) -> Iterable[str]:
    """Say what only one of them looked for, beside the attack."""
    first, second = before.bivariate, after.bivariate
    if (first is None) != (second is None):
        yield "Only one of them tested pairs of samples: these findings are left out."
    elif first != second:
        yield "Pairs of samples were tested in different windows: what lies in one of them alone comes out new or gone."
    if checked(before) != checked(after):
        yield (
            "They did not compare executions that differ in secrets alone in the same way: findings of control flow, "
            "addresses and cycles are left out."
        )
