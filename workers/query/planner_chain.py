"""From what a thing must be and be related to, to selections: chains of the schema with the thing inside.

A chain has two ends, so a thing can be related to two other kinds at once; a third is reported as not said.
"""

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from jobs.knowledge import Label, Link
from stores.graph import Condition, Hop, Selection

EDGES: Final = (
    (Label.INSTRUCTION, Link.PART_OF, Label.FUNCTION),
    (Label.FUNCTION, Link.PART_OF, Label.FIRMWARE),
    (Label.CAMPAIGN, Link.PART_OF, Label.FIRMWARE),
    (Label.CHUNK, Link.PART_OF, Label.DOCUMENT),
    (Label.INSTRUCTION, Link.TRIGGERS, Label.PATTERN),
    (Label.INSTRUCTION, Link.LEAKS, Label.VULNERABILITY),
    (Label.VULNERABILITY, Link.MITIGATED_BY, Label.MITIGATION),
    (Label.INSTRUCTION, Link.MEASURED_IN, Label.CAMPAIGN),
    (Label.INSTRUCTION, Link.MEASURED_IN, Label.MEASUREMENT),
    (Label.VULNERABILITY, Link.MEASURED_IN, Label.CAMPAIGN),
    (Label.CHUNK, Link.MENTIONS, Label.ENTITY),
    (Label.CHUNK, Link.MENTIONS, Label.INSTRUCTION),
    (Label.CHUNK, Link.MENTIONS, Label.FUNCTION),
    (Label.CHUNK, Link.MENTIONS, Label.FIRMWARE),
    (Label.CHUNK, Link.MENTIONS, Label.CAMPAIGN),
    (Label.REM, Link.MENTIONS, Label.ENTITY),
    (Label.REM, Link.MENTIONS, Label.INSTRUCTION),
    (Label.REM, Link.MENTIONS, Label.FUNCTION),
    (Label.REM, Link.MENTIONS, Label.FIRMWARE),
    (Label.REM, Link.MENTIONS, Label.CAMPAIGN),
    (Label.REM, Link.MENTIONS, Label.MITIGATION),
    (Label.REM, Link.DEPICTS, Label.ENTITY),
)
"""What relates different kinds; PRECEDES, CORRELATES_WITH and RELATED_TO stay within one."""
AMONG: Final = {
    Link.PRECEDES: Label.INSTRUCTION,
    Link.CORRELATES_WITH: Label.INSTRUCTION,
    Link.RELATED_TO: Label.ENTITY,
}
TEXTUAL: Final = frozenset({Label.CHUNK, Label.DOCUMENT, Label.ENTITY, Label.REM})
# A property that holds what a relation would lead to: (whose, about what) -> name.
HELD: Final = {
    (Label.INSTRUCTION, Label.FIRMWARE): "firmware",
    (Label.VULNERABILITY, Label.FIRMWARE): "firmware",
    (Label.FUNCTION, Label.FIRMWARE): "firmware",
    (Label.CAMPAIGN, Label.FIRMWARE): "firmware",
    (Label.INSTRUCTION, Label.FUNCTION): "function",
    (Label.VULNERABILITY, Label.FUNCTION): "function",
    (Label.VULNERABILITY, Label.CAMPAIGN): "campaign",
    (Label.VULNERABILITY, Label.INSTRUCTION): "instruction",
    (Label.MEASUREMENT, Label.INSTRUCTION): "instruction",
}
_OWN: Final = {Label.FUNCTION: "name"}
"""The property of the thing itself that HELD repeats, where it is not its id."""

Step = tuple[str, str, bool]
"""A relation, the label it leads to, and whether along its direction."""
Path = tuple[Step, ...]


@dataclass(slots=True)
class Wanted:
    """What is asked about a thing: conditions on it, on related kinds, and on others of its own kind."""

    label: str
    where: list[Condition] = field(default_factory=list)
    needs: dict[str, list[Condition]] = field(default_factory=lambda: defaultdict(list))
    among: list[tuple[Link, bool | None, "Wanted"]] = field(default_factory=list)
    """A relation within a kind, whether this thing is its source (None: either), and the other one."""

    def copy(self) -> "Wanted":
        """Return a copy that can be changed."""
        needs: dict[str, list[Condition]] = defaultdict(list)
        needs.update({label: list(conditions) for label, conditions in self.needs.items()})
        return Wanted(self.label, list(self.where), needs, list(self.among))


@lru_cache(maxsize=512)
def route(source: str, target: str) -> Path | None:
    """Return the shortest way between kinds. Texts are passed through only on the way to or from one."""
    texts = source in TEXTUAL or target in TEXTUAL
    queue: deque[tuple[str, Path]] = deque([(source, ())])
    seen = {source}
    while queue:
        label, path = queue.popleft()
        if label == target:
            return path
        for first, relation, second in EDGES:
            for here, there, forward in ((first, second, True), (second, first, False)):
                if here == label and there not in seen and (texts or there not in TEXTUAL):
                    seen.add(there)
                    queue.append((there, (*path, (relation, there, forward))))
    return None


def _held(label: str, about: str, conditions: Sequence[Condition]) -> list[Condition] | None:
    """Return conditions on `label` itself that say the same as conditions on what it is related to."""
    name = HELD.get((Label(label), Label(about)))
    own = _OWN.get(Label(about), "id")
    if name is None or not conditions or any(condition.property != own for condition in conditions):
        return None
    return [Condition(name, condition.operator, condition.value) for condition in conditions]


def _settle(wanted: Wanted) -> Wanted:
    """Move conditions from relations to properties wherever a property says the same."""
    settled = wanted.copy()
    for about, conditions in wanted.needs.items():
        mine = _held(wanted.label, about, conditions)
        if mine is not None:
            settled.where += mine
            del settled.needs[about]
            # What is required besides is then of the same firmware by the chain itself.
            continue
        distance = len(route(wanted.label, about) or ())
        carriers = sorted(
            (len(way), label)
            for label in {holder for holder, held in HELD if held == about}
            if label != wanted.label
            and (way := route(wanted.label, label)) is not None
            and (label in wanted.needs or len(way) < distance)
            and wanted.label not in TEXTUAL
        )
        preferred = sorted(carriers, key=lambda carrier: (carrier[1] not in wanted.needs, carrier))
        for _, label in preferred:
            theirs = _held(label, about, conditions)
            if theirs is not None:
                settled.needs[label] = [*settled.needs.get(label, []), *theirs]
                del settled.needs[about]
                break
    return settled


def _branches(wanted: Wanted) -> tuple[list[Condition], dict[Path, list[Condition]]]:
    """Return the conditions on the thing itself and those along each path from it."""
    settled = _settle(wanted)
    along: dict[Path, list[Condition]] = {}
    for label, conditions in settled.needs.items():
        path = route(settled.label, label)
        code = Label.FUNCTION in settled.needs or Label.INSTRUCTION in settled.needs
        if settled.label == Label.FIRMWARE and code and label == Label.VULNERABILITY:
            path = (*(route(settled.label, Label.FUNCTION) or ()), *(route(Label.FUNCTION, label) or ()))
        if path is None:
            continue
        along.setdefault(path, []).extend(conditions)
    for relation, source, other in settled.among:
        start = route(settled.label, AMONG[relation]) or ()
        step = (relation, AMONG[relation], source is not False)
        where, beyond = _branches(other)
        along.setdefault((*start, step), []).extend(where)
        for path, conditions in beyond.items():
            along.setdefault((*start, step, *path), []).extend(conditions)
    return settled.where, along


def selections(
    wanted: Wanted, *, order_by: str | None = None, descending: bool = False, limit: int = 1000
) -> tuple[list[Selection], bool]:
    """Return selections whose union is what is wanted, and whether something could not be said.

    A relation without a direction takes two.
    """
    either = next((place for place, (_, source, _) in enumerate(wanted.among) if source is None), None)
    if either is not None:
        both = []
        short = False
        for source in (True, False):
            one = wanted.copy()
            one.among[either] = (one.among[either][0], source, one.among[either][2])
            found, cut = selections(one, order_by=order_by, descending=descending, limit=limit)
            both += found
            short |= cut
        return both, short
    where, along = _branches(wanted)
    ends = [path for path in along if not any(other[: len(path)] == path and other != path for other in along)]
    ends.sort(key=lambda path: (-sum(len(along.get(path[:at], ())) for at in range(1, len(path) + 1)), path))
    short = len(ends) > 2
    forward = _hops(ends[0], along) if ends else ()
    if len(ends) < 2:
        return [Selection(wanted.label, _once(where), forward, 0, order_by, descending=descending, limit=limit)], short
    back = ends[1]
    reverse: list[Hop] = []
    for at in range(len(back) - 1, -1, -1):
        relation, _, along_it = back[at]
        label = back[at - 1][1] if at else wanted.label
        conditions = along.get(back[:at], []) if at else where
        reverse.append(Hop(relation, label, not along_it, _once(conditions)))
    return [
        Selection(
            back[-1][1],
            _once(along.get(back, [])),
            (*reverse, *forward),
            len(back),
            order_by,
            descending=descending,
            limit=limit,
        )
    ], short


def _hops(path: Path, along: Mapping[Path, list[Condition]]) -> tuple[Hop, ...]:
    return tuple(
        Hop(relation, label, forward, _once(along.get(path[: at + 1], [])))
        for at, (relation, label, forward) in enumerate(path)
    )


def _once(conditions: Sequence[Condition]) -> tuple[Condition, ...]:
    return tuple(dict.fromkeys(conditions))
