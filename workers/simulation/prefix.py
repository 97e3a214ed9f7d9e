"""The sums of a campaign's first traces, look after look: what shards decide by, and what the merge reports.

A sequential campaign leaves, for each look that was taken, the sums of all traces before it and what was seen. They are
made of nothing but parts, so whoever makes them makes the same; a worker that finishes the last part before a look takes
the look, block after block of samples (`segment.py`). `decision.json` says that it is over: shards look for it, and stop.
"""

import json
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from jobs.attempt import Attempt
from jobs.errors import NotFound
from jobs.model import Progress
from jobs.report_sequential import SequentialReport
from stores.ports import Files
from workers.simulation import part as parts
from workers.simulation.blocks import name_of, spans
from workers.simulation.inputs import GROUPS
from workers.simulation.looks import Design, Looking, design_of, told
from workers.simulation.moments import PowerSums
from workers.simulation.part import Part
from workers.simulation.plan import CampaignPlan, sample_plan
from workers.simulation.power import SamplePlan
from workers.simulation.segment import Segment
from workers.simulation.settle import empty_sums

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
        return Prefix(Segment(campaign, plan, sampled, files, threads=threads).whole(), None)
    seen = advance(campaign, plan, sampled, files, design, threads=threads)
    if seen is None or not _is_over(seen, design):
        raise NotFound("The parts of this campaign that a look needs are not all there.")
    whole = Part.empty(0, seen.traces, empty_sums(None, sampled, folder=files.folder(campaign)))
    parts.add(whole, files.path(campaign, _look_name(len(seen.looks))))
    return Prefix(whole, seen)


def advance(
    campaign: str, plan: CampaignPlan, sampled: SamplePlan, files: Files, design: Design, *, threads: int = 1
) -> SequentialReport | None:
    """Take every look whose parts are there, up to a decision; return what was seen, None where there is none yet."""
    seen = latest_look(campaign, files)
    present = set(parts.stored(files, campaign))
    for index in range(0 if seen is None else len(seen.looks), len(plan.looks)):
        if seen is not None and _is_over(seen, design):
            break
        if not present.issuperset(plan.cuts(index)):
            return seen
        segment = Segment(campaign, plan, sampled, files, index=index, threads=threads)
        seen = _look(segment, design, seen)
    if seen is not None and _is_over(seen, design):
        files.write(campaign, DECISION, [seen.model_dump_json().encode()])
    return seen


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
    names = [name for name in files.names(campaign) if name.startswith(parts.LOOK)]
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


def _is_over(seen: SequentialReport, design: Design) -> bool:
    return seen.decided != "not-decided" or len(seen.looks) == len(design.traces)


def _look(segment: Segment, design: Design, seen: SequentialReport | None) -> SequentialReport:
    """Take the look behind a segment, and leave it with the sums of all traces before it."""
    campaign, files, index = segment.campaign, segment.files, segment.index
    looks = () if seen is None else seen.looks
    whole = Part.empty(0, segment.outline.last, PowerSums(GROUPS, 0))
    if looks:
        whole.merge(parts.outline(files.path(campaign, _look_name(index))))
    whole.merge(segment.outline)
    looking = Looking(design, index, whole, segment.plan, segment.sampled)

    def sums() -> Iterator[tuple[str, npt.NDArray[np.int64]]]:
        counts = whole.power.counts
        yield "counts", counts
        for number, span in enumerate(spans(segment.sampled.samples)):
            block, clipped = segment.block(number, span)
            if looks:
                block.sums += parts.block(files.path(campaign, _look_name(index)), number)
            block.counts[:] = counts
            whole.behaviour.clipped += clipped
            looking.see(span, block)
            yield name_of("sums", number), block.sums

    def report() -> SequentialReport:
        look, decided = looking.seen()
        return told(design, (*looks, look), decided)

    content = parts.written(whole, sums(), lambda: {"sequential": report().model_dump(mode="json")})
    files.write(campaign, _look_name(index + 1), content)
    return report()


def _look_name(looks: int) -> str:
    """Return the name of the sums at the last of so many looks."""
    return f"{parts.LOOK}{looks:02d}.npz"
