"""What was seen of all trials, by instruction, as the report says it."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from jobs.payloads import CampaignRequest
from jobs.report_constant_time import SecretAddress, SecretWay, Way
from jobs.report_parts import Parting
from renode.trace import Instruction
from workers.simulation.attribution import Public, place_of, reason_of
from workers.simulation.consttime.masked import Tested
from workers.simulation.consttime.seen import Seen
from workers.simulation.consttime.trials import FIXED, RANDOM
from workers.simulation.parting import parting

ERROR_RATE = 1e-3
SHARE = ERROR_RATE / 4
"""Of a check with masks: for ways, addresses, cycles, and what decides how long an instruction takes."""
SHOWN_WAYS = 8
LISTED = 1000


@dataclass(frozen=True, slots=True)
class Describing:
    """What it takes to name things."""

    request: CampaignRequest
    public: Public
    instruction: Callable[[int], Instruction]


@dataclass(slots=True)
class _Found:
    first: int
    rows: tuple[Seen, int, int]
    """A trial, and two of its executions."""
    ways: Counter[int] = field(default_factory=Counter)
    p_log10: float | None = None


def told_ways(trials: Sequence[Seen], describing: Describing) -> tuple[SecretWay, ...]:
    """Say by instruction where executions parted for their secrets."""
    found: dict[int, _Found] = {}
    for seen in trials:
        if seen.masked is not None:
            continue
        for parted in seen.ways.partings():
            _add_way(found, parted.pc, parted.position, parted.ways, (seen, *parted.rows))
    for seen, tested in beyond_chance([(seen, list(seen.masked.ways())) for seen in trials if seen.masked is not None]):
        way = _add_way(found, tested.pc, tested.position, tested.ways, (seen, *_of_both_sets(seen)))
        way.p_log10 = min(way.p_log10 or 0.0, tested.p_log10)
    made = [
        SecretWay(
            place=place_of(describing.instruction(pc)),
            first=one.first,
            ways=tuple(
                Way(place=place_of(describing.instruction(to)) if to else None, executions=count)
                for to, count in one.ways.most_common(SHOWN_WAYS)
            ),
            parting=_parting(describing, one.rows),
            p_log10=_told_log(one.p_log10),
            public=reason_of(pc, describing.public),
        )
        for pc, one in found.items()
    ]
    return tuple(sorted(made, key=lambda way: (way.public is not None, way.first, way.place.address)))


def told_addresses(trials: Sequence[Seen], describing: Describing, *, cached: bool) -> tuple[SecretAddress, ...]:
    """Say by instruction which addresses differed for the secrets."""
    made: dict[tuple[int, bool], SecretAddress] = {}
    for seen in trials:
        if seen.masked is not None:
            continue
        for (pc, store), moved in seen.addresses.moved.items():
            compared = int((seen.trial.sets != FIXED).sum()) + 1  # the fixed secret is one execution without masks
            entry = _address(
                describing,
                seen,
                pc,
                store=store,
                first=moved.first,
                executions=(moved.executions, compared),
                span=(moved.least, moved.greatest),
                other_lines=moved.other_lines if cached else None,
                rows=moved.rows,
                p_log10=None,
            )
            _put(made, (pc, store), entry)
    family = [(seen, list(seen.masked.moved())) for seen in trials if seen.masked is not None]
    for seen, tested in surest(beyond_chance(family)):
        masked = seen.masked
        compared = len(masked.addresses) if masked is not None else 0
        entry = _address(
            describing,
            seen,
            tested.pc,
            store=bool(tested.store),
            first=tested.position,
            executions=(tested.elsewhere, compared),
            span=(tested.least, tested.greatest),
            other_lines=tested.other_lines if cached else None,
            rows=_of_both_sets(seen),
            p_log10=tested.p_log10,
        )
        _put(made, (tested.pc, bool(tested.store)), entry)
    listed = sorted(made.values(), key=lambda one: (one.public is not None, one.first, one.place.address))
    return tuple(listed[:LISTED])


def beyond_chance(tested: Iterable[tuple[Seen, list[Tested]]]) -> list[tuple[Seen, Tested]]:
    """Return the tests that reject, when their family has its share of the error rate (Bonferroni)."""
    family = [(seen, test) for seen, tests in tested for test in tests]
    limit = math.log10(SHARE / max(len(family), 1))
    return [(seen, test) for seen, test in family if test.p_log10 < limit]


def surest(tested: Iterable[tuple[Seen, Tested]]) -> list[tuple[Seen, Tested]]:
    """Return the surest test of each instruction in each trial: it stands at several positions of the path."""
    best: dict[tuple[int, int, bool | None], tuple[Seen, Tested]] = {}
    for seen, test in sorted(tested, key=lambda one: (one[1].p_log10, one[1].position)):
        best.setdefault((seen.trial.value, test.pc, test.store), (seen, test))
    return list(best.values())


def _add_way(
    found: dict[int, _Found], pc: int, position: int, ways: Iterable[tuple[int, int]], rows: tuple[Seen, int, int]
) -> _Found:
    one = found.setdefault(pc, _Found(position, rows))
    if position < one.first:
        one.first, one.rows = position, rows
    for to, count in ways:
        one.ways[to] += count
    return one


def _address(
    describing: Describing,
    seen: Seen,
    pc: int,
    *,
    store: bool,
    first: int,
    executions: tuple[int, int],
    span: tuple[int, int],
    other_lines: int | None,
    rows: tuple[int, int],
    p_log10: float | None,
) -> SecretAddress:
    return SecretAddress(
        kind="store" if store else "load",
        place=place_of(describing.instruction(pc)),
        first=first,
        executions=executions[0],
        compared=executions[1],
        span=span,
        other_lines=other_lines,
        extra_cycles=seen.extra.get(pc) if other_lines is not None else None,
        parting=_parting(describing, (seen, *rows)),
        p_log10=_told_log(p_log10),
        public=reason_of(pc, describing.public),
    )


def _put(made: dict[tuple[int, bool], SecretAddress], key: tuple[int, bool], entry: SecretAddress) -> None:
    """Put what one trial says beside what others said of the same instruction."""
    known = made.get(key)
    if known is None:
        made[key] = entry
        return
    first = min(known, entry, key=lambda one: one.first)
    lines = None if known.other_lines is None or entry.other_lines is None else known.other_lines + entry.other_lines
    spread = max(
        (one.extra_cycles for one in (known, entry) if one.extra_cycles is not None),
        key=lambda ends: ends[1] - ends[0],
        default=None,
    )
    chances = [one.p_log10 for one in (known, entry) if one.p_log10 is not None]
    made[key] = first.model_copy(
        update={
            "executions": known.executions + entry.executions,
            "compared": known.compared + entry.compared,
            "span": (min(known.span[0], entry.span[0]), max(known.span[1], entry.span[1])),
            "other_lines": lines,
            "extra_cycles": spread,
            "p_log10": min(chances) if chances else None,
        }
    )


def _of_both_sets(seen: Seen) -> tuple[int, int]:
    """Return the reference, and an execution with a random secret: with masks no two executions show it alone."""
    return 0, int((seen.trial.sets == RANDOM).argmax())


def parting_of_sets(describing: Describing, seen: Seen) -> tuple[Parting, ...]:
    """Return the inputs of an execution of either set."""
    return _parting(describing, (seen, *_of_both_sets(seen)))


def _parting(describing: Describing, rows: tuple[Seen, int, int]) -> tuple[Parting, ...]:
    seen, one, other = rows
    return parting(describing.request, seen.trial.rows[one], seen.trial.rows[other])


def _told_log(p_log10: float | None) -> float | None:
    return None if p_log10 is None else max(p_log10, -300.0)
