"""Whether a reading says what a development question means: steps and meanings are brought to one form and compared.

A form is a tuple: the type of the step, what decides it, and a frozen set of constraints (what, values). Constraints
are the same whether a property or a relation holds them: `firmware = build 7`, `PART_OF build 7`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from jobs.knowledge import SEVERITY_RANK, Label, Link
from jobs.report import Severity
from stores.graph import Condition, Selection
from workers.query.names import Names
from workers.query.plan import Aggregate, Around, Compare, Connect, Explain, Extremum, Lookup, Reading, Select, Step

Form = tuple[Any, ...]
Meaning = Mapping[str, Any]
_ADDRESS: Final = re.compile(r"(?:0x|[0-9a-f]{12}:)([0-9a-f]{8})")
OFF_TOPIC: Final = 0.1
"""The confidence up to which a question without structure is one that nothing here can answer."""
_LEAKING: Final = frozenset({2, 3, 4})
_NAMING: Final = {
    (Label.CAMPAIGN, "id"): "firmware",
    (Label.FIRMWARE, "id"): "firmware",
    (Label.FUNCTION, "name"): "function",
    (Label.FUNCTION, "id"): "function",
    (Label.INSTRUCTION, "id"): "instruction",
    (Label.INSTRUCTION, "address"): "instruction",
    (Label.VULNERABILITY, "campaign"): "firmware",
}
_TEXTS: Final = frozenset(
    {"firmware", "function", "instruction", "mnemonic", "source_line", "secret", "kind", "verdict"}
)


def right(reading: Reading, meaning: Sequence[Meaning], names: Names) -> bool:
    """Say whether a reading has all steps of a meaning, in order, and no other ones."""
    forms = list(dict.fromkeys(form for step in reading.steps if (form := _form(step, names))))
    if meaning[0]["type"] == "none" or reading.unknown:
        # Of a question with a name that nobody knows no step is carried out.
        nothing = bool(reading.unknown) or (not forms and reading.confidence <= OFF_TOPIC)
        return meaning[0]["type"] == "none" and nothing
    for one in meaning:
        taken = 2 if one.get("function") == "share" else 1
        if len(forms) < taken or not _says(forms[:taken], one):
            return False
        forms = forms[taken:]
        while one["type"] == "explain" and forms and forms[0][0] == "explain":
            forms = forms[1:]  # the same name in other firmware
    return not forms


def _says(forms: Sequence[Form], meaning: Meaning) -> bool:  # noqa: C901, PLR0911, PLR0912 - one case a type
    """Say whether forms are what a meaning asks; what answers it as well is right too."""
    kind, form, required = meaning["type"], forms[0], _required(meaning)
    asked = frozenset([meaning["of"]] if isinstance(meaning.get("of"), str) else meaning.get("of", ()))
    thing = frozenset({_value(meaning["thing"])}) if "thing" in meaning else frozenset()
    match kind:
        case "lookup" if asked == {"before", "after"}:
            return form[:2] == ("lookup", thing) or form[0] == "compare"
        case "lookup" if asked == {"function"} and form[:2] == ("select", Label.FUNCTION):
            return bool(form[3] == required | {("instruction", thing)})
        case "lookup" if form[0] == "select":
            return form[1:] == (Label.INSTRUCTION, form[2], required | {("instruction", thing)}) and asked <= form[2]
        case "lookup":
            return form[:2] == ("lookup", thing) and asked == form[2] and required <= form[3]
        case "explain" if form[0] == "select":
            return form[1] == Label.VULNERABILITY and bool({("instruction", thing), ("source_line", thing)} & form[3])
        case "explain":
            return form[:2] == ("explain", thing) and required <= form[2]
        case "select" if form[0] == "lookup":
            return form[2:] == (asked, required, meaning["label"])
        case "select":
            # Weaknesses that are worth a countermeasure are those of medium severity or worse.
            spared = {("ranks", _LEAKING)} if meaning["label"] == Label.MITIGATION else set()
            return form[:2] == (kind, meaning["label"]) and asked <= form[2] and form[3] - spared == required
        case "extremum":
            return form == (kind, meaning["label"], meaning["by"], meaning["largest"], meaning["k"], required)
        case "aggregate" if meaning["function"] == "share":
            counted = all(one[:6] == ("aggregate", meaning["label"], "count", None, None, None) for one in forms)
            return counted and {one[7] for one in forms} == {required, required | {("ranks", _LEAKING)}}
        case "aggregate":
            figure = (
                meaning["function"],
                meaning.get("of"),
                meaning.get("by"),
                meaning.get("top"),
                meaning.get("only"),
            )
            return form == (kind, meaning["label"], *figure, required)
        case "compare":
            return form == (kind, meaning["before"], meaning["after"], meaning["only"], meaning.get("function"))
        case "around" if "link" in meaning:
            relation = (meaning["link"], meaning.get("direction"), thing)
            return form[:2] == ("select", Label.INSTRUCTION) and form[3] == {relation}
        case "around":
            return form == (kind, thing)
        case "connect":
            return form == (kind, frozenset({_value(meaning["source"]), _value(meaning["target"])}))
    raise ValueError(kind)


def _required(meaning: Meaning) -> frozenset[Form]:
    found: set[Form] = set()
    for name, value in meaning.get("where", {}).items():
        values = value if isinstance(value, tuple) else (value,)
        if name == "severity":
            found.add(("ranks", frozenset(SEVERITY_RANK[Severity(one)] for one in values)))
        else:
            found.add((name, frozenset(_value(one) for one in values)))
    leaks = meaning.get("leaks")
    if leaks is False:
        found.add(("clean", True))
    elif leaks and not any(name == "ranks" for name, *_ in found):
        found.add(("ranks", _LEAKING))
    for name, operator, value in meaning.get("having", ()):
        found.add(("having", name, operator, round(float(value), 6)))
    return frozenset(found)


def _value(name: Any) -> Any:
    """Return a name, of an instruction its address."""
    if isinstance(name, str) and (match := _ADDRESS.fullmatch(name)):
        return int(match[1], 16)
    return name


def _form(step: Step, names: Names) -> Form | None:  # noqa: PLR0911 - one line a kind of step
    match step:
        case Lookup(ids, properties):
            things = [thing for one in ids if (thing := names.get(one)) is not None]
            inside = frozenset({("firmware", _titles([one.firmware for one in things if one.firmware], names))})
            label = things[0].label if things else Label.INSTRUCTION
            return ("lookup", _titles(ids, names), frozenset(properties), inside, label)
        case Select(selection, properties, without):
            clean = {("clean", True)} if without and ("ranks", _LEAKING) in _found(without, names) else set()
            return ("select", _label(selection), frozenset(properties), _found(selection, names) | clean)
        case Extremum(one):
            return ("extremum", _label(one), one.order_by, one.descending, one.limit, _found(one, names))
        case Aggregate():
            figure = (step.function, step.of, step.by, step.top, step.having)
            return ("aggregate", _label(step.selection), *figure, _found(step.selection, names))
        case Compare():
            return ("compare", _title(step.before, names), _title(step.after, names), step.only, step.function)
        case Connect(source, target):
            return ("connect", _titles([source, target], names))
        case Around(id_):
            return ("around", _titles([id_], names))
        case Explain(id_):
            thing = names.get(id_)
            where = [thing.firmware] if thing and thing.firmware else []
            return ("explain", _titles([id_], names), frozenset(("firmware", _titles([one], names)) for one in where))
        case _:
            return None


def _chain(selection: Selection) -> list[tuple[str, Sequence[Condition]]]:
    return [(selection.label, selection.where), *((hop.label, hop.where) for hop in selection.hops)]


def _label(selection: Selection) -> str:
    return _chain(selection)[selection.take][0]


def _found(selection: Selection, names: Names) -> frozenset[Form]:
    """Return the constraints of a chain; those of another instruction are a relation to it."""
    found: set[Form] = set()
    chain = _chain(selection)
    for at, (label, where) in enumerate(chain):
        if label == Label.INSTRUCTION and at != selection.take and _label(selection) == label:
            found.add(_neighbour(selection, at, names))
            continue
        ranks = set(SEVERITY_RANK.values())
        for one in where:
            name = _NAMING.get((Label(label), one.property), one.property)
            values = one.value if isinstance(one.value, tuple) else (one.value,)
            if name == "severity_rank":
                ranks &= {rank for rank in ranks if _holds(rank, one)}
            elif name == "secret" and one.operator == "starts":
                continue  # `the key`: any part of it
            elif name in _TEXTS and one.operator in {"=", "in"}:
                found.add((name, _titles(values, names)))
            else:
                found.add(("having", name, one.operator, one.value))
        if ranks != set(SEVERITY_RANK.values()):
            found.add(("ranks", frozenset(ranks)))
    return frozenset(found)


def _neighbour(selection: Selection, at: int, names: Names) -> Form:
    hop = selection.hops[min(at, selection.take)]
    first = at > selection.take
    direction = None if hop.relation == Link.CORRELATES_WITH else "previous" if first == hop.forward else "next"
    where = _chain(selection)[at][1]
    values = [value for one in where for value in (one.value if isinstance(one.value, tuple) else (one.value,))]
    return (hop.relation, direction, _titles(values, names))


def _holds(rank: int, condition: Condition) -> bool:
    value = condition.value
    if isinstance(value, tuple):
        return rank in value
    if not isinstance(value, int | float):
        raise TypeError(value)
    return {
        "=": rank == value,
        ">=": rank >= value,
        ">": rank > value,
        "<=": rank <= value,
        "<": rank < value,
        "<>": rank != value,
    }[condition.operator]


def _titles(ids: Sequence[Any], names: Names) -> frozenset[Any]:
    return frozenset(_title(one, names) for one in ids)


def _title(id_: Any, names: Names) -> Any:
    """Return what the questions call a thing: a campaign by its firmware, a line without folders."""
    thing = names.get(id_) if isinstance(id_, str) else None
    if thing is None:
        return _value(id_.rsplit("/", 1)[-1]) if isinstance(id_, str) else id_
    return _title(thing.firmware, names) if thing.label == Label.CAMPAIGN else thing.name
