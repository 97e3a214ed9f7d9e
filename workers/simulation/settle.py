"""Parts whose traces are only counted: what they hold, and how they get their noise."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import overload

import numpy as np

from workers.simulation.behaviour import Behaviour
from workers.simulation.blocks import spans
from workers.simulation.inputs import GROUPS
from workers.simulation.large import HELD_BYTES
from workers.simulation.levels import Scale, scale_of
from workers.simulation.moments import ORDERS, PowerSums
from workers.simulation.noise_law import SINGLY, Law, law_of, settle
from workers.simulation.part import Part
from workers.simulation.plan import CampaignPlan
from workers.simulation.power import SamplePlan
from workers.simulation.tallies import Tally

NORMAL_S, BINOMIAL_S = 8e-9, 35e-9
"""What drawing a noise, and how many noises have one value, takes, roughly."""


@dataclass(frozen=True, slots=True)
class Settler:
    """Gives the parts of one campaign their noise."""

    samples: SamplePlan
    scale: Scale
    law: Law
    seed: int

    def empty(self) -> Tally:
        """Return a tally without traces."""
        return Tally(GROUPS, self.scale.levels.bins)

    def settled(self, part: Part, *, segment: int = 0, threads: int = 1, folder: Path | None = None) -> Part:
        """Return a part with sums of samples; the same chance for the same traces, whatever parts they came in.

        Traces from one look to the next are a `segment` with a chance of its own. Sums that are not to be held lie in a
        file of `folder`.
        """
        if not isinstance(part.sums, Tally):
            return part
        sums = empty_sums(None, self.samples, folder=folder)
        behaviour = Behaviour()
        behaviour.merge(part.behaviour)
        for span in spans(self.samples.samples):
            block, clipped = self.block([part.sums], span, segment=segment, threads=threads)
            sums.counts[:], sums.sums[:, :, span] = block.counts, block.sums
            sums.let_go()
            behaviour.clipped += clipped
        return replace(part, sums=sums, behaviour=behaviour)

    def block(
        self, tallies: Sequence[Tally], span: slice, *, segment: int = 0, threads: int = 1
    ) -> tuple[PowerSums, int]:
        """Return the sums of a segment's tallies in a `span` of the samples, and how many of these were clipped."""
        given = (tallies, self.samples, self.scale, self.law)
        return settle(*given, seed=self.seed, span=span, segment=segment, threads=threads)

    def takes_s(self, part: Part, *, times: float = 1.0) -> float:
        """Return what settling a part takes with `times` as many traces, roughly."""
        if not isinstance(part.sums, Tally) or self.law.sigma == 0.0:
            return 0.0
        values = self.law.value.shape[1]  # of which half are met before no trace is left
        traces = part.sums.levels * times
        of_each = np.where(traces < SINGLY * values, NORMAL_S * traces, BINOMIAL_S * values / 2)
        return float(of_each.sum()) * self.samples.samples / len(self.samples.carrier)


def settler_of(plan: CampaignPlan, samples: SamplePlan) -> Settler | None:
    """Return what settles the parts of a campaign; None where each trace has a noise of its own."""
    if plan.noise.way == "trace":
        return None
    scale = scale_of(samples, plan.registers, plan.words)
    return Settler(samples, scale, law_of(samples, scale), plan.request.seed)


@overload
def empty_sums(settler: None, samples: SamplePlan, *, folder: Path | None = None) -> PowerSums: ...
@overload
def empty_sums(settler: Settler | None, samples: SamplePlan, *, folder: Path | None = None) -> PowerSums | Tally: ...
def empty_sums(settler: Settler | None, samples: SamplePlan, *, folder: Path | None = None) -> PowerSums | Tally:
    """Return what a part of a campaign begins with; with a `folder` sums that are not to be held lie in a file of it."""
    if settler is not None:
        return settler.empty()
    return PowerSums(GROUPS, samples.samples, folder=folder if sum_bytes(None, samples) > HELD_BYTES else None)


def sum_bytes(settler: Settler | None, samples: SamplePlan) -> int:
    """Return the memory of the sums of a part, without classes."""
    return 8 * GROUPS * (ORDERS * samples.samples if settler is None else settler.scale.levels.bins)
