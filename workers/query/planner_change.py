"""Comparisons: which two builds or campaigns, and what of them; figures of things side by side."""

from collections.abc import Sequence
from typing import Final, Literal

from jobs.knowledge import Label
from jobs.questions import QueryRequest
from workers.query.names import Named
from workers.query.plan import (
    Aggregate,
    Compare,
    Function,
    Lookup,
    Step,
)
from workers.query.planner_chain import selections
from workers.query.planner_changed import PAIRED, changed, numbered
from workers.query.planner_clause import Frame, Superlative
from workers.query.planner_item import Item
from workers.query.planner_pair import pair
from workers.query.planner_scope import Scope, things_of
from workers.query.planner_vocabulary import MEASURED, on
from workers.query.planner_wanted import wanted

_LISTING: Final = frozenset(
    {"which", "what", "who", "where", "que", "cual", "cuales", "donde", "anything", "something", "list"}
) | {
    *("regression", "regressions", "improvement", "improvements", "regresion", "regresiones", "mejora", "mejoras"),
    *(
        "new leaks",
        "fresh leaks",
        "nuevas fugas",
        "setback",
        "setbacks",
        "retroceso",
        "retrocesos",
        "progress",
        "progreso",
    ),
}
_HEADS: Final = frozenset({"leaks", "fugas", "filtraciones"})
"""Words that ask for a list where a question begins with them: `leaks that vanished`."""
_SINGULAR: Final = frozenset({"leakage", "leak", "fuga", "filtracion", "information leak", "fuga de informacion"})
_COMPARATIVE: Final = frozenset({"more", "fewer", "op", "mayor", "menor"})
_TOLD: Final = frozenset(
    {"rel", "intent", "change", "patch", "leak", "more", "fewer", "op", "between", "super", "either"}
)


DEFAULT: Final[dict[str, Function]] = {
    "latency": "maximum",
    "t": "maximum",
    "rho": "maximum",
    "samples": "total",
    "executions": "total",
}


FIGURE: Final[dict[str, Function]] = {"max": "maximum", "min": "minimum", "mean": "mean", "total": "total", "sd": "sd"}


def change(frame: Frame, scope: Scope, request: QueryRequest) -> list[Step] | None:  # noqa: C901, PLR0911, PLR0912 - one question after another, in the order that decides
    """Plan `did the patch help`, `compare build 6 with build 7`, `which instructions got worse`."""
    several, help_ = _things(frame, *PAIRED), frame.place("intent", "help")
    compare = _compared(frame, several)
    mitigations = things_of(frame.links, Label.MITIGATION)
    patch = frame.place("patch")
    if frame.has("intent", "why") and len(several) < 2 and compare is None:
        return None
    treatment = patch is not None or bool(mitigations) or any(label == Label.MITIGATION for _, label in frame.things)
    told = frame.has("change") or compare is not None or help_ is not None
    if not several and told and (two := numbered(frame, scope)):
        several = two
    if not several and not treatment and compare is None and help_ is None and _leaking_more(frame):
        return None
    asks_mitigation = any(label == Label.MITIGATION for _, label in frame.things) and (
        not several or (len(several) == 1 and _asked_for(frame, Label.MITIGATION))
    )
    compare = None if asks_mitigation and several else compare  # `countermeasures that are effective against it`
    change = changed(frame, paired=len(several) > 1, treatment=treatment)
    asks_how = any(item.words in {"how", "como"} for item in frame.items) or frame.has("many")
    if help_ is not None and asks_how and compare is None and change is None and not frame.things and not several:
        return []  # how a countermeasure works is told by texts
    others = things_of(frame.links, Label.FUNCTION, Label.INSTRUCTION)
    helps = help_ is not None and not asks_how and (treatment or len(several) > 0)
    helps |= len(several) > 1 and patch is not None and frame.items[patch].meaning("intent") is not None
    places = frame.linked(Label.INSTRUCTION)
    if (
        helps
        and asks_mitigation
        and not mitigations
        and patch is None
        and (frame.has("ask", "which") or _asked_for(frame, Label.MITIGATION))
        and (frame.leaks or others)
    ):
        helps = False  # `which countermeasures help against what it leaks`
        frame.used.add(help_ or 0)
    if change is not None and change != "swap" and (places or asks_mitigation) and compare is None and not helps:
        change = None
    if not (compare is not None or helps or change is not None):
        return None
    mnemonics = [link for link in frame.links if link.condition_name == "mnemonic"]
    if (
        compare is not None
        and len(several) < 2
        and not treatment
        and len({one.name for one in others}) + len(mnemonics) >= 2
    ):
        return _compare_things(frame, scope, request)
    if compare is not None and not several and not treatment and others and change is None:
        return None
    if compare is not None and len(mitigations) >= 2 and not several:
        return [Lookup(tuple(thing.id for thing in mitigations), properties_asked(frame, Label.MITIGATION))]
    functions = things_of(frame.links, Label.FUNCTION)
    scoped = several or [thing for id_ in (*scope.firmware, *scope.campaigns) if (thing := scope.names.get(id_))]
    if not scoped and not mitigations:
        scoped = [thing for one in functions if (thing := scope.names.get(one.firmware)) is not None]
    found = pair(scope.names, scoped, mitigations)
    frame.used |= {at for at in (compare, help_, patch) if at is not None}
    if found is None:
        scope.notes.append("pair")
        return []
    listed = (
        frame.items[0].words in _HEADS
        or any(frame.items[at].words not in _SINGULAR for at, _ in frame.things)
        or any(
            item.words in _LISTING and (item.words != "que" or not at or _asks(frame.items[at + 1 : at + 2]))
            for at, item in enumerate(frame.items)
        )
    )
    if change == "swap":
        change = "better" if several[-1].id == found[1] or several[-1].firmware == found[1] else "worse"
    only = change if change != "both" and (listed or change == "unchanged") else None
    concepts = {value for _, value in frame.props}
    aspect: Literal["leakage", "energy", "power"] = "leakage"
    if not frame.leaks and not frame.severity:
        aspect = "energy" if "energy" in concepts else "power" if "power" in concepts else "leakage"
    frame.used |= {at for at, item in enumerate(frame.items) if item.kind in _TOLD}
    return [
        Compare(
            *found,
            aspect=aspect,
            only=only,  # type: ignore[arg-type]
            function=functions[0].name if functions else None,
        )
    ]


def _compared(frame: Frame, several: Sequence[Named]) -> int | None:
    """Return where a clause sets one build against another, if it does."""
    compare = frame.place("intent", "compare")
    if compare is None and _uses_more(frame):
        compare = next(at for at, item in enumerate(frame.items) if item.kind in _COMPARATIVE)
    trend = len(several) > 1 or (several and frame.leaks)
    return frame.place("trend") if compare is None and trend else compare


def _asked_for(frame: Frame, label: str) -> bool:
    """Say whether it is asked which thing of a kind: `which countermeasure helped`."""
    which = "which" in {frame.items[0].value, frame.items[-1].value}  # `does a countermeasure help, and which`
    return any(
        which or (at and frame.items[at - 1].kind == "ask") or frame.items[at].start == 0
        for at, kind in frame.things
        if kind == label
    )


def _leaking_more(frame: Frame) -> bool:
    """Read `which leaks more, sub_bytes or shift_rows` as the most of those that are named, and say whether it is that."""
    named = {thing.name for thing in things_of(frame.links, Label.FUNCTION)}
    at = frame.place("change")
    words = set(frame.items[at].words.split()) if at is not None else set()
    if at is None or len(named) < 2 or not words & {"more", "less", "fewer", "mas", "menos"}:
        return False
    frame.superlative = Superlative("max" if words & {"more", "mas"} else "min", "leak", "", at)
    frame.used.add(at)
    return True


def _uses_more(frame: Frame) -> bool:
    """Say whether one build is set against another in what it uses: `does build 7 use more power than build 6`."""
    concepts = {value for _, value in frame.props} & {"energy", "power"}
    asked = frame.things or frame.comparisons or frame.has("ask") or frame.has("many")
    more = any(item.kind in _COMPARATIVE for item in frame.items)
    return bool(concepts) and more and not asked and len(_things(frame, *PAIRED)) == 2


def _things(frame: Frame, *labels: str) -> list[Named]:
    """Return the things of some kinds that are named; of alternatives only where there is one."""
    links = [link for link in frame.links if link.label in labels]
    if len(links) >= 2:
        links = [link for link in links if len(link.things) == 1] or links
    return things_of(links, *labels)


def _compare_things(frame: Frame, scope: Scope, request: QueryRequest) -> list[Step]:
    """Plan a comparison of functions or instructions: the figure of each, side by side."""
    concepts = [value for _, value in frame.props if value in MEASURED and on(value, Label.INSTRUCTION) is not None]
    concept = concepts[0] if concepts else "energy"
    if frame.leaks and not concepts and things_of(frame.links, Label.FUNCTION):
        frame.used |= {at for at, item in enumerate(frame.items) if item.kind in {"intent", "agg"}}
        made, _ = selections(wanted(frame, Label.VULNERABILITY, scope), limit=request.max_nodes)
        return [Aggregate(made[0], "count", None, "function")]
    frame.used |= {at for at, item in enumerate(frame.items) if item.kind in {"intent", "agg"}}
    instructions = things_of(frame.links, Label.INSTRUCTION)
    if len(instructions) >= 2:
        return [Lookup(tuple(thing.id for thing in instructions), properties_asked(frame, Label.INSTRUCTION))]
    by = "function" if things_of(frame.links, Label.FUNCTION) else "mnemonic"
    of = on(concept, Label.INSTRUCTION)
    asked = wanted(frame, Label.INSTRUCTION, scope)
    made, _ = selections(asked, limit=request.max_nodes)
    function = FIGURE.get(frame.figure or "", DEFAULT.get(concept, "mean"))
    return [Aggregate(made[0], function, of, by)]


def properties_asked(frame: Frame, label: str) -> tuple[str, ...]:
    """Return the properties of a kind of thing that a clause speaks of."""
    return tuple(dict.fromkeys(name for _, concept in frame.props if (name := on(concept, label)) is not None))


def _asks(following: Sequence[Item]) -> bool:
    """Say whether `que` asks here, and does not part what is compared."""
    return bool(following) and following[0].kind not in {"link", "number", "cue"}
