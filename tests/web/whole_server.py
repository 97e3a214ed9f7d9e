"""A web server with all its stores, and hands that do its jobs as workers would: gunicorn, Redis, FalkorDB, SQLite."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any

from jobs.errors import DaseinError
from jobs.model import Failure, Job
from jobs.queue import KINDS
from stores.documents_sqlite import SqliteDocuments
from stores.graph_falkordb import FalkorGraph
from stores.jobs_redis import RedisJobs
from stores.redis_client import connect
from tests.servers import RedisServer, demand
from tests.stores.graph_servers import FalkorServer, has_falkordb
from tests.web.server import WebServer
from web.api_v2.things import Knowledge

LEASE_S = 60
AT_ONCE = 20
Work = Callable[[Job], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class WholeServer:
    """A server and what lies behind it."""

    web: WebServer
    jobs: RedisJobs
    knowledge: Knowledge
    redis_url: str


@contextmanager
def whole_server(redis: RedisServer, folder: Path, **settings: object) -> Iterator[WholeServer]:
    """Run a server on an empty Redis and stores of its own in `folder`."""
    demand("falkordb", present=has_falkordb())
    redis.flush()
    graph = FalkorServer(folder)
    with ExitStack() as stack:
        stack.callback(graph.kill)
        graph.start()
        web = stack.enter_context(WebServer(folder, redis.url, graph_url=graph.url, **settings))
        client = stack.enter_context(connect(redis.url, patience_s=5))
        jobs = RedisJobs(client, lease_s=LEASE_S, retention_s=3600, tombstone_s=7200)
        documents = SqliteDocuments(web.data / "knowledge" / "documents.sqlite", patience_s=5)
        nodes = FalkorGraph(graph.url, patience_s=5)
        stack.callback(nodes.close)
        nodes.migrate()
        yield WholeServer(web, jobs, Knowledge(documents, nodes), redis.url)


@contextmanager
def hands(server: WholeServer, work: Work) -> Iterator[None]:
    """Do every job that is sent, one after the other: `work` returns its result or raises."""
    stop = Event()

    def run() -> None:
        while not stop.wait(0.01):
            for kind in KINDS:
                for job in server.jobs.waiting(kind, limit=AT_ONCE):
                    _do(server.jobs, job, work)

    thread = Thread(target=run, name="hands", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _do(jobs: RedisJobs, job: Job, work: Work) -> None:
    jobs.start(job.id, worker="hands@here:1", lease_s=LEASE_S)
    try:
        jobs.finish(job.id, work(job))
    except DaseinError as error:
        jobs.fail(job.id, Failure(error.code, error.message, error.field, error.reason))
