"""Sentences of steps that found nothing: among what, and whether it was measured at all. Pure."""

from collections.abc import Iterable
from itertools import chain

from jobs.questions import Claim
from stores.graph import Node, Selection
from workers.query.outcome import Checked, Figured, Listed
from workers.query.phrase_book import Phrases
from workers.query.titles import listing, title

NAMED = 100
"""Ids that one claim names."""
WITHIN = frozenset({"firmware", "campaign", "document"})
"""Properties whose values are ids of what a thing belongs to."""


def nothing(outcome: Listed | Figured, checked: Checked | None, words: Phrases, said: str) -> list[Claim]:
    """Say among what nothing was found; nothing at all where there was nothing to look at."""
    if checked is None or not checked.total:
        return []
    label = checked.nodes[0].label
    looked = words.noun(label, checked.total)
    selection = getattr(outcome.step, "selection", None)
    # Not what was looked at: that would look like what was found.
    evidence = (*ids(checked.named), *(within(selection) if selection is not None else ()))[:NAMED]
    if checked.absent is not None:
        return [Claim(text=words.say("absent", place=checked.absent, checked=looked), evidence=evidence)]
    if checked.unmeasured is not None:
        text = words.say("unmeasured", property=words.property(checked.unmeasured), checked=looked)
        return [Claim(text=text, evidence=evidence)]
    if selection is not None and selection.take:
        items = listing([title(node) for node in checked.nodes], checked.total, words)
        told = words.say("none_of", items=items)
        return [Claim(text=told, evidence=ids(checked.nodes), value=0, low=0, high=0)]
    text = words.say("none", none=words.nouns[label].none, said=f" ({said})" if said else "", checked=looked)
    return [Claim(text=text, evidence=evidence, value=0, low=0, high=0)]


def within(selection: Selection) -> tuple[str, ...]:
    """Return the ids that a selection itself names: the firmware or the campaign that was looked in."""
    found: dict[str, None] = {}
    for condition in chain(selection.where, *(hop.where for hop in selection.hops)):
        if condition.property in WITHIN and condition.operator in ("=", "in"):
            values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
            found.update(dict.fromkeys(str(value) for value in values))
    return tuple(found)[:NAMED]


def ids(nodes: Iterable[Node]) -> tuple[str, ...]:
    """Return the ids of the first things, as evidence."""
    return tuple(node.id for node in nodes)[:NAMED]
