"""Figures against the stores: over all things of a selection, or one for each value of a property."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile

from jobs.knowledge import Label
from stores.graph import Condition, Node, Selection, Summary, Value
from workers.query.disputes import disputes
from workers.query.execute_checked import base_of, checked, is_narrower, is_scope
from workers.query.execute_select import LISTED, narrowed, priced
from workers.query.outcome import Figured, figure_of
from workers.query.plan import Aggregate
from workers.query.view import View

COMPARES: Mapping[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
KEYED = frozenset({"firmware", "campaign", "instruction", "document"})
"""Properties whose values are ids of things."""
STANDS: Mapping[str, tuple[Label, str]] = {"function": (Label.FUNCTION, "name"), "campaign": (Label.CAMPAIGN, "id")}
"""What has the values of a property, and in which of its own: also those that nothing else has."""


def aggregate(step: Aggregate, view: View) -> Figured:
    """Take a figure, and the first things that it is of."""
    chosen = replace(step.selection, order_by=None)
    figures = view.summarise(chosen, of=step.of, by=step.by)
    if not any(group.count for group in figures):
        return Figured(step, (), (), checked=checked(step.selection, view, of=step.of))
    groups = _wanted(figures, step, view)
    if not groups:
        empty = checked(step.selection, view)
        # There are figures, but of none of the things that are asked for: those that no function has, say.
        keyed = step.by is None or any(map(has_key, figures))
        return Figured(step, (), (), checked=empty if keyed else replace(empty, unmeasured=step.of or step.by))
    nodes = _behind(step, groups, view)
    base = base_of(step.selection)
    counted = step.function == "count" and step.by is None and step.of is None
    things = _things(groups, step, view)
    return Figured(
        step,
        groups,
        nodes,
        names={node.id: str(node.properties.get("name") or node.id) for node in things if step.by in KEYED},
        things=things,
        out_of=view.count(base) if counted and base != chosen and is_narrower(step.selection, base) else None,
        disputes=disputes([node.id for node in nodes], (step.of or "",), view) if priced(nodes) else {},
    )


def _wanted(groups: Sequence[Summary], step: Aggregate, view: View) -> Sequence[Summary]:
    """Return the groups that are asked for, the largest figure first, or the smallest; ties by key."""
    if step.by is None:
        return groups
    if _least_counts(step):
        # What has none is not among the groups, and fewer than any of them.
        seen = {group.key for group in groups}
        groups = [*groups, *(Summary(key, 0) for key in _values(step, view) if key not in seen)]
    found = [group for group in groups if (value := figure_of(group, step.function)) is not None and _has(value, step)]
    if step.top is not None or step.having is not None:
        # What belongs to none of them is none of them, and cannot win.
        found = list(filter(has_key, found))
    found.sort(key=lambda group: str(group.key))
    least = step.least or step.function == "minimum"
    found.sort(key=lambda group: figure_of(group, step.function) or 0.0, reverse=not least)
    return _first(found, step)


def _first(groups: Sequence[Summary], step: Aggregate) -> Sequence[Summary]:
    """Return the so many first; of counts those, too, that have as many as the last of them."""
    if step.top is None or len(groups) <= step.top:
        return groups
    last = figure_of(groups[step.top - 1], step.function)
    rest = groups[step.top : LISTED] if step.function == "count" else ()
    return [*groups[: step.top], *takewhile(lambda group: figure_of(group, step.function) == last, rest)]


def has_key(group: Summary) -> bool:
    """Say whether a group is of something, not of all that has no such property."""
    return group.key is not None and group.key != ""


def _has(value: float, step: Aggregate) -> bool:
    if step.having is None:
        return True
    compares, (name, bound) = COMPARES, step.having
    return name in compares and compares[name](value, bound)


def _least_counts(step: Aggregate) -> bool:
    """Say whether what has none of the things is asked for too."""
    return step.function == "count" and step.of is None and (step.least if step.having is None else _has(0.0, step))


def _values(step: Aggregate, view: View) -> list[Value]:
    """Return the values that there are, whether any of the things has them or not."""
    base, inside = base_of(step.selection), _firmware(step)
    stands = STANDS.get(step.by or "")
    if stands is not None and not base.hops and not set(filter(is_scope, base.where)) - set(inside):
        chosen, by = Selection(stands[0], inside), stands[1]
    elif step.selection.take == 0 and step.by is not None and is_narrower(step.selection, base):
        chosen, by = base, step.by
    else:
        return []
    return [group.key for group in view.summarise(chosen, by=by) if group.key not in (None, "")]


def _firmware(step: Aggregate) -> tuple[Condition, ...]:
    """Return the conditions that keep the things to some firmware."""
    selection = step.selection
    where = selection.where if selection.take == 0 else selection.hops[selection.take - 1].where
    return tuple(one for one in where if is_scope(one) and one.property == "firmware")


def _behind(step: Aggregate, groups: Sequence[Summary], view: View) -> list[Node]:
    """Return the first things that the figures are of; of an extreme, the thing itself."""
    chosen = step.selection
    if step.by is not None and (step.top is not None or step.having is not None):
        keys = tuple(group.key for group in groups[:LISTED] if group.key is not None and group.count)
        if not keys:
            return []
        chosen = narrowed(chosen, Condition(step.by, "in", keys))
    limit = max(1, min(LISTED, view.budget.nodes_left))
    if step.function in ("minimum", "maximum") and step.by is None:
        return view.select(replace(chosen, order_by=step.of, descending=step.function == "maximum", limit=1))
    return view.select(replace(chosen, order_by=step.of, descending=step.of is not None, limit=limit))


def _things(groups: Sequence[Summary], step: Aggregate, view: View) -> list[Node]:
    """Return the things that groups stand for, in their order, where their keys are ids or names of functions."""
    keys = [group.key for group in groups[:LISTED] if isinstance(group.key, str) and group.key]
    if step.by in KEYED:
        found = view.nodes(key for key in keys if ":" in key)
        return [found[key] for key in keys if key in found]
    if step.by != "function" or not keys or (step.top is None and step.having is None):
        return []
    inside = _firmware(step)
    if not inside and any(group.count for group in groups):
        # Builds have functions of the same names: the figure is of all of them together, and rests on what they hold.
        return []
    named = Selection(Label.FUNCTION, (Condition("name", "in", tuple(keys)), *inside), limit=LISTED)
    return sorted(view.select(named), key=lambda node: keys.index(str(node.properties["name"])))
