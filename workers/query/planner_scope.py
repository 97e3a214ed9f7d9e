"""What holds for a whole question: filters, names said before, times; and what kind of thing a clause asks for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from jobs.knowledge import Label, Link
from jobs.questions import Filters
from stores.graph import Condition, Value
from workers.query.names import Named, Names
from workers.query.normal import normal, squashed
from workers.query.planner_chain import TEXTUAL, Wanted
from workers.query.planner_clause import Frame
from workers.query.planner_item import Item
from workers.query.planner_link import Linked
from workers.query.planner_vocabulary import on, owner

WITHIN: Final = {
    "precedes": (Link.PRECEDES, True),
    "follows": (Link.PRECEDES, False),
    "correlates": (Link.CORRELATES_WITH, None),
}


_WHICH: Final = frozenset({"which", "what", "que", "cual", "cuales"})
_ASKED_BY_LEAK: Final = frozenset(
    {"what", "where", "whereabouts", "que", "donde", "en donde", "which", "cual", "cuales"}
)


@dataclass(slots=True)
class Scope:
    """What holds for the whole question: things named before, filters of the request, times."""

    names: Names
    firmware: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()
    severity: tuple[str, ...] = ()
    tag: str | None = None
    since: float | None = None
    until: float | None = None
    unknown: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def scope_of(filters: Filters, names: Names) -> Scope:
    """Return what the request's filters ask for; names in them that are not known are unknown."""
    scope = Scope(names, severity=tuple(severity.value for severity in filters.severity), tag=filters.tag)
    scope.since, scope.until = filters.since, filters.until
    wanted: list[str] = []
    for name in filters.firmware:
        found = (
            [thing]
            if (thing := names.get(name))
            else names.exact(squashed(normal(name).text)) or names.digest(name.lower())
        )
        ids = [thing.id for thing in found if thing.label == Label.FIRMWARE]
        wanted += ids
        if not ids:
            scope.unknown.append(name)
    # A filter that names nothing known must find nothing, rather than everything.
    scope.firmware = tuple(dict.fromkeys(wanted)) or (("firmware:",) if filters.firmware else ())
    return scope


def target_of(frame: Frame) -> str | None:
    """Return the kind of thing that a clause asks for, if it says so."""
    grouped = frame.by
    if (asked := _asked_by_verb(frame)) is not None:
        return asked
    if (asked := next((label for at, label in frame.things[1:] if _asks_for(frame.items, at)), None)) is not None:
        return asked
    for at, label in frame.things:
        leaky = frame.items[at].kind == "leaknoun"
        counted = frame.superlative is not None and frame.superlative.counted == label and frame.superlative.at < at
        having = any(one.counted == label for one in frame.comparisons) and len(frame.things) > 1
        if (
            (label == grouped and len({kind for _, kind in frame.things}) > 1)
            or counted
            or having
            or (label == grouped and frame.items[at - 1].kind in {"group", "groupby"})
        ):
            continue
        following = next((other for place, other in frame.things if place == at + 1), None)
        if (
            following is not None
            and frame.items[at + 1].start == frame.items[at].end
            and frame.items[at + 1].kind == "thing"
        ):
            return following  # `pattern instructions`: the last of a compound is its head
        if leaky and at and frame.items[at - 1].kind == "ask" and frame.items[at - 1].words in {"where", "donde"}:
            return Label.INSTRUCTION
        return label
    return None


def _asks_for(items: Sequence[Item], at: int) -> bool:
    """Say whether it is asked which things of a kind: `for the leaks of it, what countermeasures are there`."""
    head = at - 1 - (at > 1 and items[at - 1].kind == "number")
    return items[head].kind == "ask" and items[head].words in _WHICH and items[head].end == items[head + 1].start


def _asked_by_verb(frame: Frame) -> str | None:
    """Return the kind that a verb asks for: `what mitigates the leaks`, `the function of the hottest instruction`."""
    items = frame.items
    for at, item in enumerate(items[:-1]):
        if item.kind == "ask" and items[at + 1].kind == "rel" and items[at + 1].value == "mitigated":
            return Label.VULNERABILITY if frame.linked(Label.MITIGATION) else Label.MITIGATION
    how = bool(items) and (items[0].kind == "groupby" or (items[0].kind == "ask" and items[0].value == "how"))
    if how and not frame.linked(Label.MITIGATION) and frame.has("rel", "mitigated"):
        return Label.MITIGATION  # `how are its leaks mitigated`
    extreme = frame.superlative
    if extreme is not None and extreme.of and len(frame.things) > 1:
        later = frame.things[1:]
        # `the function of the hottest instruction`, not `the function whose instructions are hottest on average`
        before = frame.figure is None and not frame.items[extreme.at - 1].words.endswith("s")
        head = next(
            (label for at, label in later if 0 < at - extreme.at <= 2 or (before and at == extreme.at - 1)), None
        )
        if head is not None and on(extreme.of, head) is not None and head == Label.INSTRUCTION:
            return head
    return None


def default_target(frame: Frame) -> str | None:  # noqa: C901, PLR0911 - one question after another, in the order that decides
    """Return the kind of thing that a clause asks for although it does not name it."""
    concepts = [one.of for one in frame.comparisons if one.of] + ([frame.superlative.of] if frame.superlative else [])
    if frame.leaks and any(on(concept, Label.INSTRUCTION) for concept in concepts):
        return Label.INSTRUCTION
    if any(link.condition_name == "mnemonic" for link in frame.links):
        return Label.INSTRUCTION
    if frame.leaks or (frame.has("leak") and frame.links):
        if reveals(frame) or any(value == "secret" for _, value in frame.props):
            return Label.VULNERABILITY
        asks = [item for item in frame.all("ask") if item.words in _ASKED_BY_LEAK]
        places = [item for item in frame.items if item.value == "source_line"]
        return Label.INSTRUCTION if asks or places else Label.VULNERABILITY
    if frame.severity or frame.has("vkind"):
        return Label.VULNERABILITY
    for concept in concepts:
        if (label := owner(concept)) is not None:
            return label
    if any(item.kind == "rel" and item.value in WITHIN for item in frame.items):
        return Label.INSTRUCTION
    if any(item.kind == "rel" and item.value == "mitigated" for item in frame.items):
        return Label.VULNERABILITY if frame.linked(Label.MITIGATION) else Label.MITIGATION
    if any(item.kind == "rel" and item.value == "mentions" for item in frame.items):
        return Label.DOCUMENT
    if frame.levels:
        return Label.INSTRUCTION
    return Label.CAMPAIGN if frame.has("verdict") else None


def reveals(frame: Frame) -> bool:
    """Say whether it is asked what a thing gives away: `what does X leak`."""
    places = [at for at, item in enumerate(frame.items) if item.link is not None]
    asks = [at for at, item in enumerate(frame.items) if item.kind == "ask" and item.words in {"what", "que"}]
    return bool(asks and places and frame.leaks) and asks[0] < places[0] < frame.leaks[0]


def one_of(name: str, values: Sequence[Value]) -> Condition:
    """Return the condition that a property is one of some values."""
    unique = tuple(dict.fromkeys(values))
    return Condition(name, "=", unique[0]) if len(unique) == 1 else Condition(name, "in", unique)


def naming(link: Linked) -> Condition:
    """Return the condition on a thing that it is the one that is named."""
    if link.condition is not None:
        value = link.condition.value
        if isinstance(value, tuple) and len(value) == 1:
            return Condition(link.condition.property, "=", value[0])
        return link.condition
    if link.label == Label.FUNCTION:
        return one_of("name", [thing.name for thing in link.things])
    return one_of("id", [thing.id for thing in link.things])


def scoped(asked: Wanted, scope: Scope) -> None:
    """Add the scope of the whole question, where the clause does not say otherwise."""
    label = asked.label
    if scope.firmware and not asked.needs.get(Label.FIRMWARE):
        condition = one_of("id", scope.firmware)
        place = asked.where if label == Label.FIRMWARE else asked.needs[Label.FIRMWARE]
        if label not in TEXTUAL:
            place.append(condition)
    campaigns = scope.campaigns if label != Label.CAMPAIGN and label not in TEXTUAL else ()
    if campaigns and not asked.needs.get(Label.CAMPAIGN):
        asked.needs[Label.CAMPAIGN].append(one_of("id", campaigns))
    if scope.severity and label in {Label.VULNERABILITY, Label.INSTRUCTION, Label.FUNCTION, Label.MITIGATION}:
        place = asked.where if label == Label.VULNERABILITY else asked.needs[Label.VULNERABILITY]
        place.append(one_of("severity", scope.severity))
    dated = label in {Label.CAMPAIGN, Label.DOCUMENT, Label.REM}
    if label in {Label.ENTITY, Label.CHUNK} or not (scope.tag or scope.since is not None or scope.until is not None):
        return
    conditions = [Condition("tags", "contains", f",{scope.tag},")] if scope.tag else []
    conditions += [Condition("created_at", ">=", scope.since)] if scope.since is not None else []
    conditions += [Condition("created_at", "<=", scope.until)] if scope.until is not None else []
    (asked.where if dated else asked.needs[Label.CAMPAIGN]).extend(conditions)


def things_of(links: Sequence[Linked], *labels: str) -> list[Named]:
    """Return the things that are named, each once."""
    found = [thing for link in links if link.label in labels for thing in link.things]
    return list({thing.id: thing for thing in found}.values())
