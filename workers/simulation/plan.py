"""A campaign's plan: everything its shards must agree on, written down once before any of them runs."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt

from jobs.attackable import state_bytes
from jobs.errors import InvalidInput
from jobs.payloads import CampaignRequest, Plan, Sampling
from jobs.target import Target
from renode.trace import Path, Simulator, Stop, numbered
from workers.simulation.attribution import outside_public
from workers.simulation.intermediates import targets_of
from workers.simulation.levels import NotWhole, scale_of
from workers.simulation.look_cuts import look_cuts
from workers.simulation.pairing import check_windows, paired_samples
from workers.simulation.power import SamplePlan, plan_samples
from workers.simulation.power_model import PowerModel
from workers.simulation.shards import shards_of
from workers.simulation.window import Pilot, attacked_range, run_pilot

CHECKPOINTS = 8
FIRST_CHECKPOINT = 16
"""Ranks are taken at so many numbers of traces from the first to all of them, evenly spaced on a logarithmic scale."""
MAX_SAMPLES = 2_000_000
"""Samples of a trace: 128 bytes of sums each, in every part."""
PAIR_BYTES = 64
"""Of two samples that are tested together, in every part: four groups, and of symmetric sums one half."""
BIN_BYTES = 16
"""Of a level that is counted, in every part: four groups, four bytes at most."""


@dataclass(frozen=True, slots=True)
class Noise:
    """How noise comes into the sums."""

    way: Literal["law", "trace"]
    """`law`: drawn at the end, from its exact law given the levels (`noise_law.py`). `trace`: with each trace."""
    reason: str
    """Why each trace needs its own; empty where none does."""


@dataclass(frozen=True, slots=True)
class CampaignPlan:
    """What every shard of a campaign starts from."""

    request: CampaignRequest
    model: PowerModel
    path: Path
    """The reference execution."""
    activity: npt.NDArray[np.uint64]
    """[sampled instructions] the reference execution's activity words."""
    kinds: npt.NDArray[np.uint8]
    """[sampled instructions] renode.trace.Class of each."""
    cycles: npt.NDArray[np.int64]
    """[sampled instructions] cycles that each took."""
    registers: npt.NDArray[np.uint8]
    """[sampled instructions] registers that each writes at most."""
    words: npt.NDArray[np.uint8]
    """[sampled instructions] words that each transfers at most."""
    window: tuple[int, int]
    """Instructions [from, to) of the path that are sampled."""
    public: tuple[tuple[int, int, str, str], ...]
    """Declared-public code: start, end, place, reason."""
    shards: tuple[tuple[int, int], ...]
    """Traces [first, last) of each shard."""
    checkpoints: tuple[int, ...]
    """Traces at which key ranks are taken, ascending; the last is all of them."""
    noise: Noise
    looks: tuple[int, ...] = ()
    """Traces at which a sequential campaign is looked at, ascending; the last is all of them. Empty: only at the end."""
    pilot: Pilot | None = None
    """What chose the attack's window, where that was left to us."""

    @property
    def sampled(self) -> slice:
        """Return the sampled instructions of the path."""
        return slice(*self.window)

    def parts(self, first: int, last: int) -> list[tuple[int, int]]:
        """Split traces [first, last) where a checkpoint or a look lies."""
        inside = sorted({cut for cut in (*self.checkpoints, *self.looks) if first < cut < last})
        return list(pairwise([first, *inside, last]))

    def cuts(self, index: int) -> list[tuple[int, int]]:
        """Return the parts of the segment before look `index`: all of them without looks."""
        low, high = self.segments()[index]
        ranges = [cut for first, last in self.shards for cut in self.parts(first, last)]
        return [(first, last) for first, last in ranges if low <= first and last <= high]

    def segments(self) -> list[tuple[int, int]]:
        """Return the traces [first, last) from each look to the next: all of them without looks."""
        return list(pairwise([0, *(self.looks or (self.request.traces,))]))


def make_plan(
    request: CampaignRequest,
    model: PowerModel,
    simulator: Simulator,
    path: Path,
    activity: npt.NDArray[np.uint64],
) -> CampaignPlan:
    """Plan a campaign on the reference execution `path` with its `activity`; raise InvalidInput."""
    window = _window(request, simulator, path)
    sampled = slice(*window)
    after = path.begins[sampled.stop] if sampled.stop < len(path.begins) else path.cycles
    cycles = np.diff(path.begins[sampled], append=after)
    samples = int(cycles.sum()) if request.power.sampling is Sampling.CYCLE else len(cycles)
    if samples > MAX_SAMPLES:
        advice = "set a trigger"
        if request.target.trigger is not None and path.stop is not Stop.DONE:
            advice = f"the execution did not end well ({path.stop.name.lower()}), so no trigger cut it"
        raise InvalidInput(
            f"a trace has {samples} samples, at most {MAX_SAMPLES} can be compared: {advice}",
            field="target.trigger",
            reason="too-many-samples",
        )
    addresses, along = numbered(path.pcs[sampled])
    steps = [simulator.instruction(pc) for pc in addresses.tolist()]
    plan = CampaignPlan(
        request=request,
        model=model,
        path=path,
        activity=activity[sampled].copy(),  # not all of it is to be held
        kinds=np.array([step.kind for step in steps], np.uint8)[along],
        cycles=cycles,
        registers=np.array([step.registers for step in steps], np.uint8)[along],
        words=np.array([step.words for step in steps], np.uint8)[along],
        window=window,
        public=public_ranges(request.target, simulator),
        shards=(),
        checkpoints=_checkpoints(request),
        noise=Noise("trace", ""),
        looks=look_cuts(request),
    )
    if path.stop is Stop.DONE:
        # A reference that did not end well may not have come to the windows: how it ended is the finding.
        check_windows(request, samples)
    noise, bins = _noise(plan)
    pilot = _pilot(plan, simulator)
    attacked = attacked_range(request.cpa, request.target, samples, pilot)
    paired = paired_samples(request, samples)
    of_part = BIN_BYTES * bins + PAIR_BYTES * (paired.stop - paired.start) ** 2 + attack_bytes(plan, attacked)
    return replace(
        plan, noise=noise, pilot=pilot, shards=shards_of(request, len(path.pcs), of_part, checkpoints=CHECKPOINTS)
    )


def _pilot(plan: CampaignPlan, simulator: Simulator) -> Pilot | None:
    if plan.request.cpa is None or plan.request.cpa.window != "auto":
        return None
    sampled = sample_plan(plan, noise_sigma=0.0)
    secret = outside_public(plan.path.pcs[sampled.owner], plan.public)
    return run_pilot(plan.request, simulator, plan.path, sampled, secret)


def sample_plan(plan: CampaignPlan, *, noise_sigma: float | None = None) -> SamplePlan:
    """Return how the plan's path is sampled under its power model, with the campaign's noise or another."""
    power = plan.request.power
    return plan_samples(
        plan.model,
        kinds=plan.kinds,
        cycles=plan.cycles,
        reference=plan.activity,
        sampling=power.sampling,
        window=(0, len(plan.kinds)),
        noise_sigma=power.noise_sigma if noise_sigma is None else noise_sigma,
    ).within(plan.window[0], len(plan.path.pcs))


def attacked_samples(plan: CampaignPlan, samples: SamplePlan) -> slice:
    """Return the samples that the attack looks at; an empty slice without an attack."""
    return attacked_range(plan.request.cpa, plan.request.target, samples.samples, plan.pilot)


def attack_bytes(plan: CampaignPlan, attacked: slice) -> int:
    """Return what the sums of the attack on these samples take."""
    cpa = plan.request.cpa
    return 0 if cpa is None else state_bytes(cpa, plan.request.target) * (attacked.stop - attacked.start)


def _noise(plan: CampaignPlan) -> tuple[Noise, int]:
    """Return how noise comes into the sums, and how many bins each part counts in."""
    if plan.request.cpa is not None:
        return Noise("trace", "the attack correlates traces with their inputs"), 0
    if plan.request.bivariate is not None:
        return Noise("trace", "products of two samples need the noise of each trace"), 0
    if plan.request.keep_traces:
        return Noise("trace", "the traces are kept"), 0
    try:
        scale = scale_of(sample_plan(plan), plan.registers, plan.words)
    except NotWhole as error:
        return Noise("trace", str(error)), 0
    return Noise("law", ""), scale.levels.bins


def _window(request: CampaignRequest, simulator: Simulator, path: Path) -> tuple[int, int]:
    trigger = request.target.trigger
    if trigger is None or path.stop is not Stop.DONE:
        # A reference that did not end well may never have come to the trigger: how it ended is the finding.
        return 0, len(path.pcs)
    start, _ = simulator.extent(trigger.start, field="target.trigger.start")
    stop, _ = simulator.extent(trigger.stop, field="target.trigger.stop")
    starts = np.flatnonzero(path.pcs == start)
    if not starts.size:
        raise InvalidInput(f"{trigger.start} never runs", field="target.trigger.start", reason="never-runs")
    first = int(starts[0])
    stops = np.flatnonzero(path.pcs[first + 1 :] == stop)
    if not stops.size:
        raise InvalidInput(
            f"{trigger.stop} never runs after {trigger.start}", field="target.trigger.stop", reason="never-runs"
        )
    return first, first + 1 + int(stops[0])


def public_ranges(target: Target, simulator: Simulator) -> tuple[tuple[int, int, str, str], ...]:
    """Return declared-public code: start, end, place, reason; raise InvalidInput for symbols that are not there."""
    found = []
    for position, item in enumerate(target.public):
        if item.symbol is not None:
            start, end = simulator.extent(item.symbol, field=f"target.public.{position}.symbol")
            place = item.symbol
        else:
            start, end = item.start or 0, item.end or 0
            place = f"{start:#010x}-{end:#010x}"
        found.append((start, end, place, item.reason))
    return tuple(found)


def _checkpoints(request: CampaignRequest) -> tuple[int, ...]:
    if request.cpa is None or request.plan is Plan.FIXED or targets_of(request).truth is None:
        return (request.traces,)
    return checkpoints_of(request.traces)


def checkpoints_of(traces: int) -> tuple[int, ...]:
    """Return after how many traces ranks are taken, ascending; the last is all of them."""
    first = min(FIRST_CHECKPOINT, traces)
    ratio = traces / first
    counts = {round(first * ratio ** (step / (CHECKPOINTS - 1))) for step in range(CHECKPOINTS)}
    return tuple(sorted(counts))
