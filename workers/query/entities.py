"""Entities of a text and how they relate, found without a model: our lexicon, rules for names, and noun phrases.

The name, the type and the description of an entity follow from its words alone, so that every document that speaks of
it says the same of it, and nothing of one document stays in an entity that others share.

Two entities are related when they occur in one sentence of prose. The weight is
    c / sqrt(a b) * c / (c + 1)
where c sentences have both, a the one and b the other: the cosine of their occurrences, halved for a single sighting.
"""

import hashlib
import math
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from workers.query.lexicon_index import in_lexicon
from workers.query.name_rules import by_rules
from workers.query.noun_phrases import phrases
from workers.query.sentences import Span
from workers.query.text_words import words

MAX_PER_CHUNK = 200
MAX_PER_DOCUMENT = 2000
MAX_PER_SENTENCE = 12
"""Entities that are related with each other; a longer enumeration relates nothing."""
MAX_RELATED = 10_000
MAX_CANDIDATES = 50_000
MAX_PAIRS = 200_000
"""Of entities and of relations that are weighed against each other; a text with more of them gives the first."""
MAX_KNOWN = 5000
"""Names of a document that are looked up among the things of the graph."""
MAX_SEEN = 300
"""Characters of the sentence that shows a relation."""
MAX_SLUG = 80

Known = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing that documents speak of."""

    id: str
    name: str
    type: str
    description: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A place that speaks of a thing: of an entity, or of another thing of the graph."""

    start: int
    end: int
    id: str


@dataclass(frozen=True, slots=True)
class Related:
    """Two entities that share sentences; `source` is the lesser id."""

    source: str
    target: str
    weight: float
    """0 to 1."""
    description: str
    """The first sentence that has both."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """What was found in a text: mentions by place, relations strongest first."""

    entities: Mapping[str, Entity]
    mentions: Sequence[Mention]
    related: Sequence[Related]
    warnings: tuple[str, ...] = ()

    def within(self, span: Span) -> list[str]:
        """Return the ids that a part of the text mentions, most often first; at most MAX_PER_CHUNK."""
        first = bisect_left(self.mentions, span[0], key=lambda mention: mention.start)
        last = bisect_right(self.mentions, span[1], key=lambda mention: mention.start)
        inside = Counter(mention.id for mention in self.mentions[first:last] if mention.end <= span[1])
        return [name for name, _ in inside.most_common(MAX_PER_CHUNK)]


def entity(name: str, kind: str, description: str) -> Entity:
    """Return an entity with the id that its name and type give it."""
    return Entity(f"entity:{slug(kind)}:{slug(name)}", name, kind, description)


def slug(name: str) -> str:
    """Return a name as a part of an id: [a-z0-9-], or a digest where nothing of it remains."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    plain = decomposed.encode("ascii", "ignore").decode()
    short = re.sub(r"[^a-z0-9+]+", "-", plain).strip("-").replace("+", "-plus").strip("-")
    if 0 < len(short) <= MAX_SLUG and all(letter.isascii() or unicodedata.combining(letter) for letter in decomposed):
        return short
    # Of other scripts, and of what is cut, the same may be left of many names.
    digest = hashlib.sha256(name.encode()).hexdigest()[:16]
    return f"{short[: MAX_SLUG - 17]}-{digest}" if short else digest


def extract(text: str, sentences: Sequence[Span], *, verbatim: Sequence[Span], known: Known) -> Extraction:
    """Return what a text speaks of; where two readings of a place compete, rules go before lexicon before phrases.

    `known` finds a thing of the graph by its name. Of code, which is no prose, only such things are mentioned.
    """
    code = _inside(verbatim)
    prose = [span for span in sentences if not code(span[0])]
    page = _Page(text)
    page.read_names(known, code)
    tokens = words(text, prose)
    for sentence in tokens:
        for start, end, term in in_lexicon(text, sentence):
            if page.take(start, end):
                page.note(entity(term.name, term.type, term.description), start, end)
    for phrase in phrases(text, tokens, page.taken):
        for start, end in phrase.places:
            page.note(entity(phrase.name, phrase.type, phrase.description), start, end)
    return _limited(text, page.entities, sorted(page.mentions, key=lambda one: (one.start, one.id)), prose)


def mentions(text: str, known: Known) -> list[Mention]:
    """Return where a text speaks of things of the graph, in order."""
    page = _Page(text)
    page.read_names(known, lambda _: True)
    return sorted(page.mentions, key=lambda one: (one.start, one.id))


class _Page:
    """A text on which places are marked as they are understood."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.taken = bytearray(len(text))
        self.entities: dict[str, Entity] = {}
        self.mentions: list[Mention] = []

    def take(self, start: int, end: int) -> bool:
        """Mark a place if nothing of it is marked; say whether it was free."""
        free = self.taken.find(1, start, end) < 0
        if free:
            self.taken[start:end] = b"\1" * (end - start)
        return free

    def note(self, found: Entity, start: int, end: int) -> None:
        """Note that a place speaks of an entity."""
        if found.id not in self.entities and len(self.entities) >= MAX_CANDIDATES:
            return
        self.entities.setdefault(found.id, found)
        self.mentions.append(Mention(start, end, found.id))

    def read_names(self, known: Known, code: Callable[[int], bool]) -> None:
        """Note the names that rules find."""
        asked: dict[str, str | None] = {}
        for name in by_rules(self.text):
            if not self.take(name.start, name.end):
                continue
            if name.name not in asked and len(asked) < MAX_KNOWN:
                asked[name.name] = known(name.name)
            thing = asked.get(name.name)
            if thing is not None:
                self.mentions.append(Mention(name.start, name.end, thing))
            elif name.type and not code(name.start):
                self.note(entity(name.name, name.type, name.description), name.start, name.end)


def _inside(spans: Sequence[Span]) -> Callable[[int], bool]:
    starts = [start for start, _ in spans]

    def inside(place: int) -> bool:
        at = bisect_right(starts, place) - 1
        return at >= 0 and place < spans[at][1]

    return inside


def _limited(text: str, entities: dict[str, Entity], mentions: Sequence[Mention], prose: Sequence[Span]) -> Extraction:
    counts = Counter(mention.id for mention in mentions)
    warnings = []
    if len(entities) > MAX_PER_DOCUMENT:
        warnings.append(f"Of {len(entities)} entities the {MAX_PER_DOCUMENT} most frequent were kept.")
        kept = sorted(entities, key=lambda name: -counts[name])[:MAX_PER_DOCUMENT]
        dropped = entities.keys() - set(kept)
        entities = {name: entities[name] for name in kept}
        mentions = [mention for mention in mentions if mention.id not in dropped]
    related = _related(text, prose, mentions, entities)
    if len(related) > MAX_RELATED:
        warnings.append(f"Of {len(related)} relations the {MAX_RELATED} strongest were kept.")
    return Extraction(entities, mentions, related[:MAX_RELATED], tuple(warnings))


def _related(
    text: str, prose: Sequence[Span], mentions: Iterable[Mention], entities: Mapping[str, Entity]
) -> list[Related]:
    starts = [start for start, _ in prose]
    by_sentence: defaultdict[int, set[str]] = defaultdict(set)
    for mention in mentions:
        at = bisect_right(starts, mention.start) - 1
        if mention.id in entities and at >= 0 and mention.end <= prose[at][1]:
            by_sentence[at].add(mention.id)
    return relate((sorted(ids), text[slice(*prose[at])]) for at, ids in sorted(by_sentence.items()))


def relate(sightings: Iterable[tuple[Sequence[str], str]]) -> list[Related]:
    """Return how ids relate, strongest first, given the sorted ids of each sentence, and the sentence."""
    alone: Counter[str] = Counter()
    both: Counter[tuple[str, str]] = Counter()
    seen: dict[tuple[str, str], str] = {}
    for ids, sentence in sightings:
        alone.update(ids)
        if len(ids) <= MAX_PER_SENTENCE:
            for pair in combinations(ids, 2):
                if pair in both or len(both) < MAX_PAIRS:
                    both[pair] += 1
                    seen.setdefault(pair, _short(sentence))
    related = [
        Related(
            *pair,
            round(count / math.sqrt(alone[pair[0]] * alone[pair[1]]) * count / (count + 1), 6),
            seen[pair],
        )
        for pair, count in both.items()
    ]
    return sorted(related, key=lambda relation: (-relation.weight, relation.source, relation.target))


def _short(sentence: str) -> str:
    line = " ".join(sentence[: 4 * MAX_SEEN].split())
    return line if len(line) <= MAX_SEEN else f"{line[: MAX_SEEN - 1].rsplit(' ', 1)[0]}…"
