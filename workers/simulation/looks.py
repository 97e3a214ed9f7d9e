"""A look of a sequential campaign: what the traces so far say, and whether that decides the verdict.

The rule is a function of the sums of the first traces alone. `leaks`: a sample outside declared-public code has a p-value
below that of the look's boundary (`spending.py`; p-values rather than t, as in group sequential t-tests: Jennison,
Turnbull 2000, chapter 11). `control-flow`: an execution left the path where it must not, which no number of traces takes
back; but not where the campaign checks for constant time as well, as that may find the way to be of public inputs.
`clean`: no test went over its boundary, and a difference of the size asked for would have at this very look with
95 % power; to stop for that spends nothing of the error rate, as boundaries do not count on it. One statistic is left out:
the attack's. It has no boundary of its own, so it is made once, of the traces at the decision.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from jobs.report_sequential import Look, SequentialReport
from renode.trace import Stop
from workers.simulation.assessment import both_sets
from workers.simulation.attribution import finite, outside_public, reason_of
from workers.simulation.engine import is_embedded
from workers.simulation.inputs import FIXED, RANDOM
from workers.simulation.moments import PowerSums
from workers.simulation.part import Part
from workers.simulation.plan import CampaignPlan
from workers.simulation.power import SamplePlan
from workers.simulation.spending import boundaries, nominal_log10, of_each, spent_ln
from workers.simulation.ttest import minimum_effect, welch

Decided = Literal["leaks", "control-flow", "clean", "not-decided"]


@dataclass(frozen=True)
class Design:
    """What the looks of one campaign are held to."""

    error_rate: float
    traces: tuple[int, ...]
    """Traces at each look."""
    orders: int
    """Of the t-test that count for the verdict."""
    wanted: float
    """The difference, in standard deviations, that a clean verdict must exclude."""
    secret: npt.NDArray[np.bool_]
    """[samples] outside declared-public code."""

    @property
    def tests(self) -> int:
        """Return how many tests share the error rate: as planned, whether or not executions have all samples in common."""
        return int(self.secret.sum()) * self.orders

    @cached_property
    def fractions(self) -> tuple[float, ...]:
        """Return the information at each look over that at the last one."""
        return tuple(traces / self.traces[-1] for traces in self.traces)

    @cached_property
    def boundaries(self) -> tuple[float, ...]:
        """Return the |z| of each look."""
        return boundaries(self.fractions, of_each(self.error_rate, self.tests))

    def nominal_log10(self, look: int) -> float:
        """Return log10 of the p-value on the boundary of a look."""
        return nominal_log10(self.boundaries[look])


def design_of(plan: CampaignPlan, sampled: SamplePlan) -> Design | None:
    """Return the design of a campaign; None for one that is looked at only at its end."""
    asked = plan.request.sequential
    if asked is None:
        return None
    secret = outside_public(plan.path.pcs[sampled.owner], plan.public)
    return Design(asked.error_rate, plan.looks, plan.request.assess_order, plan.request.minimum_effect, secret)


class Looking:
    """A look while it is taken: it is shown the sums of all traces before it, block after block of samples."""

    def __init__(self, design: Design, index: int, whole: Part, plan: CampaignPlan, sampled: SamplePlan) -> None:
        """Take look `index`; `whole` says of all traces before it how they behaved, and how many each group has."""
        self._design, self._index, self._whole, self._plan = design, index, whole, plan
        self._samples = sampled.samples
        self._common = int(np.searchsorted(sampled.owner, whole.behaviour.common(len(plan.path.pcs)), side="left"))
        self._limit = design.nominal_log10(index)
        self._largest = [0.0, 0.0]
        self._smallest = [0.0, 0.0]
        self._crossed = 0

    def see(self, span: slice, power: PowerSums) -> None:
        """Test the samples of a block."""
        common = slice(span.start, max(min(span.stop, self._common), span.start))
        secret = self._design.secret[common]
        tested = welch(*both_sets(power.block(slice(0, len(secret)))))
        for order, (t, p) in enumerate(((tested.t1, tested.p_log10_1), (tested.t2, tested.p_log10_2))):
            self._largest[order] = max(self._largest[order], float(np.abs(t[secret]).max(initial=0.0)))
            self._smallest[order] = min(self._smallest[order], float(p[secret].min(initial=0.0)))
            if order < self._design.orders:
                self._crossed += int((p[secret] < self._limit).sum())

    def seen(self) -> tuple[Look, Decided]:
        """Return the look, and what it decides, once all blocks were shown."""
        design, counts = self._design, self._whole.power.counts
        fixed, varied = (int(counts[one] + counts[one + 2]) for one in (FIXED, RANDOM))
        effect = minimum_effect(fixed, varied, 10.0**self._limit)
        look = Look(
            traces=design.traces[self._index],
            fraction=design.fractions[self._index],
            boundary=design.boundaries[self._index],
            nominal_p_log10=self._limit,
            spent=_spent(design, self._index),
            max_abs_t1=finite(self._largest[0]),
            max_abs_t2=finite(self._largest[1]),
            p_log10=min(self._smallest[: design.orders], default=0.0),
            crossed=self._crossed,
            minimum_effect=finite(effect),
        )
        return look, self._decided(effect)

    def _decided(self, effect: float) -> Decided:
        if self._crossed:
            return "leaks"
        if not _told_apart(self._plan) and _parted(self._whole, self._plan):
            return "control-flow"
        looked_at_all = self._common == self._samples and self._design.secret.any()
        return "clean" if looked_at_all and effect <= self._design.wanted else "not-decided"


def told(design: Design, looks: tuple[Look, ...], decided: Decided) -> SequentialReport:
    """Describe the looks for the report."""
    return SequentialReport(
        error_rate=design.error_rate,
        tests=design.tests,
        decided=decided,
        traces=looks[-1].traces,
        planned=design.traces[-1],
        looks=looks,
        planned_looks=len(design.traces),
    )


def _spent(design: Design, index: int) -> float:
    """Return the chance that any of the tests has crossed by now, were they independent: at most that."""
    each = 2 * np.exp(spent_ln(design.fractions[: index + 1], of_each(design.error_rate, design.tests))[-1])
    return float(-np.expm1(design.tests * np.log1p(-each)))


def _told_apart(plan: CampaignPlan) -> bool:
    """Say whether a check at the end tells ways that secrets take from those of public inputs: parting is no leak until then."""
    return plan.request.constant_time is not None and is_embedded(plan.request.simulator)


def _parted(whole: Part, plan: CampaignPlan) -> bool:
    """Say whether executions took another way than the reference at an instruction that is not declared public."""
    pcs, ended = plan.path.pcs, plan.path.stop is Stop.DONE
    left = {agreed for _, agreed, _ in whole.behaviour.diverged if agreed < len(pcs) or ended}
    return any(reason_of(int(pcs[max(agreed - 1, 0)]), plan.public) is None for agreed in left)
