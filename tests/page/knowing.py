"""A farm that knows something: a real web server on real stores, and hands that do what workers would."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any

from jobs.errors import DaseinError
from jobs.identity import HOME as TENANT
from jobs.model import Failure, Job, State
from stores.artifacts import FileArtifacts, JobFiles
from stores.documents_sqlite import SqliteDocuments
from stores.graph_falkordb import FalkorGraph
from stores.jobs_redis import RedisJobs
from tests.servers import RedisServer
from tests.stores.graph_servers import FalkorServer
from tests.web.server import PATIENCE_S, WebServer
from web.api_v2.things import Knowledge

WORKER = "hands@here:1"
LIMIT_BYTES = 2**20
Work = Callable[[Job], dict[str, Any]]


@dataclass(frozen=True)
class Knowing:
    """A web server, and what lies behind it."""

    server: WebServer
    jobs: RedisJobs
    knowledge: Knowledge
    artifacts: FileArtifacts
    rem_files: JobFiles
    redis: RedisServer

    def clear(self) -> None:
        """Forget everything."""
        self.redis.flush()
        self.knowledge.documents.erase(TENANT)
        self.knowledge.graph.erase(TENANT)

    def store(self, content: bytes, *, media_type: str) -> str:
        """Keep a file as if it had been uploaded."""
        return self.artifacts.put(TENANT, [content], media_type=media_type, limit_bytes=LIMIT_BYTES)[0].id

    @contextmanager
    def hands(self, work: Work) -> Iterator[None]:
        """Do every job, in a thread: `work` returns its result or raises."""
        stop = Event()
        thread = Thread(target=self._work, args=(work, stop), daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(PATIENCE_S)

    def all_jobs(self) -> list[Job]:
        """Return the newest jobs."""
        return list(self.jobs.find(tenant=TENANT, kind=None, state=None, tag=None, cursor=None, limit=100).jobs)

    def _work(self, work: Work, stop: Event) -> None:
        while not stop.wait(0.01):
            queued = self.jobs.find(tenant=TENANT, kind=None, state=State.QUEUED, tag=None, cursor=None, limit=10)
            for job in queued.jobs:
                self.jobs.start(job.id, worker=WORKER, lease_s=60)
                try:
                    self.jobs.finish(job.id, work(self.jobs.get(job.id)))
                except DaseinError as error:
                    self.jobs.fail(job.id, Failure(error.code, error.message, error.field, error.reason))


@contextmanager
def knowing(redis: RedisServer, jobs: RedisJobs, folder: Path) -> Iterator[Knowing]:
    """Start a graph and a web server on it."""
    falkor = FalkorServer(folder / "graph")
    falkor.folder.mkdir()
    falkor.start()
    try:
        with WebServer(folder, redis.url, graph_url=falkor.url) as server:
            documents = SqliteDocuments(server.data / "knowledge" / "documents.sqlite", patience_s=5)
            graph = FalkorGraph(falkor.url, patience_s=5)
            files = FileArtifacts(server.data), JobFiles(server.data, "rems")
            yield Knowing(server, jobs, Knowledge(documents, graph), *files, redis)
            graph.close()
    finally:
        falkor.kill()
