"""The exact sums of a range of traces: what shards leave behind and the merge adds up."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from stores.ports import Files
from workers.simulation import blocks, npz
from workers.simulation.behaviour import Behaviour
from workers.simulation.comoments import CoMoments
from workers.simulation.inputs import GROUPS
from workers.simulation.moments import PowerSums
from workers.simulation.tallies import Tally
from workers.simulation.targets import Sums as Attacked

LOOK = "look-"
"""What the names of the sums at the looks of a sequential campaign begin with (`prefix.py`)."""

Array = npt.NDArray[Any]


@dataclass(slots=True)
class Part:
    """Sums over traces [first, last) of a campaign. Adding parts is exact, in any order."""

    first: int
    last: int
    sums: PowerSums | Tally
    """Of samples with their noise; or of levels, which get their noise when all parts are there (`settle.py`)."""
    classes: Attacked | None
    """The attack's, in their window."""
    behaviour: Behaviour
    pairs: CoMoments | None = None
    """Of the samples that are tested in pairs."""
    execute_s: float = 0.0
    statistics_s: float = 0.0
    engine: dict[str, str] = field(default_factory=dict)
    """What ran; of several parts, the first one whose executions were in lanes."""

    @classmethod
    def empty(
        cls, first: int, last: int, sums: PowerSums | Tally, *, classes: Attacked | None = None, paired: int = 0
    ) -> Self:
        """Return a part without traces, with empty `classes` where there is an attack; `paired` samples by pair, 0 for none."""
        pairs = CoMoments(GROUPS, paired) if paired else None
        return cls(first, last, sums, classes, Behaviour(), pairs)

    @property
    def power(self) -> PowerSums:
        """Return the sums of samples; raise TypeError where noise is still to come."""
        if isinstance(self.sums, Tally):
            raise TypeError("the levels of this part have not been given their noise")
        return self.sums

    @property
    def tally(self) -> Tally:
        """Return the levels of counted traces; raise TypeError for sums of samples."""
        if not isinstance(self.sums, Tally):
            raise TypeError("the traces of this part have been given their noise")
        return self.sums

    def blank(self) -> Self:
        """Return a part of the same range and kind without traces, and without classes and pairs."""
        return self.empty(self.first, self.last, self.sums.blank())

    def outline(self) -> Self:
        """Return a part that says the same of its traces, and has the sums of no sample."""
        out = self.empty(self.first, self.last, PowerSums(len(self.sums.counts), 0))
        out.sums.counts += self.sums.counts
        out.account(self)
        return out

    def merge(self, other: Self) -> None:
        """Add the sums of `other`; raise ValueError where they are not of the same kind and shape."""
        if type(self.sums) is not type(other.sums):
            raise ValueError("levels and samples do not add up")
        self.sums.merge(other.sums)  # type: ignore[arg-type]  # they are of one type
        if self.classes is not None and other.classes is not None:
            self.classes.merge(other.classes)  # type: ignore[arg-type]  # of one campaign: of one kind
        if self.pairs is not None and other.pairs is not None:
            self.pairs.merge(other.pairs)
        self.account(other)

    def account(self, other: Self) -> None:
        """Take over what `other` says of its traces besides their sums."""
        self.behaviour.merge(other.behaviour)
        if not self.engine or (other.behaviour.work.lanes and self.engine.get("name") != other.engine.get("name")):
            self.engine = other.engine
        self.execute_s += other.execute_s
        self.statistics_s += other.statistics_s


def save(part: Part, files: Files, campaign: str) -> None:
    """Store a part as files, the sums last: where they are, the part is whole."""
    if part.classes is not None:
        files.write(campaign, _name("classes", part.first, part.last), npz.written(part.classes.arrays()))
    if part.pairs is not None:
        files.write(campaign, _name("pairs", part.first, part.last), npz.written(part.pairs.to_arrays().items()))
    files.write(campaign, sums_name(part.first, part.last), written(part, part.sums.arrays()))


def add(total: Part, path: Path) -> None:
    """Add the sums that `written` left at `path`, block by block; raise ValueError where kind or shape is another."""
    with np.load(path, allow_pickle=False) as arrays:
        total.sums.add(arrays)
        total.account(_outline(arrays))


def outline(path: Path) -> Part:
    """Read what `written` left, without its sums: a part that has the sums of no sample."""
    with np.load(path, allow_pickle=False) as arrays:
        return _outline(arrays)


def block(path: Path, number: int) -> npt.NDArray[np.int64]:
    """Read a block of the power sums that `written` left [groups, orders, samples of the block]."""
    with np.load(path, allow_pickle=False) as arrays:
        sums: npt.NDArray[np.int64] = arrays[blocks.name_of("sums", number)]
        return sums


def add_classes(total: Attacked, files: Files, campaign: str, first: int, last: int) -> None:
    """Add the sums of a part's attack, a part of them at a time; raise NotFound, or ValueError for another shape."""
    with np.load(files.path(campaign, _name("classes", first, last)), allow_pickle=False) as arrays:
        total.add(arrays)


def load_pairs(files: Files, campaign: str, first: int, last: int) -> CoMoments:
    """Read the pairs of a part; raise NotFound."""
    with np.load(files.path(campaign, _name("pairs", first, last)), allow_pickle=False) as arrays:
        return CoMoments.from_arrays(dict(arrays))


def written(
    part: Part, arrays: Iterable[tuple[str, Array]], more: Callable[[], Mapping[str, Any]] = dict
) -> Iterator[bytes]:
    """Yield the file of a part's sums, given as `arrays`, without its classes and pairs.

    What the part says of its traces is asked for last, as is `more`, which is JSON that comes back with it.
    """

    def all_of_it() -> Iterator[tuple[str, Array]]:
        yield from arrays
        said = {
            "range": [part.first, part.last],
            "behaviour": part.behaviour.to_json(),
            "execute_s": part.execute_s,
            "statistics_s": part.statistics_s,
            "engine": part.engine,
            **more(),
        }
        yield "head", np.frombuffer(json.dumps(said).encode(), np.uint8)

    return npz.written(all_of_it())


def head(path: Path) -> dict[str, Any]:
    """Read the JSON of what `written` left."""
    with np.load(path, allow_pickle=False) as arrays:
        return _head(arrays)


def sums_name(first: int, last: int) -> str:
    """Return the name of the file with a part's sums."""
    return _name("sums", first, last)


def stored(files: Files, campaign: str) -> list[tuple[int, int]]:
    """Return the ranges of the parts that are whole, ascending."""
    ranges = []
    for name in files.names(campaign):
        if name.startswith("sums-"):
            first, last = name.removesuffix(".npz").split("-")[1:]
            ranges.append((int(first), int(last)))
    return sorted(ranges)


def discard(files: Files, campaign: str) -> None:
    """Remove a campaign's parts, once its report is written."""
    for name in files.names(campaign):
        if name.startswith(("sums-", "classes-", "pairs-", LOOK)):
            files.delete(campaign, name)


def _head(arrays: Mapping[str, Array]) -> dict[str, Any]:
    return dict(json.loads(arrays["head"].tobytes()))


def _outline(arrays: Mapping[str, Array]) -> Part:
    said, counts = _head(arrays), arrays["counts"]
    first, last = said["range"]
    part = Part.empty(first, last, PowerSums(len(counts), 0))
    part.power.counts += counts
    part.behaviour = Behaviour.from_json(said["behaviour"])
    part.execute_s, part.statistics_s, part.engine = said["execute_s"], said["statistics_s"], said["engine"]
    return part


def _name(kind: str, first: int, last: int) -> str:
    return f"{kind}-{first:09d}-{last:09d}.npz"
