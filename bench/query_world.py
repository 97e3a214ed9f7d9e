"""What questions are measured on: servers of their own, the embedded stores, and a corpus that was taken in.

Servers listen on free ports of loopback and end with the context. What takes long and is no measurement here - the
vectors of texts - is kept in build/bench between runs; a part that measures encoding has a folder of its own.
"""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from bench.farm import free_port
from bench.questions.corpus import BenchCorpus, Build
from bench.questions.measurements import to_parquet
from deploy.redis_servers import cache_server, graph_server
from jobs.ingestion import IngestRequest, IngestResult
from jobs.model import Progress
from jobs.questions import Answer, QueryRequest
from stores.artifacts import FileArtifacts, JobFiles
from stores.cache_redis import RedisCache
from stores.documents_sqlite import SqliteDocuments
from stores.graph_falkordb import FalkorGraph
from stores.texts_tantivy import TantivyTexts
from stores.vectors_exact import ExactVectors
from workers.encoders.encoder_cache import CachedEncoder
from workers.encoders.encoder_onnx import OnnxMiniLm
from workers.query.answer import Catalogue
from workers.query.ask import ask
from workers.query.ingest import ingest
from workers.query.services import QueryServices

TENANT = "default"
KEPT = Path("build/bench")
"""Below the repository: the encoder's model, vectors of texts."""
PATIENCE_S = 120
PARQUET = "application/vnd.apache.parquet"


@dataclass
class Attempt:
    """An attempt at a job that nobody stops."""

    job_id: str = "bench"
    worker: str = "bench"

    def check(self) -> None:
        """Go on."""

    def report(self, progress: Progress) -> None:
        """Tell nobody."""

    def publish(self, job_id: str, partial: Mapping[str, Any]) -> None:
        """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the stores of one measurement lie."""

    folder: Path
    graph: str
    cache: str
    graph_pid: int

    def services(self, *, cached: bool = False, vectors: Path | None = None) -> QueryServices:
        """Return the embedded stores as a worker has them; without a cache unless asked for."""
        documents = SqliteDocuments(self.folder / "documents.sqlite", patience_s=5)
        return QueryServices(
            documents=documents,
            graph=FalkorGraph(self.graph, patience_s=5),
            vectors=ExactVectors(documents),
            texts=TantivyTexts(documents),
            cache=RedisCache(self.cache) if cached else None,
            encoder=encoder(vectors or KEPT),
            model=None,
            artifacts=FileArtifacts(self.folder),
            campaigns=JobFiles(self.folder, "campaigns"),
            rems=JobFiles(self.folder, "rems"),
            clock=time.time,
            timer=time.monotonic,
        )


@dataclass
class Asker:
    """Asks as a worker does, each question answered anew."""

    services: QueryServices
    catalogue: Catalogue = field(default_factory=Catalogue)

    def __call__(self, question: str, **how: Any) -> Answer:
        """Return the answer."""
        request = QueryRequest(question=question, **{"fresh": True, **how})
        check = Attempt().check
        return ask(request, tenant=TENANT, services=self.services, catalogue=self.catalogue, owner="bench", check=check)


def encoder(folder: Path) -> CachedEncoder:
    """Return the embedded encoder; what it encoded is kept in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    KEPT.mkdir(parents=True, exist_ok=True)
    return CachedEncoder(OnnxMiniLm(KEPT / "models", threads=1), folder / "embeddings.sqlite", limit_bytes=2**32)


@contextmanager
def place(*, memory_mb: int = 4096, folder: Path | None = None) -> Iterator[Place]:
    """Start a graph and a cache, in `folder` or in one that goes with the context."""
    with ExitStack() as stack:
        if folder is None:
            folder = Path(tempfile.mkdtemp(prefix="bench-query-"))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        ports = free_port(), free_port()
        pids = [
            stack.enter_context(_running(command, port))
            for command, port in (
                (graph_server(folder / "graph", ports[0], memory_mb=memory_mb), ports[0]),
                (cache_server(folder / "cache", ports[1]), ports[1]),
            )
        ]
        urls = [f"redis://127.0.0.1:{port}/0" for port in ports]
        yield Place(folder, urls[0], urls[1], pids[0])


@contextmanager
def _running(command: Any, port: int) -> Iterator[int]:
    with subprocess.Popen(list(command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait(port)
            yield process.pid
        finally:
            process.terminate()


def _wait(port: int) -> None:
    """Wait until a server answers; one that reads its log back does not at once."""
    until = time.monotonic() + PATIENCE_S
    with Redis(port=port, socket_timeout=5) as redis:
        while True:
            try:
                redis.ping()
            except RedisError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)
            else:
                return


def take_in(services: QueryServices, corpus: BenchCorpus, *, measured: bool = True) -> list[dict[str, float]]:
    """Take a corpus in as jobs would; return how long each batch took, by step."""
    for store in (services.documents, services.graph, services.vectors, services.texts):
        store.migrate()
    steps = []
    for build in corpus.builds:
        steps.append(_timed(services, keep_report(services, build), "campaign"))
        if measured:
            steps.append(_timed(services, _measurements(services, build), "measurements"))
    steps += [
        _timed(services, IngestRequest(name=text.name, title=text.title, text=text.text), "document")
        for text in corpus.documents
    ]
    return steps


def run_ingest(services: QueryServices, request: IngestRequest) -> IngestResult:
    """Take one thing in."""
    return ingest(request, tenant=TENANT, job_id="bench", attempt=Attempt(), services=services)


def keep_report(services: QueryServices, build: Build) -> IngestRequest:
    """Lay a report where campaigns leave theirs; return the request that takes it in."""
    campaign = build.report.campaign
    services.campaigns.write(campaign, "report.json", [build.report.model_dump_json().encode()])
    return IngestRequest(campaign=campaign, tags=build.tags)


def _measurements(services: QueryServices, build: Build) -> IngestRequest:
    data = to_parquet(build.measurements())
    artifact = services.artifacts.put("default", [data], media_type=PARQUET, limit_bytes=2**30)[0]
    return IngestRequest(name=build.batch, artifact=artifact.id)


def _timed(services: QueryServices, request: IngestRequest, what: str) -> dict[str, float]:
    began = time.perf_counter()
    run_ingest(services, request)
    return {what: time.perf_counter() - began}
