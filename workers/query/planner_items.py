"""A question as a row of meanings: names, words of our vocabulary, numbers."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from workers.query import lexicon
from workers.query.lexicon_words import STOP
from workers.query.planner_context import BUILT, extracts, in_context, is_order, judged, numbered, ranged, split
from workers.query.planner_item import Item
from workers.query.planner_link import AGAINST, OPENING, Linked, Links
from workers.query.planner_tokens import Token

_ADVERB: Final = re.compile(r"^(?!assembly$|anomaly$|supply$|monthly$|weekly$)\w{3,}(?:mente|[^aeiou]ly)$")
_COMPARATIVE: Final = frozenset({"more", "fewer", "super", "change", "mayor", "menor"})
_THAN: Final = frozenset({"than", "que", "de"})


def items(tokens: Sequence[Token], links: Links) -> list[Item]:
    """Return the meanings of tokens in order; words without meaning for a plan are left out."""
    by_start = {linked.start: linked for linked in links.linked if linked.takes}
    texts = [lexicon.corrected(token.text) if token.kind == "word" else token.text for token in tokens]
    found: list[Item] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        linked = by_start.get(at)
        if linked is not None:
            words = " ".join(piece.text for piece in tokens[at : linked.end])
            found.append(Item("link", at, linked.end, words, linked.label, link=linked))
            at = max(linked.end, at + 1)
            continue
        if _against(tokens, at, found, by_start):
            found.append(Item("intent", at, at + 1, token.text, "compare"))
            at += 1
            continue
        if token.kind == "word":
            item = _phrase(tokens, texts, at, by_start)
            if item is not None:
                found.append(item)
            at = item.end if item else at + 1
            continue
        if token.kind in {"number", "date", "break", "comma"}:
            found.append(Item(token.kind, at, at + 1, token.text, quantity=token.quantity, seconds=token.seconds))
        at += 1
    found = [piece for place in range(len(found)) for piece in ranged(found, place, tokens)]
    found = [one for one in map(judged(found), map(extracts(found), found)) if one.kind not in {"safe", "filler"}]
    found = [piece for place in range(len(found)) for piece in split(found, place)]
    found = [numbered(found, place) for place in range(len(found)) if not is_order(found, place)]
    return [in_context(found, place, tokens) for place in range(len(found))]


def _against(tokens: Sequence[Token], at: int, found: Sequence[Item], by_start: dict[int, Linked]) -> bool:
    """Say whether a word stands between two builds or campaigns that are set against each other: `from A to B`."""
    if tokens[at].text not in AGAINST | _THAN or not found or found[-1].link is None or found[-1].value not in BUILT:
        return False
    reach = 8 if tokens[at].text in _THAN else 4  # `than they were in build 6`, `de lo que filtraban en la build 6`
    ahead = next((by_start[place] for place in range(at + 1, min(at + reach, len(tokens))) if place in by_start), None)
    if tokens[at].text == "de" and [token.text for token in tokens[at + 1 : at + 3]] != ["lo", "que"]:
        return False
    if ahead is None or ahead.label not in BUILT or found[-1].end != at:
        return False
    if tokens[at].text in _THAN and any(one.kind in _COMPARATIVE for one in found):
        return True  # `leak more in one than in the other`
    opened = found[-1].start
    before = {token.text for token in tokens[max(0, opened - 3) : opened]}
    return not before.isdisjoint(OPENING[tokens[at].text]) if tokens[at].text in OPENING else True


def _phrase(tokens: Sequence[Token], texts: Sequence[str], at: int, by_start: dict[int, Linked]) -> Item | None:
    if texts[at] in lexicon.FIRST:
        for length in range(min(lexicon.LONGEST, len(tokens) - at), 0, -1):
            inside = range(at, at + length)
            if any(tokens[place].kind != "word" or (place in by_start) for place in inside):
                continue
            if not _stands(tokens, at, length, by_start):
                continue
            words = " ".join(tokens[place].text for place in inside)
            meanings = lexicon.meant(words) or lexicon.meant(" ".join(texts[place] for place in inside))
            if meanings:
                first, *rest = meanings
                return Item(first.kind, at, at + length, words, first.value, first.of, tuple(rest))
    text = texts[at]
    if text in STOP or not any(map(str.isalnum, text)) or len(text) == 1 or _ADVERB.search(text):
        return None
    return Item("word", at, at + 1, tokens[at].text)


def _stands(tokens: Sequence[Token], at: int, length: int, by_start: Mapping[int, Linked]) -> bool:
    """Say whether a phrase ends where it seems to: `consumen más | de 5 uJ` and `más caliente | de build 7` do not."""
    last = tokens[at + length - 1].text
    end = at + length
    if last in {"de", "que", "del"} and tokens[at].text in {"mas", "menos", "mayor", "mayores", "menor", "menores"}:
        return _counts(tokens, end)
    if last in {"more", "less", "fewer"} and length > 1 and end < len(tokens) and tokens[end].text == "than":
        ahead = next(
            (place for place in range(end, len(tokens)) if tokens[place].kind == "number" or place in by_start), 0
        )
        return not end < ahead < end + 4 or ahead in by_start  # `leak more than |t| 70`
    if last in {"mas", "menos"} and length > 1 and at + length < len(tokens):
        return not (tokens[end].text in {"de", "que"} and _counts(tokens, end + 1))
    return True


def _counts(tokens: Sequence[Token], at: int) -> bool:
    """Say whether a number stands here, behind an article or not."""
    at += at < len(tokens) and tokens[at].text in {"los", "las", "unos", "unas"}
    return at < len(tokens) and tokens[at].kind == "number"
