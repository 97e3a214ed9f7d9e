"""Both engines on the same executions: what differs between them, field by field."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path as FilePath

import numpy as np
import numpy.typing as npt

from jobs.target import Target
from renode.decode import Decoded
from renode.layout import HIDDEN
from renode.lockstep.choice import Maker
from renode.lockstep.core import LockstepCore
from renode.lockstep.maker import maker_of
from renode.trace import (
    BUS_HD,
    BUS_HW,
    LOW_BYTE,
    REGISTER_HD,
    REGISTER_HW,
    Batch,
    Levels,
    Outcomes,
    Path,
    Stop,
    Work,
)
from renode.unicorn_core import UnicornCore

Rows = npt.NDArray[np.uint8]
Making = Callable[[UnicornCore], Maker]
"""Who makes the lanes."""

GROUPS = 4
LONGEST = 4000
"""Instructions of a window at most: one of tens of thousands would have gigabytes of counts, nearly all of them zero."""
_FIELDS = (REGISTER_HW, REGISTER_HD, BUS_HW, BUS_HD, LOW_BYTE)
_MASKS = (0xFFF, 0xFFF, 0xFFF, 0xFFF, 0xFF)


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of it."""

    differences: tuple[str, ...]
    path: Path
    work: Work
    """Executions are in lanes where both `run` and `tally` had them there."""
    why: str | None
    """Why nothing was."""


def compare(
    elf: FilePath,
    target: Target,
    batches: Sequence[Rows],
    *,
    seed: int,
    reference: npt.NDArray[np.uint8] | None = None,
    making: Making = maker_of,
) -> Compared:
    """Execute `batches`, each [N, input bytes], along the way of `reference`, or of the first row of all.

    The lockstep core is the same for all of them, and its tallies add to the same counts.
    """
    rng = np.random.default_rng(seed)
    unicorn, inner = UnicornCore(elf, target), UnicornCore(elf, target)
    lockstep = LockstepCore(inner, making(inner), patience=0)
    path = unicorn.path(batches[0][0] if reference is None else reference)
    levels = random_levels(path, unicorn.decoded, rng)
    counts = rng.integers(0, 3, (GROUPS, levels.bins))
    expected_counts = counts.copy()
    differences, work, why = [], Work(), None
    for number, rows in enumerate(batches):
        groups = rng.integers(0, GROUPS, len(rows), dtype=np.uint8)
        expected = unicorn.run(rows, path)
        found = lockstep.run(rows, path)
        differences += _different(expected, found, f"run {number}") + _activity(expected, found, number)
        tallied = lockstep.tally(rows, groups, path, levels, counts)
        differences += _different(expected, tallied, f"tally {number}")
        ended = np.where(expected.stop == Stop.DONE, expected.agreed, 0)
        expected_counts += counted(expected.activity, ended, groups, levels)
        lanes = min(found.work.lanes, tallied.work.lanes)
        work = Work(work.lanes + lanes, work.again + found.work.again, work.checked + found.work.checked)
        why = lockstep.engine.get("why", why)
    if not np.array_equal(counts, expected_counts):
        group, bin_ = np.argwhere(counts != expected_counts)[0]
        index = int(np.searchsorted(levels.offsets, bin_, side="right")) - 1
        told = f"{expected_counts[group, bin_]} and {counts[group, bin_]}"
        where = f"level {bin_ - levels.offsets[index]} at {levels.first + index}"
        differences.append(f"counts: group {group}, {where}: {told}")
    if why is not None and why.startswith("fault"):
        differences.append(why)
    return Compared(tuple(differences), path, work, why)


def _activity(expected: Batch, found: Batch, number: int) -> list[str]:
    if np.array_equal(expected.activity, found.activity):
        return []
    lane, index = np.argwhere(expected.activity != found.activity)[0]
    told = " and ".join(f"{what.activity[lane, index]:014x}" for what in (expected, found))
    return [f"run {number}: activity of row {lane} at {index} is {told}"]


def random_levels(path: Path, decoded: Callable[[int], Decoded], rng: np.random.Generator) -> Levels:
    """Return the levels of a power model drawn at random, of a random window of the path."""
    length = len(path.pcs)
    first = int(rng.integers(0, length // 4 + 1))
    window = path.pcs[first : length - int(rng.integers(0, length // 4 + 1))][:LONGEST]
    weights = rng.integers(-3, 4, (len(_FIELDS), len(window)), dtype=np.int32)
    weights[-1] *= rng.random(len(window)) < 0.3
    weights *= rng.choice((1, 1, 1, 30))
    most = np.array([_most(decoded(int(pc))) for pc in window], np.int32).reshape(len(window), len(_FIELDS)).T
    lowest = np.minimum(weights * most, 0).sum(axis=0, dtype=np.int32)
    widths = np.maximum(weights * most, 0).sum(axis=0, dtype=np.int64) - lowest + 1
    return Levels(first, weights, lowest, np.concatenate(([0], np.cumsum(widths))).astype(np.int64))


def _most(decoded: Decoded) -> tuple[int, ...]:
    """Return the largest values that the fields of an instruction's activity can have."""
    it = decoded.effects
    registers = 32 * (len(it.written) + bool(it.shape & HIDDEN))
    words = 32 * len(it.transfers)
    return registers, registers, words, words, 0xFF


def counted(
    activity: npt.NDArray[np.uint64], agreed: npt.NDArray[np.int32], groups: Rows, levels: Levels
) -> npt.NDArray[np.int64]:
    """Return what a tally adds to, from activity words [N, M] of which the first `agreed` [N] count."""
    counts = np.zeros((GROUPS, levels.bins), np.int64)
    for index in range(levels.weights.shape[1]):
        at = levels.first + index
        words = activity[:, at]
        values = [
            (words >> np.uint64(shift) & np.uint64(mask)).astype(np.int64)
            for shift, mask in zip(_FIELDS, _MASKS, strict=True)
        ]
        level = np.einsum("k,kn->n", levels.weights[:, index].astype(np.int64), np.array(values)) - levels.lowest[index]
        good = agreed > at
        np.add.at(counts, (groups[good], levels.offsets[index] + level[good]), 1)
    return counts


def _different(expected: Outcomes, found: Outcomes, what: str) -> list[str]:
    """Return the fields of the outcomes that differ."""
    differences = []
    for field in fields(Outcomes):
        if field.name == "work":
            continue
        one, other = getattr(expected, field.name), getattr(found, field.name)
        if one.dtype != other.dtype or one.shape != other.shape:
            differences.append(f"{what}: {field.name} is {one.dtype} {one.shape} and {other.dtype} {other.shape}")
        elif not np.array_equal(one, other):
            row = int(np.flatnonzero((one != other).reshape(len(one), -1).any(axis=1))[0])
            differences.append(f"{what}: {field.name} of row {row} is {_text(one[row])} and {_text(other[row])}")
    return differences


def _text(value: np.generic | npt.NDArray[np.generic]) -> str:
    return value.tobytes().hex() if value.ndim else str(value)
