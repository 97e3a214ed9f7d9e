"""The two passes over measured traces that a calibration takes: what to fit, and what a model makes of the same executions."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.attempt import Attempt
from jobs.errors import InvalidInput
from jobs.model import Progress
from workers.simulation.measured.aligned import Aligned, features
from workers.simulation.measured.regression import FoldSums
from workers.simulation.power_model import PowerModel


@dataclass(frozen=True, slots=True)
class Measurements:
    """What was gathered of the traces: power of each instruction, and the sums of the regression."""

    power: npt.NDArray[np.float32]
    """[traces, instructions]"""
    chosen: npt.NDArray[np.int64]
    """[traces] their numbers in the import"""
    sums: FoldSums
    kinds: npt.NDArray[np.int64]
    """[instructions] classes"""


@dataclass(frozen=True, slots=True)
class Simulated:
    """What a model makes of the same executions, with the noise that it leaves."""

    power: npt.NDArray[np.float32]
    """[traces, instructions]"""
    scale: float
    noise_sigma: float


def gathered(lines: Aligned, folds: int, attempt: Attempt) -> Measurements:
    """Go through the traces once; raise InvalidInput where fewer than two a fold follow the path."""
    total = len(lines.rows)
    power, numbers, sums = np.empty((total, len(lines.positions)), np.float32), [], None
    done = 0
    for chosen, measured, words in lines.batches():
        attempt.check()
        if sums is None and len(chosen):
            sums = FoldSums.empty(folds, np.asarray(measured.mean(axis=0), np.float64))
        power[done : done + len(chosen)] = measured
        done += len(chosen)
        numbers.append(chosen)
        if sums is not None:
            x = features(words)
            for fold in range(folds):
                mine = chosen % folds == fold
                sums.add(fold, x[mine], measured[mine].astype(np.float64))
        attempt.report(Progress(int(chosen[-1]) + 1 if len(chosen) else done, 2 * total, "traces"))
    if sums is None or int(sums.counts.min()) < 2:
        raise InvalidInput(
            f"Only {done} of {total} traces follow the path of the first: too few for {folds} folds.",
            field="campaign",
            reason="too-few-traces",
        )
    if not np.isfinite(power[:done]).all():
        raise InvalidInput("A sample of the path is not a number in some trace.", field="campaign", reason="not-finite")
    kinds = np.array([lines.simulator.instruction(int(pc)).kind for pc in lines.pcs], np.int64)
    return Measurements(power[:done], np.concatenate(numbers), sums, kinds)


def simulated(lines: Aligned, measured: Measurements, model: PowerModel, seed: int, attempt: Attempt) -> Simulated:
    """Return what `model` makes of the executions, scaled as fits best, with the noise that it leaves."""
    coefficients = model.table().astype(np.float64)[:, measured.kinds].T
    power = np.empty_like(measured.power)
    done, total = 0, len(lines.rows)
    for chosen, _, words in lines.batches():
        attempt.check()
        power[done : done + len(chosen)] = np.einsum("nij,ij->ni", features(words), coefficients, optimize=True)
        done += len(chosen)
        attempt.report(Progress(total + done, 2 * total, "traces"))
    ours, theirs = power.mean(axis=0, dtype=np.float64), measured.power.mean(axis=0, dtype=np.float64)
    products, squares, left = 0.0, 0.0, 0.0
    parts = [slice(first, first + 64) for first in range(0, done, 64)]
    for rows in parts:
        x = power[rows] - ours
        products += float((x * (measured.power[rows] - theirs)).sum())
        squares += float((x * x).sum())
    scale = products / squares if squares > 0 else 0.0
    rng = np.random.default_rng(seed)
    for rows in parts:
        left += float(((measured.power[rows] - theirs - scale * (power[rows] - ours)) ** 2).sum())
    sigma = float(np.sqrt(left / max(power.size - power.shape[1] - 1, 1)))
    for rows in parts:
        noise = rng.standard_normal(power[rows].shape)
        power[rows] = theirs + scale * (power[rows] - ours) + sigma * noise
    return Simulated(power, scale, sigma)
