"""One ranking of everything that an answer rests on, each thing once, with what is known of it and where it comes from.

Things that a plan found come with the plan's confidence, in the plan's order; passages and what lies around with how
surely they speak of the question. Ties by id.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Literal

from jobs.knowledge import Label
from jobs.questions import Claim, Evidence, QueryRequest
from stores.graph import Node, Value
from workers.query.budget import FAILED
from workers.query.gather import Gathered
from workers.query.retrieve import Passed
from workers.query.titles import title
from workers.query.view import View

Found = Literal["plan", "graph", "words", "meaning"]
ORDER: Sequence[Found] = ("plan", "graph", "words", "meaning")
LISTED = 100
"""Instructions whose batches are looked up."""
LONGEST = 300
"""Characters of a property: a hundred things stay far below what a job may return."""
WITHIN = 0.1
"""How far the last of a plan's results lies below its first."""
BESIDE = 0.9
"""What is found beside a plan's results is worth so much less than found alone."""
NAMED_BY = ("campaign", "batch_id", "document")
"""Properties that say which batch a thing came with."""


class Ranking:
    """Collects evidence."""

    def __init__(self) -> None:
        """Start empty."""
        self._scores: dict[str, float] = {}
        self._found_by: dict[str, set[Found]] = {}
        self._sources: dict[str, set[str]] = {}
        self._texts: dict[str, tuple[str, str]] = {}
        self._nodes: dict[str, Node] = {}

    def __len__(self) -> int:
        return len(self._scores)

    def add(self, thing: str, score: float, found_by: Iterable[Found], *, sources: Iterable[str] = ()) -> None:
        """Add a thing, or raise what is known of it."""
        self._scores[thing] = max(score, self._scores.get(thing, 0.0))
        self._found_by.setdefault(thing, set()).update(found_by)
        self._sources.setdefault(thing, set()).update(sources)

    def describe(self, thing: str, *, kind: str, text: str) -> None:
        """Say what a passage is, for when no node does."""
        self._texts[thing] = (kind, text)

    def know(self, nodes: Iterable[Node]) -> None:
        """Take in what is known of things."""
        self._nodes.update((node.id, node) for node in nodes)

    def cited(self, view: View) -> list[Evidence]:
        """Return the evidence, best first; nodes that are not known yet are read."""
        missing = [thing for thing in self._scores if thing not in self._nodes and thing not in self._texts]
        # Where the graph is away, their ids are evidence all the same.
        with suppress(*FAILED):
            self.know(view.nodes(missing).values())
        batches = self._batches(view)
        ordered = sorted(self._scores, key=lambda thing: (-self._scores[thing], thing))
        return [self._evidence(thing, batches) for thing in ordered]

    def _evidence(self, thing: str, batches: Mapping[str, set[str]]) -> Evidence:
        node = self._nodes.get(thing)
        kind, text = self._texts.get(thing, ("Passage", thing))
        sources = self._sources[thing] | batches.get(thing, set())
        return Evidence(
            id=thing,
            kind=node.label if node else kind,
            title=title(node) if node else " ".join(text.split())[:200],
            score=round(self._scores[thing], 4),
            found_by=tuple(way for way in ORDER if way in self._found_by[thing]),
            sources=tuple(sorted(sources)) or ("graph",),
            properties={key: _short(value) for key, value in sorted(node.properties.items())} if node else {},
        )

    def _batches(self, view: View) -> dict[str, set[str]]:
        """Return the batches of things that have no text of their own."""
        found: dict[str, set[str]] = {}
        instructions = []
        for thing in self._scores:
            node = self._nodes.get(thing)
            if node is None:
                continue
            if node.label == Label.INSTRUCTION:
                instructions.append(thing)
            elif node.label in (Label.CAMPAIGN, Label.DOCUMENT, Label.REM):
                found[thing] = {thing}
            else:
                found[thing] = {str(node.properties[name]) for name in NAMED_BY if node.properties.get(name)}
        try:
            profiles = view.profiles(instructions[:LISTED])
        except FAILED:
            profiles = {}
        found.update((thing, {record.batch for record in records}) for thing, records in profiles.items())
        return found


def _short(value: Value) -> Value:
    if isinstance(value, str) and len(value) > LONGEST:
        return f"{value[: LONGEST - 1].rstrip()}…"
    return value


def rank(
    claims: Sequence[Claim], gathered: Gathered, request: QueryRequest, *, confidence: float, nodes: Iterable[Node]
) -> Ranking:
    """Put what was found into one ranking; `claims` are those of the plan, `nodes` what it has read already."""
    ranking = Ranking()
    ranking.know(nodes)
    named = list(dict.fromkeys(thing for claim in claims for thing in claim.evidence))
    for place, thing in enumerate(named):
        ranking.add(thing, confidence * (1 - WITHIN * place / len(named)), ("plan",))
    beside = BESIDE if named else 1.0
    room = request.top_k
    for passage in gathered.passages:
        room -= _add_passage(ranking, passage, beside, room=room)
    for node, worth in gathered.context[: max(room, 0)]:
        ranking.know([node])
        ranking.add(node.id, worth * beside * BESIDE, ("graph",))
    return ranking


def _add_passage(ranking: Ranking, passage: Passed, beside: float, *, room: int) -> int:
    """Add the things that a passage speaks of, or itself if it is a part of a document; return how many."""
    ways: list[Found] = ["words"] if passage.by_words else []
    ways += ["meaning"] if passage.by_meaning or not passage.by_words else []
    things = things_of(passage)[: max(room, 0)]
    for place, thing in enumerate(things):
        ranking.add(thing, passage.score * beside * (1 - 0.01 * place), ways, sources=passage.sources)
        ranking.describe(thing, kind="Passage", text=passage.text)
    ranking.know(passage.nodes)
    return len(things)


def things_of(passage: Passed) -> list[str]:
    """Return the ids that stand for a passage in the evidence."""
    if passage.kind == "chunk" or not passage.ids:
        return [passage.id]
    return list(passage.ids)
