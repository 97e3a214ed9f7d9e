"""Names of things that the graph knows, for texts that mention them."""

import re
from collections.abc import Callable, Iterator
from functools import cached_property

from jobs.knowledge import Label
from stores.corpus import read_corpus
from stores.graph import Condition, Node, Selection
from workers.query.services import QueryServices

NAMED = (Label.FUNCTION, Label.FIRMWARE, Label.CAMPAIGN)
PAGE = 5000
MOST = 100_000
"""Names of one label that are looked at."""
INSTRUCTION = re.compile(r"[0-9a-f]{12}:[0-9a-f]{8}")


class Known:
    """Returns the id of the one thing that is called so, or None: a name that several things have names none of them."""

    def __init__(
        self,
        tenant: str,
        services: QueryServices,
        *,
        check: Callable[[], None],
        hidden: frozenset[str] | None = None,
        page: int = PAGE,
    ) -> None:
        """Ask a tenant's graph; `check` raises when the job should stop; without `hidden`, readers' batches are seen."""
        self._tenant = tenant
        self._but = hidden
        self._services = services
        self._check = check
        self._page = page
        self._instructions: dict[str, str | None] = {}

    def __call__(self, name: str) -> str | None:
        """Look a name or an id up; case does not matter."""
        folded = name.casefold()
        if INSTRUCTION.fullmatch(folded):
            return self._instruction(folded)
        return self._names.get(folded)

    def _instruction(self, instruction: str) -> str | None:
        if instruction not in self._instructions:
            found = self._services.graph.nodes(self._tenant, [instruction], hidden=self._hidden)
            self._instructions[instruction] = instruction if instruction in found else None
        return self._instructions[instruction]

    @cached_property
    def _hidden(self) -> frozenset[str]:
        if self._but is not None:
            return self._but
        return read_corpus(self._services.documents, self._tenant).hidden

    @cached_property
    def _names(self) -> dict[str, str | None]:
        names: dict[str, str | None] = {}
        for node in (node for label in NAMED for node in self._nodes(label)):
            for name in {str(node.properties.get("name", node.id)).casefold(), node.id.casefold()}:
                names[name] = node.id if names.get(name, node.id) == node.id else None
        return names

    @cached_property
    def mitigations(self) -> dict[str, str]:
        """Return the ids of countermeasures by their names in lower case."""
        return {str(node.properties.get("name", node.id)).casefold(): node.id for node in self._nodes(Label.MITIGATION)}

    def _nodes(self, label: Label) -> Iterator[Node]:
        last, seen = "", 0
        while seen < MOST:
            self._check()
            selection = Selection(label, (Condition("id", ">", last),), limit=self._page)
            nodes = self._services.graph.select(self._tenant, selection, hidden=self._hidden)
            yield from nodes
            seen += len(nodes)
            if len(nodes) < self._page:
                return
            last = nodes[-1].id
