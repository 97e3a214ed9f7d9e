"""One ranking of what was found: passages by words and by meaning, things by their place in the graph. Pure.

Words and meaning are put on one scale and weighed by how clearly each of them prefers its best: BM25 with one passage far
ahead knows what it has found, ten cosines close to each other do not. Things around are worth what the relations that
lead to them are worth, and how much of the question they speak of.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from jobs.knowledge import Link
from stores.graph import Node, Relation, Subgraph
from stores.words import question_terms, terms

WORDS_LEAST, WORDS_MOST = 0.3, 0.7
"""The weight of words against meaning, when words are least and most sure of themselves; tried on docstrings whose first
line was the question: better than either alone, than ranks fused, and than any fixed weight."""
RIVALS = 4
"""How many followers the best of a list is compared with."""
CONTEXT_LEAST = 0.2
"""Score below which a thing around is not worth telling."""
WORTH: Mapping[str, float] = {
    Link.LEAKS: 0.9,
    Link.MITIGATED_BY: 0.85,
    Link.MENTIONS: 0.75,
    Link.DEPICTS: 0.75,
    Link.MEASURED_IN: 0.7,
    Link.RELATED_TO: 0.7,
    Link.CORRELATES_WITH: 0.65,
    Link.TRIGGERS: 0.6,
    Link.PRECEDES: 0.5,
    Link.PART_OF: 0.5,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage with what words and meaning say of it; None where they say nothing."""

    id: str
    words: float | None = None
    """BM25."""
    meaning: float | None = None
    """Cosine."""


def fuse(candidates: Iterable[Candidate]) -> list[tuple[str, float]]:
    """Return passages with a score relative to the best (1), best first; ties by id."""
    found = list(candidates)
    by_words = _scaled({one.id: one.words for one in found if one.words is not None}, floor=0.0)
    by_meaning = _scaled({one.id: one.meaning for one in found if one.meaning is not None})
    weight = words_weight(list(by_words.values()), list(by_meaning.values()))
    scores = {one.id: weight * by_words.get(one.id, 0.0) + (1 - weight) * by_meaning.get(one.id, 0.0) for one in found}
    best = max(scores.values(), default=0.0) or 1.0
    return sorted(((key, score / best) for key, score in scores.items()), key=lambda item: (-item[1], item[0]))


def words_weight(by_words: Collection[float], by_meaning: Collection[float]) -> float:
    """Return what words are worth against meaning, from how far the best of each list, scaled to 0..1, is ahead."""
    if not by_words or not by_meaning:
        return 1.0 if by_words else 0.0
    balance = (1 + _lead(by_words) - _lead(by_meaning)) / 2
    return WORDS_LEAST + (WORDS_MOST - WORDS_LEAST) * balance


def _lead(scores: Collection[float]) -> float:
    ordered = sorted(scores, reverse=True)
    rivals = ordered[1 : 1 + RIVALS]
    return ordered[0] - sum(rivals) / len(rivals) if rivals else 1.0


def _scaled(scores: Mapping[str, float], *, floor: float | None = None) -> dict[str, float]:
    """Put scores on 0..1: the best is 1, `floor` (by default the worst) is 0."""
    if not scores:
        return {}
    low, high = min(scores.values()) if floor is None else floor, max(scores.values())
    if high <= low:
        return dict.fromkeys(scores, 1.0)
    return {key: max(0.0, (score - low) / (high - low)) for key, score in scores.items()}


def roots(text: str) -> frozenset[str]:
    """Return the words of a text as searches by words take them: without endings and accents."""
    return frozenset(terms(text))


@dataclass(frozen=True, slots=True)
class Asked:
    """The words that say what a question is about."""

    words: frozenset[str]
    """As searches by words take them; of a question in another language than the corpus, translations too."""
    count: int
    """How many of them the question itself has."""

    def share(self, text: str) -> float:
        """Return the share of what is asked for that a text speaks of."""
        return min(1.0, len(self.words & roots(text)) / self.count) if self.count else 0.0


def asked_for(words: str) -> Asked:
    """Take a question as it is."""
    found = frozenset(question_terms(words))
    return Asked(found, len(found))


def context(around: Subgraph, seeds: Collection[str], asked: Asked) -> list[tuple[Node, float]]:
    """Return the things around the seeds that are worth telling, best first; ties by id.

    A thing has the worth of its best way from a seed, the product of its relations' worths, less so the less of the
    question it speaks of.
    """
    worth = _worths(around, seeds)
    scored = [
        (node, worth[node.id] * (0.3 + 0.7 * asked.share(words_of(node))))
        for node in around.nodes
        if node.id in worth and node.id not in seeds
    ]
    return sorted((item for item in scored if item[1] >= CONTEXT_LEAST), key=lambda item: (-item[1], item[0].id))


def words_of(node: Node) -> str:
    """Return what a thing says of itself in words."""
    return " ".join([node.label, *(value for value in node.properties.values() if isinstance(value, str))])


def _worths(around: Subgraph, seeds: Collection[str]) -> dict[str, float]:
    steps: dict[str, list[tuple[str, float]]] = {}
    for relation in around.relations:
        worth = _worth(relation)
        steps.setdefault(relation.source, []).append((relation.target, worth))
        steps.setdefault(relation.target, []).append((relation.source, worth))
    worths = dict.fromkeys((seed for seed in seeds if seed in around.distances), 1.0)
    layer: Sequence[str] = sorted(worths)
    for _ in range(max(around.distances.values(), default=0)):
        reached: dict[str, float] = {}
        for node in layer:
            for other, worth in steps.get(node, ()):
                value = worths[node] * worth
                if value > worths.get(other, 0.0) and other in around.distances:
                    worths[other] = reached[other] = value
        layer = sorted(reached)
    return worths


def _worth(relation: Relation) -> float:
    weight = relation.properties.get("weight")
    strength = min(abs(float(weight)), 1.0) if isinstance(weight, int | float) else 1.0
    return WORTH.get(relation.kind, 0.4) * strength
