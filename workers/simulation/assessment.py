"""From exact sums to statistics per sample."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

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
    has_snr: bool
    """Whether there are classes to tell signal from noise: not where predictions depend on two bytes."""
    attacked: tuple[int, int] = (0, 0)
    """Samples [from, to) that the attack looked at."""


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
    return _joined([_difference(power.block(span)) for span in spans(samples)])


def mean_of(power: PowerSums, samples: int) -> Floats:
    """Return the mean of all traces over the first `samples` samples."""
    everything = range(len(power.counts))
    return np.concatenate([power.block(span).union(everything).moments().mean for span in spans(samples)])


def _difference(power: PowerSums) -> Difference:
    halves = [welch(power.union([FIXED + 2 * half]), power.union([RANDOM + 2 * half])) for half in (0, 1)]
    fixed, varied = both_sets(power)
    of_fixed, of_varied = fixed.moments(), varied.moments()
    spread = np.sqrt((of_fixed.second + of_varied.second) / 2)
    effect = np.zeros(len(spread))
    np.divide(np.abs(of_fixed.mean - of_varied.mean), spread, out=effect, where=spread > 0)
    return Difference(
        whole=welch(fixed, varied),
        confirmed_1=_confirmed(halves[0].t1, halves[1].t1),
        confirmed_2=_confirmed(halves[0].t2, halves[1].t2),
        effect=effect,
    )


def _joined(blocks: Sequence[Difference]) -> Difference:
    """Return the tests of all samples, given those of each block."""

    def all_of(name: str, parts: Sequence[Any]) -> Any:
        return np.concatenate([getattr(part, name) for part in parts])

    wholes = [block.whole for block in blocks]
    return Difference(
        Welch(**{field.name: all_of(field.name, wholes) for field in fields(Welch)}),
        *(all_of(name, blocks) for name in ("confirmed_1", "confirmed_2", "effect")),
    )


def _confirmed(first: Floats, second: Floats) -> Flags:
    both = (np.abs(first) > THRESHOLD) & (np.abs(second) > THRESHOLD)
    return np.asarray(both & (np.sign(first) == np.sign(second)))
