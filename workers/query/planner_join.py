"""Clauses that belong together: one that only says what is to be listed, or how many, completes the one before it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from jobs.knowledge import Label
from workers.query.planner_item import Item

_BARE: Final = frozenset({"ask", "cue", "comma", "them", "unit"})
_EVALUATES: Final = frozenset({"", "worst", "effectiveness", "created_at"})
"""What a superlative is of that says of what only with the words before it: `the five worst`, `the first three`."""
_WHICH: Final = frozenset({"which", "cual", "cuales"})
_HEADED: Final = frozenset({"leak", "leaknoun", "sev", "vkind", "number", "super", "secret"})
"""What may stand between `which` and the kind of thing that it asks for."""


def joined(parted: Sequence[list[Item]]) -> list[list[Item]]:
    """Return clauses, each with what follows it as no question of its own."""
    whole: list[list[Item]] = []
    for clause in parted:
        if whole and (more := _completes(clause, whole[-1])) is not None:
            whole[-1] = more
        else:
            whole.append(clause)
    return whole


def _completes(clause: list[Item], before: list[Item]) -> list[Item] | None:
    """Return the clause before with what this one adds to it: `where does it leak? Give me the instructions`."""
    rest = [item for item in clause if item.kind not in _BARE]
    kinds = [item.kind for item in rest]
    if any(item.kind == "many" for item in before) or not before:
        return None
    if not rest and any(item.words in _WHICH for item in clause):
        return [*clause, *before]  # `does any instruction leak, and which?`
    if kinds in (["thing"], ["group", "thing"]) and any(item.kind == "them" for item in clause):
        return before if any(item.value == rest[-1].value for item in before) else [*clause[:1], rest[-1], *before]
    if kinds in (["thing"], ["leaknoun"]) and _lacks(before, rest[0]):
        return [*clause, *before]
    loose = [item for item in rest if item.kind == "super" and item.of in _EVALUATES]
    ranked = any(item.kind == "super" for item in before)
    if ranked and kinds.count("number") == 1 and len(loose) == len(rest) - 1:
        return [*before, *(item for item in rest if item.kind == "number")]
    return None


def _lacks(before: Sequence[Item], thing: Item) -> bool:
    """Say whether a clause asks, but of no kind of thing, or of just this one."""
    things = {item.value for item in before if item.kind == "thing"}
    if thing.value == Label.VULNERABILITY or thing.kind == "leaknoun":
        return not things and not any(item.kind in {"leak", "leaknoun", "super"} for item in before)
    return things <= {thing.value} and any(item.kind not in _BARE | {"link", "word", "thing"} for item in before)


def fronted(before: Sequence[Item], after: Sequence[Item]) -> list[Item]:
    """Return what stands before a comma, where `which 5 instructions` behind it says what is asked for.

    Kinds of things there only say where then: `across all builds`.
    """
    head = next((item for item in after[1:] if item.kind not in _HEADED), None)
    plain = {"thing", "word", "ask", "cue", "link", "intent", "group", "groupby", "rel"}
    if head is None or head.kind != "thing" or any(item.kind not in plain for item in before):
        return list(before)
    return [
        replace(item, kind="cue")
        if item.kind == "thing" and item.value != head.value and not _grouped(before, at)
        else item
        for at, item in enumerate(before)
    ]


def _grouped(items: Sequence[Item], at: int) -> bool:
    return at > 0 and items[at - 1].kind in {"group", "groupby"}
