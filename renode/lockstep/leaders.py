"""Executions that left their lanes' path, behind leaders: one of them goes ahead, and the others follow in lanes.

Who follows a leader to its end has done what the leader did, instruction by instruction. What lanes then know of it is
as much as Unicorn would tell: the activity up to where it left the reference they have, and from there none is wanted.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from renode.lockstep.choice import FEW, Choice
from renode.trace import Levels, Path, Stop

LEADERS = 8
"""Of one call: each is an execution that Unicorn records, and where it is new a walk."""
LONGEST_S = 20.0
"""After so long no further leader is looked for in a call: a job that has been cancelled waits until it ends."""
NOTHING = Levels(0, np.zeros((5, 0), np.int32), np.zeros(0, np.int32), np.zeros(1, np.int64))
"""For lanes that only go the way."""


class Recorder(Protocol):
    """Who goes ahead."""

    def path(self, inputs: npt.NDArray[np.uint8]) -> Path:
        """Execute once with `inputs` [input bytes] and record where it goes."""


@dataclass(frozen=True, slots=True)
class Followed:
    """Executions that went a leader's way to its end."""

    rows: npt.NDArray[np.intp]
    """Their positions among those that were asked about, ascending."""
    path: Path
    agreed: int
    """What it has in common with the reference, in instructions."""
    output: npt.NDArray[np.uint8]
    """[rows, output length]"""


def followed(
    inputs: npt.NDArray[np.uint8],
    lost: npt.NDArray[np.int32],
    reference: Path,
    *,
    choice: Choice,
    recorder: Recorder,
    longest_s: float = LONGEST_S,
) -> Iterator[Followed]:
    """Find leaders for executions with `inputs` [N, input bytes] that lanes lost, and yield who followed them.

    `lost` [N] is how many instructions of the reference lanes say they have completed; only who left it there is
    accepted. Each execution is yielded once at most; the others have to be run one by one. No leader is looked for
    when `longest_s` are over.
    """
    began = time.monotonic()
    waiting = _parties(np.arange(len(lost)), lost)
    for _ in range(LEADERS):
        if not waiting or time.monotonic() - began >= longest_s:
            return
        waiting.sort(key=_largest_first)
        group = waiting.pop(0)
        path = recorder.path(inputs[group[0]])
        agreed = common(path, reference)
        if path.stop is not Stop.DONE or agreed != lost[group[0]]:
            continue
        lanes = choice.lanes(choice.way(path), inputs[group], NOTHING)
        if lanes is None:
            continue
        went = lanes.tally(inputs[group], np.zeros(len(group), np.uint8), np.zeros((1, 0), np.int64))
        through = went.lost == len(path.pcs)
        yield Followed(group[through], path, agreed, went.output[through])
        if through[0]:  # lanes that lose the leader itself find no other way than its own
            waiting += _parties(group[~through], went.lost[~through])


def common(one: Path, other: Path) -> int:
    """Return how many instructions two paths have in common from their beginning."""
    shorter = min(len(one.pcs), len(other.pcs))
    differ = one.pcs[:shorter] != other.pcs[:shorter]
    return int(differ.argmax()) if differ.any() else shorter


def _parties(rows: npt.NDArray[np.intp], lost: npt.NDArray[np.int32]) -> list[npt.NDArray[np.intp]]:
    """Return those of `rows` that were lost together, the largest parties that there may be leaders for."""
    sizes = np.bincount(lost)
    largest = np.argsort(-sizes, kind="stable")[:LEADERS]
    return [rows[lost == at] for at in largest[sizes[largest] >= FEW]]


def _largest_first(group: npt.NDArray[np.intp]) -> tuple[int, int]:
    return -len(group), int(group[0])
