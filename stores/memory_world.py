"""What a graph in memory keeps of a tenant: things by id, links by (kind, source, target), and the links at each thing."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import fsum
from time import monotonic
from typing import Any

from jobs.errors import OutOfBudget
from stores import graph_rules as rules
from stores.graph import Condition, Node, Relation, Selection, Summary, Value, Way

Key = tuple[str, str, str]


@dataclass(slots=True)
class Thing:
    """A node, but for its id."""

    label: str
    properties: dict[str, Any] = field(default_factory=dict)
    batches: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Link:
    """A relation, but for its key."""

    properties: dict[str, Any] = field(default_factory=dict)
    batches: set[str] = field(default_factory=set)


@dataclass(slots=True)
class World:
    """All of a tenant."""

    things: dict[str, Thing] = field(default_factory=dict)
    links: dict[Key, Link] = field(default_factory=dict)
    at: defaultdict[str, set[Key]] = field(default_factory=lambda: defaultdict(set))

    def drop(self, key: Key) -> None:
        """Take a link away."""
        del self.links[key]
        for end in key[1:]:
            self.at[end].discard(key)


@dataclass(frozen=True, slots=True)
class View:
    """What is seen of a world, until a time."""

    world: World
    hidden: Collection[str]
    until: float

    def shown(self, node_id: str) -> bool:
        """Say whether a node is there and seen."""
        self.check()
        thing = self.world.things.get(node_id)
        return thing is not None and rules.seen(thing.batches, self.hidden)

    def node(self, node_id: str) -> Node:
        """Return a node as it was given."""
        thing = self.world.things[node_id]
        return Node(thing.label, node_id, dict(thing.properties))

    def value(self, node_id: str, name: str) -> Any:
        """Return a property, or the id; None where there is none."""
        return node_id if name == "id" else self.world.things[node_id].properties.get(name)

    def fits(self, node_id: str, label: str, where: Sequence[Condition]) -> bool:
        """Say whether a node is seen, has the label and meets the conditions."""
        thing = self.world.things[node_id]
        known = {**thing.properties, "id": node_id}
        return self.shown(node_id) and thing.label == label and all(rules.meets(known, one) for one in where)

    def links(self, node_id: str) -> Iterator[Key]:
        """Yield the links at a node that are seen."""
        for key in self.world.at.get(node_id, ()):
            if rules.seen(self.world.links[key].batches, self.hidden):
                yield key

    def neighbours(self, node_id: str) -> set[str]:
        """Return the other ends of a node's links."""
        ends = {end for key in self.links(node_id) for end in key[1:]} - {node_id}
        return {end for end in ends if self.shown(end)}

    def relations(self, ids: Collection[str]) -> list[Relation]:
        """Return what links nodes among themselves, by kind, source and target."""
        keys = {key for one in ids for key in self.links(one) if key[1] in ids and key[2] in ids}
        return [Relation(*key, dict(self.world.links[key].properties)) for key in sorted(keys)]

    def check(self) -> None:
        """Raise OutOfBudget when time is over."""
        if monotonic() > self.until:
            raise OutOfBudget("The graph did not answer in time.")


def taken(view: View, selection: Selection) -> set[str]:
    """Return the nodes at the taken position: reachable from the chain's beginning, and reaching its end."""
    levels = [{one for one in view.world.things if view.fits(one, selection.label, selection.where)}]
    for hop in selection.hops:
        ends = _ends(view, levels[-1], hop.relation, forward=hop.forward)
        levels.append({one for one in ends if view.fits(one, hop.label, hop.where)})
    found = levels[-1]
    for position in range(len(selection.hops) - 1, selection.take - 1, -1):
        hop = selection.hops[position]
        found = levels[position] & _ends(view, found, hop.relation, forward=not hop.forward)
    return found


def _ends(view: View, ids: Iterable[str], kind: str, *, forward: bool) -> set[str]:
    near, far = (1, 2) if forward else (2, 1)
    return {key[far] for one in ids for key in view.links(one) if key[0] == kind and key[near] == one}


def way(view: View, path: Sequence[str]) -> Way:
    """Return a path with its nodes and the first relation of each step."""
    steps = (view.relations({one, other}) for one, other in pairwise(path))
    between = [next(step for step in found if step.source != step.target) for found in steps]
    return Way([view.node(one) for one in path], between)


def summary(key: Value, values: Sequence[float], *, figures: bool) -> Summary:
    """Return the figures of values, which may be none."""
    count = len(values)
    if not figures or not values:
        return Summary(key, count)
    mean = fsum(values) / count
    spread = (fsum((value - mean) ** 2 for value in values) / (count - 1)) ** 0.5 if count > 1 else None
    return Summary(key, count, fsum(values), mean, spread, float(min(values)), float(max(values)))
