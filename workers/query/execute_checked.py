"""What an empty result was looked for in: the things that a selection chooses among, and whether they were measured."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from jobs.knowledge import PROPERTIES, Label, Link
from stores.graph import Condition, Node, Selection
from workers.query.outcome import Checked
from workers.query.view import View

SCOPE = frozenset({"id", "firmware", "function", "campaign", "document", "batch_id", "instruction", "tags", "file"})
"""Properties that say which things are meant, not what is asked of them."""
PLACES = frozenset({"address", "source_line"})
"""Properties that say which instruction is meant; where none has it, the question is about nothing that is there."""
WHERE = frozenset({Link.PART_OF, Link.MEASURED_IN})
"""Relations that say where things belong."""


def base_of(selection: Selection) -> Selection:
    """Return the things among which a selection chooses: without what it asks of them, only which are meant."""
    if selection.take > 0:
        return Selection(selection.label, selection.where)
    hops = []
    for hop in selection.hops:
        if hop.relation not in WHERE or any(condition.property not in {*SCOPE, "name"} for condition in hop.where):
            break
        hops.append(hop)
    return Selection(selection.label, tuple(filter(is_scope, selection.where)), tuple(hops))


def is_scope(condition: Condition) -> bool:
    """Say whether a condition tells which things are meant."""
    return condition.property in SCOPE and condition.operator in ("=", "in", "contains", "starts")


def is_narrower(selection: Selection, base: Selection) -> bool:
    """Say whether a selection asks something of the things that it chooses among."""
    return selection.take == 0 and (len(selection.where), len(selection.hops)) != (len(base.where), len(base.hops))


def checked(selection: Selection, view: View, *, of: str | None = None) -> Checked:
    """Say among what nothing was found, and whether the property that it turns on was measured at all."""
    place, named = _named(selection, view)
    if place is not None and not named:
        return _absent(place, view)
    base = base_of(selection)
    nodes = view.select(replace(base, limit=10))
    if not nodes:
        return Checked(0)
    total = view.count(base) if len(nodes) == 10 else len(nodes)
    asked = (
        [condition.property for condition in selection.where if not is_scope(condition)] if selection.take == 0 else []
    )
    turning = [name for name in (of, selection.order_by, *asked) if name in PROPERTIES[Label(base.label)]]
    for name in turning if selection.take == 0 else ():
        if not any(summary.count for summary in view.summarise(base, of=name)):
            return Checked(total, nodes, unmeasured=name, named=named)
    return Checked(total, nodes, named=named)


def _named(selection: Selection, view: View) -> tuple[Selection | None, Sequence[Node]]:
    """Return the instructions that lie where a selection says, and how they were looked for; None if it says no place."""
    conditions = list(chain(selection.where, *(hop.where for hop in selection.hops)))
    places = [one for one in conditions if one.property in PLACES and one.operator in ("=", "in")]
    if not places:
        return None, ()
    inside = [one for one in conditions if one.property == "firmware" and is_scope(one)]
    where = tuple(dict.fromkeys((*places, *inside)))
    chosen = Selection(Label.INSTRUCTION, where, limit=10)
    return chosen, view.select(chosen)


def _absent(chosen: Selection, view: View) -> Checked:
    """Say which place in code nothing lies at, and among how many instructions."""
    values = (one.value for one in chosen.where if one.property in PLACES)
    places = chain.from_iterable(value if isinstance(value, tuple) else (value,) for value in values)
    told = ", ".join(f"0x{place:08x}" if isinstance(place, int) else str(place) for place in places)
    inside = Selection(Label.INSTRUCTION, tuple(filter(is_scope, chosen.where)))
    nodes = view.select(replace(inside, limit=1))
    return Checked(view.count(inside) if nodes else 0, nodes, absent=told)
