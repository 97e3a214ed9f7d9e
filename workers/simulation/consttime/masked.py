"""Executions with masks: these change ways and addresses, too, so laws are compared, not values.

A masked table is read at other places each time, and that says nothing as long as fixed and random secrets lead to the
same law. Every way and every address is a test of its own, and the error rate is shared among them (Bonferroni).
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from renode.trace import Footprint
from workers.simulation.consttime.contingency import log10_chance, of_addresses
from workers.simulation.consttime.trials import FIXED, RANDOM
from workers.simulation.consttime.ways import Left, common

ADDRESSES_BYTES = 128 * 2**20
"""Of all addresses of a trial."""


@dataclass(frozen=True, slots=True)
class Tested:
    """A way or an address, and the chance that fixed and random secrets differ so much if they have one law."""

    pc: int
    position: int
    store: bool | None
    """None for a way."""
    p_log10: float
    ways: tuple[tuple[int, int], ...] = ()
    """Of a way: the first pc of each and how many took it, the reference's first."""
    elsewhere: int = 0
    """Of an address: executions in which it was another than in the reference."""
    least: int = 0
    greatest: int = 0
    other_lines: int = 0
    """Those in which it was another cache line."""


@dataclass(slots=True)
class Masked:
    """The executions of one trial, against its reference."""

    reference: Footprint
    line_bytes: int | None
    sets: list[int] = field(default_factory=list)
    left: list[Left | None] = field(default_factory=list)
    """Of each execution; None where it went the reference's way to the end."""
    addresses: list[npt.NDArray[np.uint32]] = field(default_factory=list)
    """Of those that did, and loaded and stored in the same instructions."""
    of_addresses: list[int] = field(default_factory=list)
    """The sets of those."""
    uneven: int = 0
    """Executions that went the way, but loaded or stored in other instructions: conditions failed."""
    dropped: int = 0
    """Executions whose addresses found no room."""

    def add(self, footprint: Footprint, chosen: int) -> None:
        """Add an execution of the set `chosen`."""
        path = self.reference
        agreed = common(footprint.pcs, path.pcs)
        self.sets.append(chosen)
        if not agreed == len(footprint.pcs) == len(path.pcs):
            self.left.append((agreed, int(footprint.pcs[agreed]) if agreed < len(footprint.pcs) else 0))
            return
        self.left.append(None)
        if not np.array_equal(footprint.touches["position"], path.touches["position"]):
            self.uneven += 1
        elif 4 * (len(self.addresses) + 1) * len(path.touches) > ADDRESSES_BYTES:
            self.dropped += 1
        else:
            self.addresses.append(footprint.touches["address"].copy())
            self.of_addresses.append(chosen)

    def ways(self) -> Iterator[Tested]:
        """Test each place where executions left the reference's way."""
        sets = np.array(self.sets)
        for agreed in sorted({left[0] for left in self.left if left is not None}):
            reached = np.array([left is None or left[0] >= agreed for left in self.left])
            gone = np.array([left is not None and left[0] == agreed for left in self.left])
            others = Counter(left[1] for left in self.left if left is not None and left[0] == agreed)
            names = {pc: number for number, pc in enumerate(others, start=1)}
            cells = np.array(
                [names[left[1]] if left and here else 0 for left, here in zip(self.left, gone, strict=True)]
            )
            counts = [np.bincount(cells[reached & (sets == one)], minlength=len(names) + 1) for one in (FIXED, RANDOM)]
            at = max(agreed - 1, 0)
            own = int(self.reference.pcs[agreed]) if agreed < len(self.reference.pcs) else 0
            stayed = int(reached.sum() - gone.sum())
            yield Tested(
                int(self.reference.pcs[at]),
                at,
                None,
                log10_chance(*counts),
                ways=((own, stayed), *others.most_common()),
            )

    def moved(self) -> Iterator[Tested]:
        """Test each load and store whose address is not always the same."""
        if not self.addresses:
            return
        matrix, touches = np.stack(self.addresses), self.reference.touches
        is_random = np.array(self.of_addresses) == RANDOM
        for access in np.flatnonzero((matrix != matrix[0]).any(axis=0)):
            column = matrix[:, access]
            lines = 0
            if self.line_bytes is not None:
                shift = self.line_bytes.bit_length() - 1
                lines = int((column >> shift != touches["address"][access] >> shift).sum())
            position = int(touches["position"][access])
            yield Tested(
                int(self.reference.pcs[position]),
                position,
                bool(touches["write"][access]),
                of_addresses(column, is_random),
                elsewhere=int((column != touches["address"][access]).sum()),
                least=int(column.min()),
                greatest=int(column.max()),
                other_lines=lines,
            )
