"""Walks through a graph behind a server, hop by hop, one statement a hop, so that every limit is kept exactly."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice, pairwise
from time import monotonic
from typing import Any

from jobs.errors import OutOfBudget
from stores import cypher
from stores.cypher import Dialect, Statement
from stores.graph import Node, Relation, Subgraph, Way

MAX_STEPS = 100_000
"""Of one hop of a way. A graph that has more around a node is not searched through in time."""
FOR_SEARCH = 0.7
"""Part of a neighbourhood's time after which it is only fetched."""

Read = Callable[[str, Statement, float], list[Any]]


class Walk:
    """One question, and the time left for it."""

    def __init__(self, read: Read, dialect: Dialect, tenant: str, hidden: Collection[str], budget_s: float) -> None:
        """Begin now."""
        self._send = read
        self._dialect = dialect
        self._tenant = tenant
        self._hidden = frozenset(hidden)
        self._began = monotonic()
        self._budget_s = budget_s

    def neighbourhood(self, ids: Sequence[str], *, hops: int, limit: int) -> Subgraph:
        """Return what lies around nodes, as far as limit and time go."""
        distances: dict[str, int] = {}
        late = False
        try:
            statement = cypher.present(self._tenant, set(ids), hidden=self._hidden)
            level = sorted(self._read(statement, part=FOR_SEARCH))
            for distance in range(hops + 1):
                distances |= dict.fromkeys(level, distance)
                if distance == hops or len(distances) > limit or not level:
                    break
                # However many of these are known: with those they are more than the limit, or all that there are.
                statement = cypher.neighbours(self._tenant, level, limit=limit + 1, hidden=self._hidden)
                level = [one for one in self._read(statement, part=FOR_SEARCH) if one not in distances]
        except OutOfBudget:
            late = True
        kept = dict(islice(distances.items(), limit))
        late = late or len(kept) < len(distances)
        try:
            nodes, wide = self._nodes(kept)
        except OutOfBudget:
            return Subgraph((), {}, (), truncated=True)
        try:
            relations = self._relations(nodes, wide)
        except OutOfBudget:
            relations, late = [], True
        known = {one: distance for one, distance in kept.items() if one in nodes}
        return Subgraph([nodes[one] for one in known], known, relations, late)

    def ways(self, source: str, target: str, *, hops: int, limit: int) -> list[Way]:
        """Return shortest paths; raise OutOfBudget."""
        ends = {source, target}
        if len(self._read(cypher.present(self._tenant, ends, hidden=self._hidden))) < len(ends):
            return []
        onward = self._onward(source, target, hops)
        paths = list(islice(_paths(onward, source, target), limit))
        nodes, wide = self._nodes({one for path in paths for one in path})
        between: defaultdict[frozenset[str], list[Relation]] = defaultdict(list)
        for relation in self._relations(nodes, wide):
            between[frozenset((relation.source, relation.target))].append(relation)
        return [
            Way([nodes[one] for one in path], [between[frozenset(step)][0] for step in pairwise(path)])
            for path in paths
        ]

    def _onward(self, source: str, target: str, hops: int) -> Mapping[str, Collection[str]]:
        """Return where shortest paths go on to from each node on them; searches from both ends, the smaller first."""
        if source == target:
            return {}
        known: tuple[set[str], set[str]] = ({source}, {target})
        edges = [{source}, {target}]
        parents: tuple[defaultdict[str, set[str]], defaultdict[str, set[str]]] = (defaultdict(set), defaultdict(set))
        for _ in range(hops):
            side = 0 if len(edges[0]) <= len(edges[1]) else 1
            statement = cypher.steps(self._tenant, sorted(edges[side]), limit=MAX_STEPS + 1, hidden=self._hidden)
            found = self._read(statement)
            if len(found) > MAX_STEPS:
                raise OutOfBudget("There are too many ways to search through.")
            reached: set[str] = set()
            for one, other in found:
                if other not in known[side]:
                    parents[side][other].add(one)
                    reached.add(other)
            known[side].update(reached)
            edges[side] = reached
            if met := edges[0] & edges[1]:
                return _joined(parents, met)
            if not reached:
                break
        return {}

    def _nodes(self, ids: Iterable[str]) -> tuple[dict[str, Node], set[str]]:
        statement = cypher.nodes(self._tenant, ids, hidden=self._hidden, dialect=self._dialect)
        rows = self._read(statement)
        nodes = [(cypher.node_of(*row[:2]), row[2]) for row in rows]
        return {node.id: node for node, _ in nodes}, {node.id for node, wide in nodes if wide}

    def _relations(self, nodes: Mapping[str, Node], wide: Collection[str]) -> list[Relation]:
        """Return the relations among nodes, in the order of kind, source, target."""
        narrow = [one for one in nodes if one not in wide]
        rows = self._read(cypher.relations_from(self._tenant, narrow, hidden=self._hidden)) if narrow else []
        if wide:
            between = cypher.relations_between(self._tenant, sorted(wide), nodes, hidden=self._hidden)
            rows = [*rows, *self._read(between)]
        among = [cypher.relation_of(*row) for row in rows if row[1] in nodes and row[2] in nodes]
        return sorted(among, key=lambda one: (one.kind, one.source, one.target))

    def _read(self, statement: Statement, *, part: float = 1) -> list[Any]:
        left_s = self._budget_s * part - (monotonic() - self._began)
        if left_s <= 0:
            raise OutOfBudget("The graph did not answer in time.")
        return self._send(self._tenant, statement, left_s)


def _joined(parents: Sequence[Mapping[str, Collection[str]]], met: Collection[str]) -> Mapping[str, Collection[str]]:
    """Return the steps of all paths through the nodes where both searches met."""
    onward: defaultdict[str, set[str]] = defaultdict(set)
    for side in (0, 1):
        level = set(met)
        while level:
            before: set[str] = set()
            for one in level:
                for parent in parents[side].get(one, ()):
                    near, far = (parent, one) if side == 0 else (one, parent)
                    onward[near].add(far)
                    before.add(parent)
            level = before
    return onward


def _paths(onward: Mapping[str, Collection[str]], source: str, target: str) -> Iterator[list[str]]:
    """Yield paths in the order of the ids along them."""
    if source == target:
        yield [source]
        return
    for one in sorted(onward.get(source, ())):
        for rest in _paths(onward, one, target):
            yield [source, *rest]
