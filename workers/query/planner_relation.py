"""Reasons and relations: why a thing is as it is, how things relate, what lies around one."""

from collections.abc import Sequence
from typing import Final

from jobs.knowledge import Label
from jobs.questions import QueryRequest
from workers.query.names import Named
from workers.query.plan import Around, Connect, Explain, Select, Step
from workers.query.planner_chain import Wanted, selections
from workers.query.planner_clause import Frame
from workers.query.planner_link import Linked
from workers.query.planner_scope import Scope, naming, things_of

MAX_EACH: Final = 3
MAX_PLACES: Final = 8
"""Firmware in which an address is looked for when the question does not say in which."""


def reason(frame: Frame, scope: Scope, request: QueryRequest) -> list[Step] | None:
    """Plan `why does it leak`."""
    at = frame.place("intent", "why")
    if at is None:
        return None
    frame.used.add(at)
    things = things_of(frame.links, Label.INSTRUCTION, Label.VULNERABILITY, Label.FUNCTION) or things_of(
        frame.links, Label.CAMPAIGN, Label.FIRMWARE, Label.MITIGATION
    )
    firmware = {thing.id for thing in things_of(frame.links, Label.FIRMWARE)} or set(scope.firmware)
    if inside := [thing for thing in things if thing.firmware in firmware]:
        things = inside
    frame.used |= {place for place, item in enumerate(frame.items) if item.kind in {"leak", "super", "rel", "more"}}
    if things:
        return [Explain(thing.id) for thing in things[:MAX_EACH]]
    places = [link for link in frame.links if link.label == Label.INSTRUCTION]
    if places:
        return _explain_places(places, scope, request)
    return []


def _explain_places(places: Sequence[Linked], scope: Scope, request: QueryRequest) -> list[Step]:
    """Plan an explanation of code that has no id here: in the firmware that is meant its address makes one."""
    condition = naming(places[0])
    if condition.property == "address" and 0 < len(scope.firmware) <= MAX_EACH and isinstance(condition.value, int):
        digests = [id_.partition(":")[2][:12] for id_ in scope.firmware]
        return [Explain(f"{digest}:{condition.value:08x}") for digest in digests]
    asked = Wanted(Label.VULNERABILITY)
    asked.needs[Label.INSTRUCTION].append(condition)
    made, _ = selections(asked, limit=request.max_nodes)
    return [Select(made[0])]


def relation(frame: Frame, scope: Scope, request: QueryRequest) -> list[Step] | None:
    """Plan `how do A and B relate` and `what lies around A`; a build beside them says where they are."""
    path, around = frame.place("intent", "path"), frame.place("intent", "around")
    path = frame.place("rel", "correlates") if path is None and not frame.has("ask") else path
    if path is None and around is None:
        return None
    inner = [link for link in frame.links if link.label not in {Label.FIRMWARE, Label.CAMPAIGN}]
    ends = inner if len(inner) > 1 or (inner and around is not None) else frame.links
    firmware = {thing.id for thing in things_of(frame.links, Label.FIRMWARE)}
    placed = [
        [thing for thing in found if thing.firmware in firmware] or found
        for link in ends
        if (found := _placed(link, frame, scope))
    ]
    if len(placed) >= 2 and not frame.things:
        frame.used |= {at for at in (path, around) if at is not None}
        return [Connect(first.id, second.id, request.max_hops) for first, second in _pairs(placed[0], placed[1])]
    if len(placed) == 1 and not frame.comparisons:
        if path is not None and frame.has("rel"):
            return None
        frame.used |= {at for at in (path, around) if at is not None}
        labels = tuple(dict.fromkeys(label for _, label in frame.things))
        hops = next(
            (int(item.quantity.value) for item in frame.all("number") if item.quantity and item.quantity.value <= 5), 1
        )
        frame.used |= {at for at, item in enumerate(frame.items) if item.kind == "number"}
        return [Around(thing.id, min(hops, request.max_hops), labels) for thing in placed[0][:MAX_PLACES]]
    return None


def _pairs(first: Sequence[Named], second: Sequence[Named]) -> list[tuple[Named, Named]]:
    """Return what to connect of things that share names: those of the same firmware, where there are."""
    pairs = [(one, other) for one in first for other in second]
    near = [(one, other) for one, other in pairs if one.firmware and one.firmware == other.firmware]
    return (near or pairs)[:MAX_EACH]


def _placed(link: Linked, frame: Frame, scope: Scope) -> Sequence[Named]:
    """Return what a link names; of an address the instructions there, in the firmware that is meant, if few are."""
    address = link.condition.value if link.condition is not None and link.condition_name == "address" else None
    if not isinstance(address, int) or link.things:
        return link.things
    meant = [thing.id for thing in things_of(frame.links, Label.FIRMWARE)] or list(scope.firmware)
    others = [thing.id.partition(":")[0] for one in frame.linked(Label.INSTRUCTION) for thing in one.things]
    digests = [id_.partition(":")[2][:12] for id_ in meant] or others
    digests = digests or [thing.id.partition(":")[2][:12] for thing in scope.names.of(Label.FIRMWARE)]
    ids = [f"{digest}:{address:08x}" for digest in digests]
    return [Named(id_, Label.INSTRUCTION, id_) for id_ in ids] if len(ids) <= MAX_PLACES else ()
