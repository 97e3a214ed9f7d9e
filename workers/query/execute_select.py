"""Things against the stores: looked up, selected, left out, or at an end of an order."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from stores.graph import Condition, Node, Selection
from workers.query.disputes import disputes
from workers.query.execute_checked import checked
from workers.query.figures import Sample, welch_p
from workers.query.outcome import Listed
from workers.query.plan import Extremum, Lookup, Select
from workers.query.uncounted import uncounted
from workers.query.view import View

LISTED = 100
"""Things of one step that an answer names as its evidence."""
PAGE = 5000
"""Ids in one condition."""


def lookup(step: Lookup, view: View) -> Listed:
    """Read what is known of certain things."""
    found = view.nodes(step.ids[:LISTED])
    nodes = [found[thing] for thing in dict.fromkeys(step.ids) if thing in found]
    doubts = disputes([node.id for node in nodes], step.properties or ("avg_energy",), view) if priced(nodes) else {}
    not_counted = uncounted(nodes, step.properties, view)
    return Listed(step, nodes, len(nodes), step.properties, disputes=doubts, uncounted=not_counted)


def select(step: Select, view: View) -> Listed:
    """Read the first things that meet conditions, and count them all."""
    limit = view.room(min(step.selection.limit, LISTED))
    if step.without is None:
        nodes = view.select(replace(step.selection, limit=limit))
        total = view.count(step.selection) if len(nodes) == limit else len(nodes)
    else:
        nodes, total = _less(step.selection, step.without, view, limit=limit)
    asked = {*step.properties, *(condition.property for condition in step.selection.where)}
    return Listed(
        step,
        nodes,
        total,
        step.properties,
        checked=None if total else checked(step.selection, view),
        disputes=disputes([node.id for node in nodes], asked, view) if priced(nodes) else {},
        uncounted=uncounted(nodes, asked, view),
    )


def extremum(step: Extremum, view: View) -> Listed:
    """Read the things at an end of an order, and whether chance may have decided who is the last of them."""
    wanted = view.room(min(step.selection.limit, LISTED))
    found = view.select(replace(step.selection, limit=wanted + 1))
    nodes, order = found[:wanted], step.selection.order_by
    tied = found[wanted] if len(found) > wanted and _by_chance(nodes[-1], found[wanted], order) else None
    properties = (order,) if order else ()
    return Listed(
        step,
        nodes,
        len(nodes),
        properties,
        checked=None if nodes else checked(step.selection, view),
        disputes=disputes([node.id for node in nodes], properties, view) if priced(nodes) else {},
        tied=tied,
        uncounted=uncounted(nodes, properties, view),
    )


def priced(nodes: Sequence[Node]) -> bool:
    """Say whether any of the things has a measured energy."""
    return any("avg_energy" in node.properties for node in nodes)


def narrowed(selection: Selection, *conditions: Condition) -> Selection:
    """Return a selection whose things meet conditions besides."""
    if selection.take == 0:
        return replace(selection, where=(*selection.where, *conditions))
    hops = list(selection.hops)
    last = hops[selection.take - 1]
    hops[selection.take - 1] = replace(last, where=(*last.where, *conditions))
    return replace(selection, hops=tuple(hops))


def _less(selection: Selection, without: Selection, view: View, *, limit: int) -> tuple[list[Node], int]:
    """Return the first things of a selection that another one has not, and how many there are of them.

    Where they do not come among as many as are read at once, the list is said to be cut short.
    """
    total, both = view.count(selection), _in_both(selection, without, view)
    left = total - both
    # Among so many of the first there are enough: no more than those in both are left out.
    enough = min(limit + both, view.table)
    reach = min(2 * limit, enough)
    kept: list[Node] = []
    while left:
        found = view.select(replace(selection, limit=reach), whole=True)
        gone = _among(without, [node.id for node in found], view)
        kept = [node for node in found if node.id not in gone][:limit]
        if len(kept) == min(limit, left) or reach == enough:
            break
        reach = min(4 * reach, enough)
    view.budget.visited(len(kept), hops=len(without.hops), truncated=len(kept) < min(limit, left))
    return kept, left


def _in_both(selection: Selection, without: Selection, view: View) -> int:
    """Count the things that both take."""
    chained, plain = (selection, without) if selection.hops else (without, selection)
    if not plain.hops:
        return view.count(narrowed(chained, *plain.where))
    found = view.select(replace(without, order_by=None, limit=view.table), whole=True)
    view.budget.visited(0, truncated=len(found) == view.table)
    return view.count(narrowed(selection, Condition("id", "in", tuple(node.id for node in found)))) if found else 0


def _among(selection: Selection, ids: Sequence[str], view: View) -> Collection[str]:
    """Return those of the ids that a selection has."""
    found: set[str] = set()
    for start in range(0, len(ids), PAGE):
        among = narrowed(replace(selection, order_by=None), Condition("id", "in", tuple(ids[start : start + PAGE])))
        # Groups of ids rather than the things themselves: nothing else of them is read.
        found |= {str(group.key) for group in view.summarise(among, by="id")}
    return found


def _by_chance(last: Node, following: Node, order: str | None) -> bool:
    """Say whether the order of two things is not beyond chance at 5 %; without a spread it is taken as it is."""
    if order != "avg_energy":
        return order is not None and last.properties.get(order) == following.properties.get(order)
    p = welch_p(_energy(last), _energy(following))
    return p is not None and p > 0.05


def _energy(node: Node) -> Sample:
    told = node.properties
    sd = told.get("energy_sd")
    return Sample(
        mean=float(told.get("avg_energy") or 0),
        sd=None if sd is None else float(sd),
        n=int(told.get("sample_count") or 0),
    )
