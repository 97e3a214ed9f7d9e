"""Open text: passages by words and by meaning as the product finds them, against either of the two alone."""

import math
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.query_world import KEPT, TENANT, encoder
from bench.rows import emit
from bench.wordnet import FOLDER, Search, Synset, searches, synsets
from jobs.knowledge import Space as Spaces
from jobs.questions import QueryRequest
from stores.corpus import Corpus
from stores.documents import Record, Shelf
from stores.documents_sqlite import SqliteDocuments
from stores.memory_graph import MemoryGraph
from stores.texts_tantivy import TantivyTexts
from stores.vectors import Passage, Row, Space
from stores.vectors_exact import ExactVectors
from workers.query.budget import Budget
from workers.query.names import Names
from workers.query.planner import plan
from workers.query.retrieve import passages
from workers.query.services import QueryServices
from workers.query.view import View

BENCH = "query-opentext"
PASSAGES = 5000
EACH = 400
FIRST = 10
SEED = 7
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def run() -> None:
    """Print nDCG@10 and recall@10 by the way in which passages are looked for."""
    if not FOLDER.is_dir():
        emit(BENCH, "absent", why="Debian's wordnet-base is not installed")
        return
    chosen, asked = searches(synsets(), passages=PASSAGES, each=EACH, seed=SEED)
    with TemporaryDirectory() as folder:
        services, corpus = _taken_in(Path(folder), chosen)
        finders: dict[str, Callable[[str], list[str]]] = {
            "ours": lambda text: _ours(text, services, corpus),
            "bm25": lambda text: [hit.id for hit in services.texts.best(TENANT, text, limit=FIRST)],
            "vectors": lambda text: [
                hit.id
                for hit in services.vectors.nearest(
                    TENANT, _space(services), services.encoder.encode([text])[0], limit=FIRST
                )
            ],
        }
        for way in dict.fromkeys(search.way for search in asked):
            some = [search for search in asked if search.way == way]
            for name, find in finders.items():
                ndcg, recall = _scored(some, find)
                emit(BENCH, f"{way}-{name}", ndcg_at_10=ndcg, recall_at_10=recall, questions=len(some), passages=PASSAGES,
                     **({"target": "not below bm25"} if name == "ours" else {}))  # fmt: skip


def _taken_in(folder: Path, chosen: Sequence[Synset]) -> tuple[QueryServices, Corpus]:
    """Keep the synsets as chunks of one document, in the embedded stores."""
    documents = SqliteDocuments(folder / "documents.sqlite", patience_s=5)
    documents.migrate()
    graph = MemoryGraph()
    texts, vectors = TantivyTexts(documents), ExactVectors(documents)
    services = QueryServices(documents, graph, vectors, texts, None, encoder(KEPT), None, None, None, None, time.time, time.monotonic)  # type: ignore[arg-type]  # fmt: skip
    matrix = services.encoder.encode([synset.passage for synset in chosen])
    texts.add(TENANT, [Passage(synset.id, "chunk", synset.passage) for synset in chosen])
    documents.put(TENANT, Shelf.MEMBERS, (Record(f"b|{synset.id}", {"ids": []}, "b", synset.id) for synset in chosen))
    rows = [Row(synset.id, vector) for synset, vector in zip(chosen, matrix, strict=True)]
    vectors.upsert(TENANT, _space(services), rows)
    return services, Corpus(1, frozenset(), {Spaces.CHUNKS.value: services.encoder.model})


def _space(services: QueryServices) -> Space:
    return Space(Spaces.CHUNKS.value, services.encoder.model, services.encoder.dimensions)


def _ours(text: str, services: QueryServices, corpus: Corpus) -> list[str]:
    request = QueryRequest(question=text, top_k=FIRST)
    reading = plan(request, Names(()), today=NOW.timestamp())
    budget = Budget(time.monotonic, seconds=5, nodes=1000)
    view = View(TENANT, frozenset(), services.graph, services.documents, budget)
    found = passages(reading, request, view, services, corpus, by_words=True, by_meaning=True)
    return [passage.id for passage in found]


def _scored(asked: Sequence[Search], find: Callable[[str], list[str]]) -> tuple[float, float]:
    ranks = []
    for search in asked:
        found = find(search.text)
        ranks.append(found.index(search.synset) + 1 if search.synset in found[:FIRST] else None)
    gains = [1 / math.log2(1 + rank) for rank in ranks if rank is not None]
    return round(sum(gains) / len(ranks), 4), round(len(gains) / len(ranks), 4)
