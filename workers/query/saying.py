"""A step of a plan in one line for a person, in English or Spanish."""

from collections.abc import Callable, Sequence
from typing import Final, Literal

from jobs.knowledge import PROPERTIES, Label, Link
from stores.graph import Condition, Selection, Value
from workers.query.plan import (
    Aggregate,
    Around,
    Compare,
    Connect,
    Explain,
    Extremum,
    Lookup,
    Open,
    Select,
    Step,
)

Language = Literal["en", "es"]
Title = Callable[[str], str]
"""From an id to the name of the thing."""

_KINDS: Final = {
    Label.FIRMWARE: ("firmware", "firmware"),
    Label.FUNCTION: ("functions", "funciones"),
    Label.INSTRUCTION: ("instructions", "instrucciones"),
    Label.PATTERN: ("energy patterns", "patrones de energía"),
    Label.VULNERABILITY: ("vulnerabilities", "vulnerabilidades"),
    Label.MITIGATION: ("mitigations", "mitigaciones"),
    Label.CAMPAIGN: ("campaigns", "campañas"),
    Label.MEASUREMENT: ("measurements", "mediciones"),
    Label.DOCUMENT: ("documents", "documentos"),
    Label.CHUNK: ("passages", "pasajes"),
    Label.ENTITY: ("entities", "entidades"),
    Label.REM: ("records", "registros"),
}
_RELATIONS: Final = {
    (Link.PART_OF, True): ("part of", "que son parte de"),
    (Link.PART_OF, False): ("that contain", "que contienen"),
    (Link.PRECEDES, True): ("that come right before", "justo anteriores a"),
    (Link.PRECEDES, False): ("that come right after", "justo posteriores a"),
    (Link.CORRELATES_WITH, True): ("correlated with", "correlacionadas con"),
    (Link.CORRELATES_WITH, False): ("correlated with", "correlacionadas con"),
    (Link.TRIGGERS, True): ("that trigger", "que disparan"),
    (Link.TRIGGERS, False): ("triggered by", "disparados por"),
    (Link.LEAKS, True): ("with", "con"),
    (Link.LEAKS, False): ("of", "de"),
    (Link.MITIGATED_BY, True): ("mitigated by", "mitigadas por"),
    (Link.MITIGATED_BY, False): ("for", "para"),
    (Link.MEASURED_IN, True): ("measured in", "medidas en"),
    (Link.MEASURED_IN, False): ("that measured", "que midieron"),
    (Link.MENTIONS, True): ("that mention", "que mencionan"),
    (Link.MENTIONS, False): ("mentioned in", "mencionadas en"),
    (Link.RELATED_TO, True): ("related to", "relacionadas con"),
    (Link.RELATED_TO, False): ("related to", "relacionadas con"),
    (Link.DEPICTS, True): ("that depict", "que muestran"),
    (Link.DEPICTS, False): ("depicted in", "mostradas en"),
}
_OPERATORS: Final = {
    "in": ("one of", "entre"),
    "contains": ("contains", "contiene"),
    "starts": ("starts with", "empieza por"),
    "<>": ("is not", "no es"),
}
_FIGURES: Final = {
    "count": ("number", "número"),
    "mean": ("mean", "media"),
    "total": ("total", "suma"),
    "minimum": ("minimum", "mínimo"),
    "maximum": ("maximum", "máximo"),
    "sd": ("standard deviation", "desviación estándar"),
}
_ONLY: Final = {"better": ("better", "mejor"), "worse": ("worse", "peor"), "unchanged": ("unchanged", "igual")}
_RANKS: Final = {4: ("critical", "crítica"), 3: ("high", "alta"), 2: ("medium", "media"), 1: ("low", "baja")}
_MAX_SHOWN: Final = 4
NOTES: Final = {
    "average": (
        "No plan compares things with an average that is itself to be found",
        "Ningún plan compara cosas con una media que hay que calcular antes",
    ),
    "pair": ("No two campaigns or builds belong together here", "No hay dos campañas o compilaciones que comparar"),
    "group": ("No plan groups these figures so", "Ningún plan agrupa así estas cifras"),
    "branches": (
        "More relations are asked for than one plan can hold",
        "Se piden más relaciones de las que caben en un plan",
    ),
    "secret": (
        "No finding names a secret: any weakness counts",
        "Ningún hallazgo nombra un secreto: cuenta cualquier debilidad",
    ),
    "figure": ("What {0} is compared with was not understood", "No se entendió con qué se compara {0}"),
    "unit": ("{0} is not a unit of {1}", "{0} no es una unidad de {1}"),
    "similar": ("{0} is not known; did you mean {1}?", "No se conoce {0}; ¿quiso decir {1}?"),
    "absent": ("Nothing is recorded about {0}", "No hay datos sobre {0}"),
    "negation": ("The negation was not understood", "No se entendió la negación"),
    "truncated": ("Not all names are held here", "Aquí no están todos los nombres"),
    "signs": ("The sign of the statistic counts in this order", "El signo del estadístico cuenta en este orden"),
}


def note(code: str, language: Language) -> str:
    """Return a remark on the reading: a code and what it is about, parted by bars."""
    name, *values = code.split("|")
    return NOTES[name][_at(language)].format(*values)


def say(step: Step, language: Language, *, title: Title) -> str:  # noqa: PLR0911 - one line a kind of step
    """Return a step in one line; `title` names things by their ids."""
    at = _at(language)
    match step:
        case Lookup(ids, properties):
            what = ", ".join(properties) or ("what is known", "lo que se sabe")[at]
            return f"{what} {('of', 'de')[at]} {_listed([title(one) for one in ids])}"
        case Select(selection, properties, without):
            less = f", {('without', 'sin')[at]} {_things(without, at, title)}" if without is not None else ""
            asked = f" ({', '.join(properties)})" if properties else ""
            return _things(selection, at, title) + less + asked
        case Extremum(selection):
            most = (("largest", "mayor"), ("smallest", "menor"))[not selection.descending][at]
            return f"{selection.limit} {_things(selection, at, title)}, {most} {selection.order_by}"
        case Aggregate():
            of = f" {('of', 'de')[at]} {step.of}" if step.of else ""
            by = f", {('by', 'por')[at]} {step.by}" if step.by else ""
            most = (("largest", "mayores"), ("smallest", "menores"))[step.least][at]
            top = f", {step.top} {most}" if step.top else ""
            having = f", {step.having[0]} {_number(step.having[1])}" if step.having else ""
            return f"{_FIGURES[step.function][at]}{of} {('of', 'de')[at]} {_things(step.selection, at, title)}{by}{top}{having}"
        case Compare():
            only = f", {('only', 'solo')[at]} {_ONLY[step.only][at]}" if step.only else ""
            where = f", {step.function}" if step.function else ""
            aspect = {"leakage": ("leakage", "fugas"), "energy": ("energy", "energía"), "power": ("power", "potencia")}
            return f"{aspect[step.aspect][at]}: {title(step.before)} → {title(step.after)}{where}{only}"
        case Connect(source, target, hops):
            return f"{('paths from', 'caminos de')[at]} {title(source)} {('to', 'a')[at]} {title(target)} (≤ {hops})"
        case Around(thing, hops, labels):
            kinds = ", ".join(_KINDS[Label(label)][at] for label in labels) or ("what lies", "lo que hay")[at]
            return f"{kinds} {('around', 'alrededor de')[at]} {title(thing)} (≤ {hops})"
        case Explain(thing):
            return f"{('why', 'por qué')[at]}: {title(thing)}"
        case Open():
            return ("passages about the question", "pasajes sobre la pregunta")[at]


def _at(language: Language) -> int:
    return 1 if language == "es" else 0


def _things(selection: Selection, at: int, title: Title) -> str:
    """Say a chain from the thing that is taken towards both ends."""
    chain: list[tuple[str, Sequence[Condition]]] = [(selection.label, selection.where)]
    chain += [(hop.label, hop.where) for hop in selection.hops]
    label, where = chain[selection.take]
    said = _kind(label, where, at, title)
    for place in range(selection.take, len(selection.hops)):
        hop = selection.hops[place]
        said += f" {_RELATIONS[Link(hop.relation), hop.forward][at]} {_kind(hop.label, hop.where, at, title)}"
    for place in range(selection.take - 1, -1, -1):
        hop = selection.hops[place]
        joined = ("and", "y")[at] if place == selection.take - 1 and selection.take < len(selection.hops) else ""
        relation = _RELATIONS[Link(hop.relation), not hop.forward][at]
        said += f"{' ' + joined if joined else ''} {relation} {_kind(*chain[place], at, title)}"
    return said


def _kind(label: str, where: Sequence[Condition], at: int, title: Title) -> str:
    said = _KINDS[Label(label)][at]
    return f"{said} ({', '.join(_condition(label, one, at, title) for one in where)})" if where else said


def _condition(label: str, condition: Condition, at: int, title: Title) -> str:
    values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    if condition.property == "severity_rank":
        shown = [_RANKS[value][at] if isinstance(value, int) and value in _RANKS else str(value) for value in values]
        name = ("severity", "severidad")[at]
    elif condition.property in {"id", "firmware", "campaign", "instruction", "document"}:
        shown, name = [title(str(value)) for value in values], condition.property
    else:
        shown, name = [_value(value) for value in values], condition.property
    kind = PROPERTIES[Label(label)].get(condition.property)
    unit = f" {kind.unit}" if kind is not None and kind.unit and kind.unit != "a.u." else ""
    operator = _OPERATORS[condition.operator][at] if condition.operator in _OPERATORS else condition.operator
    return f"{name} {operator} {_listed(shown)}{unit}"


def _value(value: Value) -> str:
    return _number(value) if isinstance(value, float) else str(value)


def _number(value: float) -> str:
    return f"{value:g}"


def _listed(values: Sequence[str]) -> str:
    more = f", … (+{len(values) - _MAX_SHOWN})" if len(values) > _MAX_SHOWN else ""
    return ", ".join(values[:_MAX_SHOWN]) + more
