"""Comparisons in a clause: the operator, the number, and what is compared."""

from collections.abc import Sequence
from typing import Final

from jobs.knowledge import Label
from stores.graph import Operator
from workers.query.planner_clause import Comparison, Frame
from workers.query.planner_item import Item
from workers.query.planner_vocabulary import BY_DIMENSION
from workers.query.units import Quantity, dimension

FLIPPED: Final[dict[str, Operator]] = {">": "<=", "<": ">=", ">=": "<", "<=": ">", "=": "<>"}


_LOOK_AHEAD: Final = 5


def numbers(made: Frame) -> None:  # noqa: C901, PLR0912 - one question after another, in the order that decides
    """Read comparisons: an operator and its number, what is compared, `or more` behind it."""
    items = made.items
    at = 0
    while at < len(items):
        item = items[at]
        number = _number_after(items, at)
        if item.kind == "op" and number is not None:
            operator: Operator = item.value  # type: ignore[assignment]
            if at and items[at - 1].kind == "neg" and not item.of:
                operator = FLIPPED[operator]
                made.used.add(at - 1)
            _compare(made, operator, number, at, of=item.of)
            made.used.add(at)
        elif item.kind in {"more", "fewer", "mayor", "menor"} and number is not None:
            _compare(made, ">" if item.kind in {"more", "mayor"} else "<", number, at)
        elif item.kind == "between" and number is not None and (second := _number_after(items, number)) is not None:
            low, high = sorted(
                (items[number].quantity, items[second].quantity), key=lambda one: one.value if one else 0.0
            )
            unit = next((one.unit for one in (high, low) if one and one.unit), None)
            for operator, one in ((">=", low), ("<=", high)):
                if one is not None:
                    whole = one if one.unit else Quantity(one.value, unit, one.start, one.end, one.figure)
                    _compare(made, operator, number, second, quantity=whole)
            made.used |= {at, number, second}
        elif item.kind in {"orabove", "orbelow"} and at and items[at - 1].kind == "number" and at - 1 not in made.used:
            _compare(made, item.value, at - 1, at)  # type: ignore[arg-type]
            made.used.add(at)
        elif item.kind == "vague":
            made.vague = True
        if item.kind == "op" and number is None and at + 1 < len(items):
            # Compared with a figure that is itself to be found: an average, or another thing's.
            after = items[at + 1]
            next_ = items[at + 2] if after.kind == "word" and at + 2 < len(items) else after  # `twice the average`
            made.vague |= (next_.kind == "agg" and next_.value == "mean") or (
                after.link is not None and after.value in {Label.INSTRUCTION, Label.FUNCTION}
            )
        at += 1
    for at, item in enumerate(items):
        if item.kind != "number" or at in made.used or item.quantity is None:
            continue
        following = items[at + 1].kind if at + 1 < len(items) else ""
        if item.quantity.unit is not None and following not in {"orabove", "orbelow"}:
            _compare(made, "=", at, at)


def _number_after(items: Sequence[Item], at: int) -> int | None:
    for place in range(at + 1, min(at + _LOOK_AHEAD, len(items))):
        if items[place].kind == "number":
            return place
        if items[place].kind in {"op", "link", "break", "orabove", "orbelow", "super", "neg", "between"}:
            return None
    return None


def _compare(
    made: Frame, operator: Operator, number: int, at: int, *, of: str = "", quantity: Quantity | None = None
) -> None:
    """Note a comparison with the property that is nearest: behind the number, then before it, then by its unit."""
    items = made.items
    quantity = quantity or items[number].quantity
    if quantity is None:
        return
    made.used.add(number)
    counted = ""
    behind = next(
        (place for place in range(max(number, at) + 1, len(items)) if items[place].kind not in {"unit", "sev"}), None
    )
    if (
        behind is not None
        and items[behind].kind == "leak"
        and [one.kind for one in items[behind + 1 : behind + 2]] == ["thing"]
    ):
        behind += 1  # `more than three leaking instructions`
    by_unit = BY_DIMENSION.get(dimension(quantity.unit), "") if quantity.unit else ""
    if of == "traces_needed" and not (behind is not None and items[behind].value == "traces"):
        of = ""
    if not of and behind is not None and items[behind].kind == "prop" and behind - max(number, at) <= 1:
        of = items[behind].value
        made.used.add(behind)
    elif not of and not quantity.unit and behind is not None and items[behind].kind in {"thing", "leaknoun", "leak"}:
        direct = items[behind].start - items[number].end <= 3 and items[behind].kind != "leak"
        counted = (items[behind].value if items[behind].kind == "thing" else Label.VULNERABILITY) if direct else ""
    if not of and not counted:
        before = [
            item for item in items[: max(number, at)] if item.kind == "prop" and item.value not in {"kind", "secret"}
        ]
        inside = [item for item in items[at:number] if item.kind == "prop"]
        heat = [item for item in items[:at] if item.kind == "super" and item.of in {"temperature", "latency"}]
        nearest = (inside or before or heat)[-1:] or [item for item in items[number:] if item.kind == "prop"][:1]
        of = (nearest[0].of or nearest[0].value) if nearest else ""
        if nearest and nearest[0].kind == "super":
            made.used |= {place for place, item in enumerate(items) if item is nearest[0]}
        if by_unit and of not in {"energy", "temperature", "latency", "size", "power"}:
            of = by_unit
    if counted and (operator, quantity.value) in {(">=", 1.0), (">", 0.0)}:
        made.used |= {at, number}
        return  # at least one: there are some
    made.comparisons.append(Comparison(operator, quantity, of or by_unit, counted, at))
