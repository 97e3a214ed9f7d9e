"""A question as a row of meanings: names, words of our vocabulary, numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from jobs.knowledge import Label
from workers.query import lexicon
from workers.query.lexicon import Meaning
from workers.query.lexicon_words import STOP
from workers.query.planner_link import AGAINST, CUES, OPENING, Linked, Links
from workers.query.planner_tokens import Token
from workers.query.units import Quantity

_BUILT: Final = frozenset({Label.FIRMWARE, Label.CAMPAIGN})
_REACHING: Final = ("reach", "alcan", "lleg", "amount", "top")
_WHICH: Final = frozenset({"which", "what", "que", "cual", "cuales", "many", "cuantas"})
_DISTINCT: Final = frozenset({"distintas", "distintos", "diferentes", "different"})


@dataclass(frozen=True, slots=True)
class Item:
    """A piece of the question that means something, or a word that nothing is known of (kind `word`)."""

    kind: str
    start: int
    end: int
    words: str
    value: str = ""
    of: str = ""
    also: tuple[Meaning, ...] = ()
    """What else the words can mean."""
    link: Linked | None = None
    quantity: Quantity | None = None
    seconds: float = 0.0

    def meaning(self, kind: str) -> Meaning | None:
        """Return the item's meaning of a kind, if it has one."""
        if self.kind == kind:
            return Meaning(kind, self.value, self.of)
        return next((meaning for meaning in self.also if meaning.kind == kind), None)


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
    found = [one for one in map(_judged(found), found) if one.kind != "safe"]
    found = [piece for place in range(len(found)) for piece in _split(found, place)]
    found = [_numbered(found, place) for place in range(len(found)) if not _is_order(found, place)]
    return [_in_context(found, place, tokens) for place in range(len(found))]


def _judged(found: Sequence[Item]) -> Callable[[Item], Item]:
    """Return how `is build 8 safe` is read where it is all that is asked: the verdict; of code, whether it leaks."""
    alone = all(one.kind in {"link", "cue", "safe", "word", "break", "ask", "number"} for one in found)
    built = any(one.value in _BUILT for one in found if one.link is not None)
    named = any(one.link is not None for one in found)
    kind, value = ("prop", "verdict") if built else ("leak", "leak")
    return lambda one: replace(one, kind=kind, value=value) if one.kind == "safe" and alone and named else one


def _is_order(found: Sequence[Item], at: int) -> bool:
    """Say whether a number is the order of a test: `tvla-2`."""
    number, before = found[at].quantity, found[at - 1] if at else None
    near = number is not None and before is not None and before.value == "tvla" and before.end == found[at].start
    return near and number is not None and abs(number.value) in {1.0, 2.0} and number.unit is None


def _numbered(found: Sequence[Item], at: int) -> Item:
    item = found[at]
    number = found[at + 1].quantity if at + 1 < len(found) and _is_order(found, at + 1) else None
    return item if number is None else replace(item, value=f"tvla-{abs(number.value):.0f}")


def _against(tokens: Sequence[Token], at: int, found: Sequence[Item], by_start: dict[int, Linked]) -> bool:
    """Say whether a word stands between two builds or campaigns that are set against each other: `from A to B`."""
    if tokens[at].text not in AGAINST or not found or found[-1].link is None or found[-1].value not in _BUILT:
        return False
    ahead = next((by_start[place] for place in range(at + 1, min(at + 4, len(tokens))) if place in by_start), None)
    if ahead is None or ahead.label not in _BUILT or found[-1].end != at:
        return False
    opened = found[-1].start
    before = {token.text for token in tokens[max(0, opened - 3) : opened]}
    return not before.isdisjoint(OPENING[tokens[at].text]) if tokens[at].text in OPENING else True


def _split(found: Sequence[Item], at: int) -> list[Item]:
    """Part `the most critical weaknesses` into a count and a severity, where something has the most of them."""
    item = found[at]
    average = item.kind == "level" and item.value == "MEDIUM" and item.words.startswith("consumo")
    if average and not any(one.value == Label.PATTERN for one in found):
        mean = replace(item, kind="agg", value="mean", of="", also=())
        return [mean, replace(item, kind="prop", value="energy", of="", also=())]
    severity = {"most critical": "critical", "most severe": "high", "most serious": "high"}.get(item.words)
    after = found[at + 1] if at + 1 < len(found) else None
    weak = after is not None and (after.kind in {"leak", "leaknoun"} or after.value == "SecurityVulnerability")
    if severity is None or not weak or not any(one.kind == "thing" for one in found[:at]):
        return [item]
    return [replace(item, of=""), Item("sev", item.start, item.end, item.words, severity)]


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
    if text in STOP or not any(map(str.isalnum, text)) or (len(text) == 1):
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


def _in_context(found: Sequence[Item], at: int, tokens: Sequence[Token]) -> Item:  # noqa: C901, PLR0911, PLR0912 - one question after another, in the order that decides
    """Return an item with the meaning that its neighbours leave it."""
    item = found[at]
    before = found[at - 1] if at else None
    after = found[at + 1] if at + 1 < len(found) else None
    if item.kind == "agg" and item.value == "mean" and item.words in {"media", "medias", "medio", "medios"}:
        near = [other for other in (before, after) if other is not None]
        if any(other.kind == "sev" or (other.kind == "prop" and other.value == "severity") for other in near) or (
            before is not None and before.kind == "thing" and before.value in {"SecurityVulnerability", "EnergyPattern"}
        ):
            return replace(item, kind="sev", value="medium")
    if item.kind == "leak" and item.words in {"leak", "leaks"}:
        asks = before is not None and (
            before.kind
            in {"many", "sev", "super", "either", "agg", "group", "groupby", "more", "level", "neg", "vkind"}
            or (before.kind == "ask" and before.words not in {"what", "who", "where"})
        )
        direct = before is not None and before.end == item.start
        known = item.start > 0 and tokens[item.start - 1].text in {"the", "any", "all", "of", "these", "those", "there"}
        if (asks and (direct or known or (before is not None and before.kind in {"many", "sev", "super"}))) or known:
            return replace(item, kind="leaknoun")
    if item.kind in {"orabove", "orbelow"} and after is not None and after.kind == "number":
        return replace(item, kind="op", value=item.value.removesuffix("="), of="")  # `above 10 and below 20`
    if item.kind == "op" and item.words.startswith(_REACHING):
        ahead = found[at + 1 : at + 5]
        if not any(one.kind == "number" for one in ahead):
            return replace(item, kind="cue")  # `what temperature does it reach`
    if item.kind == "intent" and item.words == "por que" and after is not None and after.kind == "thing":
        follows = at + 2 < len(found) and found[at + 2].link is not None and found[at + 2].start == after.end
        if after.start == item.end and not follows:
            return replace(item, kind="ask", value="which")  # `por qué campaña fue medida`
    counted = any(near is not None and near.kind in {"thing", "many", "leaknoun"} for near in (before, after))
    if (
        item.kind == "intent"
        and item.words in _DISTINCT
        and counted
        and not any(one.kind == "between" for one in found)
    ):
        return replace(item, kind="cue")  # `how many different functions`
    if item.kind == "absent" and item.words == "current" and after is not None and after.kind in {"thing", "link"}:
        return replace(item, kind="cue")  # `the current build`
    if item.kind == "thing" and after is not None and after.link is not None and _names(item, after, tokens):
        return replace(item, kind="cue")
    if item.kind == "thing" and before is not None and before.link is not None and before.value == item.value:
        named = before.link.things and item.start == before.end and item.value != "Instruction"
        return replace(item, kind="cue") if named else item
    return item


def _names(thing: Item, link: Item, tokens: Sequence[Token]) -> bool:
    """Say whether a kind only introduces a name: `function encrypt`, `the instruction at 0x8000`."""
    linked = link.link
    if linked is None or thing.value != link.value:
        return False
    asked = thing.start > 0 and tokens[thing.start - 1].text in _WHICH
    if thing.value == "Instruction":
        exact = bool(linked.things) or (linked.condition is not None and linked.condition.property == "address")
        singular = not thing.words.endswith("s") or exact
        near = link.start - thing.end <= 2 and tokens[thing.end].text not in {"that", "que"}
        return near and singular and linked.condition_name not in {"mnemonic", "file"} and not asked
    return link.start == thing.end and (
        not asked or (CUES.get(thing.words) == link.value and not thing.words.endswith("s"))
    )
