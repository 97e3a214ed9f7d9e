"""The exact sums of a range of traces: what shards leave behind and the merge adds up."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from stores.ports import Files
from workers.simulation.behaviour import Behaviour
from workers.simulation.cpa import ClassSums
from workers.simulation.inputs import GROUPS
from workers.simulation.moments import PowerSums


@dataclass(slots=True)
class Part:
    """Sums over traces [first, last) of a campaign. Adding parts is exact, in any order."""

    first: int
    last: int
    power: PowerSums
    classes: ClassSums | None
    behaviour: Behaviour
    execute_s: float = 0.0
    statistics_s: float = 0.0
    engine: dict[str, str] = field(default_factory=dict)
    """What ran; of several parts, the first one whose executions were in lanes."""

    @classmethod
    def empty(cls, first: int, last: int, *, samples: int, attacked: int) -> Self:
        """Return a part without traces; `attacked` samples are kept by class, 0 for none."""
        classes = ClassSums(attacked) if attacked else None
        return cls(first, last, PowerSums(GROUPS, samples), classes, Behaviour())

    def merge(self, other: Self) -> None:
        """Add the sums of `other`."""
        self.power.merge(other.power)
        if self.classes is not None and other.classes is not None:
            self.classes.merge(other.classes)
        self.behaviour.merge(other.behaviour)
        if not self.engine or (other.behaviour.work.lanes and self.engine.get("name") != other.engine.get("name")):
            self.engine = other.engine
        self.execute_s += other.execute_s
        self.statistics_s += other.statistics_s


def save(part: Part, files: Files, campaign: str) -> None:
    """Store a part as two files, the small one last: where it is, the part is whole."""
    if part.classes is not None:
        files.write(campaign, _name("classes", part.first, part.last), [_npz(part.classes.to_arrays())])
    head = {
        "behaviour": part.behaviour.to_json(),
        "execute_s": part.execute_s,
        "statistics_s": part.statistics_s,
        "engine": part.engine,
    }
    arrays: dict[str, npt.NDArray[Any]] = {**part.power.to_arrays(), "head": _text(json.dumps(head))}
    files.write(campaign, _name("sums", part.first, part.last), [_npz(arrays)])


def load(files: Files, campaign: str, first: int, last: int, *, with_classes: bool) -> Part:
    """Read a part; raise NotFound if it is not whole."""
    with np.load(files.path(campaign, _name("sums", first, last)), allow_pickle=False) as arrays:
        head = json.loads(arrays["head"].tobytes())
        power = PowerSums.from_arrays(arrays)
    classes = None
    if with_classes:
        with np.load(files.path(campaign, _name("classes", first, last)), allow_pickle=False) as arrays:
            classes = ClassSums.from_arrays(dict(arrays))
    behaviour = Behaviour.from_json(head["behaviour"])
    return Part(first, last, power, classes, behaviour, head["execute_s"], head["statistics_s"], head["engine"])


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
        if name.startswith(("sums-", "classes-")):
            files.delete(campaign, name)


def _name(kind: str, first: int, last: int) -> str:
    return f"{kind}-{first:09d}-{last:09d}.npz"


def _text(text: str) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    return np.frombuffer(text.encode(), np.uint8)


def _npz(arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    out = io.BytesIO()
    np.savez(out, allow_pickle=False, **arrays)
    return out.getvalue()
