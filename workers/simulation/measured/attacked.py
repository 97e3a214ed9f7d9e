"""The attack on measured traces: which samples of them, and what it finds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workers.simulation.attack import Attack, attack
from workers.simulation.measured.aim import Aim, Aimed, aimed
from workers.simulation.measured.quantise import Scale, blocks
from workers.simulation.measured.taken import Taken
from workers.simulation.plan import checkpoints_of
from workers.simulation.targets import Sums
from workers.simulation.window import attacked_range


@dataclass(frozen=True, slots=True)
class Attacked:
    """What the attack found, or why there was none."""

    window: tuple[int, int]
    attack: Attack | None
    classes: Sums | None
    aimed: Aimed
    absent: str | None


def attacked(taken: Taken, secret: npt.NDArray[np.bool_], check: Callable[[], None]) -> Attacked:
    """Attack the traces of the random set; `secret` [samples] are those that count for a peak.

    Raise InvalidInput for what the request names and the file does not have. `check` is called often, and may raise.
    """
    at = aimed(taken)
    if at.aim is None:
        return Attacked((0, 0), None, None, at, at.absent)
    aim = at.aim
    window = attacked_range(aim.attack, aim.values.told, taken.samples)
    wanted = secret[window]
    if not wanted.any():
        why = "no sample of the attack's window is outside declared-public code"
        return Attacked((window.start, window.start), None, None, at, why)

    def growing() -> Iterator[tuple[Sums, bool]]:
        begin, traces = 0, len(at.chosen)
        sums = aim.targets.sums(window.stop - window.start)
        for end in (traces,) if aim.targets.truth is None else checkpoints_of(traces):
            _add(sums, taken, aim, at.chosen[begin:end], window, check=check)
            yield sums, True
            begin = end

    found, classes = attack(growing(), aim.targets, compared=len(wanted), secret=wanted)
    return Attacked((window.start, window.stop), found, classes, at, None)


def _add(
    sums: Sums, taken: Taken, aim: Aim, chosen: npt.NDArray[np.int64], window: slice, *, check: Callable[[], None]
) -> None:
    scale = Scale(taken.scale.offset[window], taken.scale.step[window], taken.scale.lossless)
    for rows in blocks(taken.traces[:, window]):
        mine = chosen[(chosen >= rows.start) & (chosen < rows.stop)]
        if len(mine):
            check()
            inputs = np.asarray(taken.inputs[mine])
            integers = scale.integers(taken.traces[mine, window])
            aim.targets.add(sums, integers, inputs, aim.values.outputs(inputs))
