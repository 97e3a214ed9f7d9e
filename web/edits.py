"""What became of a run of instructions: which are gone, new, changed, or stand elsewhere. Pure."""

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from jobs.report import Place

Kind = Literal["removed", "added", "changed", "moved"]
_BRANCHES = re.compile(r"(bl?x?|cbn?z|b(eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le))(\.[nw])?")
_ADDRESS = re.compile(r"#?0x[0-9a-f]+|#\d+")
_LITERAL = re.compile(r"\[pc, #-?(0x)?[0-9a-f]+\]")

MOST = 1_000_000
"""Of the product of two lengths: finding what they have in common takes a second or so."""


class Edit(NamedTuple):
    """One instruction that is another one, or elsewhere."""

    kind: Kind
    before: Place | None
    after: Place | None
    ahead_of: Place | None = None
    """Of one that moved: the instruction that it stands ahead of now."""


def edits(before: Sequence[Place], after: Sequence[Place]) -> tuple[Edit, ...] | None:
    """Return what changed between two runs of instructions, in the order of the later one; None where they are too long.

    Where a branch goes and how far away a literal lies is no change: both move with everything else.
    """
    old, new = [_bare(place) for place in before], [_bare(place) for place in after]
    if old == new:
        return ()
    if len(old) * len(new) > MOST:
        return None
    found: list[Edit] = []
    for tag, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            found += _block(before[first:last], after[start:end])
    return tuple(_with_moves(found, after))


def text(place: Place) -> str:
    """Return an instruction as it is written."""
    return f"{place.mnemonic} {place.operands}".strip()


def _block(gone: Sequence[Place], new: Sequence[Place]) -> Iterable[Edit]:
    """Pair what is gone with what is new by mnemonic, in order; what is the same elsewhere is paired later."""
    texts = {_bare(place) for place in gone} & {_bare(place) for place in new}
    waiting = [place for place in gone if _bare(place) not in texts]
    for place in new:
        old = next((each for each in waiting if each.mnemonic == place.mnemonic), None)
        if old is None or _bare(place) in texts:
            yield Edit("added", None, place)
        else:
            waiting.remove(old)
            yield Edit("changed", old, place)
    left = {id(place) for place in waiting}
    yield from (Edit("removed", place, None) for place in gone if id(place) in left or _bare(place) in texts)


def _with_moves(found: Sequence[Edit], after: Sequence[Place]) -> Iterable[Edit]:
    """Take what is gone here and new there for one that moved."""
    gone = [edit for edit in found if edit.kind == "removed"]
    taken: set[int] = set()
    moved: list[Edit] = []
    for edit in found:
        if edit.kind == "added" and edit.after is not None:
            same = next((old for old in gone if id(old) not in taken and _same(old.before, edit.after)), None)
            if same is not None:
                taken.add(id(same))
                moved.append(Edit("moved", same.before, edit.after, _following(edit.after, after)))
                continue
        moved.append(edit)
    return (edit for edit in moved if id(edit) not in taken)


def _same(one: Place | None, other: Place) -> bool:
    return one is not None and _bare(one) == _bare(other)


def _following(place: Place, run: Sequence[Place]) -> Place | None:
    index = next(number for number, each in enumerate(run) if each.address == place.address)
    return run[index + 1] if index + 1 < len(run) else None


def _bare(place: Place) -> str:
    operands = _LITERAL.sub("[pc]", place.operands)
    if _BRANCHES.fullmatch(place.mnemonic):
        operands = _ADDRESS.sub("", operands)
    return f"{place.mnemonic} {operands}"
