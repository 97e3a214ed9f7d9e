"""From a clause to steps: which kind of question it is, and the plan for it."""

from dataclasses import replace

from jobs.knowledge import PROPERTIES, Label
from jobs.questions import QueryRequest
from stores.graph import Condition, Selection
from workers.query.normal import normal, squashed
from workers.query.plan import (
    Aggregate,
    Extremum,
    Lookup,
    Select,
    Step,
)
from workers.query.planner_chain import TEXTUAL, selections
from workers.query.planner_change import DEFAULT, change, properties_asked
from workers.query.planner_clause import Frame
from workers.query.planner_figures import (
    Before,
    aggregate,
    figure_of,
    grouped_extreme,
    hotter,
    plural,
    share,
    union,
)
from workers.query.planner_property import of_named, one_instruction
from workers.query.planner_relation import reason, relation
from workers.query.planner_scope import Scope, default_target, reveals, target_of, things_of
from workers.query.planner_vocabulary import MEASURED, on, owner
from workers.query.planner_wanted import SIGNED, wanted
from workers.query.planner_without import left_out


def steps(frame: Frame, scope: Scope, request: QueryRequest, before: Before) -> tuple[list[Step], Before]:  # noqa: C901, PLR0911, PLR0912 - one question after another, in the order that decides
    """Return the steps of a clause, none when no plan says it, and what a later clause may refer to."""
    if frame.has("absent") or _tells(frame):
        return [], before
    if frame.leaks and frame.negated and not frame.things and one_instruction(frame):
        frame.used |= set(frame.negated)  # `is it sure that it does not leak`: whether it does
        frame.negated.clear()
        return _select(frame, scope, request, Label.VULNERABILITY, before)
    for kind in (change, reason, relation):
        found = kind(frame, scope, request)
        if found is not None:
            return found, before
    if (found := hotter(frame, scope)) is not None:
        return found, before
    if frame.vague:
        scope.notes.append("average")
        return [], before
    named = target_of(frame)
    label = named or (before.target if _refers(frame) else None)
    if (found := of_named(frame, scope, named)) is not None:
        return found, before
    if frame.has("share"):
        frame.used |= {at for at, item in enumerate(frame.items) if item.kind in {"share", "many", "agg"}}
        return share(frame, scope, label or Label.INSTRUCTION), before
    if (
        grouped_extreme(frame, label)
        or frame.by is not None
        or frame.has("many")
        or figure_of(frame, named) is not None
    ):
        return aggregate(frame, scope, label, before)
    label = label or default_target(frame)
    if label in TEXTUAL:
        _as_entities(frame, scope)
    if label in TEXTUAL and not _is_textual(frame):
        return [], before
    if label is not None and frame.superlative is not None:
        return _extremum(frame, scope, request, label, before)
    if label is not None and (
        named
        or frame.comparisons
        or frame.leaks
        or frame.severity
        or frame.levels
        or _relates(frame)
        or _found_by(frame)
    ):
        return _select(frame, scope, request, label, before)
    return _lookup(frame, scope, request), before


def _tells(frame: Frame) -> bool:
    """Say whether it is asked how a countermeasure works: texts tell."""
    opens = [item for item in frame.items[:2] if item.kind == "ask" and item.value == "how"]
    named = frame.linked(Label.MITIGATION)
    return (
        bool(opens and named) and len(named) == len(frame.links) and frame.has("rel", "mitigated") and not frame.things
    )


def _refers(frame: Frame) -> bool:
    return frame.has("them") or not frame.links


def _as_entities(frame: Frame, scope: Scope) -> None:
    """Take a countermeasure for the entity of its name: that is what texts mention."""
    for link in frame.linked(Label.MITIGATION):
        named = [thing for one in link.things for thing in scope.names.exact(squashed(normal(one.name).text))]
        if entities := tuple(thing for thing in named if thing.label == Label.ENTITY):
            frame.links.remove(link)
            frame.entities.append(replace(link, label=Label.ENTITY, things=entities, takes=False))
            frame.items = [replace(item, link=None) if item.link is link else item for item in frame.items]


def _is_textual(frame: Frame) -> bool:
    """Say whether texts are asked for by what a graph knows of them."""
    known = {Label.INSTRUCTION, Label.FUNCTION, Label.FIRMWARE, Label.CAMPAIGN, Label.DOCUMENT}
    return all(link.label in known and link.condition is None for link in frame.links) and bool(
        frame.links or frame.entities or frame.superlative or frame.comparisons
    )


def _relates(frame: Frame) -> bool:
    return any(item.kind == "rel" and item.value not in {"contains", "triggers"} for item in frame.items) or frame.has(
        "verdict"
    )


def _found_by(frame: Frame) -> bool:
    """Say whether it is asked what a method found: `all CPA hits in build 7`."""
    methods = [item for item in frame.all("vkind") if item.value == "cpa" or item.value.startswith("tvla")]
    return bool(methods) and bool(frame.linked(Label.FIRMWARE, Label.FUNCTION)) and not frame.has("ask", "how")


def _extremum(
    frame: Frame, scope: Scope, request: QueryRequest, label: str, before: Before
) -> tuple[list[Step], Before]:
    extreme = frame.superlative
    if extreme is None:
        return [], before
    if label == Label.FIRMWARE and extreme.of == "created_at":
        return _newest(frame, scope, latest=extreme.direction == "max"), before
    if label == Label.VULNERABILITY and not extreme.of and not extreme.counted:
        extreme, label = replace(extreme, of="t"), Label.INSTRUCTION  # the strongest leaks: of either sign
    if not extreme.of and not extreme.counted and frame.leaks and label == Label.INSTRUCTION:
        extreme = replace(extreme, of="t")  # `where does it leak most strongly`
    name = on(extreme.of, label) if extreme.of else None
    if extreme.of == "worst" and label != Label.VULNERABILITY:
        name = {Label.INSTRUCTION: "max_abs_t", Label.CAMPAIGN: "max_abs_t"}.get(Label(label))
    if name is None or PROPERTIES[Label(label)][name].kind == "text":
        if frame.links or frame.leaks or frame.severity:
            frame.used.discard(extreme.at)
            return _select(frame, scope, request, label, before)
        return [], before
    limit = frame.top or (request.top_k if plural(frame) else 1)
    if name in SIGNED:
        scope.notes.append("signs")
    made, asked = union(frame, scope, label, before, order_by=name, descending=extreme.direction == "max", limit=limit)
    return [Extremum(one) for one in made], Before(label, asked)


def _select(frame: Frame, scope: Scope, request: QueryRequest, label: str, before: Before) -> tuple[list[Step], Before]:
    made, asked = union(frame, scope, label, before, limit=request.max_nodes)
    made = [other for one in made for other in _both_signs(one)]
    properties = tuple(dict.fromkeys(name for _, concept in frame.props if (name := on(concept, label)) is not None))
    if label == Label.VULNERABILITY and reveals(frame):
        properties = (*properties, *(name for name in ("secret",) if name not in properties))
    compared = {condition.property for one in made for condition in one.where}
    properties = tuple(
        name for name in properties if name not in compared and not (name == "severity" and frame.severity)
    )
    without = left_out(frame, label) if frame.negated else None
    return [Select(one, properties, without) for one in made], Before(label, asked)


def _newest(frame: Frame, scope: Scope, *, latest: bool) -> list[Step]:
    """Plan `the latest build`: firmware is as old as its newest campaign; what was never measured has no age."""
    ages: dict[str, float] = {}
    for campaign in scope.names.of(Label.CAMPAIGN):
        ages[campaign.firmware] = max(campaign.at, ages.get(campaign.firmware, campaign.at))
    named = {thing.id for thing in things_of(frame.links, Label.FIRMWARE)}
    mine = sorted((age, id_) for id_, age in ages.items() if id_ and (not named or id_ in named))
    chosen = (mine[::-1] if latest else mine)[: frame.top or 1]
    return [Lookup(tuple(id_ for _, id_ in chosen), properties_asked(frame, Label.FIRMWARE))] if chosen else []


def _both_signs(selection: Selection) -> list[Selection]:
    """Return selections for a statistic above a value and for one below its opposite: its sign is no matter of size."""
    for place, condition in enumerate(selection.where):
        above = condition.operator in {">", ">="} and isinstance(condition.value, int | float) and condition.value > 0
        if selection.take == 0 and condition.property in SIGNED and above and isinstance(condition.value, int | float):
            opposite = Condition(condition.property, "<" if condition.operator == ">" else "<=", -condition.value)
            where = (*selection.where[:place], opposite, *selection.where[place + 1 :])
            return [selection, replace(selection, where=where)]
    return [selection]


def _lookup(frame: Frame, scope: Scope, request: QueryRequest) -> list[Step]:
    """Plan what is known of the things that are named."""
    links = [link for link in frame.links if link.label != Label.ENTITY]
    things = [thing for link in links for thing in link.things]
    exact = [link for link in links if link.condition is not None and link.label == Label.INSTRUCTION]
    if exact:
        label = Label.INSTRUCTION
        made, _ = selections(wanted(frame, label, scope), limit=request.max_nodes)
        return [Select(one, properties_asked(frame, label)) for one in made]
    secret = [link for link in links if link.condition is not None]
    if secret:
        made, _ = selections(wanted(frame, Label.VULNERABILITY, scope), limit=request.max_nodes)
        return [Select(one, properties_asked(frame, Label.VULNERABILITY)) for one in made]
    if not things or any(thing.label == Label.DOCUMENT for thing in things):
        return []
    # A place inside another thing that is named too only says where: `encrypt of build 7` asks about the function.
    functions = [thing for thing in things if thing.label == Label.FUNCTION]
    firmware = {thing.id for thing in things if thing.label == Label.FIRMWARE} | set(scope.firmware)
    if functions and firmware and (inside := [thing for thing in functions if thing.firmware in firmware]):
        things = [thing for thing in things if thing.label not in {Label.FUNCTION, Label.FIRMWARE}] + inside
    concept = next((value for _, value in frame.props if value in MEASURED - {"created_at"}), None)
    if concept is not None and not any(on(concept, thing.label) for thing in things) and (label_ := owner(concept)):
        made, _ = selections(wanted(frame, label_, scope), limit=request.max_nodes)
        function = DEFAULT.get(concept, "mean")
        return [Aggregate(made[0], function, on(concept, label_))]
    labels = dict.fromkeys(thing.label for thing in things)
    properties = tuple(dict.fromkeys(name for label in labels for name in properties_asked(frame, label)))
    return [Lookup(tuple(dict.fromkeys(thing.id for thing in things)), properties)]
