"""Which two campaigns or builds a comparison is about, when the question names one of them, a countermeasure, or none."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from jobs.knowledge import Label
from workers.query.names import Named, Names
from workers.query.normal import parts

_TREATED_WORDS = """
masked masking mask patched patch fixed fix shuffled shuffling hardened hiding mitigated protected secure ct
countermeasure blinded after constant
"""
TREATED: Final = frozenset(_TREATED_WORDS.split())
_BASELINE_WORDS = """
unmasked unprotected unpatched baseline before leaky plain without original unsafe
"""
BASELINE: Final = frozenset(_BASELINE_WORDS.split())
_PASSING_WORDS = """
the of build version v m cortex aes
"""
_PASSING: Final = frozenset(_PASSING_WORDS.split())


def pair(names: Names, things: Sequence[Named], mitigations: Sequence[Named]) -> tuple[str, str] | None:
    """Return the ids to compare, the earlier first: campaigns, or firmware; None when no two belong together.

    Two that are named; else, of the same family of names, the one with a countermeasure and its baseline; else a build
    and the one before it; else the two newest builds of the family.
    """
    if len(things) >= 2 and (both := _two(things)):
        return both
    campaigns, firmware = names.of(Label.CAMPAIGN), names.of(Label.FIRMWARE)
    for mitigation in mitigations:
        if (found := _measured(names, mitigation, campaigns, things)) is not None:
            return found
    for kind in (campaigns, firmware):
        near = _near(kind, things)
        if (found := _treated(near, things, mitigations)) is not None:
            return found
    if mitigations and not things:
        return None
    for kind in (firmware, campaigns):
        if (found := _newest(_near(kind, things), things)) is not None:
            return found
    return None


def _two(things: Sequence[Named]) -> tuple[str, str] | None:
    labels = [thing.label for thing in things]
    label = Label.CAMPAIGN if labels.count(Label.CAMPAIGN) >= 2 else Label.FIRMWARE
    mine = [thing for thing in things if thing.label == label]
    if len(mine) == 2:
        first, second = sorted(mine, key=_age) if _age(mine[0]) != _age(mine[1]) else mine
        if _is_treated(first) and not _is_treated(second):
            first, second = second, first
        return first.id, second.id
    return None


def _near(kind: Sequence[Named], things: Sequence[Named]) -> list[Named]:
    """Return the campaigns or firmware of the families of what is named; all, when nothing is."""
    if not things:
        return list(kind)
    families = {_family(thing) for thing in things}
    firmware = {thing.id for thing in things} | {thing.firmware for thing in things if thing.firmware}
    return [
        one
        for one in kind
        if _family(one) in families or one.id in firmware or (one.firmware and one.firmware in firmware)
    ]


def _family(thing: Named) -> frozenset[str]:
    """Return what a name shares with those of its other builds: its words without numbers and countermeasures."""
    words = parts(thing.name)
    kept = [
        word
        for word in words
        if word not in TREATED | BASELINE and not word.isdigit() and word not in {"build", "version", "v", "rev"}
    ]
    return frozenset(kept)


def _is_treated(thing: Named) -> bool:
    words = {*parts(thing.name), *(part for tag in thing.tags for part in parts(tag))}
    return bool(words & TREATED) and not words & BASELINE


def _number(thing: Named) -> int:
    """Return the last number of a name, such as the build's; -1 without one."""
    numbers = [int(word) for word in parts(thing.name) if word.isdigit() and len(word) < 10]
    return numbers[-1] if numbers else -1


def _age(thing: Named) -> tuple[float, int]:
    return thing.at, _number(thing)


def _measured(
    names: Names, mitigation: Named, campaigns: Sequence[Named], things: Sequence[Named]
) -> tuple[str, str] | None:
    """Return a campaign whose weaknesses a countermeasure was measured on, and the campaign that has it."""
    wanted = set(parts(mitigation.name))
    scope = {thing.id for thing in things} | {thing.firmware for thing in things if thing.firmware}
    for before in (names.get(id_) for id_ in names.mitigated.get(mitigation.id, ())):
        if before is None:
            continue
        family = [one for one in campaigns if one.id != before.id and _family(one) == _family(before)]
        later = [
            one
            for one in family
            if wanted & {*parts(one.name), *(part for tag in one.tags for part in parts(tag))} or _is_treated(one)
        ]
        later = [one for one in later if _number(one) == _number(before)] or later
        if not later and (following := [one for one in family if _age(one) > _age(before)]):
            later = [min(following, key=lambda one: (_age(one), one.id))]  # no name tells: what was measured next
        ends = {one for thing in (before, *later) for one in (thing.id, thing.firmware)}
        if later and not (scope and scope.isdisjoint(ends)):
            return before.id, max(later, key=lambda one: (_age(one), one.id)).id
    return None


def _treated(near: Sequence[Named], things: Sequence[Named], mitigations: Sequence[Named]) -> tuple[str, str] | None:
    """Return a baseline and the newest of its family that has a countermeasure."""
    stems = {part[:4] for mitigation in mitigations for part in parts(mitigation.name)}
    mine = {thing.id for thing in things}
    families: defaultdict[frozenset[str], list[Named]] = defaultdict(list)
    for one in near:
        families[_family(one)].append(one)
    best: tuple[tuple[bool, float, int, str], str, str] | None = None
    for members in families.values():
        having = [one for one in members if _is_treated(one)]
        if stems:
            having = [one for one in having if stems & {part[:4] for part in (*parts(one.name), *one.tags)}]
        for after in having:
            before = [one for one in members if not _is_treated(one)]
            before = [one for one in before if _number(one) == _number(after)] or before
            before = [one for one in before if one.at <= after.at] or before
            if not before:
                continue
            first = max(before, key=lambda one: (one.id in mine or one.firmware in mine, _age(one), one.id))
            named = bool({after.id, first.id, after.firmware, first.firmware} & mine)
            rank = (named, *_age(after), after.id)
            if best is None or rank > best[0]:
                best = rank, first.id, after.id
    return (best[1], best[2]) if best is not None and (not things or best[0][0]) else None


def _newest(near: Sequence[Named], things: Sequence[Named]) -> tuple[str, str] | None:
    """Return a build and its predecessor, else its successor; without a name the two newest of the newest family."""
    families: defaultdict[frozenset[str], list[Named]] = defaultdict(list)
    for one in near:
        families[_family(one)].append(one)
    mine = {thing.id for thing in things} | {thing.firmware for thing in things if thing.firmware}
    pairs = []
    for members in families.values():
        if len(members) < 2:
            continue
        members.sort(key=lambda one: (_number(one), one.at, one.id) if _number(one) >= 0 else (-1, one.at, one.id))
        places = [at for at, one in enumerate(members) if one.id in mine or one.firmware in mine] if mine else []
        if mine and not places:
            continue
        at = max(places) if places else len(members) - 1
        first, second = (at - 1, at) if at > 0 else (0, 1)
        pairs.append(((members[second].at, members[second].id), members[first].id, members[second].id))
    if not pairs:
        return None
    _, before, after = max(pairs)
    return before, after
