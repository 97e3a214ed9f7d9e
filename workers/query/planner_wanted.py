"""From a clause to what is wanted: the kind of thing, its conditions, what it is related to."""

from typing import Final

from jobs.knowledge import PROPERTIES, Label, Link
from stores.graph import Condition, Value
from workers.query.planner_chain import TEXTUAL, Wanted
from workers.query.planner_clause import Comparison, Frame
from workers.query.planner_scope import WITHIN, Scope, naming, one_of, scoped
from workers.query.planner_vocabulary import on, owner
from workers.query.units import UnitMismatch, converted

MEDIUM: Final = 2
"""The severity rank from which on a thing is said to leak."""
SIGNED: Final = frozenset({"tvla_t", "cpa_value"})


def wanted(frame: Frame, label: str, scope: Scope) -> Wanted:
    """Return what a clause asks of things of a kind. What cannot be said is noted in the scope."""
    asked = Wanted(label)
    relation = _within(frame, label)
    other = Wanted(Label.INSTRUCTION) if relation else None
    _links(frame, asked, other, relation)
    _kinds(frame, asked, other, relation)
    _weakness(frame, asked, other, relation, scope)
    for one in frame.comparisons:
        if not one.counted:
            _compared(
                one,
                asked,
                other
                if other is not None and relation and one.at > relation[1] and _that(frame, relation[1])
                else None,
                scope,
            )
    for level in frame.levels:
        place = asked.where if label == Label.PATTERN else asked.needs[Label.PATTERN]
        place.append(Condition("pattern_type", "=", level))
    if relation and other is not None:
        link, at, source = relation
        if other.where or other.needs:
            asked.among.append((link, source, other))
            frame.used.add(at)
    scoped(asked, scope)
    return asked


def _that(frame: Frame, at: int) -> bool:
    """Say whether another kind of instruction is described behind a relation: `precede instructions that leak`."""
    behind = [item.kind for item in frame.items[at + 1 : at + 3] if item.kind not in {"them", "ask"}]
    return behind[:1] == ["leak"] or any(place > at and label == Label.INSTRUCTION for place, label in frame.things)


def _within(frame: Frame, label: str) -> tuple[Link, int, bool | None] | None:
    """Return a relation among instructions, its place, and whether the wanted one is its source."""
    named = any(
        link.label == Label.INSTRUCTION and (link.things or link.condition_name in {"address", "source_line"})
        for link in frame.links
    )
    for at, item in enumerate(frame.items):
        meaning = item.meaning("rel")
        if meaning is None or meaning.value not in WITHIN or at in frame.used:
            continue
        if named or _that(frame, at) or (label == Label.INSTRUCTION and meaning.value == "correlates"):
            link, source = WITHIN[meaning.value]
            if _passive(frame, at) and source is not None:
                source = not source
            return link, at, source
    return None


def _passive(frame: Frame, at: int) -> bool:
    """Say whether a name before the relation is its subject: `which instruction does X precede`."""
    before = [item for item in frame.items[:at] if item.link is not None and item.value == Label.INSTRUCTION]
    asked = any(label == Label.INSTRUCTION and place < at for place, label in frame.things)
    verb = frame.items[at].words in {
        "precede",
        "precedes",
        "follow",
        "follows",
        "leads to",
        "siguen",
        "sigue",
        "preceden",
        "preceded by",
        "followed by",
        "precedida por",
        "seguida por",
        "seguida de",
    }
    behind = [item for item in frame.items[at:] if item.link is not None and item.value == Label.INSTRUCTION]
    return bool(before) and verb and asked and not behind


def _links(frame: Frame, asked: Wanted, other: Wanted | None, relation: tuple[Link, int, bool | None] | None) -> None:
    grouped: dict[tuple[str, str, bool], list[Condition]] = {}
    for at, item in enumerate(frame.items):
        link = item.link
        if link is None or link.label == Label.ENTITY or at - 1 in frame.negated:
            continue
        condition = naming(link)
        exact = link.label == Label.INSTRUCTION and (link.things or condition.property in {"address", "source_line"})
        elsewhere = bool(relation and other is not None and exact)
        grouped.setdefault((link.label, condition.property, elsewhere), []).append(condition)
    if asked.label in TEXTUAL:
        for link in frame.entities:
            frame.used |= {at for at, item in enumerate(frame.items) if link.start <= item.start < link.end}
            if asked.label == Label.ENTITY:
                asked.among.append((Link.RELATED_TO, None, Wanted(Label.ENTITY, [naming(link)])))
            else:
                grouped.setdefault((link.label, "id", False), []).append(naming(link))
    for (label, name, elsewhere), conditions in grouped.items():
        condition = (
            conditions[0]
            if len(conditions) == 1
            else one_of(name, [value for one in conditions for value in _values(one)])
        )
        if elsewhere and other is not None:
            other.where.append(condition)
        elif (
            label == asked.label
            or (name == "file" and asked.label == Label.FUNCTION)
            or (name == "source_line" and asked.label == Label.VULNERABILITY)
        ):
            asked.where.append(condition)
        else:
            asked.needs[label].append(condition)


def _values(condition: Condition) -> tuple[Value, ...]:
    return condition.value if isinstance(condition.value, tuple) else (condition.value,)


def _kinds(frame: Frame, asked: Wanted, other: Wanted | None, relation: tuple[Link, int, bool | None] | None) -> None:
    """Require what other kinds of things the clause speaks of: `functions with vulnerabilities that have mitigations`."""
    excluded = _excluded(frame)
    for at, label in frame.things:
        counted = (frame.superlative is not None and frame.superlative.counted == label) or any(
            one.counted == label for one in frame.comparisons
        )
        if label == asked.label or counted or at in excluded or label == frame.by:
            continue
        if label == Label.INSTRUCTION and relation is not None:
            continue
        if label in {Label.FIRMWARE, Label.FUNCTION} and asked.label in {Label.INSTRUCTION, Label.VULNERABILITY}:
            continue  # they all are part of one
        target = other if other is not None and relation and at > relation[1] and _that(frame, relation[1]) else asked
        target.needs[label] += []
    if any(item.kind == "rel" and item.value == "mitigated" for item in frame.items):
        at = next(at for at, item in enumerate(frame.items) if item.kind == "rel" and item.value == "mitigated")
        frame.used.add(at)
        if (
            asked.label == Label.VULNERABILITY
            and at not in excluded
            and not any(place in frame.negated for place in (at - 1,))
        ):
            asked.needs[Label.MITIGATION] += []


def _excluded(frame: Frame) -> set[int]:
    """Return the places of what a clause says is not there."""
    return {at + gap for at in frame.negated if at not in frame.used for gap in (1, 2, 3)}


def _weakness(  # noqa: C901, PLR0912 - one question after another, in the order that decides
    frame: Frame, asked: Wanted, other: Wanted | None, relation: tuple[Link, int, bool | None] | None, scope: Scope
) -> None:
    """Require weaknesses: of a severity, of a kind, of a secret; what leaks has one of medium severity or worse."""
    excluded = _excluded(frame)
    leaking = [at for at in frame.leaks if at not in excluded]
    behind = bool(relation and other is not None and leaking and leaking[0] > relation[1] and _that(frame, relation[1]))
    subject = other if behind and other is not None else asked
    conditions: list[Condition] = [] if _negates_weakness(frame) else list(frame.severity)
    kinds = frame.kinds()
    for at, item in enumerate(frame.items):
        if item.kind == "vkind":
            frame.used.add(at)
    if kinds and asked.label not in TEXTUAL:
        values = [one for kind in kinds for one in (("tvla-1", "tvla-2") if kind == "tvla" else (kind,))]
        conditions.append(one_of("kind", values))
    for at, item in enumerate(frame.items):
        if item.kind == "sufficient" and (asked.label == Label.VULNERABILITY or leaking):
            conditions.append(Condition("sufficient", "=", int(item.value)))
            frame.used.add(at)
    verdict = next((at for at, item in enumerate(frame.items) if item.kind == "verdict"), None)
    if verdict is not None and asked.label in {Label.CAMPAIGN, Label.FIRMWARE}:
        place = asked.where if asked.label == Label.CAMPAIGN else asked.needs[Label.CAMPAIGN]
        place.append(Condition("verdict", "=", frame.items[verdict].value))
        frame.used.add(verdict)
    inner = frame.linked(Label.FUNCTION, Label.INSTRUCTION, Label.VULNERABILITY)
    leaking_campaign = asked.label == Label.CAMPAIGN and leaking and not (frame.severity or kinds or inner)
    if leaking_campaign and not any(frame.items[at].kind == "leaknoun" for at in leaking):
        asked.where.append(Condition("verdict", "=", "leaks"))
        return
    secret = next((at for at, item in enumerate(frame.items) if item.kind == "secret"), None)
    named = any(link.condition_name == "secret" for link in frame.links)
    about = (
        leaking or asked.label == Label.VULNERABILITY or any(label == Label.VULNERABILITY for _, label in frame.things)
    )
    if secret is not None:
        frame.used.add(secret)
        if about and not named and not _negates_weakness(frame):
            if scope.names.secrets_of(None):
                conditions.append(Condition("secret", "starts", "key"))
            else:
                scope.notes.append("secret")
    ranked = frame.superlative is not None and frame.superlative.of == "leak"
    if (leaking or ranked) and not frame.severity:
        conditions.append(Condition("severity_rank", ">=", MEDIUM))
    if not conditions and not leaking:
        return
    if subject.label == Label.VULNERABILITY:
        subject.where += conditions
    else:
        subject.needs[Label.VULNERABILITY] += conditions


def _negates_weakness(frame: Frame) -> bool:
    excluded = _excluded(frame)
    return any(
        at in excluded
        for at, item in enumerate(frame.items)
        if item.kind in {"leak", "leaknoun"} or (item.kind == "thing" and item.value == Label.VULNERABILITY)
    )


def _compared(one: Comparison, asked: Wanted, other: Wanted | None, scope: Scope) -> None:
    """Add a comparison to the thing that has the property: the wanted one, else the one that usually has it."""
    subject = other or asked
    if not one.of:
        scope.notes.append(f"figure|{one.quantity.figure}")
        return
    label = subject.label if on(one.of, subject.label) else owner(one.of)
    name = on(one.of, label) if label else None
    if label is None or name is None or PROPERTIES[Label(label)][name].kind == "text":
        scope.notes.append(f"figure|{one.quantity.figure}")
        return
    try:
        value = converted(one.quantity, PROPERTIES[Label(label)][name])
    except UnitMismatch:
        scope.notes.append(f"unit|{one.quantity.figure}|{one.of}")
        scope.unknown.append(one.quantity.figure)
        return
    place = subject.where if label == subject.label else subject.needs[label]
    if PROPERTIES[Label(label)][name].kind == "whole" and value == int(value):
        value = int(value)
    place.append(Condition(name, one.operator, value))
    if name in SIGNED and one.operator in {"<", "<="}:
        place.append(Condition(name, ">" if one.operator == "<" else ">=", -value))
