"""Signs of a change: words for better, worse and the same, and builds that are set against each other."""

from typing import Final

from jobs.knowledge import Label
from workers.query.names import Named
from workers.query.normal import parts
from workers.query.planner_clause import Frame
from workers.query.planner_scope import Scope

PAIRED: Final = (Label.CAMPAIGN, Label.FIRMWARE)
_WEAK: Final = frozenset(
    [
        "still",
        "left",
        "remaining",
        "queda",
        "quedan",
        "quedo",
        "quedaron",
        "sigue",
        "siguen",
        "todavia",
        "aun",
        "igual",
        "continua",
        "continuan",
        "new",
        "remains",
        "remain",
        "stay",
        "stays",
        "mantiene",
        "mantienen",
        "permanece",
        "permanecen",
        "anymore",
        "ya",
        "no",
        "longer",
        "started",
        "introduced",
        "introduce",
        "appear",
        "appears",
    ]
)
_LEFT: Final = frozenset({"queda", "quedan", "quedo", "quedaron", "left"})


def changed(frame: Frame, *, paired: bool, treatment: bool) -> str | None:  # noqa: C901, PLR0911 - one sign after another
    """Return how things changed if the clause says that they did: better, worse, unchanged, or that one build differs.

    `swap` is what leaks in the first of two builds and not in the second.
    """
    places = [at for at, item in enumerate(frame.items) if item.kind == "change" and at not in frame.used]
    said = list(dict.fromkeys(frame.items[at].value for at in places))
    negated = [at for at in frame.negated if at not in frame.used]
    leaking = bool(frame.leaks) or any(label == Label.VULNERABILITY for _, label in frame.things)
    rels = {item.value for item in frame.items if item.kind == "rel"}
    if not said and treatment and {"precedes", "follows"} <= rels:
        return "both"
    weak = bool(places) and all(frame.items[at].words in _WEAK for at in places)
    if weak and not (paired or treatment or frame.linked(*PAIRED)):
        return None
    if (
        weak
        and not treatment
        and not paired
        and frame.has("many")
        and all(frame.items[at].words in _LEFT for at in places)
    ):
        frame.used |= set(places)
        return None  # `how many are left in build 7`: how many it has
    if (
        weak
        and not treatment
        and not paired
        and any(
            frame.items[at + 1 : at + 2] and frame.items[at + 1].kind == "leak" and frame.items[at].words in _LEFT
            for at in places
        )
    ):
        return None  # `quedan expuestos`: they are
    if said:
        frame.used |= set(places)
        frame.used |= {at for at in negated if at + 1 in places}
        if any(at + 1 in places for at in negated):
            return "unchanged"
        return "unchanged" if "unchanged" in said else said[0]
    helping = frame.place("intent", "help")
    helping = frame.place("patch") if helping is None else helping
    if helping is not None and helping - 1 in negated and (paired or treatment):
        frame.used |= {helping, helping - 1}
        return "unchanged"
    extreme = frame.superlative
    if paired and extreme is not None and extreme.of == "leak" and not frame.things:
        return "worse" if extreme.direction == "max" else "better"
    for at, item in enumerate(frame.items):
        after = frame.items[at + 1 : at + 3]
        near = [*after, *frame.items[max(0, at - 1) : at]]
        less = item.kind in {"more", "fewer"} or (item.kind == "op" and item.value in {">", "<"})
        told = any(one.kind in {"leak", "leaknoun"} for one in near) or any(
            one.value == Label.VULNERABILITY for one in near
        )
        counts = any(one.kind == "number" for one in after)
        if less and (paired or treatment) and not counts and told:
            frame.used.add(at)
            return "worse" if item.kind == "more" or item.value == ">" else "better"
    links = [at for at, item in enumerate(frame.items) if item.link is not None and item.value in PAIRED]
    if paired and leaking and any(links[0] < at < links[-1] for at in negated):
        frame.used |= set(negated)
        return "swap"
    return None


def numbered(frame: Frame, scope: Scope) -> list[Named]:
    """Return two builds of one family that are named by their numbers alone: `between 7 and 8`."""
    between = frame.place("between")
    ahead = range(between or 0, (between or 0) + 4 if between is not None else 0)
    free = [
        (at, item)
        for at, item in enumerate(frame.items)
        if item.quantity and item.quantity.unit is None and (at not in frame.used or at in ahead)
    ]
    wanted = [str(int(item.quantity.value)) for _, item in free if item.quantity and item.quantity.value % 1 == 0]
    if len(wanted) != 2 or len(free) != 2:
        return []
    firmware = scope.names.of(Label.FIRMWARE)
    first, second = ([thing for thing in firmware if number in parts(thing.name)[-1:]] for number in wanted)
    for one in first:
        for other in second:
            if parts(one.name)[:-1] == parts(other.name)[:-1]:
                frame.used |= {at for at, _ in free}
                return [one, other]
    return []
