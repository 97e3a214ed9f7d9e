"""Which lane of which batch executes which row: every block of lanes belongs to one group."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from renode.lockstep.arena import BLOCKS

_HALF = BLOCKS // 2


@dataclass(frozen=True, slots=True)
class Run:
    """Batches whose blocks belong to the same groups."""

    order: npt.NDArray[np.int32]
    """[batches, lanes] the row of each lane; ~row of one that only fills up."""
    groups: tuple[int, ...]
    """[BLOCKS]"""


def block_lanes(lanes: int) -> npt.NDArray[np.int64]:
    """Return [BLOCKS, lanes / BLOCKS] the lanes of each block."""
    return np.argsort(np.arange(lanes) % 16 // 2, kind="stable").reshape(BLOCKS, -1)


def schedule(groups: npt.NDArray[np.integer], lanes: int) -> Iterator[Run]:
    """Yield the batches of all rows, given the group of each.

    Half a batch is of one group as long as there are so many rows left of it; blocks that remain share batches.
    """
    size = lanes // BLOCKS
    halves: list[tuple[int, npt.NDArray[np.int32]]] = []
    blocks: list[tuple[int, npt.NDArray[np.int32]]] = []
    for group in present(groups):
        rows = np.flatnonzero(groups == group).astype(np.int32)
        whole = len(rows) // (_HALF * size)
        halves += [(group, half) for half in rows[: whole * _HALF * size].reshape(whole, _HALF * size)]
        blocks += [(group, part) for part in _filled(rows[whole * _HALF * size :], size)]
    if len(halves) % 2:
        group, half = halves.pop()
        blocks += [(group, part) for part in half.reshape(_HALF, size)]
    middle = len(halves) // 2
    pairs = [
        ((one[0], other[0]), (one[1], other[1])) for one, other in zip(halves[:middle], halves[middle:], strict=True)
    ]
    while pairs:
        named = pairs[0][0]
        same = next((k for k, (names, _) in enumerate(pairs) if names != named), len(pairs))
        batches = np.stack([np.concatenate(rows) for _, rows in pairs[:same]]).reshape(same, BLOCKS, size)
        yield Run(_placed(batches, lanes), (named[0],) * _HALF + (named[1],) * _HALF)
        pairs = pairs[same:]
    for first in range(0, len(blocks), BLOCKS):
        chosen = blocks[first : first + BLOCKS]
        group, last = chosen[-1]
        spare = np.minimum(last, ~last)
        chosen += [(group, spare)] * (BLOCKS - len(chosen))
        batch = np.stack([rows for _, rows in chosen])[np.newaxis]
        yield Run(_placed(batch, lanes), tuple(group for group, _ in chosen))


def present(groups: npt.NDArray[np.integer]) -> list[int]:
    """Return the groups, numbers from 0 on, that there are."""
    return np.flatnonzero(np.bincount(groups)).tolist()


def _filled(rows: npt.NDArray[np.int32], size: int) -> npt.NDArray[np.int32]:
    """Return rows in blocks, the last one filled up."""
    missing = -len(rows) % size
    return np.concatenate([rows, np.repeat(~rows[-1:], missing)]).reshape(-1, size)


def _placed(batches: npt.NDArray[np.int32], lanes: int) -> npt.NDArray[np.int32]:
    order = np.empty((len(batches), lanes), np.int32)
    order[:, block_lanes(lanes)] = batches
    return order
