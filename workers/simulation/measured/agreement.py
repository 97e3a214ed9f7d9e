"""Measured and simulated power of the same executions under the same statistics, instruction by instruction.

Of each instruction: the largest |correlation| of the true guess over its executions and the bytes of the import's own
intermediate, and the smallest p-value of the t-test. p-values of what does not leak are uniform, so two of them differ by
chance: they agree where neither is below the level of a finding. Correlations have an error, too: a difference over the
limit that chance explains is neither agreement nor none.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workers.simulation.assessment import difference
from workers.simulation.inputs import GROUPS
from workers.simulation.measured.aim import FEW, Aim, aimed, varied
from workers.simulation.measured.known import used_by
from workers.simulation.measured.mapping import goes_in
from workers.simulation.measured.quantise import scale_of
from workers.simulation.measured.taken import Taken
from workers.simulation.moments import PowerSums
from workers.simulation.run import LEFT_OUT
from workers.simulation.targets import Bytes, Targets
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
    inputs: Bytes
    """[traces, bytes]"""
    outputs: Bytes
    """[traces, bytes]"""
    targets: Targets | None
    """None where there is no correlation that could be compared."""
    absent: str | None
    """Why there is none."""


def asked(taken: Taken, chosen: npt.NDArray[np.int64], *, output_agrees: bool | None) -> Asked:
    """Return what the traces `chosen` of an import belong to; `output_agrees` says whether the firmware gave their outputs."""
    at, labels = aimed(taken), taken.sets.labels[chosen]
    inputs = np.asarray(taken.inputs[chosen])
    absent = at.absent if at.aim is None else _absent(taken, at.aim, labels, output_agrees=output_agrees)
    outputs = inputs[:, :0] if at.aim is None else at.aim.values.outputs(inputs)
    targets = None if at.aim is None or absent is not None else at.aim.targets
    return Asked(labels, taken.sets.how != "none", inputs, outputs, targets, absent)


def _absent(taken: Taken, aim: Aim, labels: npt.NDArray[np.uint8], *, output_agrees: bool | None) -> str | None:
    """Say why an import's attack shows nothing of the traces that a model makes, or None."""
    simulated = goes_in(taken.request, taken.layout)
    output = aim.values.told.output
    if output is not None and output_agrees:
        simulated |= {output.name}
    others = sorted(used_by(aim.attack) - simulated)
    reasons = (
        (aim.targets.right is None, "no guess of the attack is known to be right"),
        (bool(others), f"the firmware does not take or give {', '.join(others)}, so no simulation has it"),
        (varied(labels).sum() < MIN_ATTACK, FEW),
    )
    return next((why for holds, why in reasons if holds), None)


def shown(power: npt.NDArray[np.float32], of: Asked) -> Shown:
    """Return the statistics of power [traces, instructions]."""
    scale = scale_of(power)
    integers = scale.integers(power)
    return Shown(int(varied(of.labels).sum()), _rho(integers, of), _p(integers, of))


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


def _rho(integers: npt.NDArray[np.int16], of: Asked) -> Floats | None:
    targets, chosen = of.targets, varied(of.labels)
    if targets is None or targets.right is None:
        return None
    right, best = targets.right, np.zeros(integers.shape[1])
    # In tiles: the sums of all of a long path at once would be 16 KiB an instruction, or more.
    for first in range(0, integers.shape[1], TILE):
        tile = np.ascontiguousarray(integers[chosen, first : first + TILE])
        sums = targets.sums(tile.shape[1])
        targets.add(sums, tile, of.inputs[chosen], of.outputs[chosen])
        for byte, subkey in enumerate(targets.subkeys):
            # Of several models the first, the weight, on both sides: what is compared must be the same.
            rho = np.abs(sums.correlations(byte, subkey.models[0])[right[byte]])
            best[first : first + TILE] = np.maximum(best[first : first + TILE], rho)
    return best


def _p(integers: npt.NDArray[np.int16], of: Asked) -> Floats | None:
    if not of.has_sets:
        return None
    used = of.labels != LEFT_OUT
    power = PowerSums(GROUPS, integers.shape[1])
    power.update(np.ascontiguousarray(integers[used]), np.ascontiguousarray(of.labels[used]))
    if not (power.counts > 1).all():
        return None
    return np.asarray(np.power(10.0, np.maximum(difference(power, integers.shape[1]).whole.p_log10_1, -300.0)))


TILE = 2048
