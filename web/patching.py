"""What a change did by source line: to its instructions, to what they leak, and both in one sentence.

A sentence claims what the two reports show and no more: findings there were or were not, effects with their intervals,
instructions as they were executed. Why a compiler did it is not in the data. Pure.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from jobs.report import SAMPLES, Kind, Place, Row, Severity
from web.compared import Side, shared_kinds
from web.edits import Edit, edits, text
from web.judging import Judge, Judged, Judgement

_COUNTED = frozenset({Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM})
_TOLD = 3
"""Edits that a sentence tells of; the others are counted."""
_ORDER: tuple[Judgement, ...] = ("worse", "better", "unknown", "unchanged")
Spot = tuple[str | None, str | None, int | None]
"""Function, file, line."""


class Line(NamedTuple):
    """A source line of a function; without lines in the firmware, a function."""

    function: str | None
    file: str | None
    line: int | None
    judged: Judged
    leaked: bool
    """Whether a finding that makes a verdict is there before the change."""
    leaks: bool
    """And after it."""
    edits: tuple[Edit, ...] | None
    """None: there are too many instructions to lay them side by side."""
    sentence: str


def patched(before: Side, after: Side, judge: Judge) -> tuple[Line, ...]:
    """Return the lines on which instructions or findings changed, or an effect did; the worst first.

    Samples that belong to no instruction are on no line; without firmware there are none.
    """
    sides = _by_spot(before), _by_spot(after)
    kinds = shared_kinds(before, after)
    leaky = _leaky(before, kinds), _leaky(after, kinds)
    lines = []
    for spot in dict.fromkeys((*sides[0], *sides[1], *sorted(leaky[0] | leaky[1], key=str))):
        rows = sides[0].get(spot, []), sides[1].get(spot, [])
        changed = edits(*([row.place for row in side] for side in rows))
        judged = judge.judge(*rows)
        leaked, leaks = (spot in side for side in leaky)
        if changed != () or leaked is not leaks or judged.judgement in {"better", "worse"}:
            sentence = _sentence(spot, judged, changed, seen=(_seen(before, leaked), leaked, leaks, after))
            lines.append(Line(*spot, judged, leaked, leaks, changed, sentence))
    return tuple(sorted(lines, key=_worst_first))


def _by_spot(side: Side) -> Mapping[Spot, list[Row]]:
    found: dict[Spot, list[Row]] = defaultdict(list)
    for row in sorted(side.rows, key=lambda row: row.place.address):
        if row.place.mnemonic != SAMPLES:
            found[_spot(row.place)].append(row)
    return found


def _leaky(side: Side, kinds: frozenset[Kind]) -> set[Spot]:
    counted = (each for each in side.findings if each.severity in _COUNTED and each.kind in kinds)
    return {_spot(finding.place) for finding in counted if finding.place.mnemonic != SAMPLES}


def _spot(place: Place) -> Spot:
    return place.function, place.file, place.line


def _worst_first(line: Line) -> tuple[bool, int, str, str, int]:
    new = line.leaks and not line.leaked
    return not new, _ORDER.index(line.judged.judgement), line.file or "", line.function or "", line.line or 0


def _seen(before: Side, leaked: bool) -> str:
    if leaked:
        return "leaked before"
    enough = before.sufficiency.sufficient
    return "showed no leak before" if enough else "showed no leak before, in too few traces to say that there was none"


def _sentence(spot: Spot, judged: Judged, changed: Sequence[Edit] | None, *, seen: tuple[str, bool, bool, Side]) -> str:
    told, leaked, leaks, after = seen
    parts = [f"{told}, {_now(judged.judgement, leaked=leaked, leaks=leaks, after=after)}", judged.why]
    parts.append(_code(changed))
    return f"{_where(spot)}: {'; '.join(parts)}."


def _now(judgement: Judgement, *, leaked: bool, leaks: bool, after: Side) -> str:
    if leaks:
        more = {"worse": ", and more than before", "better": ", but less than before"}.get(judgement, "")
        return f"still leaks{more}" if leaked else "leaks now"
    if not after.sufficiency.sufficient:
        return "shows none now, in too few traces to say that there is none"
    return "shows none now"


def _where(spot: Spot) -> str:
    function, file, line = spot
    if line is None:
        return f"{function or 'code without a name'}, no source line"
    return f"line {line} of {file}" + (f", in {function}" if function else "")


def _code(changed: Sequence[Edit] | None) -> str:
    if changed is None:
        return "its instructions changed, and are too many to be laid side by side"
    if not changed:
        return "its instructions are the same"
    told = ", ".join(_told(edit) for edit in changed[:_TOLD])
    more = len(changed) - _TOLD
    return f"{told} and {more} more changes" if more > 0 else told


def _told(edit: Edit) -> str:
    old, new = (f"`{text(place)}`" if place is not None else "" for place in (edit.before, edit.after))
    if edit.kind == "changed":
        return f"{old} became {new}"
    if edit.kind == "moved":
        return f"{new} stands elsewhere" if edit.ahead_of is None else f"{new} moved ahead of `{text(edit.ahead_of)}`"
    return f"{old} is gone" if edit.kind == "removed" else f"{new} is new"
