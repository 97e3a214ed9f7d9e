"""What a campaign shows while it runs: exact statistics of the traces so far, thinned to what a screen shows.

A `partial` event is small (below EVENT_BYTES) and cheap: but for those at the end of short shards, which take milliseconds,
it is left out where making it would take more than SHARE of the time that the traces took, SETTLED_SHARE where they
were counted. Its numbers are those that the report would give of these traces.
"""

import json
import time
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from jobs.attempt import Attempt
from jobs.report_sequential import SequentialReport
from renode.trace import Simulator
from stores.ports import Files
from workers.simulation import part as parts
from workers.simulation.assessment import union
from workers.simulation.attack import confident, score
from workers.simulation.attribution import finite, reason_of
from workers.simulation.inputs import FIXED, RANDOM, known_key
from workers.simulation.part import Part, Sums
from workers.simulation.plan import CampaignPlan
from workers.simulation.power import SamplePlan
from workers.simulation.prefix import latest_look
from workers.simulation.run import Runner
from workers.simulation.settle import sum_bytes
from workers.simulation.ttest import THRESHOLD, first_order

BUCKETS = 512
"""Points of a curve."""
DIGITS = 3
EVENT_BYTES = 32 * 1024
NAMES_BYTES = 8 * 1024
LONGEST_NAME = 64
PARTIALS = 16
"""Shards that publish, at most."""
FEW_SHARDS = 8
WITHIN = 3
"""Events of one of them before its end, at most."""
EVERY_S = 1.0
SHARE = 0.01
SETTLED_SHARE = 0.05
"""The same where levels are given their noise: their traces have been spared theirs."""
FREE_BYTES = 32 * 2**20
"""Parts that are always read: a few milliseconds."""
FREE_S = 0.05
"""What giving levels their noise may always take."""
KEPT_BYTES = 32 * 2**20
"""Up to which the sums stay in memory from one shard to the next."""
SEGMENTS_BYTES = 256 * 2**20
"""Sums of a sequential campaign, one for each look, beyond which it shows nothing while it runs."""
BYTES_PER_S = 1e9
"""At which parts are read and added up, roughly."""
SCORE_S_PER_SAMPLE = 25e-6
"""What ranking the guesses of all key bytes takes for each attacked sample, roughly."""


@lru_cache(maxsize=1)
def _kept(_plan: str) -> Sums:
    """Return the sums of the campaign whose plan lies at this path: shards of one campaign follow each other."""
    return Sums()


class Live:
    """Publishes what is known of a campaign, from within one of its shards."""

    def __init__(self, campaign: str, runner: Runner, *, files: Files, index: int) -> None:
        self._campaign, self._files = campaign, files
        self._plan, self._sampled, self._simulator = runner.plan, runner.samples, runner.simulator
        self._settler = runner.settler
        self._share = SHARE if self._settler is None else SETTLED_SHARE
        self._bytes = sum_bytes(self._settler, self._sampled)
        self._step = -(-len(self._plan.shards) // PARTIALS)
        # Levels get their noise by segment, so they are held by segment; samples that have theirs add up.
        self._looks = self._plan.looks if self._settler is not None else ()
        held = self._bytes * max(1, len(self._looks))
        self._publishes = index % self._step == 0 and (not self._looks or held <= SEGMENTS_BYTES)
        small = held <= KEPT_BYTES
        self._sums = _kept(str(files.path(campaign, "plan.npz"))) if small else Sums()
        self._began = self._last = time.monotonic()
        self._within = 0
        self._spent_s = self._cost_s = 0.0
        # Of a long campaign's events only the newest are kept: there the path is told again by each that publishes.
        self._named = len(self._plan.shards) <= FEW_SHARDS

    def watch(self, part: Part, attempt: Attempt) -> None:
        """Look at a part that is being run: once in a while it is shown together with what was run before."""
        now = time.monotonic()
        if not self._publishes or self._within == WITHIN or now - self._last < EVERY_S:
            return
        if self._spent_s + self._cost_s > self._allowed_s or not self._affordable(part):
            return
        self._within += 1
        self._last = now
        self._publish(part, attempt)

    def ran(self, part: Part) -> None:
        """Take note of a part that has been stored: it need not be read again."""
        if self._publishes:
            self._sums.add(part, segment=self._segment(part))

    def end(self, part: Part | None, attempt: Attempt) -> None:
        """Show what the parts so far say, at the end of a shard whose last part is `part`."""
        if self._publishes and self._affordable():
            self._publish(None, attempt, ranked=part)

    def _publish(self, running: Part | None, attempt: Attempt, *, ranked: Part | None = None) -> None:
        began = time.monotonic()
        self._read()
        totals = dict(self._sums.totals)
        if running is not None:
            at = self._segment(running)
            totals[at] = _sum(totals.get(at), running)
        if not self._named:
            self._named = True
            attempt.publish(self._campaign, {"path": path_of(self._plan, self._sampled, self._simulator)})
        total: Part | None = None
        for segment, counted in sorted(totals.items()):
            total = _sum(total, counted if self._settler is None else self._settler.settled(counted, segment=segment))
        told = partial(self._plan, self._sampled, total)
        if self._plan.looks and (seen := latest_look(self._campaign, self._files)) is not None:
            told["looks"] = looks_of(seen)
        if ranked is not None and self._ranks(ranked):
            told["key"] = key_of(self._plan, self._sampled, ranked)
        attempt.publish(self._campaign, told)
        self._cost_s = time.monotonic() - began
        self._spent_s += self._cost_s

    def _read(self) -> None:
        for cut in parts.stored(self._files, self._campaign):
            if cut not in self._sums.cuts:
                part = parts.load(self._files, self._campaign, *cut, with_classes=False)
                self._sums.add(part, segment=self._segment(part))

    def _segment(self, part: Part) -> int:
        """Return between which looks a part lies."""
        return bisect_right(self._looks, part.first)

    @property
    def _allowed_s(self) -> float:
        """Return what an event may take: the shards up to the next one that publishes take as long as this one."""
        return self._share * self._step * (time.monotonic() - self._began)

    def _affordable(self, running: Part | None = None) -> bool:
        new = len(set(parts.stored(self._files, self._campaign)) - self._sums.cuts)
        settles_s = 0.0
        if self._settler is not None:
            shown = [*self._sums.totals.values(), *([] if running is None else [running])]
            settles_s = sum(self._settler.takes_s(part) for part in shown)
        free = new * self._bytes <= FREE_BYTES and settles_s <= FREE_S
        return free or new * self._bytes / BYTES_PER_S + settles_s <= self._allowed_s

    def _ranks(self, part: Part) -> bool:
        return (
            part.classes is not None
            and part.classes.count >= 8
            and SCORE_S_PER_SAMPLE * part.classes.samples <= self._allowed_s
        )


def partial(plan: CampaignPlan, sampled: SamplePlan, total: Part | None) -> dict[str, Any]:
    """Return what sums say: an exact t-test over the traces that have been run, public code left out of the largest."""
    if total is None:
        return {"traces": 0, "of": plan.request.traces}
    behaviour = total.behaviour
    told: dict[str, Any] = {"traces": sum(behaviour.traces.values()), "of": plan.request.traces}
    told |= {"diverged": sum(behaviour.diverged.values()), "faulted": sum(behaviour.faulted.values())}
    common = int(np.searchsorted(sampled.owner, behaviour.common(len(plan.path.pcs)), side="left"))
    if not common:
        return told
    counts = total.power.counts
    told |= {"samples": sampled.samples, "compared": common, "stride": stride_of(sampled.samples)}
    if counts.sum() > 0:
        everything = union(total.power, range(len(counts)), common)
        mean = sampled.offset[:common] + everything.moments().mean * sampled.step
        told["mean"] = extremes(mean, stride_of(sampled.samples))
    if not all(counts > 1):
        return told
    t1 = first_order(union(total.power, [FIXED, FIXED + 2], common), union(total.power, [RANDOM, RANDOM + 2], common))
    told["t1"] = extremes(t1, stride_of(sampled.samples))
    heights = np.abs(t1[secret_samples(plan, sampled)[:common]])
    told["max_abs_t"] = finite(float(heights.max(initial=0.0)))
    told["over_threshold"] = int((heights > THRESHOLD).sum())
    return told


def looks_of(seen: SequentialReport) -> dict[str, Any]:
    """Return how far a sequential campaign is: its last look, and what that decided."""
    last = seen.looks[-1]
    return {
        "taken": len(seen.looks),
        "of": seen.planned_looks,
        "traces": last.traces,
        "boundary": round(last.boundary, DIGITS),
        "beyond": last.crossed,
        "decided": seen.decided,
    }


def key_of(plan: CampaignPlan, sampled: SamplePlan, part: Part) -> dict[str, Any]:
    """Return how the attack stands after the traces of one part alone."""
    assert part.classes is not None  # noqa: S101 -- `_ranks` has looked
    first = plan.request.cpa.window[0] if plan.request.cpa is not None and plan.request.cpa.window else 0
    secret = secret_samples(plan, sampled)[first : first + part.classes.samples]
    scores = score(part.classes, secret)
    return {
        "traces": scores.traces,
        "ranks": list(scores.ranks(known_key(plan.request))),
        "best": bytes(int(guess) for guess in scores.best).hex(),
        "confident": [bool(sure) for sure in confident(scores)],
    }


def path_of(plan: CampaignPlan, sampled: SamplePlan, simulator: Simulator) -> dict[str, Any]:
    """Return where the reference execution is at the first sample of each bucket: its pc, and its function's name."""
    pcs = plan.path.pcs[sampled.owner[:: stride_of(sampled.samples)]]
    unique, of_bucket = np.unique(pcs, return_inverse=True)
    names: list[str] = []
    number: dict[str | None, int] = {None: -1}
    left = NAMES_BYTES
    function = np.full(len(unique), -1)
    for index, pc in enumerate(unique):
        name = simulator.instruction(int(pc)).function
        if name is not None and name not in number:
            shown = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
            left -= len(json.dumps(shown)) + 2
            number[name] = len(names) if left >= 0 else -1
            names += [shown] * (left >= 0)
        function[index] = number[name]
    return {
        "samples": sampled.samples,
        "stride": stride_of(sampled.samples),
        "first_sample": plan.window[0],
        "unit": plan.model.unit,
        "pcs": pcs.tolist(),
        "function": function[of_bucket].tolist(),
        "functions": names,
    }


def secret_samples(plan: CampaignPlan, sampled: SamplePlan) -> npt.NDArray[np.bool_]:
    """Return [samples]: whether a sample belongs to code that was not declared public."""
    pcs, of_sample = np.unique(plan.path.pcs, return_inverse=True)
    return np.array([reason_of(int(pc), plan.public) is None for pc in pcs], bool)[of_sample[sampled.owner]]


def stride_of(samples: int) -> int:
    """Return how many samples share a bucket."""
    return max(1, -(-samples // BUCKETS))


def extremes(values: npt.NDArray[np.float64], stride: int) -> dict[str, Sequence[float | None]]:
    """Return the least and the greatest value of each bucket; None for an infinite one."""
    starts = np.arange(0, len(values), stride)
    low, high = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
    return {name: [finite(value) for value in np.round(side, DIGITS)] for name, side in (("low", low), ("high", high))}


def _sum(total: Part | None, running: Part) -> Part:
    whole = running.blank()
    if total is not None:
        whole.merge(total)
    whole.merge(running)
    return whole
