"""The port `Graph` over any server that speaks Cypher; adapters say how statements reach theirs."""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from time import monotonic
from typing import Any, TypeVar

from jobs.errors import Conflict, InvalidInput, OutOfBudget
from stores import cypher, cypher_select
from stores import graph_rules as rules
from stores.copying import Piece
from stores.cypher import Brought, Dialect, Statement
from stores.cypher_walks import Walk
from stores.graph import Addition, Node, Relation, Selection, Subgraph, Summary, Way

Item = TypeVar("Item")
CHUNK = 5000
"""Nodes or relations in one statement."""
FETCH_S = 10.0
"""For reads that are bounded by what they ask for."""
COPY_S = 60.0
"""For those of a backup, which nobody waits for; a server may allow less."""


class CypherGraph(ABC):
    """A graph behind a server."""

    dialect: Dialect

    @abstractmethod
    def _read(self, tenant: str, statement: Statement, budget_s: float) -> list[Any]:
        """Return the values of `row`; raise OutOfBudget."""

    @abstractmethod
    def _write(self, tenant: str, statement: Statement) -> int:
        """Run a statement that may run twice; return how many nodes and relations it deleted."""

    @abstractmethod
    def _prepare(self, tenant: str) -> None:
        """Make what the first write of a tenant needs."""

    def merge(self, tenant: str, nodes: Sequence[Node], relations: Sequence[Relation], *, batch: str) -> None:
        """Add nodes and relations, in bulk; raise Conflict for an id that is there with another label."""
        self.merge_all(tenant, {batch: (nodes, relations)})

    def merge_all(self, tenant: str, parts: Mapping[str, Addition]) -> None:
        """Add what batches bring, with as many statements as for one."""
        rules.check_tenant(tenant)
        for batch, (nodes, relations) in parts.items():
            rules.check_additions(nodes, relations, batch=batch)
        labels = _by_label([(node, batch) for batch, (nodes, _) in parts.items() for node in nodes])
        kinds = _by_kind([(one, batch) for batch, (_, relations) in parts.items() for one in relations])
        self._prepare(tenant)
        for label, things in labels.items():
            for ids in _parts(list(things)):
                for one in self._read(tenant, cypher.mislabelled(tenant, label, ids), FETCH_S):
                    raise Conflict(f"{one} is there with another label.")
        for label, things in labels.items():
            for part in _parts(list(things.values())):
                self._write(tenant, cypher.merge_nodes(tenant, label, part))
        for kind, links in kinds.items():
            for group in _parts(list(links.values())):
                self._write(tenant, cypher.merge_relations(tenant, kind, group))

    def revise(self, tenant: str, nodes: Sequence[Node]) -> None:
        """Replace properties of nodes that are there."""
        rules.check_tenant(tenant)
        rules.check_revisions(nodes)
        for part in _parts(nodes):
            self._write(tenant, cypher.revise(tenant, part))

    def select(
        self, tenant: str, selection: Selection, *, hidden: Collection[str] = (), budget_s: float = 5
    ) -> list[Node]:
        """Return the nodes that a selection describes."""
        rules.check_tenant(tenant)
        rules.check_selection(selection)
        until = monotonic() + budget_s
        if cypher_select.worth_narrowing(selection):
            # No server orders by an index: the first of a million would be found by looking at all of them.
            statement = cypher_select.sample(tenant, selection, hidden=hidden, dialect=self.dialect)
            narrowed = cypher_select.narrowed(selection, self._read(tenant, statement, budget_s))
            if narrowed is not None:
                found = self._selected(tenant, narrowed, hidden, until)
                if len(found) == selection.limit:
                    return found
        return self._selected(tenant, selection, hidden, until)

    def _selected(self, tenant: str, selection: Selection, hidden: Collection[str], until: float) -> list[Node]:
        left_s = until - monotonic()
        if left_s <= 0:
            raise OutOfBudget("The graph did not answer in time.")
        statement = cypher_select.select(tenant, selection, hidden=hidden, dialect=self.dialect)
        return [cypher.node_of(*row) for row in self._read(tenant, statement, left_s)]

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
        rules.check_tenant(tenant)
        rules.check_selection(selection, bounded=False)
        statement = cypher_select.summarise(tenant, selection, of=of, by=by, hidden=hidden, dialect=self.dialect)
        rows = self._read(tenant, statement, budget_s)
        if len(rows) > rules.MAX_GROUPS:
            raise InvalidInput(f"There are more than {rules.MAX_GROUPS} groups.", field="by")
        found = [cypher_select.summary_of(row, figures=of is not None) for row in rows]
        if by is None:
            return found or [Summary(None, 0)]
        return sorted(found, key=lambda one: (-one.count, rules.ordered(one.key)))

    def nodes(self, tenant: str, ids: Sequence[str], *, hidden: Collection[str] = ()) -> dict[str, Node]:
        """Return the nodes that are there, by id."""
        rules.check_tenant(tenant)
        found: dict[str, Node] = {}
        for part in _parts(list(dict.fromkeys(ids))):
            statement = cypher.nodes(tenant, part, hidden=hidden, dialect=self.dialect)
            for row in self._read(tenant, statement, FETCH_S):
                node = cypher.node_of(*row[:2])
                found[node.id] = node
        return {one: found[one] for one in ids if one in found}

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
        """Return what lies within `hops` of `ids`; of a node with very many neighbours a part is looked at."""
        rules.check_tenant(tenant)
        rules.check_within("hops", hops, 0, rules.MAX_HOPS)
        rules.check_within("limit", limit, 1, rules.MAX_NODES)
        rules.check_within("ids", len(ids), 0, rules.MAX_NODES)
        return Walk(self._read, self.dialect, tenant, hidden, budget_s).neighbourhood(ids, hops=hops, limit=limit)

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
        rules.check_tenant(tenant)
        rules.check_within("hops", hops, 0, rules.MAX_HOPS)
        rules.check_within("limit", limit, 1, rules.MAX_WAYS)
        return Walk(self._read, self.dialect, tenant, hidden, budget_s).ways(source, target, hops=hops, limit=limit)

    def counts(self, tenant: str) -> Mapping[str, int]:
        """Return the number of nodes by label."""
        rules.check_tenant(tenant)
        rows = self._read(tenant, cypher.counts(tenant, dialect=self.dialect), FETCH_S)
        return dict(sorted((next(name for name in names if name != cypher.BASE), many) for names, many in rows))

    def page(self, tenant: str, *, after: int, limit: int) -> list[tuple[int, Node]]:
        """Return nodes with their places."""
        rules.check_tenant(tenant)
        rules.check_within("limit", limit, 1, rules.MAX_NODES)
        rows = self._read(tenant, cypher.page(tenant, after=after, limit=limit, dialect=self.dialect), FETCH_S)
        return [(place, cypher.node_of(names, properties)) for place, names, properties in sorted(rows, key=_place)]

    def relations(self, tenant: str, ids: Sequence[str]) -> list[Relation]:
        """Return all relations that leave nodes."""
        rules.check_tenant(tenant)
        found: list[Relation] = []
        for part in _parts(list(dict.fromkeys(ids))):
            rows = self._read(tenant, cypher.relations_from(tenant, part, hidden=()), FETCH_S)
            found += [cypher.relation_of(*row) for row in rows]
        return sorted(found, key=lambda one: (one.source, one.kind, one.target))

    def copy(self, tenant: str, *, after: int, limit: int) -> Piece:
        """Return nodes and what leaves them, with the batches of each."""
        rules.check_tenant(tenant)
        rules.check_within("limit", limit, 1, rules.MAX_NODES)
        rows = self._read(tenant, cypher.page(tenant, after=after, limit=limit, dialect=self.dialect), COPY_S)
        rows.sort(key=_place)
        nodes = [(cypher.node_of(names, own), tuple(own["batches"])) for _, names, own in rows]
        leaving = cypher.relations_from(tenant, [node.id for node, _ in nodes], hidden=())
        found = self._read(tenant, leaving, COPY_S) if nodes else []
        relations = [(cypher.relation_of(*row), tuple(row[-1]["batches"])) for row in found]
        return Piece(nodes, relations, _place(rows[-1]) if len(rows) == limit else None)


def _place(row: Sequence[Any]) -> int:
    return int(row[0])


def _by_label(nodes: Sequence[tuple[Node, str]]) -> Mapping[str, Mapping[str, Brought[Node]]]:
    """Return each node once, with all that was given of it, and its batches."""
    labels: defaultdict[str, dict[str, Brought[Node]]] = defaultdict(dict)
    for node, batch in nodes:
        before, batches = labels[node.label].get(node.id, (None, ()))
        whole = replace(node, properties={**before.properties, **node.properties}) if before else node
        labels[node.label][node.id] = whole, _with(batches, batch)
    if sum(map(len, labels.values())) > len({node.id for node, _ in nodes}):
        raise Conflict("An id is given with two labels.")
    return labels


def _by_kind(relations: Sequence[tuple[Relation, str]]) -> Mapping[str, Mapping[tuple[str, str], Brought[Relation]]]:
    """Return each relation once, with all that was given of it, and its batches."""
    kinds: defaultdict[str, dict[tuple[str, str], Brought[Relation]]] = defaultdict(dict)
    for one, batch in relations:
        before, batches = kinds[one.kind].get((one.source, one.target), (None, ()))
        whole = replace(one, properties={**before.properties, **one.properties}) if before else one
        kinds[one.kind][one.source, one.target] = whole, _with(batches, batch)
    return kinds


def _with(batches: Sequence[str], batch: str) -> Sequence[str]:
    return batches if batch in batches else [*batches, batch]


def _parts(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]
