"""A tenant's graph and documents as one answer may see them: without hidden batches, within its budget."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from stores.documents import Documents, Record, Shelf
from stores.graph import Graph, Node, Selection, Subgraph, Summary, Way
from workers.query.budget import Budget

PAGE = 5000
SHARE = 0.6
"""Of the time that one statement to the graph may take."""


@dataclass(frozen=True, slots=True)
class View:
    """What can be asked. Raises StoreUnavailable and OutOfBudget, both noted in the budget."""

    tenant: str
    hidden: Collection[str]
    graph: Graph
    documents: Documents
    budget: Budget
    table: int = 100_000
    """Nodes of a table that is read whole, as many as a graph gives at once; a longer one is cut short."""
    _profiles: dict[str, list[Record]] = field(default_factory=dict, repr=False)
    """Those that were read, by instruction: they are asked for what is in dispute, and again for where it comes from."""

    def room(self, wanted: int) -> int:
        """Return how many nodes may be read of those wanted, one at least; fewer than wanted cuts the answer short."""
        room = max(1, min(wanted, self.budget.nodes_left))
        self.budget.visited(0, truncated=room < wanted)
        return room

    def select(self, selection: Selection, *, whole: bool = False) -> list[Node]:
        """Return the nodes of a selection; a table that is read `whole` is not counted among the nodes visited."""
        with self.budget.ask("graph", share=SHARE) as seconds:
            nodes = self.graph.select(self.tenant, selection, hidden=self.hidden, budget_s=seconds)
        self.budget.visited(0 if whole else len(nodes), hops=len(selection.hops))
        return nodes

    def summarise(self, selection: Selection, *, of: str | None = None, by: str | None = None) -> list[Summary]:
        """Return figures over a selection."""
        with self.budget.ask("graph", share=SHARE) as seconds:
            summaries = self.graph.summarise(self.tenant, selection, of=of, by=by, hidden=self.hidden, budget_s=seconds)
        self.budget.visited(0, hops=len(selection.hops))
        return summaries

    def count(self, selection: Selection) -> int:
        """Return how many nodes a selection has, whatever its limit."""
        return sum(summary.count for summary in self.summarise(replace(selection, order_by=None)))

    def nodes(self, ids: Iterable[str]) -> dict[str, Node]:
        """Return nodes by id."""
        wanted = sorted(set(ids))
        if not wanted:
            return {}
        with self.budget.ask("graph"):
            nodes = self.graph.nodes(self.tenant, wanted, hidden=self.hidden)
        self.budget.visited(len(nodes))
        return nodes

    def neighbourhood(self, ids: Sequence[str], *, hops: int, limit: int, sampled: bool = False) -> Subgraph:
        """Return what lies around, no more than the budget's nodes; where a sample is enough, its limit cuts nothing."""
        most = max(1, min(limit, self.budget.nodes_left))
        with self.budget.ask("graph", share=SHARE) as seconds:
            found = self.graph.neighbourhood(
                self.tenant,
                ids,
                hops=hops,
                limit=most,
                hidden=self.hidden,
                budget_s=seconds,
            )
        cut = found.truncated and not (sampled and most == limit)
        self.budget.visited(len(found.nodes), hops=max(found.distances.values(), default=0), truncated=cut)
        return found

    def ways(self, source: str, target: str, *, hops: int) -> list[Way]:
        """Return the shortest ways between two things."""
        with self.budget.ask("graph", share=SHARE) as seconds:
            ways = self.graph.ways(self.tenant, source, target, hops=hops, hidden=self.hidden, budget_s=seconds)
        longest = max((len(way.relations) for way in ways), default=hops)
        self.budget.visited(len({node.id for way in ways for node in way.nodes}), hops=longest)
        return ways

    def profiles(self, ids: Iterable[str]) -> dict[str, list[Record]]:
        """Return what each visible batch says of each instruction, by instruction."""
        wanted = sorted(set(ids))
        if missing := [thing for thing in wanted if thing not in self._profiles]:
            with self.budget.ask("documents"):
                records = self.documents.find(self.tenant, Shelf.PROFILES, groups=missing, limit=PAGE)
            if len(records) == PAGE:
                self.budget.visited(0, truncated=True)
            self._profiles.update({thing: [] for thing in missing})
            for record in records:
                if record.batch not in self.hidden:
                    self._profiles[record.group].append(record)
        return {thing: self._profiles[thing] for thing in wanted if self._profiles[thing]}

    def records(self, shelf: Shelf, ids: Iterable[str]) -> Mapping[str, Record]:
        """Return documents by id."""
        wanted = sorted(set(ids))
        if not wanted:
            return {}
        with self.budget.ask("documents"):
            return self.documents.get(self.tenant, shelf, wanted)

    def members(self, passages: Iterable[str]) -> dict[str, list[Record]]:
        """Return which things visible batches say that passages speak of, by passage."""
        wanted = sorted(set(passages))
        if not wanted:
            return {}
        with self.budget.ask("documents"):
            records = self.documents.find(self.tenant, Shelf.MEMBERS, groups=wanted, limit=PAGE)
        if len(records) == PAGE:
            self.budget.visited(0, truncated=True)
        by_passage: dict[str, list[Record]] = {}
        for record in records:
            if record.batch not in self.hidden:
                by_passage.setdefault(record.group, []).append(record)
        return by_passage
