"""What a process keeps between questions: names, those of one version of a tenant's data; whether cache or graph are away."""

from collections import OrderedDict, defaultdict
from threading import Lock

from jobs.errors import StoreUnavailable
from stores.corpus import Corpus, read_corpus
from workers.query.breaker import GRAPH_REST_S, Breaker
from workers.query.names import Names, load_names
from workers.query.services import QueryServices

TENANTS = 16
"""Whose names are kept at a time; the tenant that asked longest ago is forgotten."""


class Catalogue:
    """Names by tenant. Threads that miss the same wait for one of them to load it."""

    def __init__(self) -> None:
        """Start empty."""
        self.breaker = Breaker()
        """Of the cache of answers."""
        self.graph = Breaker(GRAPH_REST_S)
        """Of the graph: what it does not answer, it would not answer the next question either, and each waits for it."""
        self._kept: OrderedDict[str, tuple[int, Names]] = OrderedDict()
        self._guard = Lock()
        self._loading: defaultdict[str, Lock] = defaultdict(Lock)

    def names(self, tenant: str, corpus: Corpus, services: QueryServices) -> Names:
        """Return the names of just this version of the data; raise StoreUnavailable or OutOfBudget."""
        if (known := self._find(tenant, corpus.version)) is not None:
            return known
        with self._guard:
            loading = self._loading[tenant]
        with loading:
            if (known := self._find(tenant, corpus.version)) is not None:
                return known
            if not self.graph.allows(services.timer()):
                raise StoreUnavailable("The graph did not answer just now.")
            try:
                names = load_names(services.graph, tenant, hidden=corpus.hidden)
            except StoreUnavailable:
                self.graph.failed(services.timer())
                raise
            # What was written meanwhile may have been half there: such names serve nobody else.
            if read_corpus(services.documents, tenant) == corpus:
                self._keep(tenant, corpus.version, names)
            return names

    def older(self, tenant: str) -> tuple[int, Names] | None:
        """Return the names that were loaded last, and of which version: for when the present ones cannot be."""
        with self._guard:
            return self._kept.get(tenant)

    def _find(self, tenant: str, version: int) -> Names | None:
        with self._guard:
            kept = self._kept.get(tenant)
            if kept is None or kept[0] != version:
                return None
            self._kept.move_to_end(tenant)
            return kept[1]

    def _keep(self, tenant: str, version: int, names: Names) -> None:
        with self._guard:
            self._kept[tenant] = (version, names)
            self._kept.move_to_end(tenant)
            while len(self._kept) > TENANTS:
                gone, _ = self._kept.popitem(last=False)
                self._loading.pop(gone, None)
