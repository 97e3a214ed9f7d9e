"""Sentences: each outcome of a step as claims, in the question's language, filled with figures from the evidence. Pure."""

from collections.abc import Mapping, Sequence
from typing import Literal

from jobs.knowledge import PROPERTIES, Label
from jobs.questions import Claim
from stores.graph import Node
from workers.query.outcome import Compared, Connected, Disputes, Explained, Failed, Figured, Listed, Outcome, Surrounded
from workers.query.phrase_around import connected, surrounded
from workers.query.phrase_book import Phrases
from workers.query.phrase_compare import compared
from workers.query.phrase_explain import conflicts, explained, not_counted
from workers.query.phrase_figured import figured
from workers.query.phrase_nothing import NAMED, ids, nothing, within
from workers.query.phrases_en import EN
from workers.query.phrases_es import ES
from workers.query.plan import Extremum, Lookup, Select
from workers.query.titles import figure, listing, reach, title, worst_first

WORDS: Mapping[Literal["en", "es"], Phrases] = {"en": EN, "es": ES}
BRIEF = 6
"""Properties that a thing is introduced with."""
# What a person wants to know first of a thing.
FIRST: Mapping[str, Sequence[str]] = {
    Label.INSTRUCTION: ("avg_energy", "max_abs_t", "max_abs_rho", "avg_power", "avg_temperature", "max_latency"),
    Label.VULNERABILITY: ("severity", "kind", "tvla_t", "cpa_value", "traces", "source_line"),
    Label.CAMPAIGN: ("verdict", "headline", "traces", "max_abs_t", "key_bytes_recovered", "created_at"),
    Label.FIRMWARE: ("core", "bytes", "sha256"),
    Label.FUNCTION: ("file", "firmware"),
    Label.MITIGATION: ("effectiveness", "cost"),
    Label.MEASUREMENT: ("energy_mean", "samples", "temperature_mean", "latency_max"),
    Label.DOCUMENT: ("title", "language", "created_at"),
    Label.CHUNK: ("text",),
    Label.ENTITY: ("type", "description"),
    Label.REM: ("modality", "headline", "language", "created_at"),
    Label.PATTERN: ("pattern_type", "correlation", "threshold"),
}


def phrase(outcome: Outcome, words: Phrases, *, said: str = "", asked_whether: bool = False) -> list[Claim]:
    """Say what was found, or that a step failed.

    `said`: the step in one line, for results that name nothing; `asked_whether`: the question wants a yes or a no.
    """
    claims = _claims(outcome, words, said=said, asked_whether=asked_whether)
    return [claim.model_copy(update={"text": words.translated(claim.text)}) for claim in claims]


def _claims(outcome: Outcome, words: Phrases, *, said: str, asked_whether: bool) -> list[Claim]:  # noqa: PLR0911 - one a kind
    match outcome:
        case Listed():
            return _listed(outcome, words, said)
        case Figured():
            return figured(outcome, words, said)
        case Compared():
            return compared(outcome, words, asked_whether=asked_whether)
        case Connected():
            return connected(outcome, words)
        case Surrounded():
            return surrounded(outcome, words)
        case Explained():
            return explained(outcome, words)
        case Failed():
            return [Claim(text=words.say("failed", what=said), evidence=())]


def _listed(outcome: Listed, words: Phrases, said: str) -> list[Claim]:
    if not outcome.nodes:
        return _unread(outcome, words) or nothing(outcome, outcome.checked, words, said)
    claims = conflicts(outcome.disputes, {node.id: title(node) for node in outcome.nodes}, words)
    claims += not_counted(outcome.uncounted, outcome.nodes, words)
    if isinstance(outcome.step, Lookup):
        return [*_known(outcome, words), *claims]
    if isinstance(outcome.step, Extremum):
        return [_extreme(outcome, words), *_tied(outcome, words), *claims]
    if outcome.total == 1 and outcome.properties:
        # Asked of one thing alone: what is asked is the figure, not that there is one.
        return [*_known(outcome, words), *claims]
    ordered = outcome.nodes if outcome.step.selection.order_by else worst_first(outcome.nodes)
    items = [_with_figures(node, outcome.properties or _asked(outcome), words, outcome.disputes) for node in ordered]
    what = words.noun(outcome.nodes[0].label, outcome.total)
    text = words.say("found", what=what, items=listing(items, outcome.total, words))
    found = Claim(
        text=text,
        evidence=ids(ordered),
        value=float(outcome.total),
        low=float(outcome.total),
        high=float(outcome.total),
    )
    return [found, *claims]


def _unread(outcome: Listed, words: Phrases) -> list[Claim]:
    """Say how many there are of things that could not be read."""
    if not outcome.total or not isinstance(outcome.step, Select):
        return []
    count, selection = float(outcome.total), outcome.step.selection
    label = (selection.label, *(hop.label for hop in selection.hops))[selection.take]
    text = words.say("count", what=words.noun(label, outcome.total))
    return [Claim(text=text, evidence=within(selection), value=count, low=count, high=count)]


def _asked(outcome: Listed) -> Sequence[str]:
    """Return the properties of the listed things that the selection turns on."""
    selection = getattr(outcome.step, "selection", None)
    if selection is None or selection.take:
        return ()
    kinds = PROPERTIES[Label(outcome.nodes[0].label)]
    asked = dict.fromkeys(condition.property for condition in selection.where)
    return [name for name in asked if name in kinds and kinds[name].kind in ("number", "whole") and name != "line"]


def _with_figures(node: Node, properties: Sequence[str], words: Phrases, disputes: Disputes) -> str:
    figures = [
        f"{words.property(name)} {text}"
        for name in properties
        if not (name == "avg_energy" and node.id in disputes) and (text := figure(node, name, words)) is not None
    ]
    return f"{title(node)}: {', '.join(figures)}" if figures else title(node)


def _extreme(outcome: Listed, words: Phrases) -> Claim:
    selection = outcome.step.selection if isinstance(outcome.step, Extremum) else None
    order = (selection.order_by if selection else None) or ""
    items = [_with_figures(node, [order], words, {}) for node in outcome.nodes]
    key = "highest" if selection and selection.descending else "lowest"
    text = words.say(key, property=words.property(order), items=listing(items, len(items), words))
    best = reach(outcome.nodes[0], order)
    return Claim(
        text=text,
        evidence=ids(outcome.nodes),
        value=best.value if best else None,
        unit=best.unit if best else None,
        low=best.interval.low if best and best.interval else None,
        high=best.interval.high if best and best.interval else None,
        samples=best.samples if best else None,
        conflicting=outcome.nodes[0].id in outcome.disputes,
    )


def _tied(outcome: Listed, words: Phrases) -> list[Claim]:
    if outcome.tied is None:
        return []
    # What comes next is no part of the answer: it is told of the last that is.
    text = words.say("tied", thing=f"{title(outcome.tied)} [{outcome.tied.id}]")
    return [Claim(text=text, evidence=(outcome.nodes[-1].id,))]


def _known(outcome: Listed, words: Phrases) -> list[Claim]:
    claims = []
    for node in outcome.nodes[:NAMED]:
        if outcome.properties:
            claims += [
                _value(node, name, words)
                for name in outcome.properties
                if not (node.id in outcome.disputes and name == "avg_energy")
            ]
            continue
        names = [
            name for name in FIRST.get(node.label, ()) if not (name == "avg_energy" and node.id in outcome.disputes)
        ]
        told = [f"{words.property(name)} {text}" for name in names if (text := figure(node, name, words)) is not None]
        text = words.say("known", thing=title(node), items=", ".join(told[:BRIEF])) if told else f"{title(node)}."
        claims.append(Claim(text=text, evidence=(node.id,)))
    return claims


def _value(node: Node, name: str, words: Phrases) -> Claim:
    text = figure(node, name, words)
    if text is None:
        return Claim(text=words.say("no_value", thing=title(node), property=words.property(name)), evidence=(node.id,))
    found = reach(node, name)
    basis = words.say("basis", count=found.samples) if found and found.samples and name == "avg_energy" else ""
    return Claim(
        text=words.say("value", thing=title(node), property=words.property(name), value=text, basis=basis),
        evidence=(node.id,),
        value=found.value if found else None,
        unit=found.unit if found else None,
        low=found.interval.low if found and found.interval else None,
        high=found.interval.high if found and found.interval else None,
        samples=found.samples if found else None,
    )
