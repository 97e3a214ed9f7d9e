"""The sums of a campaign's first traces, look after look: what shards decide by, and what the merge reports.

A sequential campaign leaves, for each look that was taken, the sums of all traces before it and what was seen. They are
made of nothing but parts, so whoever makes them makes the same; a worker that finishes the last part before a look takes
the look. `decision.json` says that it is over: shards look for it, and stop.
"""

import json
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jobs.attempt import Attempt
from jobs.errors import NotFound
from jobs.model import Progress
from jobs.report_sequential import SequentialReport
from stores.ports import Files
from workers.simulation import part as parts
from workers.simulation.looks import Design, design_of, take, told
from workers.simulation.part import Part
from workers.simulation.plan import CampaignPlan, sample_plan
from workers.simulation.power import SamplePlan
from workers.simulation.settle import empty_sums, settler_of

DECISION = "decision.json"


class Decided(Exception):
    """The campaign was decided by traces before those that are being run."""


@dataclass(frozen=True, slots=True)
class Prefix:
    """The traces from the first to a look."""

    part: Part
    """With sums of samples."""
    sequential: SequentialReport | None
    """None for a campaign that is looked at only at its end."""

    @property
    def last(self) -> int:
        """Return how many traces these are."""
        return self.part.last


def gather(campaign: str, plan: CampaignPlan, sampled: SamplePlan, files: Files, *, threads: int = 1) -> Prefix:
    """Return all traces that the report is about; raise NotFound where one of their parts is missing."""
    design = design_of(plan, sampled)
    if design is None:
        return Prefix(_segment(campaign, plan, sampled, files, 0, threads=threads), None)
    prefix = advance(campaign, plan, sampled, files, design, threads=threads)
    if prefix is None or not _is_over(prefix, design):
        raise NotFound("The parts of this campaign that a look needs are not all there.")
    return prefix


def advance(
    campaign: str, plan: CampaignPlan, sampled: SamplePlan, files: Files, design: Design, *, threads: int = 1
) -> Prefix | None:
    """Take every look whose parts are there, up to a decision; return the last one, None where there is none yet."""
    prefix = _latest(campaign, files)
    present = set(parts.stored(files, campaign))
    taken = 0 if prefix is None or prefix.sequential is None else len(prefix.sequential.looks)
    for index in range(taken, len(plan.looks)):
        if prefix is not None and _is_over(prefix, design):
            break
        if not present.issuperset(_cuts(plan, index)):
            return prefix
        segment = _segment(campaign, plan, sampled, files, index, threads=threads)
        whole = segment if prefix is None else _joined(prefix.part, segment)
        look, decided = take(design, index, whole, plan, sampled)
        before = () if prefix is None or prefix.sequential is None else prefix.sequential.looks
        prefix = Prefix(whole, told(design, (*before, look), decided))
        _keep(prefix, files, campaign)
    if prefix is not None and prefix.sequential is not None and _is_over(prefix, design):
        text = prefix.sequential.model_dump_json()
        files.write(campaign, DECISION, [text.encode()])
    return prefix


def decided_at(campaign: str, files: Files) -> int | None:
    """Return how many traces decided a campaign; None as long as it is not."""
    try:
        return int(json.loads(files.path(campaign, DECISION).read_bytes())["traces"])
    except NotFound:
        return None


def is_decided(campaign: str, plan: CampaignPlan, files: Files, *, first: int) -> bool:
    """Say whether traces from `first` on need not be run.

    Whoever comes to traces that lie more than one look ahead takes the looks in between, as far as their parts are there:
    executions may be faster than looks, and would all be done before the first of those has decided.
    """
    seen = latest_look(campaign, files)
    taken = 0 if seen is None else len(seen.looks)
    sampled = sample_plan(plan)
    if taken + 1 < bisect_right(plan.looks, first) and (design := design_of(plan, sampled)) is not None:
        advance(campaign, plan, sampled, files, design)
    return decided_at(campaign, files) is not None


def latest_look(campaign: str, files: Files) -> SequentialReport | None:
    """Return what the looks of a campaign have seen so far; None before the first one."""
    names = _looks(campaign, files)
    return SequentialReport.model_validate(parts.head(files.path(campaign, names[-1]))["sequential"]) if names else None


class UntilDecided:
    """An attempt that ends by Decided when other traces have decided the campaign."""

    def __init__(self, attempt: Attempt, campaign: str, files: Files) -> None:
        self.job_id, self.worker = attempt.job_id, attempt.worker
        self._attempt, self._campaign, self._files = attempt, campaign, files

    def check(self) -> None:
        """Raise Decided, or what the attempt raises."""
        self._attempt.check()
        if decided_at(self._campaign, self._files) is not None:
            raise Decided

    def report(self, progress: Progress) -> None:
        """Publish how far the job is."""
        self._attempt.report(progress)

    def publish(self, job_id: str, partial: Mapping[str, Any]) -> None:
        """Publish what is known so far."""
        self._attempt.publish(job_id, partial)


def _is_over(prefix: Prefix, design: Design) -> bool:
    told_ = prefix.sequential
    return told_ is not None and (told_.decided != "not-decided" or len(told_.looks) == len(design.traces))


def _cuts(plan: CampaignPlan, index: int) -> list[tuple[int, int]]:
    """Return the parts between a look and the one before."""
    low, high = plan.segments()[index]
    ranges = [cut for first, last in plan.shards for cut in plan.parts(first, last)]
    return [(first, last) for first, last in ranges if low <= first and last <= high]


def _segment(campaign: str, plan: CampaignPlan, sampled: SamplePlan, files: Files, index: int, *, threads: int) -> Part:
    settler = settler_of(plan, sampled)
    whole = Part.empty(*plan.segments()[index], empty_sums(settler, sampled))
    for first, last in _cuts(plan, index):
        whole.merge(parts.load(files, campaign, first, last, with_classes=False))
    return whole if settler is None else settler.settled(whole, segment=index, threads=threads)


def _joined(before: Part, segment: Part) -> Part:
    whole = Part.empty(before.first, segment.last, before.sums.blank())
    whole.merge(before)
    whole.merge(segment)
    return whole


def _keep(prefix: Prefix, files: Files, campaign: str) -> None:
    if prefix.sequential is not None:
        name = f"{parts.LOOK}{len(prefix.sequential.looks):02d}.npz"
        files.write(campaign, name, [parts.packed(prefix.part, sequential=prefix.sequential.model_dump(mode="json"))])


def _latest(campaign: str, files: Files) -> Prefix | None:
    """Return the last look that was taken."""
    names = _looks(campaign, files)
    if not names:
        return None
    part, head = parts.unpacked(files.path(campaign, names[-1]))
    return Prefix(part, SequentialReport.model_validate(head["sequential"]))


def _looks(campaign: str, files: Files) -> list[str]:
    """Return the names of the looks that were taken, in their order."""
    return [name for name in files.names(campaign) if name.startswith(parts.LOOK)]
