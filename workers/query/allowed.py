"""What the filters of a request let an answer speak of, for things that no plan has filtered."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from jobs.knowledge import Label
from jobs.questions import Filters
from stores.documents import Record, Shelf
from stores.graph import Condition, Node, Selection
from workers.query.budget import FAILED
from workers.query.view import View


@dataclass(frozen=True, slots=True)
class Allowed:
    """Filters, with firmware resolved to ids."""

    filters: Filters
    firmware: frozenset[str]
    view: View

    @classmethod
    def of(cls, filters: Filters, view: View) -> "Allowed":
        """Resolve the names of firmware; a name that nothing has allows nothing."""
        if not filters.firmware:
            return cls(filters, frozenset(), view)
        names = tuple(filters.firmware)
        ids = {f"firmware:{name.removeprefix('firmware:')}" for name in names}
        try:
            for name in ("name", "sha256"):
                chosen = Selection(Label.FIRMWARE, (Condition(name, "in", names),))
                ids |= {node.id for node in view.select(chosen)}
        except FAILED:
            return cls(filters, frozenset(ids), view)
        return cls(filters, frozenset(ids), view)

    def node(self, node: Node) -> bool:
        """Say whether an answer may speak of a thing: one that a filter cannot be asked of is not."""
        severities = {str(severity) for severity in self.filters.severity}
        if severities and node.properties.get("severity") not in severities:
            return False
        return not self.filters.firmware or self._firmware(node) in self.firmware

    def passage(self, things: Sequence[Node], batches: Collection[str]) -> bool:
        """Say whether an answer may speak of a passage: of one thing that it speaks of, from one batch of that time."""
        if (self.filters.severity or self.filters.firmware) and not any(self.node(thing) for thing in things):
            return False
        filters = self.filters
        if filters.tag is None and filters.since is None and filters.until is None:
            return True
        try:
            known = self.view.nodes(batches)
            told = self.view.records(Shelf.BATCHES, batches)
        except FAILED:
            return False
        return any(self._batch(known.get(batch), told.get(batch)) for batch in batches)

    def _firmware(self, node: Node) -> str:
        return node.id if node.label == Label.FIRMWARE else str(node.properties.get("firmware", ""))

    def _batch(self, known: Node | None, told: Record | None) -> bool:
        tags = str(known.properties.get("tags") or "") if known else ""
        if self.filters.tag is not None and f",{self.filters.tag}," not in tags:
            return False
        made = told.body.get("created_at") if told else None
        if made is None and known is not None:
            made = known.properties.get("created_at")
        since, until = self.filters.since, self.filters.until
        if made is None:
            return since is None and until is None
        return (since is None or float(made) >= since) and (until is None or float(made) <= until)
