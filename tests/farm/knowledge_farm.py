"""A farm of workers for questions and ingestion, on a graph and a cache of their own that can be killed."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pydantic import BaseModel

from jobs.ingestion import IngestRequest, IngestResult
from jobs.model import Job, NewJob, State
from jobs.questions import Answer, QueryRequest
from jobs.queue import INGEST, INGESTION, QUERY, QUESTION, REMFORGE, Kind
from stores.artifacts import FileArtifacts, JobFiles
from stores.cache_redis import RedisCache
from stores.documents_sqlite import SqliteDocuments
from stores.graph_falkordb import FalkorGraph
from stores.texts_tantivy import TantivyTexts
from stores.vectors_exact import ExactVectors
from tests.farm.conftest import LEASE_S, ROOT, Farm
from tests.servers import RedisServer, demand, eventually, has_redis
from tests.stores.graph_servers import FalkorServer, has_falkordb
from tests.workers.query.knowledge import WordEncoder, everything
from workers.encoders.encoder_onnx import OnnxMiniLm
from workers.lifecycle import send
from workers.query.services import QueryServices


class KnowledgeFarm(Farm):
    """Workers of the query pool, and the stores that they share with the test."""

    def __init__(self, server: RedisServer, graph: FalkorServer, cache: RedisServer, folder: Path) -> None:
        super().__init__(server, folder)
        self.graph = graph
        self.cache = cache
        self.connection = FalkorGraph(graph.url, patience_s=1)
        documents = SqliteDocuments(folder / "knowledge" / "documents.sqlite", patience_s=5)
        self.stores = QueryServices(
            documents=documents,
            graph=self.connection,
            vectors=ExactVectors(documents),
            texts=TantivyTexts(documents),
            cache=RedisCache(cache.url),
            # The workers have the real one: a test reads, and encodes nothing.
            encoder=WordEncoder(),
            model=None,
            artifacts=FileArtifacts(folder),
            campaigns=JobFiles(folder, "campaigns"),
            rems=JobFiles(folder, "rems"),
            clock=time.time,
            timer=time.monotonic,
        )
        documents.migrate()

    def start(self, name: str, *, drain_s: float = 1, queue: str = QUERY) -> None:
        """Start a worker and wait until it says that it is there."""
        self.begin(name, drain_s=drain_s, queue=queue)
        self.await_worker(name)

    def begin(self, name: str, *, drain_s: float = 1, queue: str = QUERY) -> None:
        """Start a worker, without waiting."""
        environment = os.environ | {
            "REMAP_SIGTERM": "SIGQUIT",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "DASEIN_REDIS_URL": self.server.url,
            "DASEIN_GRAPH_URL": self.graph.url,
            "DASEIN_CACHE_URL": self.cache.url,
            "DASEIN_DATA_DIR": str(self.folder),
            "DASEIN_LEASE_S": str(LEASE_S),
            "DASEIN_SWEEP_S": "0.5",
            "DASEIN_DRAIN_S": str(drain_s),
            "PYTHONPATH": str(ROOT),
        }
        tasks, processes = ("workers.remforge.tasks", "2") if queue == REMFORGE else ("workers.query.tasks", "1")
        program = ["-m", "celery", "-q", "-A", "workers.app", "worker", "-I", tasks]
        options = ["-Q", queue, "-P", "prefork", "-c", processes, "-n", f"{name}@test", "--without-gossip"]
        self._queues[name] = queue
        with (self.folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [sys.executable, *program, *options, "--without-mingle"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def await_worker(self, name: str) -> None:
        """Wait until a worker says that it is there."""
        eventually(lambda: self.is_alive(name), within_s=60, what=f"{name} is alive")

    def ready(self, queries: tuple[str, ...], ingests: tuple[str, ...]) -> None:
        """Have these workers run, those that do not yet, and see that each of them does its work."""
        missing = [name for name in (*queries, *ingests) if not self.runs(name)]
        for name in missing:
            self.begin(name, queue=QUERY if name in queries else INGEST)
        for name in missing:
            self.await_worker(name)

    def close(self) -> None:
        """End everything."""
        super().close()
        self.connection.close()

    def bring(self, tenant: str, kind: Kind, params: BaseModel) -> str:
        """Record and send a job of a tenant; return its id."""
        job_id = uuid4().hex
        job, _ = self.jobs.submit(NewJob(job_id, kind.name, params.model_dump(mode="json"), tenant))
        send(job, self.jobs, self.queue)
        return job_id

    def take_in(self, tenant: str, **told: Any) -> str:
        """Have something taken in; return the job's id."""
        return self.bring(tenant, INGESTION, IngestRequest(**told))

    def taken_in(self, job_id: str) -> IngestResult:
        """Return the result of an ingestion when it has ended."""
        job = self.until(job_id, State.SUCCEEDED, State.FAILED, within_s=90)
        assert job.state is State.SUCCEEDED, job.error
        return IngestResult.model_validate(job.result)

    def ask(self, tenant: str, question: str, *, fresh: bool = True) -> Answer:
        """Have a question answered, anew if not told otherwise."""
        asked = self.bring(tenant, QUESTION, QueryRequest(question=question, fresh=fresh))
        job = self.until(asked, State.SUCCEEDED, State.FAILED, within_s=90)
        assert job.state is State.SUCCEEDED, job.error
        return Answer.model_validate(job.result)

    def at_step(self, job_id: str, step: str) -> Job:
        """Wait until an ingestion is at a step, and return the job as it was then."""
        seen: list[Job] = []

        def there() -> bool:
            seen.append(self.jobs.get(job_id))
            assert not seen[-1].state.final, seen[-1]
            return seen[-1].progress.message == step

        eventually(there, within_s=90, what=f"{job_id} is at {step}")
        return seen[-1]

    def kept(self, tenant: str) -> dict[str, Any]:
        """Return what all stores have of a tenant, but for when and by which job it came."""
        found = everything(self.stores, tenant=tenant)
        found["documents"] = {shelf: sorted(records) for shelf, records in found["documents"].items()}
        for _, properties in found["graph"]["nodes"].values():
            properties.pop("created_at", None)
        return found


@contextmanager
def standing(factory: pytest.TempPathFactory) -> Iterator[KnowledgeFarm]:
    """Keep a farm without workers on servers of its own, for all tests of a module: workers take seconds to load their model."""
    demand("redis", present=has_redis())
    demand("falkordb", present=has_falkordb())
    with ExitStack() as stack:
        queue = RedisServer(factory.mktemp("queue"))
        graph = FalkorServer(factory.mktemp("graph"))
        cache = RedisServer(factory.mktemp("cache"))
        for server in (queue, graph, cache):
            stack.callback(server.kill)
            server.start()
        folder = factory.mktemp("data")
        # Built once rather than by each worker.
        OnnxMiniLm(folder / "knowledge" / "models", threads=1).encode(["warm"])
        farm = KnowledgeFarm(queue, graph, cache, folder)
        stack.callback(farm.close)
        yield farm
