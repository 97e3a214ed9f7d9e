"""What is said when nothing answers a question: what was looked for, which names are unknown, what is known instead."""

import re
from collections.abc import Iterable
from dataclasses import replace

from jobs.knowledge import Label
from jobs.questions import Claim
from stores.graph import Node, Selection
from workers.query.budget import FAILED
from workers.query.phrase_book import Phrases
from workers.query.plan import Reading
from workers.query.saying import NOTES
from workers.query.titles import title
from workers.query.view import View

SIMILAR = [re.compile(re.escape(form).replace(r"\{0\}", "(.+)").replace(r"\{1\}", "(.+)")) for form in NOTES["similar"]]
"""Remarks that propose another name."""
KNOWN = 5
"""Things of a kind that are named instead."""


def abstention(reading: Reading, view: View, words: Phrases, *, version: int) -> Claim:
    """Say that nothing was found, and what there is; `version` of the data."""
    said = [words.say("nothing")]
    steps, notes = _parted(reading)
    if version == 0 and not view.budget.degraded:
        said.append(words.say("is_empty"))
    if view.budget.degraded:
        said.append(words.say("failed", what="; ".join(view.budget.degraded)))
    # A note on an unknown name says that it is unknown.
    noted = [name for name in reading.unknown if any(name in note.split() for note in notes)]
    if unknown := [name for name in reading.unknown if name not in noted]:
        said.append(words.say("unknown", names=", ".join(unknown)))
    said += [_sentence(note) for note in notes]
    if steps:
        said.append(_sentence(words.say("looked_for", items="; ".join(steps)).removesuffix(".")))
    known = _known(reading, view)
    if known:
        items = "; ".join(f"{words.nouns[node.label].one} {title(node)}" for node in known)
        said.append(words.say("known_instead", items=items))
    return Claim(text=" ".join(said), evidence=())


def understood(reading: Reading, evidence: Iterable[str]) -> Reading:
    """Return the reading without remarks that what was found belies: a word that stands in it is known.

    Nor is a name proposed instead of itself.
    """
    found = " ".join(evidence).casefold()
    known = {word for word in reading.unknown if word.casefold() in found}
    steps, notes = _parted(reading)
    kept = [note for note in notes if not _proposes_itself(note) and not any(word in note for word in known)]
    return replace(reading, unknown=tuple(word for word in reading.unknown if word not in known), said=(*steps, *kept))


def _parted(reading: Reading) -> tuple[list[str], list[str]]:
    """Return the lines of the steps, no line twice, and the remarks on the question."""
    steps, notes = reading.said[: len(reading.steps)], reading.said[len(reading.steps) :]
    return list(dict.fromkeys(steps)), list(dict.fromkeys(notes))


def _proposes_itself(note: str) -> bool:
    return any(
        (found := form.fullmatch(note)) is not None and found[1].casefold() == found[2].casefold() for form in SIMILAR
    )


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!", "…")) else f"{text}."


def _known(reading: Reading, view: View) -> list[Node]:
    """Return what the question names and is known; else firmware and campaigns, the newest first."""
    try:
        mentioned = view.nodes(mention.id for mention in reading.mentions)
        if mentioned:
            return [mentioned[thing] for thing in sorted(mentioned)][:KNOWN]
        firmware = view.select(Selection(Label.FIRMWARE, limit=KNOWN))
        newest = Selection(Label.CAMPAIGN, order_by="created_at", descending=True, limit=KNOWN)
        return [*firmware, *view.select(newest)]
    except FAILED:
        return []
