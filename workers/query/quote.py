"""Answers that passages give themselves: the sentences that speak most of what was asked, word for word. Pure."""

from collections.abc import Sequence

from jobs.questions import Claim
from stores.graph import Node
from workers.query.evidence import things_of
from workers.query.phrase_book import Phrases
from workers.query.rank import Asked
from workers.query.retrieve import Passed
from workers.query.sentences import sentences
from workers.query.titles import listing, title

QUOTED = 3
"""Passages that are quoted."""
CLOSE = 0.5
"""A passage is quoted only if it is at least so much worth, relative to the best."""
LENGTH = 400
"""Characters of a quotation."""


def quotes(passages: Sequence[Passed], asked: Asked, words: Phrases) -> list[Claim]:
    """Quote the best passages, one sentence each, no sentence twice."""
    claims: dict[str, Claim] = {}
    for passage in passages:
        if len(claims) == QUOTED or passage.score < CLOSE * passages[0].score:
            break
        source = _source(passage)
        said = passage.text if passage.kind == "chunk" else _beyond(passage.text, source)
        text = best_sentence(said, asked)
        if text and text not in claims:
            told = words.say("quote", source=source, text=text)
            claims[text] = Claim(text=told, evidence=tuple(things_of(passage)))
    return list(claims.values()) or _named(passages, words)


def _beyond(text: str, name: str) -> str:
    """Return what a text says of a thing besides its name."""
    rest = text[len(name) :] if text.casefold().startswith(name.casefold()) else text
    kind, _, named = rest.partition(" ")
    return "" if named.casefold() == name.casefold() and kind.isalpha() else rest.lstrip(" :.–-")  # noqa: RUF001


def _named(passages: Sequence[Passed], words: Phrases) -> list[Claim]:
    """Name the things that the best passages are of, where they say no more of them than their names."""
    best = [passage for passage in passages[:QUOTED] if passage.nodes]
    if not best:
        return []
    items = list(dict.fromkeys(_source(passage) for passage in best))
    evidence = tuple(dict.fromkeys(thing for passage in best for thing in things_of(passage)))
    return [Claim(text=words.say("related", items=listing(items, len(items), words)), evidence=evidence)]


def best_sentence(text: str, asked: Asked) -> str:
    """Return the sentence with most of the words asked for, the first of equals; with the next one if it is very short."""
    found = [" ".join(text[start:end].split()) for start, end in sentences(text)] or [" ".join(text.split())]
    best = max(range(len(found)), key=lambda place: (asked.share(found[place]), -place))
    chosen = found[best]
    if len(chosen) < 40 and best + 1 < len(found):
        chosen = f"{chosen} {found[best + 1]}"
    return chosen if len(chosen) <= LENGTH else f"{chosen[: LENGTH - 1].rstrip()}…"


def related(context: Sequence[tuple[Node, float]], words: Phrases) -> list[Claim]:
    """Name what lies around."""
    if not context:
        return []
    nodes = [node for node, _ in context]
    text = words.say("related", items=listing([title(node) for node in nodes], len(nodes), words))
    return [Claim(text=text, evidence=tuple(node.id for node in nodes))]


def _source(passage: Passed) -> str:
    if passage.kind != "chunk" and passage.nodes:
        return title(passage.nodes[0])
    return ", ".join(source.partition(":")[2] or source for source in passage.sources) or passage.id
