"""Parts of a campaign as one, while it runs: what they say together, and their sums, block by block."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from workers.simulation import part as parts
from workers.simulation.blocks import BLOCK
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

    def __init__(
        self,
        settler: Settler | None,
        kept: Mapping[int, Part],
        running: Iterable[tuple[int, Part]],
        stored: Sequence[Path] = (),
    ) -> None:
        """Take what was added up and what runs, and the files of other parts with sums of samples; `settler` is the campaign's."""
        self._settler, self._stored = settler, stored
        self._parts = sorted([*kept.items(), *running], key=itemgetter(0))

    @cached_property
    def outline(self) -> Part | None:
        """Return what they say of their traces; None where there are no parts."""
        outlines = [*(part.outline() for _, part in self._parts), *self._stored_outlines]
        if not outlines:
            return None
        whole = Part.empty(outlines[0].first, outlines[0].last, PowerSums(GROUPS, 0))
        for outline in outlines:
            whole.merge(outline)
        return whole

    @cached_property
    def _stored_outlines(self) -> list[Part]:
        return [parts.outline(path) for path in self._stored]

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
        for path, outline in zip(self._stored, self._stored_outlines, strict=True):
            sums.counts += outline.power.counts
            sums.sums += parts.block(path, span.start // BLOCK)[:, :, : span.stop - span.start]
        return sums
