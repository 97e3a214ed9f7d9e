"""From exact sums to statistics per sample."""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from workers.simulation.blocks import spans
from workers.simulation.inputs import FIXED, RANDOM
from workers.simulation.moments import Group, PowerSums
from workers.simulation.ttest import THRESHOLD, Welch, welch

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Assessment:
    """Statistics of every sample [samples]; infinite t where both sets are constant and differ."""

    t1: Floats
    t2: Floats
    p_log10_1: Floats
    p_log10_2: Floats
    confirmed_1: Flags
    """|t| over the threshold with the same sign in both halves."""
    confirmed_2: Flags
    deterministic: Flags
    effect: Floats
    """Difference of the means in standard deviations (Cohen's d)."""
    mean: Floats
    """In quantiser steps around the reference execution."""
    rho: Floats
    """Largest |correlation| over the key bytes, of the true or best guess; 0 outside the attacked window."""
    rho_byte: npt.NDArray[np.intp]
    snr: Floats
    traces: int
    cpa_traces: int
    has_tvla: bool
    has_cpa: bool
    snr_absent: str | None = None
    """Why an attack tells no signal-to-noise ratio; None where it does, and where there is none."""
    attacked: tuple[int, int] = (0, 0)
    """Samples [from, to) that the attack looked at."""

    @property
    def has_snr(self) -> bool:
        """Return whether signal is told from noise."""
        return self.has_cpa and self.snr_absent is None


@dataclass(frozen=True, slots=True)
class Difference:
    """The t-tests of all traces and of both halves."""

    whole: Welch
    confirmed_1: Flags
    confirmed_2: Flags
    effect: Floats


def both_sets(power: PowerSums) -> tuple[Group, Group]:
    """Return the sums of the fixed and of the random set, both halves of each."""
    return power.union([FIXED, FIXED + 2]), power.union([RANDOM, RANDOM + 2])


def difference(power: PowerSums, samples: int) -> Difference:
    """Compare the fixed and the random set over the first `samples` samples."""
    floats, flags = np.empty((5, samples)), np.empty((3, samples), bool)
    t1, t2, p_log10_1, p_log10_2, effect = floats
    deterministic, confirmed_1, confirmed_2 = flags
    out = Difference(Welch(t1, t2, p_log10_1, p_log10_2, deterministic), confirmed_1, confirmed_2, effect)
    for span in spans(samples):
        _difference(power.block(span), out, span)
        power.let_go()
    return out


def mean_of(power: PowerSums, samples: int) -> Floats:
    """Return the mean of all traces over the first `samples` samples."""
    everything, mean = range(len(power.counts)), np.empty(samples)
    for span in spans(samples):
        mean[span] = power.block(span).union(everything).moments().mean
        power.let_go()
    return mean


def _difference(power: PowerSums, out: Difference, span: slice) -> None:
    """Write the tests of a block of samples."""
    halves = [welch(power.union([FIXED + 2 * half]), power.union([RANDOM + 2 * half])) for half in (0, 1)]
    fixed, varied = both_sets(power)
    of_fixed, of_varied = fixed.moments(), varied.moments()
    spread = np.sqrt((of_fixed.second + of_varied.second) / 2)
    effect = np.zeros(len(spread))
    np.divide(np.abs(of_fixed.mean - of_varied.mean), spread, out=effect, where=spread > 0)
    whole = welch(fixed, varied)
    for field in fields(Welch):
        getattr(out.whole, field.name)[span] = getattr(whole, field.name)
    out.confirmed_1[span] = _confirmed(halves[0].t1, halves[1].t1)
    out.confirmed_2[span] = _confirmed(halves[0].t2, halves[1].t2)
    out.effect[span] = effect


def _confirmed(first: Floats, second: Floats) -> Flags:
    both = (np.abs(first) > THRESHOLD) & (np.abs(second) > THRESHOLD)
    return np.asarray(both & (np.sign(first) == np.sign(second)))
