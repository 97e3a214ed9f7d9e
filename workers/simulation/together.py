"""Parts of a campaign as one, while it runs: what they say together, and their sums, block by block."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from workers.simulation import part as parts
from workers.simulation.inputs import GROUPS
from workers.simulation.moments import PowerSums
from workers.simulation.part import Part
from workers.simulation.settle import Settler


class Added:
    """The parts of one campaign that this process has added up, by the segment between two looks that they lie in."""

    def __init__(self) -> None:
        self.totals: dict[int, Part] = {}
        self.cuts: set[tuple[int, int]] = set()

    def add(self, part: Part, *, segment: int) -> None:
        """Add a part, once."""
        if (part.first, part.last) not in self.cuts:
            self.totals.setdefault(segment, part.blank()).merge(part)
            self.cuts.add((part.first, part.last))

    def read(self, path: Path, *, empty: Part, segment: int) -> None:
        """Add the part that is stored at `path`, once; `empty` is one of its range, kind and shape without traces."""
        if (empty.first, empty.last) not in self.cuts:
            parts.add(self.totals.setdefault(segment, empty), path)
            self.cuts.add((empty.first, empty.last))


class Together:
    """Some parts, each with its segment; levels get the noise that they have by law."""

    def __init__(self, settler: Settler | None, kept: Mapping[int, Part], running: Iterable[tuple[int, Part]]) -> None:
        """Take what was added up and what runs; `settler` is the campaign's."""
        self._settler = settler
        self._parts = sorted([*kept.items(), *running], key=itemgetter(0))

    @cached_property
    def outline(self) -> Part | None:
        """Return what they say of their traces; None where there are no parts."""
        if not self._parts:
            return None
        _, first = self._parts[0]
        whole = Part.empty(first.first, first.last, PowerSums(GROUPS, 0))
        for _, part in self._parts:
            whole.merge(part.outline())
        return whole

    def block(self, span: slice) -> PowerSums:
        """Return the sums of a block of samples."""
        sums = PowerSums(GROUPS, span.stop - span.start)
        for segment, of_it in groupby(self._parts, key=itemgetter(0)):
            held = [part for _, part in of_it]
            if self._settler is not None:
                sums.merge(self._settler.block([part.tally for part in held], span, segment=segment)[0])
                continue
            for part in held:
                sums.merge(part.power.block(span))
        return sums
