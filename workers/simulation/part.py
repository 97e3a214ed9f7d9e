"""The exact sums of a range of traces: what shards leave behind and the merge adds up."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from stores.ports import Files
from workers.simulation.behaviour import Behaviour
from workers.simulation.comoments import CoMoments
from workers.simulation.cpa import ClassSums
from workers.simulation.inputs import GROUPS
from workers.simulation.moments import PowerSums
from workers.simulation.tallies import Tally

LOOK = "look-"
"""What the names of the sums at the looks of a sequential campaign begin with (`prefix.py`)."""


@dataclass(slots=True)
class Part:
    """Sums over traces [first, last) of a campaign. Adding parts is exact, in any order."""

    first: int
    last: int
    sums: PowerSums | Tally
    """Of samples with their noise; or of levels, which get their noise when all parts are there (`settle.py`)."""
    classes: ClassSums | None
    behaviour: Behaviour
    pairs: CoMoments | None = None
    """Of the samples that are tested in pairs."""
    execute_s: float = 0.0
    statistics_s: float = 0.0
    engine: dict[str, str] = field(default_factory=dict)
    """What ran; of several parts, the first one whose executions were in lanes."""

    @classmethod
    def empty(cls, first: int, last: int, sums: PowerSums | Tally, *, attacked: int = 0, paired: int = 0) -> Self:
        """Return a part without traces; `attacked` samples are kept by class and `paired` ones by pair, 0 for none."""
        pairs = CoMoments(GROUPS, paired) if paired else None
        return cls(first, last, sums, ClassSums(attacked) if attacked else None, Behaviour(), pairs)

    @property
    def power(self) -> PowerSums:
        """Return the sums of samples; raise TypeError where noise is still to come."""
        if isinstance(self.sums, Tally):
            raise TypeError("the levels of this part have not been given their noise")
        return self.sums

    def blank(self) -> Self:
        """Return a part of the same range and kind without traces, and without classes and pairs."""
        return self.empty(self.first, self.last, self.sums.blank())

    def merge(self, other: Self) -> None:
        """Add the sums of `other`; raise ValueError where they are not of the same kind and shape."""
        if type(self.sums) is not type(other.sums):
            raise ValueError("levels and samples do not add up")
        self.sums.merge(other.sums)  # type: ignore[arg-type]  # they are of one type
        if self.classes is not None and other.classes is not None:
            self.classes.merge(other.classes)
        if self.pairs is not None and other.pairs is not None:
            self.pairs.merge(other.pairs)
        self.behaviour.merge(other.behaviour)
        if not self.engine or (other.behaviour.work.lanes and self.engine.get("name") != other.engine.get("name")):
            self.engine = other.engine
        self.execute_s += other.execute_s
        self.statistics_s += other.statistics_s


class Sums:
    """The parts of one campaign that this process has added up, by the segment between two looks that they lie in."""

    def __init__(self) -> None:
        self.totals: dict[int, Part] = {}
        self.cuts: set[tuple[int, int]] = set()

    def add(self, part: Part, *, segment: int = 0) -> None:
        """Add a part, once."""
        if (part.first, part.last) in self.cuts:
            return
        if segment not in self.totals:
            self.totals[segment] = part.blank()
        self.totals[segment].merge(part)
        self.cuts.add((part.first, part.last))


def save(part: Part, files: Files, campaign: str) -> None:
    """Store a part as files, the sums last: where they are, the part is whole."""
    if part.classes is not None:
        files.write(campaign, _name("classes", part.first, part.last), [_npz(part.classes.to_arrays())])
    if part.pairs is not None:
        files.write(campaign, _name("pairs", part.first, part.last), [_npz(part.pairs.to_arrays())])
    files.write(campaign, _name("sums", part.first, part.last), [packed(part)])


def load(files: Files, campaign: str, first: int, last: int, *, with_classes: bool) -> Part:
    """Read a part; raise NotFound if it is not whole."""
    part, _ = unpacked(files.path(campaign, _name("sums", first, last)))
    if with_classes:
        with np.load(files.path(campaign, _name("classes", first, last)), allow_pickle=False) as arrays:
            part.classes = ClassSums.from_arrays(dict(arrays))
    return part


def load_pairs(files: Files, campaign: str, first: int, last: int) -> CoMoments:
    """Read the pairs of a part; raise NotFound."""
    with np.load(files.path(campaign, _name("pairs", first, last)), allow_pickle=False) as arrays:
        return CoMoments.from_arrays(dict(arrays))


def packed(part: Part, **more: Any) -> bytes:
    """Serialise a part without its classes and pairs; `more` is JSON that comes back with it."""
    head = {
        "range": [part.first, part.last],
        "behaviour": part.behaviour.to_json(),
        "execute_s": part.execute_s,
        "statistics_s": part.statistics_s,
        "engine": part.engine,
        **more,
    }
    return _npz({**part.sums.to_arrays(), "head": _text(json.dumps(head))})


def head(path: Path) -> dict[str, Any]:
    """Read the JSON of what `packed` wrote, without the sums."""
    with np.load(path, allow_pickle=False) as arrays:
        return dict(json.loads(arrays["head"].tobytes()))


def unpacked(path: Path) -> tuple[Part, dict[str, Any]]:
    """Read what `packed` wrote: the part, and all of its JSON."""
    with np.load(path, allow_pickle=False) as arrays:
        head: dict[str, Any] = json.loads(arrays["head"].tobytes())
        sums = Tally.from_arrays(arrays) if "levels" in arrays else PowerSums.from_arrays(arrays)
    first, last = head["range"]
    part = Part(first, last, sums, None, Behaviour.from_json(head["behaviour"]))
    part.execute_s, part.statistics_s, part.engine = head["execute_s"], head["statistics_s"], head["engine"]
    return part, head


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


def _name(kind: str, first: int, last: int) -> str:
    return f"{kind}-{first:09d}-{last:09d}.npz"


def _text(text: str) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    return np.frombuffer(text.encode(), np.uint8)


def _npz(arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    out = io.BytesIO()
    np.savez(out, allow_pickle=False, **arrays)
    return out.getvalue()
