"""Where executions part: a tree of those that went each way first, with which the others are compared."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from renode.trace import Footprint

MOST_LEADERS = 64
LEADERS_BYTES = 128 * 2**20
"""Of the footprints that are kept to compare others with."""

Left = tuple[int, int]
"""How many instructions were in common, and the first pc behind them; 0 where the execution ended there."""


@dataclass(slots=True)
class Leader:
    """The first execution that went its way."""

    row: int
    footprint: Footprint
    followers: int = 1
    """Executions that were compared with it, itself included."""
    left: Counter[Left] = field(default_factory=Counter)
    first: dict[Left, int] = field(default_factory=dict)
    """The first row that left it so."""
    children: "dict[Left, Leader]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Compared:
    """An execution and a leader: how far they went together."""

    leader: Leader
    agreed: int


@dataclass(frozen=True, slots=True)
class Parting:
    """A place where executions that had gone together parted."""

    pc: int
    position: int
    """Of the last instruction in common."""
    ways: tuple[tuple[int, int], ...]
    """The first pc of each way (0: ended there) and how many executions took it, the leader's first."""
    rows: tuple[int, int]
    """The leader, and the first that left it here."""


class Ways:
    """Of executions that differ in secrets alone."""

    def __init__(self, reference: Footprint) -> None:
        """Begin with the execution of row 0."""
        self.root = Leader(0, reference)
        self._leaders, self._bytes = 1, _size(reference)

    def add(self, row: int, footprint: Footprint) -> list[Compared]:
        """Compare an execution with the leaders on its way, from the reference on; the last is the one it is nearest to."""
        compared = []
        leader: Leader | None = self.root
        while leader is not None:
            leader.followers += 1
            agreed = common(footprint.pcs, leader.footprint.pcs)
            compared.append(Compared(leader, agreed))
            if agreed == len(footprint.pcs) == len(leader.footprint.pcs):
                break
            left = (agreed, int(footprint.pcs[agreed]) if agreed < len(footprint.pcs) else 0)
            leader.left[left] += 1
            leader.first.setdefault(left, row)
            following = leader.children.get(left)
            if following is None and self._has_room(footprint):
                leader.children[left] = Leader(row, footprint)
            leader = following
        return compared

    def partings(self) -> Iterator[Parting]:
        """Yield every place where executions parted, once for each leader whose way they left there."""
        waiting = [self.root]
        while waiting:
            leader = waiting.pop()
            waiting += leader.children.values()
            gone = 0
            for agreed in sorted({agreed for agreed, _ in leader.left}):
                here = {left: count for left, count in leader.left.items() if left[0] == agreed}
                stayed = leader.followers - gone - sum(here.values())
                gone += sum(here.values())
                own = int(leader.footprint.pcs[agreed]) if agreed < len(leader.footprint.pcs) else 0
                others = sorted(((pc, count) for (_, pc), count in here.items()), key=lambda way: (-way[1], way[0]))
                at = max(agreed - 1, 0)
                yield Parting(
                    int(leader.footprint.pcs[at]),
                    at,
                    ((own, stayed), *others),
                    (leader.row, min(leader.first[left] for left in here)),
                )

    def _has_room(self, footprint: Footprint) -> bool:
        size = _size(footprint)
        if self._leaders == MOST_LEADERS or self._bytes + size > LEADERS_BYTES:
            return False
        self._leaders, self._bytes = self._leaders + 1, self._bytes + size
        return True


def common(one: npt.NDArray[np.uint32], other: npt.NDArray[np.uint32]) -> int:
    """Return how many instructions two executions have in common from their beginning."""
    length = min(len(one), len(other))
    different = one[:length] != other[:length]
    return int(different.argmax()) if different.any() else length


def _size(footprint: Footprint) -> int:
    return footprint.pcs.nbytes + footprint.touches.nbytes
