"""A graph in memory; `memory_world.py` says what it keeps of a tenant."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import islice
from threading import RLock
from time import monotonic

from jobs.errors import Conflict, InvalidInput, OutOfBudget
from stores import graph_rules as rules
from stores.copying import Piece
from stores.graph import Addition, Node, Relation, Selection, Subgraph, Summary, Value, Way
from stores.memory_world import Link, Thing, View, World, summary, taken, way


class MemoryGraph:
    """A graph that ends with its process."""

    def __init__(self) -> None:
        self._worlds: dict[str, World] = {}
        self._lock = RLock()

    def close(self) -> None:
        """Return at once; there is nothing to close."""

    def migrate(self) -> None:
        """Return at once; there is no schema."""

    def ping(self) -> None:
        """Return at once."""

    def erase(self, tenant: str) -> None:
        """Remove everything of a tenant."""
        rules.check_tenant(tenant)
        with self._lock:
            self._worlds.pop(tenant, None)

    def merge(self, tenant: str, nodes: Sequence[Node], relations: Sequence[Relation], *, batch: str) -> None:
        """Add nodes and relations."""
        rules.check_tenant(tenant)
        rules.check_additions(nodes, relations, batch=batch)
        with self._lock:
            world = self._worlds.setdefault(tenant, World())
            labels = {node.id: node.label for node in nodes}
            for node in nodes:
                known = world.things.get(node.id)
                if node.label != (known.label if known else labels[node.id]):
                    raise Conflict(f"{node.id} is there with another label.")
            for node in nodes:
                thing = world.things.setdefault(node.id, Thing(node.label))
                thing.properties.update(node.properties)
                thing.batches.add(batch)
            for relation in relations:
                if relation.source in world.things and relation.target in world.things:
                    key = (relation.kind, relation.source, relation.target)
                    link = world.links.setdefault(key, Link())
                    link.properties.update(relation.properties)
                    link.batches.add(batch)
                    for end in key[1:]:
                        world.at[end].add(key)

    def merge_all(self, tenant: str, parts: Mapping[str, Addition]) -> None:
        """Add one batch after the other."""
        for batch, (nodes, relations) in parts.items():
            self.merge(tenant, nodes, relations, batch=batch)

    def revise(self, tenant: str, nodes: Sequence[Node]) -> None:
        """Replace properties of nodes that are there."""
        rules.check_tenant(tenant)
        rules.check_revisions(nodes)
        with self._lock:
            things = self._worlds.get(tenant, World()).things
            for node in nodes:
                if thing := things.get(node.id):
                    changed = {**thing.properties, **node.properties}
                    thing.properties = {name: value for name, value in changed.items() if value is not None}

    def select(
        self, tenant: str, selection: Selection, *, hidden: Collection[str] = (), budget_s: float = 5
    ) -> list[Node]:
        """Return the nodes that a selection describes."""
        rules.check_selection(selection)
        with self._lock:
            view = self._view(tenant, hidden, budget_s)
            found = sorted(taken(view, selection))
            if name := selection.order_by:
                found = [one for one in found if view.value(one, name) is not None]
                found.sort(key=lambda one: rules.ordered(view.value(one, name)), reverse=selection.descending)
            return [view.node(one) for one in found[: selection.limit]]

    def summarise(
        self,
        tenant: str,
        selection: Selection,
        *,
        of: str | None = None,
        by: str | None = None,
        hidden: Collection[str] = (),
        budget_s: float = 5,
    ) -> list[Summary]:
        """Return figures of a property over a selection."""
        rules.check_selection(selection, bounded=False)
        groups: defaultdict[Value, list[float]] = defaultdict(list)
        with self._lock:
            view = self._view(tenant, hidden, budget_s)
            if by is None:
                groups[None] = []
            for one in taken(view, selection):
                value = view.value(one, rules.named(of)) if of else 0
                if isinstance(value, int | float) and not isinstance(value, bool):
                    groups[view.value(one, rules.named(by)) if by else None].append(value)
        if len(groups) > rules.MAX_GROUPS:
            raise InvalidInput(f"There are more than {rules.MAX_GROUPS} groups.", field="by")
        figures = [summary(key, values, figures=of is not None) for key, values in groups.items()]
        return sorted(figures, key=lambda one: (-one.count, rules.ordered(one.key)))

    def nodes(self, tenant: str, ids: Sequence[str], *, hidden: Collection[str] = ()) -> dict[str, Node]:
        """Return the nodes that are there, by id."""
        with self._lock:
            view = self._view(tenant, hidden, float("inf"))
            return {one: view.node(one) for one in ids if view.shown(one)}

    def neighbourhood(
        self,
        tenant: str,
        ids: Sequence[str],
        *,
        hops: int,
        limit: int = 1000,
        hidden: Collection[str] = (),
        budget_s: float = 5,
    ) -> Subgraph:
        """Return what lies within `hops` of `ids`, nearest first."""
        rules.check_within("hops", hops, 0, rules.MAX_HOPS)
        rules.check_within("limit", limit, 1, rules.MAX_NODES)
        rules.check_within("ids", len(ids), 0, rules.MAX_NODES)
        with self._lock:
            view = self._view(tenant, hidden, budget_s)
            distances: dict[str, int] = {}
            late = False
            try:
                level = sorted(one for one in set(ids) if view.shown(one))
                for distance in range(hops + 1):
                    distances |= dict.fromkeys(level, distance)
                    if distance == hops or len(distances) > limit:
                        break
                    level = sorted({end for one in level for end in view.neighbours(one)} - distances.keys())
            except OutOfBudget:
                late = True
            kept = dict(islice(distances.items(), limit))
            nodes = [view.node(one) for one in kept]
            return Subgraph(nodes, kept, view.relations(kept.keys()), late or len(kept) < len(distances))

    def ways(
        self,
        tenant: str,
        source: str,
        target: str,
        *,
        hops: int,
        limit: int = 10,
        hidden: Collection[str] = (),
        budget_s: float = 5,
    ) -> list[Way]:
        """Return shortest paths, ordered by the ids along them; each step is its first relation by kind and source."""
        rules.check_within("hops", hops, 0, rules.MAX_HOPS)
        rules.check_within("limit", limit, 1, rules.MAX_WAYS)
        with self._lock:
            view = self._view(tenant, hidden, budget_s)
            paths = [[source]] if view.shown(source) and view.shown(target) else []
            # Distances to the target first, so that only paths that lead there are followed.
            distance, level = {target: 0}, {target}
            for far in range(1, hops + 1):
                level = {end for one in level for end in view.neighbours(one)} - distance.keys()
                distance |= dict.fromkeys(level, far)
            if source not in distance:
                return []
            for left in range(distance[source] - 1, -1, -1):
                longer = (
                    [*path, end]
                    for path in paths
                    for end in sorted(view.neighbours(path[-1]))
                    if distance.get(end) == left
                )
                paths = list(islice(longer, limit))
            return [way(view, path) for path in paths]

    def remove(self, tenant: str, *batches: str) -> int:
        """Take batches away."""
        rules.check_tenant(tenant)
        with self._lock:
            world = self._worlds.get(tenant, World())
            before = len(world.things) + len(world.links)
            for key, link in list(world.links.items()):
                if not link.batches.isdisjoint(batches):
                    link.batches.difference_update(batches)
                    if not link.batches:
                        world.drop(key)
            for node_id, thing in list(world.things.items()):
                if not thing.batches.isdisjoint(batches):
                    thing.batches.difference_update(batches)
                    if not thing.batches:
                        for key in list(world.at.pop(node_id, ())):
                            world.drop(key)
                        del world.things[node_id]
            return before - len(world.things) - len(world.links)

    def counts(self, tenant: str) -> Mapping[str, int]:
        """Return the number of nodes by label."""
        rules.check_tenant(tenant)
        with self._lock:
            labels = [thing.label for thing in self._worlds.get(tenant, World()).things.values()]
            return {label: labels.count(label) for label in sorted(set(labels))}

    def page(self, tenant: str, *, after: int, limit: int) -> list[tuple[int, Node]]:
        """Return nodes with their places: those in the order of ids."""
        rules.check_within("limit", limit, 1, rules.MAX_NODES)
        with self._lock:
            view = self._view(tenant, (), float("inf"))
            ids = sorted(view.world.things)[after + 1 : after + 1 + limit]
            return [(after + 1 + number, view.node(one)) for number, one in enumerate(ids)]

    def relations(self, tenant: str, ids: Sequence[str]) -> list[Relation]:
        """Return all relations that leave nodes."""
        rules.check_tenant(tenant)
        with self._lock:
            world = self._worlds.get(tenant, World())
            keys = {key for one in ids for key in world.at.get(one, ()) if key[1] == one}
            links = {key: dict(world.links[key].properties) for key in keys}
        found = [Relation(*key, properties) for key, properties in links.items()]
        return sorted(found, key=lambda one: (one.source, one.kind, one.target))

    def tenants(self) -> list[str]:
        """Return the tenants that have nodes, sorted."""
        with self._lock:
            return sorted(tenant for tenant, world in self._worlds.items() if world.things)

    def copy(self, tenant: str, *, after: int, limit: int) -> Piece:
        """Return nodes and what leaves them, with the batches of each, sorted."""
        with self._lock:
            found = self.page(tenant, after=after, limit=limit)
            world = self._worlds.get(tenant, World())
            leaving = self.relations(tenant, [node.id for _, node in found])
            return Piece(
                [(node, sorted(world.things[node.id].batches)) for _, node in found],
                [(one, sorted(world.links[one.kind, one.source, one.target].batches)) for one in leaving],
                found[-1][0] if len(found) == limit else None,
            )

    def _view(self, tenant: str, hidden: Collection[str], budget_s: float) -> View:
        rules.check_tenant(tenant)
        return View(self._worlds.get(tenant, World()), frozenset(hidden), monotonic() + budget_s)
