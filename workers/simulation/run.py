"""Run traces of a campaign: execute, sample, add up. Nothing of a trace is kept unless that was asked for."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from jobs.attempt import Attempt
from jobs.model import Progress
from renode.trace import Batch, Outcomes, Simulator, Stop, Work
from workers.simulation.engine import is_embedded
from workers.simulation.inputs import GROUPS, RANDOM, groups, input_rows, sets_of
from workers.simulation.intermediates import targets_of
from workers.simulation.kept import Rows
from workers.simulation.pace import ENGINE_ROWS, INSTRUCTIONS, Pace
from workers.simulation.pairing import paired_samples
from workers.simulation.part import Part
from workers.simulation.plan import CampaignPlan, attack_bytes, attacked_samples
from workers.simulation.power import SamplePlan, dequantise, sample
from workers.simulation.settle import Settler, empty_sums, settler_of, sum_bytes
from workers.simulation.tallies import Tally
from workers.simulation.targets import Targets
from workers.simulation.witness import Witness, repeated

HELD_BYTES = 288 * 2**20
"""Of the sums of a part that are all held: any number of samples without an attack, any attack on a short trace."""
LEFT_OUT = 255
"""The group of an execution that no statistic covers."""
ACTIVITY_BYTES = 2 * 2**20
"""Activity words of one batch: what the second-level cache holds."""
LANES, LANES_BYTES = 512, 32 * 2**20
"""Executions that fill the lanes, and the activity words that they may have for it."""
WARM_BYTES = 40 * 2**20
"""Activity words of the executions that are run for nothing: enough rows for lanes on the longest path that these take."""
CYCLES_PER_BATCH = 100_000_000
"""A batch of executions that all run out of their budget ends within about a second: nothing interrupts a batch."""
RENODE_ROWS = 128
"""Executions of a batch on Renode, each of which begins with the start of its processes: seconds."""
REPORT_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Kept:
    """Where traces go that the campaign asked to keep."""

    traces: Rows
    """float32 [campaign traces, samples]; NaN where an execution left the reference path."""
    inputs: Rows
    """uint8 [campaign traces, input bytes]"""
    groups: Rows
    """uint8 [campaign traces] set + 2 * half; LEFT_OUT where the execution did not end well."""


@dataclass(frozen=True)
class Runner:
    """One worker's means to run any range of a campaign."""

    plan: CampaignPlan
    samples: SamplePlan
    simulator: Simulator
    kept: Kept | None = None
    witness: Witness | None = None
    """Compares some executions with another engine's."""
    timer: Callable[[], float] = time.monotonic
    """Seconds, by which progress is reported and the size of batches found."""
    folder: Path | None = None
    """Where the attack's sums lie when not all sums are to be held; None: they are held whatever they take."""

    @property
    def attacked(self) -> slice:
        """Return the samples that the attack looks at."""
        return attacked_samples(self.plan, self.samples)

    @cached_property
    def paired(self) -> slice:
        """Return the samples that are tested in pairs."""
        return paired_samples(self.plan.request, self.samples.samples)

    @cached_property
    def settler(self) -> Settler | None:
        """Return what the noise of counted traces comes from; None where they are not counted but sampled."""
        return settler_of(self.plan, self.samples)

    @cached_property
    def _targets(self) -> Targets:
        return targets_of(self.plan.request)

    @cached_property
    def _pace(self) -> Pace:
        target = self.plan.request.target
        return Pace(
            path_length=len(self.plan.path.pcs),
            max_cycles=target.max_cycles,
            input_bytes=sum(item.length for item in target.inputs),
        )

    def warm_up(self, first: int, last: int) -> None:
        """Run some of the traces [first, last) for nothing.

        The kernels are compiled, or loaded, before any time is taken, also those of an engine that wants many traces.
        """
        if not is_embedded(self.plan.request.simulator):
            return  # its programs are compiled, and each batch starts them anew
        part = self._part(first, last)
        self._batch(part, first, 1)
        words = max(len(self.plan.path.pcs), 1)
        enough = min(ENGINE_ROWS, INSTRUCTIONS // words, last - first)
        if self.settler is None:  # all their activity is at hand at once
            enough = min(enough, WARM_BYTES // (8 * words))
        if enough > 1 and not part.behaviour.faulted:
            self._batch(part, first, enough)

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
        start, reported = first, self.timer()
        while start < last:
            attempt.check()
            count = min(self._at_once(part), last - start)
            began = self.timer()
            self._batch(part, start, count)
            start += count
            now = self.timer()
            self._pace.took(count, now - began)
            if now - reported >= REPORT_EVERY_S:
                reported = now
                attempt.report(Progress(done + start - first, total, "traces"))
                watch(part)
        self._check(part)
        part.engine = dict(self.simulator.engine)
        return part

    def _at_once(self, part: Part) -> int:
        """Return how many traces the next batch of a part has."""
        words = max(len(self.plan.path.pcs), 1)
        if not is_embedded(self.plan.request.simulator):
            return max(1, min(RENODE_ROWS, LANES_BYTES // (8 * words)))
        if self.settler is not None:
            return self._pace.rows
        fitting = ACTIVITY_BYTES // (8 * words)
        if part.behaviour.work.lanes:
            fitting = max(fitting, min(LANES, LANES_BYTES // (8 * words)))
        return max(1, min(4096, fitting, CYCLES_PER_BATCH // self.plan.request.target.max_cycles))

    def _part(self, first: int, last: int) -> Part:
        attacked = self.attacked
        sums = empty_sums(self.settler, self.samples)
        paired = self.paired.stop - self.paired.start
        wanted = attacked.stop - attacked.start
        held = sum_bytes(self.settler, self.samples) + attack_bytes(self.plan, attacked)
        folder = self.folder if held > HELD_BYTES else None
        classes = self._targets.sums(wanted, folder=folder) if wanted else None
        return Part.empty(first, last, sums, classes=classes, paired=paired)

    def _batch(self, part: Part, start: int, count: int) -> None:
        outcomes: Outcomes
        began = time.perf_counter()
        rows = input_rows(self.plan.request, start, count)
        labels = groups(self.plan.request, start, count)
        if isinstance(part.sums, Tally) and self.settler is not None:
            levels = self.settler.scale.levels
            outcomes = self.simulator.tally(rows, labels, self.plan.path, levels, part.sums.levels)
            executed = time.perf_counter()
            part.sums.counts += np.bincount(labels[outcomes.stop == Stop.DONE], minlength=GROUPS)
        else:
            outcomes = batch = self.simulator.run(rows, self.plan.path)
            if self.witness is not None:
                checked = self.witness.sampled(batch, rows, start, self._repeated(part, start, count))
                outcomes = replace(batch, work=replace(batch.work, checked=checked))
            executed = time.perf_counter()
            self._add(part, batch, rows, labels, start)
        part.behaviour.update(outcomes, sets_of(labels), len(self.plan.path.pcs), first=start)
        part.execute_s += executed - began
        part.statistics_s += time.perf_counter() - executed

    def _check(self, part: Part) -> None:
        """Compare some of the tallied executions of a part: together, as lanes are not filled by a few."""
        if self.witness is None or self.settler is None or not part.behaviour.work.lanes:
            return
        began = time.perf_counter()
        checked = self.witness.tallied(repeated(part.first, part.last), self.settler.scale.levels)
        part.behaviour.work += Work(checked=checked)
        part.execute_s += time.perf_counter() - began

    @staticmethod
    def _repeated(part: Part, start: int, count: int) -> npt.NDArray[np.int64]:
        """Return which traces of a batch another engine repeats."""
        # Lanes may take a path only after a while: then it is the first batch in lanes that is looked at.
        first = start if part.behaviour.work.checked == 0 else part.first
        traces = repeated(first, start + count)
        return traces[traces >= start]

    def _add(
        self, part: Part, batch: Batch, rows: npt.NDArray[np.uint8], labels: npt.NDArray[np.uint8], start: int
    ) -> None:
        """Sample executions, each with a noise of its own, and add them up."""
        request = self.plan.request
        traces, clipped = sample(batch.activity, batch.agreed, self.samples, seed=request.seed, first_index=start)
        if self.kept is not None:
            power = dequantise(traces, self.samples)
            power[self.samples.owner >= batch.agreed[:, np.newaxis]] = np.nan
            self.kept.traces.write(start, power)
            self.kept.inputs.write(start, rows)
            self.kept.groups.write(start, np.where(batch.stop == Stop.DONE, labels, LEFT_OUT))
        # An execution that faulted has no complete trace; it is counted, and left out of every statistic.
        good = batch.stop == Stop.DONE
        used = traces if good.all() else traces[good]
        part.power.update(used, labels[good])
        if part.classes is not None:
            varied = good & (sets_of(labels) == RANDOM)
            chosen = np.ascontiguousarray(traces[varied, self.attacked])
            self._targets.add(part.classes, chosen, rows[varied], batch.output[varied])
        if part.pairs is not None:
            part.pairs.update(np.ascontiguousarray(used[:, self.paired]), labels[good])
        part.behaviour.clipped += clipped
