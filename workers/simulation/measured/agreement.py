"""Measured and simulated power of the same executions under the same statistics, instruction by instruction.

Of each instruction: the largest |correlation| of the true key over its executions and the bytes of the key, and the
smallest p-value of the t-test. p-values of what does not leak are uniform, so two of them differ by chance: they agree where
neither is below the level of a finding. Correlations have an error, too: a difference over the limit that chance explains is
neither agreement nor none.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workers.simulation.assessment import difference
from workers.simulation.cpa import ClassSums
from workers.simulation.inputs import GROUPS
from workers.simulation.measured.attacked import varied
from workers.simulation.measured.quantise import scale_of
from workers.simulation.moments import PowerSums
from workers.simulation.run import LEFT_OUT
from workers.simulation.totals import MIN_ATTACK
from workers.simulation.ttest import ALPHA

CHANCE = 3.0
"""Standard errors that a difference must exceed."""
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Shown:
    """What statistics show of each instruction of the path [instructions]; None where they cannot be had."""

    traces: int
    """Behind the correlations."""
    rho: Floats | None
    p: Floats | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What traces belong to: their sets, and what the attack takes."""

    labels: npt.NDArray[np.uint8]
    """[traces]"""
    has_sets: bool
    plaintexts: npt.NDArray[np.uint8] | None
    """[traces, 16]"""
    key: Sequence[int] | None


def shown(power: npt.NDArray[np.float32], asked: Asked) -> Shown:
    """Return the statistics of power [traces, instructions]."""
    scale = scale_of(power)
    integers = scale.integers(power)
    return Shown(int(varied(asked.labels).sum()), _rho(integers, asked), _p(integers, asked))


def level(instructions: int) -> float:
    """Return the p-value that one of so many tests of what does not leak is below as often as one at |t| = 4.5."""
    return -math.expm1(math.log1p(-ALPHA) / max(instructions, 1))


def rho_agrees(first: float, second: float, *, limit: float, traces: int) -> bool | None:
    """Say whether two correlations over so many traces agree by `limit`.

    None where they differ by more, but by no more than chance explains: the standard error of each is (1 - rho^2) / sqrt(n).
    """
    apart = abs(first - second)
    error = math.hypot(1 - first * first, 1 - second * second) / math.sqrt(max(traces, 1))
    if apart <= limit:
        return True
    return None if apart - CHANCE * error <= limit else False


def p_agrees(first: float, second: float, *, limit: float, clear: float) -> bool:
    """Say whether two p-values agree: by `limit`, or as both are above `clear`."""
    return min(first, second) > clear or abs(first - second) <= limit


def _rho(integers: npt.NDArray[np.int16], asked: Asked) -> Floats | None:
    if asked.plaintexts is None or asked.key is None:
        return None
    chosen = varied(asked.labels)
    if chosen.sum() < MIN_ATTACK:
        return None
    best = np.zeros(integers.shape[1])
    # In tiles: the sums of all of a long path at once would be 16 KiB an instruction.
    for first in range(0, integers.shape[1], TILE):
        tile = np.ascontiguousarray(integers[chosen, first : first + TILE])
        sums = ClassSums(tile.shape[1])
        sums.update(tile, np.ascontiguousarray(asked.plaintexts[chosen]))
        for byte, value in enumerate(asked.key):
            rho = np.abs(sums.correlations(byte, "hw")[value])
            best[first : first + TILE] = np.maximum(best[first : first + TILE], rho)
    return best


def _p(integers: npt.NDArray[np.int16], asked: Asked) -> Floats | None:
    if not asked.has_sets:
        return None
    used = asked.labels != LEFT_OUT
    power = PowerSums(GROUPS, integers.shape[1])
    power.update(np.ascontiguousarray(integers[used]), np.ascontiguousarray(asked.labels[used]))
    if not (power.counts > 1).all():
        return None
    return np.asarray(np.power(10.0, np.maximum(difference(power, integers.shape[1]).whole.p_log10_1, -300.0)))


TILE = 4096
