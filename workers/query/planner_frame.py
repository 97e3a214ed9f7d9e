"""What one clause says, taken apart: kinds of things, names, comparisons, severities, figures, relations."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from jobs.knowledge import SEVERITY_RANK, Label
from jobs.report import Severity
from stores.graph import Condition, Operator
from workers.query.planner_clause import Frame, Superlative
from workers.query.planner_item import Item, figured
from workers.query.planner_link import Linked
from workers.query.planner_numbers import FLIPPED, numbers
from workers.query.planner_vocabulary import MEASURED

_TAKING = frozenset({"take", "takes", "took", "taken", "taking", "needs", "last", "lasts", "time", "tiempo"})


def frame(items: Sequence[Item], entities: Sequence[Linked] = ()) -> Frame:  # noqa: C901, PLR0912 - one question after another, in the order that decides
    """Take a clause apart; `entities` are those of the whole question."""
    made = Frame(items)
    if items:
        first, last = items[0].start, items[-1].end
        made.entities += [link for link in entities if first <= link.start < last + 1]
    for at, item in enumerate(items):
        if item.link is not None:
            made.links.append(item.link)
            made.used.add(at)
        elif item.kind in {"ask", "unit", "cue", "comma", "them", "more", "fewer", "mayor", "menor"}:
            made.used.add(at)
    numbers(made)
    _severities(made)
    _figures(made)
    for at, item in enumerate(items):
        if item.kind == "thing":
            made.things.append((at, item.value))
            made.used.add(at)
        elif item.kind == "leaknoun":
            made.things.append((at, Label.VULNERABILITY))
            made.leaks.append(at)
            made.used.add(at)
        elif item.kind == "leak":
            made.leaks.append(at)
            made.used.add(at)
        elif item.kind == "prop":
            made.used.add(at)
            verb = item.value == "latency" and item.words in _TAKING
            if item.value == "executions" and items[at + 1 : at + 2] and items[at + 1].value in {"precedes", "follows"}:
                continue  # `executed right after`
            if not verb or not any(other.kind == "prop" and other.value != "latency" for other in items):
                made.props.append((at, item.value))
        elif item.kind == "neg":
            made.negated.append(at)
        elif item.kind == "much" and item.of:
            made.props.append((at, item.of))
    if any(item.kind == "leak" for item in items) and not any(item.value == Label.CAMPAIGN for item in items):
        # `leaks with less than 100 traces`: so many are enough to see it
        made.comparisons = [replace(one, of="traces_needed") if one.of == "traces" else one for one in made.comparisons]
    return made


def _severities(made: Frame) -> None:  # noqa: C901 - one question after another, in the order that decides
    """Read severities, and levels of energy patterns, which go by the same words."""
    items = made.items
    ranks: list[int] = []
    about_patterns = any(item.kind == "thing" and item.value == Label.PATTERN for item in items)
    about_weakness = any(
        item.kind in {"leak", "leaknoun"}
        or (item.kind == "thing" and item.value == Label.VULNERABILITY)
        or (item.kind == "prop" and item.value == "severity")
        for item in items
    )
    for at, item in enumerate(items):
        if item.kind == "level":
            made.levels.append(item.value)
            made.used.add(at)
            continue
        if item.kind != "sev":
            continue
        after = items[at + 1] if at + 1 < len(items) else None
        before = items[at - 1] if at else None
        direct = after is not None and after.kind == "thing" and after.value == Label.PATTERN
        if item.value != "critical" and (direct or (not about_weakness and about_patterns)):
            made.levels.append(item.value.upper())
            made.used.add(at)
            continue
        if item.value != "critical" and not about_weakness and after is not None and after.kind == "prop":
            continue  # `high energy` without a number: nothing to compare with
        rank = SEVERITY_RANK[Severity(item.value)]
        made.used.add(at)
        compared = before if before is not None and before.kind in {"op", "change"} else None
        if compared is not None and compared.value in FLIPPED:
            operator: Operator = compared.value  # type: ignore[assignment]
            made.severity.append(Condition("severity_rank", operator, rank))
            made.used.add(at - 1)
        elif compared is not None and compared.value == "worse":
            made.severity.append(Condition("severity_rank", ">", rank))
            made.used.add(at - 1)
        elif before is not None and before.kind == "neg":
            made.severity.append(Condition("severity_rank", "<>", rank))
            made.used.add(at - 1)
        elif after is not None and after.kind in {"orabove", "orbelow"}:
            made.severity.append(Condition("severity_rank", ">=" if after.kind == "orabove" else "<=", rank))
            made.used.add(at + 1)
        else:
            ranks.append(rank)
    if ranks:
        one = len(set(ranks)) == 1
        made.severity.append(
            Condition("severity_rank", "=" if one else "in", ranks[0] if one else tuple(sorted(set(ranks))))
        )


def _figures(made: Frame) -> None:  # noqa: C901, PLR0912 - one question after another, in the order that decides
    """Read superlatives, figures (`mean`, `how many`) and groups (`per function`)."""
    items = made.items
    for at, item in enumerate(items):
        after = items[at + 1] if at + 1 < len(items) else None
        if item.kind == "agg" and made.figure is None:
            made.figure = item.value
            made.used.add(at)
        elif item.kind in {"many", "much"}:
            made.used.add(at)
            if at > 1 and items[at - 1].kind == "groupby" and items[at - 2].kind == "thing" and after is not None:
                made.by = items[at - 2].value  # `functions by number of weaknesses`
                made.used.add(at - 1)
        elif (
            item.words in _EACH and not any(map(figured, items)) and not any(one.kind == "thing" for one in items[:at])
        ):
            made.used.add(at)  # `each of the weaknesses`: all of them
        elif (
            item.kind in {"group", "groupby"}
            and not (item.kind == "groupby" and at and items[at - 1].kind == "rel")  # `triggered by instructions`
            and after is not None
            and (after.kind in {"thing", "leaknoun"} or (after.kind == "prop" and after.value not in MEASURED))
        ):
            made.by = after.value
            made.used |= {at, at + 1}
        elif item.kind == "super" and item.words in _FIRST and (beside := _count_near(items, at)) is not None:
            made.top = beside[0]
            made.used |= {at, beside[1]}
        elif item.kind in {"super", "either"} and at not in made.used:
            if made.superlative is None:
                made.superlative = _superlative(made, at, item)
            elif item.of and item.kind == "super" and _loose(made.superlative):
                made.superlative = _superlative(made, at, item)  # `the top 6 hottest`: it says of what
        elif item.kind in {"more", "mayor", "fewer", "menor"} and not any(one.at == at for one in made.comparisons):
            near = [
                other for other in items[max(0, at - 1) : at + 2] if other.kind in {"prop", "thing", "leaknoun", "leak"}
            ]
            if near and made.superlative is None:
                made.superlative = _superlative(made, at, item)
    asked = made.place("many")
    if (
        asked is not None
        and made.figure is not None
        and any(
            item.kind in {"thing", "leaknoun", "leak"} or item.value == Label.INSTRUCTION
            for item in items[asked + 1 : asked + 4]
        )
    ):
        made.figure = None  # how many, of those with an average of so much
    extreme = made.superlative
    if extreme is not None and not extreme.sure and any(one.of == extreme.of for one in made.comparisons):
        made.superlative = None  # `whose maximum latency is above 10`
    if made.superlative is not None:
        free = [
            (abs(at - made.superlative.at), at)
            for at, item in enumerate(items)
            if item.kind == "number" and at not in made.used and item.quantity and item.quantity.unit is None
        ]
        whole = [
            (gap, at)
            for gap, at in free
            if (one := items[at].quantity) and 1 <= one.value <= 1000 and one.value % 1 == 0
        ]
        if whole:
            chosen = items[min(whole)[1]].quantity
            made.top = int(chosen.value) if chosen else None
            made.used.add(min(whole)[1])


_EACH = frozenset({"each", "cada"})
_FIRST = frozenset({"first", "primera", "primeras", "primero", "primeros"})


def _count_near(items: Sequence[Item], at: int) -> tuple[int, int] | None:
    """Return the number beside an ordinal, `the first three`, and its place."""
    for place in (at + 1, at - 1):
        if 0 <= place < len(items) and (number := items[place].quantity) is not None and number.unit is None:
            return int(number.value), place
    return None


def _loose(one: Superlative) -> bool:
    """Say whether a superlative has not said of what: `the top 6`."""
    return (not one.of or not one.sure) and not one.counted


def _superlative(made: Frame, at: int, item: Item) -> Superlative:  # noqa: C901 - one question after another, in the order that decides
    """Return the superlative at a place, with what it is the most of."""
    items = made.items
    least = item.value == "min" or item.kind in {"fewer", "menor"}
    made.used.add(at)
    of, counted = item.of, ""
    if of == "worst" and not any(one.kind == "sev" or one.value == Label.VULNERABILITY for one in items):
        named = [one.value for one in items if one.kind == "prop" and one.value in MEASURED]
        of = named[0] if named else of  # `the worst |t|`
    if of == "effectiveness" and not any(one.value == Label.MITIGATION for one in items):
        of = next((one.value for one in items if one.kind == "prop" and one.value in MEASURED), of)  # `the best |rho|`
    if not of:
        order = [*range(at + 1, min(at + 4, len(items))), *range(at - 1, -1, -1), *range(at + 4, len(items))]
        for place in order:
            other = items[place]
            if other.kind == "prop" and other.value not in {"secret", "kind", "source_line", "file", "mnemonic"}:
                of = other.value
                made.used.add(place)
                break
            if other.kind in {"sev", "vkind", "level"} and place > at:
                continue
            if (
                other.kind == "leak"
                and place > at
                and items[place + 1 : place + 2]
                and items[place + 1].kind == "thing"
            ):
                continue  # `the most leaking instructions`
            if (
                other.kind in {"thing", "leaknoun", "leak"}
                and all(between.kind in {"sev", "vkind", "level", "leak"} for between in items[at + 1 : place])
                and place > at
                and any(earlier.kind in {"thing", "prop"} for earlier in items[:at])
            ):
                counted = other.value if other.kind == "thing" else Label.VULNERABILITY
                break
            if place < at and other.kind == "leak" and at - place == 1:
                of = "leak"
                break
            if place > at and other.kind in {"link", "rel", "op"} and place > at + 1:
                continue
    if of == "severity":
        of = "worst"
    direction: Literal["max", "min"] = "min" if least else "max"
    return Superlative(direction, of, counted, at, item.kind != "either")
