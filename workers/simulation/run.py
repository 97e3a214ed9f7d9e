"""Run traces of a campaign: execute, sample, add up. Nothing of a trace is kept unless that was asked for."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from jobs.attempt import Attempt
from jobs.model import Progress
from renode.trace import Simulator, Stop
from workers.simulation.inputs import RANDOM, columns, groups, input_rows, sets_of
from workers.simulation.part import Part
from workers.simulation.plan import CPA_WINDOW, CampaignPlan
from workers.simulation.power import SamplePlan, dequantise, plan_samples, sample
from workers.simulation.witness import Witness, repeated

LEFT_OUT = 255
"""The group of an execution that no statistic covers."""
ACTIVITY_BYTES = 2 * 2**20
"""Activity words of one batch: what the second-level cache holds."""
CYCLES_PER_BATCH = 100_000_000
"""A batch of executions that all run out of their budget ends within about a second: nothing interrupts a batch."""
REPORT_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Kept:
    """Where traces go that the campaign asked to keep."""

    traces: npt.NDArray[np.float32]
    """[campaign traces, samples], usually a file mapped into memory; NaN where an execution left the reference path."""
    inputs: npt.NDArray[np.uint8]
    """[campaign traces, input bytes]"""
    groups: npt.NDArray[np.uint8]
    """[campaign traces] set + 2 * half; LEFT_OUT where the execution did not end well."""


@dataclass(frozen=True, slots=True)
class Runner:
    """One worker's means to run any range of a campaign."""

    plan: CampaignPlan
    samples: SamplePlan
    simulator: Simulator
    kept: Kept | None = None
    witness: Witness | None = None
    """Compares some executions with another engine's."""

    @property
    def attacked(self) -> slice:
        """Return the samples that the attack looks at."""
        return attacked_samples(self.plan, self.samples)

    def warm_up(self, index: int) -> None:
        """Run one trace for nothing: the kernels are compiled, or loaded, before any time is taken."""
        self._batch(self._part(index, index + 1), index, 1)

    def run(
        self,
        first: int,
        last: int,
        attempt: Attempt,
        *,
        done: int = 0,
        total: int = 0,
        watch: Callable[[Part], None] = lambda _part: None,
    ) -> Part:
        """Run traces [first, last); `done` of `total` traces were run before, for the progress.

        `watch` is shown the unfinished part whenever progress is reported.
        """
        part = self._part(first, last)
        length = len(self.plan.path.pcs)
        by_cycles = CYCLES_PER_BATCH // self.plan.request.target.max_cycles
        batch_size = max(1, min(4096, ACTIVITY_BYTES // (8 * max(length, 1)), by_cycles))
        reported = time.monotonic()
        for start in range(first, last, batch_size):
            attempt.check()
            self._batch(part, start, min(batch_size, last - start))
            if time.monotonic() - reported >= REPORT_EVERY_S:
                reported = time.monotonic()
                attempt.report(Progress(done + min(start + batch_size, last) - first, total, "traces"))
                watch(part)
        part.engine = dict(self.simulator.engine)
        return part

    def _part(self, first: int, last: int) -> Part:
        attacked = self.attacked
        return Part.empty(first, last, samples=self.samples.samples, attacked=max(attacked.stop - attacked.start, 0))

    def _batch(self, part: Part, start: int, count: int) -> None:
        request = self.plan.request
        began = time.perf_counter()
        rows = input_rows(request, start, count)
        labels = groups(request, start, count)
        batch = self.simulator.run(rows, self.plan.path)
        if self.witness is not None:
            # Lanes may take a path only after a while: then it is the first batch in lanes that is looked at.
            first = start if part.behaviour.work.checked == 0 else part.first
            traces = repeated(first, start + count)
            checked = self.witness.sampled(batch, rows, start, traces[traces >= start])
            batch = replace(batch, work=replace(batch.work, checked=checked))
        executed = time.perf_counter()
        traces, clipped = sample(batch.activity, batch.agreed, self.samples, seed=request.seed, first_index=start)
        if self.kept is not None:
            where = slice(start, start + count)
            power = dequantise(traces, self.samples)
            power[self.samples.owner >= batch.agreed[:, np.newaxis]] = np.nan
            self.kept.traces[where] = power
            self.kept.inputs[where] = rows
            self.kept.groups[where] = np.where(batch.stop == Stop.DONE, labels, LEFT_OUT)
        # An execution that faulted has no complete trace; it is counted, and left out of every statistic.
        good = batch.stop == Stop.DONE
        if not good.all():
            traces, labels_used, rows_used = traces[good], labels[good], rows[good]
        else:
            labels_used, rows_used = labels, rows
        part.power.update(traces, labels_used)
        if part.classes is not None and request.cpa is not None:
            varied = sets_of(labels_used) == RANDOM
            chosen = np.ascontiguousarray(traces[varied, self.attacked])
            part.classes.update(
                chosen, np.ascontiguousarray(rows_used[varied, columns(request, request.cpa.plaintext)])
            )
        part.behaviour.update(batch, sets_of(labels), len(self.plan.path.pcs), first=start)
        part.behaviour.clipped += clipped
        part.execute_s += executed - began
        part.statistics_s += time.perf_counter() - executed


def sample_plan(plan: CampaignPlan) -> SamplePlan:
    """Return how the plan's path is sampled under its power model."""
    power = plan.request.power
    return plan_samples(
        plan.model,
        kinds=plan.kinds,
        cycles=plan.cycles,
        reference=plan.activity,
        sampling=power.sampling,
        window=plan.window,
        noise_sigma=power.noise_sigma,
    )


def attacked_samples(plan: CampaignPlan, samples: SamplePlan) -> slice:
    """Return the samples that the attack looks at; an empty slice without an attack."""
    cpa = plan.request.cpa
    if cpa is None:
        return slice(0, 0)
    first, last = cpa.window or (0, CPA_WINDOW)
    return slice(min(first, samples.samples), min(last, samples.samples))
