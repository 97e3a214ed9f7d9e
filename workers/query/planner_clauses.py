"""The clauses of a question: where another one begins, and what only says where."""

from collections.abc import Sequence
from typing import Final

from workers.query.planner_item import Item
from workers.query.planner_join import fronted, joined
from workers.query.planner_tokens import Token

MAX_CLAUSES: Final = 6
_OPENS: Final = frozenset({"ask", "many", "much", "intent", "agg"})
_AUXILIARY: Final = frozenset(
    {"did", "does", "do", "is", "are", "has", "have", "was", "were", "es", "son", "fue", "ha", "han", "hay"}
)
_COMPARING: Final = frozenset(
    ["compare", "compares", "compara", "comparar", "comparame", "diff", "contrast", "contrasta"]
)
_ASKING: Final = frozenset({"ask", "many", "much", "intent", "agg", "super", "change", "prop"})
_AND: Final = frozenset({"and", "y", "e", "also", "then", "ademas", "luego", "but", "pero"})
_WHOSE: Final = frozenset({"whose", "cuya", "cuyo", "cuyas", "cuyos"})
_WHOLE: Final = frozenset(
    {"many", "much", "super", "either", "agg", "them", "more", "intent", "change", "thing", "leaknoun"}
)


def clauses(found: Sequence[Item], tokens: Sequence[Token]) -> list[list[Item]]:
    """Part a question where another one begins, at most MAX_CLAUSES."""
    parted: list[list[Item]] = [[]]
    for at, item in enumerate(found):
        if item.kind == "break":
            parted.append([])
            continue
        if parted[-1] and len(parted) < MAX_CLAUSES and _begins(found, at, tokens):
            comma = found[at - 1].kind == "comma" or _behind_comma(item, tokens)
            if not (comma and item.kind == "ask" and not any(map(_asks, parted[-1], [None, *parted[-1]]))):
                parted.append([])  # else: `of the instructions that leak, which one is hottest`
            else:
                parted[-1] = fronted(parted[-1], found[at:])
        if item.kind != "comma":
            parted[-1].append(item)
    whole: list[list[Item]] = []
    for place, clause in enumerate(parted):
        if not clause:
            continue
        following = parted[place + 1] if place + 1 < len(parted) else []
        if all(item.kind in {"super", "number", "ask"} for item in clause) and any(
            one.kind == "super" for one in following
        ):
            # `the hottest and the coldest instruction`
            clause = [*clause, *(one for one in following if one.kind not in {"super", "number"})]  # noqa: PLW2901
        if whole and _only_where(whole[-1]):
            whole[-1] = [*whole[-1], *clause]
        else:
            whole.append(clause)
    return joined(whole)[:MAX_CLAUSES]


def _behind_comma(item: Item, tokens: Sequence[Token]) -> bool:
    """Say whether a comma stands before an item, or before the preposition that leads to it."""
    return any(tokens[place].kind == "comma" for place in range(max(0, item.start - 2), item.start))


def _asks(item: Item, before: Item | None) -> bool:
    """Say whether an item begins a question; `que` behind a thing relates: `las instrucciones que filtran`."""
    relates = item.words in {"que", "which", "that"} and before is not None and before.kind in {"thing", "leaknoun"}
    return item.kind in _ASKING and not relates


def _only_where(clause: Sequence[Item]) -> bool:
    """Say whether a clause only says where: `from build 7 to build 8, which instructions got worse`."""
    return any(item.link is not None for item in clause) and all(
        (
            item.kind in {"link", "cue", "rel", "between", "word", "ask"}
            and (item.kind != "ask" or item.words in {"in", "on"})
        )
        or (item.kind == "intent" and item.value == "compare" and item.words not in _COMPARING)
        for item in clause
    )


def _begins(found: Sequence[Item], at: int, tokens: Sequence[Token]) -> bool:  # noqa: C901 - one question after another, in the order that decides
    """Say whether a new question begins here: after `and` or a comma, with a word that asks, and something to ask of."""
    item = found[at]
    place = item.start
    while place and tokens[place - 1].text in _AUXILIARY | {
        "the",
        "el",
        "la",
        "of",
        "de",
        "por",
        "in",
        "en",
        "a",
        "los",
        "las",
    }:
        place -= 1
    joined = place > 0 and (tokens[place - 1].text in _AND or tokens[place - 1].kind == "comma")
    if not joined or (item.words in _WHOSE and any(one.kind == "thing" for one in found[:at])):
        return False
    auxiliary = place < item.start and tokens[place].text in _AUXILIARY
    opens = item.kind in _OPENS or auxiliary
    if item.kind == "super":
        opens = any(other.kind == "thing" for other in found[at + 1 : at + 3]) and any(
            other.kind == "thing" for other in found[:at]
        )
        if item.of and any(other.kind == "super" and other.of for other in found[:at]):
            return True  # `the hottest of one and the coldest of another`
    if item.kind == "ask" and item.words == "que" and tokens[item.start].raw[1:2].lower() == "u":
        opens = "é" in tokens[item.start].raw.lower() or "e\u0301" in tokens[item.start].raw.lower()
    if not opens:
        return False
    rest = []
    for other in found[at:]:
        if other.kind == "break":
            break
        rest.append(other)
    if item.kind == "agg":
        # Not `that leak and have an average energy above 5 uJ`.
        compared = any(other.kind in {"op", "between", "mayor", "menor"} for other in rest[1:4])
        figure = len(rest) > 1 and any(other.kind == "prop" for other in rest[1:3])
        return figure and not compared and _complete(found[:at])
    if item.kind == "intent" and item.value == "compare" and place == item.start:
        return True
    return any(other.kind in _WHOLE for other in rest) and _complete(found[:at])


def _complete(found: Sequence[Item]) -> bool:
    return any(item.kind in {"thing", "leak", "leaknoun", "prop", "intent", "link", "change"} for item in found)
