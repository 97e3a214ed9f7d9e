"""The small corpus with everything that a question needs, on memory stores, and a clock that stands still."""

from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from jobs.questions import Answer, QueryRequest
from stores.memory_cache import MemoryCache
from stores.memory_documents import MemoryDocuments
from stores.memory_graph import MemoryGraph
from stores.memory_texts import MemoryTexts
from stores.vectors_exact import ExactVectors
from tests.workers.query.small_corpus import TENANT, Corpus, whole
from workers.query.answer import Catalogue, answer
from workers.query.services import QueryServices

NOW = 1_700_100_000.0


def empty() -> Corpus:
    """Return a corpus on memory stores with nothing in it."""
    documents = MemoryDocuments()
    return Corpus(documents, MemoryGraph(), ExactVectors(documents), MemoryTexts())


@dataclass
class Farm:
    """What answers questions."""

    corpus: Corpus = field(default_factory=empty)
    catalogue: Catalogue = field(default_factory=Catalogue)
    stores: dict[str, Any] = field(default_factory=dict)
    """What stands in for a store of the corpus."""
    cache: Any = field(default_factory=MemoryCache)

    @classmethod
    def full(cls) -> "Farm":
        """Return one with the whole small corpus."""
        farm = cls()
        farm.corpus.write(*whole())
        return farm

    @property
    def services(self) -> QueryServices:
        """Return the collaborators; what a question does not need is not there."""
        missing: Any = None
        corpus = self.corpus
        return QueryServices(
            documents=self.stores.get("documents", corpus.documents),
            graph=self.stores.get("graph", corpus.graph),
            vectors=self.stores.get("vectors", corpus.vectors),
            texts=self.stores.get("texts", corpus.texts),
            cache=self.cache,
            encoder=self.stores.get("encoder", corpus.encoder),
            model=None,
            artifacts=missing,
            campaigns=missing,
            rems=missing,
            clock=lambda: NOW,
            timer=self.stores.get("timer", monotonic),
        )

    def ask(self, question: str, *, tenant: str = TENANT, **request: Any) -> Answer:
        """Answer a question."""
        return answer(
            QueryRequest(question=question, **request),
            tenant=tenant,
            services=self.services,
            catalogue=self.catalogue,
        )
