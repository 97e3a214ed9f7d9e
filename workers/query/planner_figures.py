"""Figures: counts, means, the most and the least of kinds of things, by groups."""

from dataclasses import dataclass, replace

from jobs.knowledge import PROPERTIES, Label
from stores.graph import Selection
from workers.query.plan import (
    Aggregate,
    Function,
    Select,
    Step,
)
from workers.query.planner_chain import Wanted, selections
from workers.query.planner_change import DEFAULT, FIGURE, properties_asked
from workers.query.planner_clause import Frame
from workers.query.planner_scope import Scope, default_target, things_of
from workers.query.planner_vocabulary import COUNTED, MEASURED, group_of, on, owner
from workers.query.planner_wanted import SIGNED, wanted
from workers.query.planner_without import left_out

_PER = frozenset({"per", "por"})
_EVENLY = frozenset({"on average", "in average", "en promedio", "de media", "por termino medio"})


@dataclass(frozen=True, slots=True)
class Before:
    """What an earlier clause of the question was about."""

    target: str | None = None
    selection: Wanted | None = None


def figure_of(frame: Frame, target: str | None) -> Function | None:
    """Return the figure that is asked for; the highest value is one where no thing is asked for."""
    extreme = frame.superlative
    if frame.figure is not None and (extreme is None or not extreme.sure):
        return FIGURE[frame.figure]
    if (
        extreme is not None
        and extreme.of in MEASURED - {"worst", "created_at"}
        and frame.figure is None
        and not extreme.counted
    ):
        listing = (
            target is not None
            or frame.top is not None
            or any(item.kind == "super" and item.of for item in frame.items if item.kind == "super")
        )
        first = [item for item in frame.items[:2] if item.kind != "cue"]
        listing |= len(first) == 2 and first[0].words == "que" and first[1].kind in {"super", "more", "fewer"}
        if not listing and frame.has("prop"):
            return FIGURE[extreme.direction]
    if frame.has("much") and frame.props:
        return DEFAULT.get(frame.props[0][1], "mean")
    return None


def grouped_extreme(frame: Frame, target: str | None) -> bool:  # noqa: PLR0911 - one question after another, in the order that decides
    """Say whether the most or least is asked of a kind of thing that only its parts have figures for."""
    extreme = frame.superlative
    if extreme is None:
        return any(one.counted for one in frame.comparisons)
    if target == Label.FIRMWARE and extreme.of == "created_at":
        return False
    if extreme.counted:
        return True
    if target is None and len({thing.name for thing in things_of(frame.links, Label.FUNCTION)}) > 1:
        return extreme.of in MEASURED or extreme.of == "leak"
    if target is None:
        return _key(frame) is not None and (extreme.of in MEASURED or extreme.of == "leak")
    if extreme.of == "leak":
        return True
    return bool(extreme.of) and on(extreme.of, target) is None and extreme.of in MEASURED


def _key(frame: Frame) -> str | None:
    """Return the property that is asked for as a group: `which mnemonic`, `which source file`."""
    groups = {"mnemonic", "file", "source_line", "kind", "secret", "core", "severity"}
    of = frame.superlative.of if frame.superlative else ""
    return next((value for _, value in frame.props if value in groups and value != of), None)


def aggregate(frame: Frame, scope: Scope, label: str | None, before: Before) -> tuple[list[Step], Before]:  # noqa: C901, PLR0912, PLR0915 - one question after another, in the order that decides
    """Plan a figure; `which function leaks most` is the largest of one figure for each function."""
    if frame.figure == "total" and not (label or frame.props or frame.leaks or frame.has("many")):
        return [], before  # `what does it combine`
    extreme = frame.superlative
    if extreme is not None and extreme.of == "worst" and label in {Label.FUNCTION, Label.FIRMWARE} and not frame.figure:
        extreme = frame.superlative = replace(extreme, of="leak")  # the worst function: with the most weaknesses
    having = next((one for one in frame.comparisons if one.counted), None)
    group: str | None = frame.by
    concept = next((value for _, value in frame.props if value in MEASURED), None)
    concept = extreme.of if extreme is not None and extreme.of in MEASURED else concept
    if frame.has("many") and label is not None and any(one.of == concept for one in frame.comparisons):
        concept = None  # how many, of those that compare so
    if group is None and (extreme is not None or having is not None) and grouped_extreme(frame, label):
        group = label or _key(frame) or (Label.FUNCTION if things_of(frame.links, Label.FUNCTION) else None)
        counted = having.counted if having else extreme.counted if extreme else ""
        label = counted or (owner(concept) if concept else Label.VULNERABILITY)
        if not counted and group == Label.INSTRUCTION and concept is None:
            label = Label.VULNERABILITY
        if counted:
            concept = None
    listed = (
        concept in COUNTED
        or frame.figure is not None
        or frame.has("much")
        or (extreme is not None and not extreme.counted)
    )
    if label is None or (concept is not None and listed and on(concept, label) is None):
        usual = owner(concept) if concept is not None and listed else None
        label = usual or label or default_target(frame) or (Label.INSTRUCTION if frame.links else None)
    if label is None:
        return [], before
    if group == Label.MITIGATION or (
        group is not None and group not in {None, label} and group_of(label, group) is None
    ):
        label, group_ok = _regroup(label, group, concept)
        if not group_ok:
            scope.notes.append("group")
            return [], before
    if group == label == Label.INSTRUCTION and _evenly(frame):
        group = None  # `how much does each of them use on average`: one figure
    if group == label == Label.INSTRUCTION and extreme is None and concept is not None and on(concept, label):
        made, asked = union(frame, scope, label, before)
        return [Select(one, properties_asked(frame, label)) for one in made], Before(label, asked)  # the value of each
    made, asked = union(frame, scope, label, before)
    of = on(concept, label) if concept is not None and listed else None
    if of is not None and PROPERTIES[Label(label)][of].kind in {"text", "time"}:
        of = None
    function: Function = "count"
    if of is not None and concept is not None:
        function = FIGURE.get(frame.figure or "", DEFAULT.get(concept, "mean"))
        if frame.figure is None and extreme is not None and group is None:
            function = FIGURE[extreme.direction]
        function = "minimum" if concept == "traces_needed" and extreme and not frame.figure else function
        if frame.has("many") and frame.figure is None:
            function = "total"
    by = group_of(label, group) if group is not None and group != label else None
    top = None
    if extreme is not None and by is not None and frame.by is not None and not extreme.counted and frame.top is None:
        function = FIGURE[extreme.direction] if of is not None and frame.figure is None else function
    elif extreme is not None and by is not None:
        top = frame.top or 1
        if frame.top is None and plural(frame):
            top = 10
    limit = None if having is None else (having.operator, having.quantity.value)
    if frame.negated and (without := left_out(frame, label)) is not None:
        return [Select(made[0], (), without)], Before(label, asked)
    if of in SIGNED and function != "count":
        scope.notes.append("signs")
    figures: list[Step] = [
        Aggregate(
            one, function, of, by, top, extreme is not None and extreme.direction == "min" and top is not None, limit
        )
        for one in made
    ]
    return figures, Before(label, asked)


def share(frame: Frame, scope: Scope, label: str) -> list[Step]:
    """Plan which part of things leaks: how many there are, and how many of them do."""
    telling = {"leak", "leaknoun", "sev", "vkind", "secret"}
    rest = [item for item in frame.items if item.kind not in telling and item.kind != "neg"]
    whole = replace(frame, items=rest, leaks=[], severity=[], negated=[], used=set(range(len(rest))))
    whole.things = [(at, item.value) for at, item in enumerate(rest) if item.kind == "thing"]
    figures: list[Step] = []
    for one in (whole, frame):
        made, _ = selections(wanted(one, label, scope))
        figures += [Aggregate(selection, "count") for selection in made]
    return list(dict.fromkeys(figures))


def _evenly(frame: Frame) -> bool:
    """Say whether an average is asked for beside what it is of: not `the average energy of each instruction`."""
    evenly = any(item.kind == "agg" and item.words in _EVENLY for item in frame.items)
    return evenly or (frame.figure == "mean" and any(item.words in _PER for item in frame.items))


def _regroup(label: str, group: str, concept: str | None) -> tuple[str, bool]:
    """Return the kind whose figures can be grouped so."""
    for other in (Label.INSTRUCTION, Label.VULNERABILITY, Label.CAMPAIGN):
        if group_of(other, group) is not None and (concept is None or on(concept, other) is not None):
            same = {label, other} <= {Label.INSTRUCTION, Label.VULNERABILITY} and concept is None
            if concept is not None or same:
                return other, True
    return label, False


def plural(frame: Frame) -> bool:
    """Say whether several things are asked for."""
    if frame.has("ask", "among"):
        return False  # `which of the instructions`: one of them
    things = [frame.items[at].words for at, _ in frame.things[:1]]
    if not things and frame.superlative is not None and frame.items[frame.superlative.at].words.startswith("mas "):
        things = [frame.items[frame.superlative.at].words]  # `las más calientes`
    return any(word.endswith("s") and not word.endswith("ss") for word in things)


def union(frame: Frame, scope: Scope, label: str, before: Before, **order: object) -> tuple[list[Selection], Wanted]:
    """Return the selections of a clause, with what an earlier one was about where it refers to that."""
    asked = wanted(frame, label, scope)
    if frame.has("them") and before.selection is not None and before.target == label:
        earlier = before.selection
        asked.where += [condition for condition in earlier.where if condition not in asked.where]
        for about, conditions in earlier.needs.items():
            asked.needs[about] += [condition for condition in conditions if condition not in asked.needs[about]]
        asked.among += [among for among in earlier.among if among not in asked.among]
    made, short = selections(asked, **order)  # type: ignore[arg-type]
    if short:
        scope.notes.append("branches")
    return made, asked


def hotter(frame: Frame, scope: Scope) -> list[Step] | None:
    """Plan `which is hotter, sub_bytes or mix_columns`: the one of some functions with the largest figure."""
    named = {thing.name for thing in things_of(frame.links, Label.FUNCTION)}
    at = next((at for at, item in enumerate(frame.items) if item.kind == "op"), None)
    if len(named) < 2 or at is None or frame.comparisons:
        return None
    op = frame.items[at]
    concept = op.of or next((value for _, value in frame.props if value in MEASURED), "")
    name = on(concept, Label.INSTRUCTION) if concept else None
    if name is None:
        return None
    frame.used |= {at, *(place for place, item in enumerate(frame.items) if item.kind == "agg")}
    made, _ = selections(wanted(frame, Label.INSTRUCTION, scope))
    function = FIGURE.get(frame.figure or "", DEFAULT.get(concept, "mean"))
    return [Aggregate(made[0], function, name, "function", 1, least=op.value in {"<", "<="})]
