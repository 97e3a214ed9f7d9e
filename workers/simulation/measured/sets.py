"""The two sets of a t-test in measured traces: as the file gives them, or by a plaintext that returns."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from jobs.errors import InvalidInput
from workers.simulation.inputs import FIXED, RANDOM
from workers.simulation.run import LEFT_OUT

SHARE = 0.2
"""Of the traces that a plaintext must have, at least, to be the fixed one; and that others must have."""
FEWEST = 8
BLOCK_BYTES = 2**22


@dataclass(frozen=True, slots=True)
class Sets:
    """The group of each trace, as in simulated campaigns: set + 2 * half, or LEFT_OUT."""

    labels: npt.NDArray[np.uint8]
    how: Literal["given", "derived", "none"]
    why: str


def sets_of_traces(
    wanted: Literal["auto", "given", "derived", "none"],
    group: npt.NDArray[np.uint8] | None,
    plaintext: npt.NDArray[np.uint8] | None,
    *,
    traces: int,
) -> Sets:
    """Return the sets of `traces` traces; `group` [traces] and `plaintext` [traces, bytes] as far as the file has them.

    Raise InvalidInput where the request wants what is not there. Without sets all traces are in the random one.
    """
    if group is not None and wanted in {"auto", "given"}:
        return _given(group, wanted=wanted)
    if wanted == "given":
        raise InvalidInput("The file does not say in which set a trace is.", field="groups", reason="no-groups")
    if wanted != "none" and plaintext is not None and (fixed := _returns(plaintext)) is not None:
        count = int(fixed.sum())
        why = f"{count} traces have the same plaintext: they are the fixed set, the other {traces - count} the random one."
        return Sets(halved(np.where(fixed, FIXED, RANDOM).astype(np.uint8)), "derived", why)
    if wanted == "derived":
        raise InvalidInput(
            f"No plaintext returns in at least {SHARE:.0%} of the traces, and at most {1 - SHARE:.0%}.",
            field="groups",
            reason="no-groups",
        )
    why = (
        "The import wants no t-test."
        if wanted == "none"
        else "Neither sets nor a plaintext that returns are in the file."
    )
    return Sets(halved(np.full(traces, RANDOM, np.uint8)), "none", why)


def halved(sets: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return set + 2 * half: the traces of each set go into the halves by turns."""
    labels = sets.copy()
    for chosen in (FIXED, RANDOM):
        mine = np.flatnonzero(sets == chosen)
        labels[mine[1::2]] += 2
    return labels


def _given(group: npt.NDArray[np.uint8], *, wanted: str) -> Sets:
    told = set(np.unique(group).tolist()) - {LEFT_OUT}
    if not told <= {0, 1, 2, 3}:
        raise InvalidInput(
            f"A set is 0 (fixed) or 1 (random), with 2 more in the second half, or {LEFT_OUT}; there are "
            f"{sorted(told)[:8]}.",
            field="values.group",
            reason="bad-groups",
        )
    if {int(value) & 1 for value in told} != {FIXED, RANDOM}:
        if wanted == "given":
            raise InvalidInput("All traces are in one set.", field="groups", reason="no-groups")
        labels = np.where(group == LEFT_OUT, LEFT_OUT, RANDOM).astype(np.uint8)
        return Sets(halved(labels), "none", "The file puts all traces into one set.")
    counts = np.bincount(group[group != LEFT_OUT], minlength=4)
    if not told <= {FIXED, RANDOM} and any(
        counts[[chosen, chosen + 2]].sum() > 1 and not counts[[chosen, chosen + 2]].all() for chosen in (FIXED, RANDOM)
    ):
        raise InvalidInput(
            "A set is 0 (fixed) or 1 (random), with 2 more in the second half, and each half needs traces of both; there "
            f"are {sorted(told)}.",
            field="values.group",
            reason="bad-groups",
        )
    if told <= {FIXED, RANDOM}:
        return Sets(halved(group), "given", "The sets are those of the file; their traces go into the halves by turns.")
    return Sets(group.copy(), "given", "The sets and their halves are those of the file.")


def _returns(plaintext: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_] | None:
    """Return which traces have the plaintext that returns most, if it can be the fixed one."""
    _, inverse, counts = np.unique(_told_apart(plaintext), return_inverse=True, return_counts=True)
    most = int(counts.argmax())
    least = max(FEWEST, SHARE * len(plaintext))
    # Two plaintexts that return are two fixed sets, which is another test.
    others = np.delete(counts, most)
    if counts[most] < least or len(plaintext) - counts[most] < least or others.max(initial=0) >= least:
        return None
    return np.asarray(inverse.reshape(-1) == most)


def _told_apart(plaintext: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
    """Return a number for each plaintext [traces]: random sums modulo 2^64, which differ where the bytes do.

    Sorting the bytes themselves takes many times their memory; two plaintexts meet by chance with 2^-57 at most.
    """
    weights = np.random.default_rng(0).integers(0, 2**64, plaintext.shape[1], np.uint64)
    numbers = np.empty(len(plaintext), np.uint64)
    step = max(1, BLOCK_BYTES // (8 * plaintext.shape[1]))
    for first in range(0, len(plaintext), step):
        rows = slice(first, first + step)
        numbers[rows] = (plaintext[rows].astype(np.uint64) * weights).sum(axis=1)
    return numbers
