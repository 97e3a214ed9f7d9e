"""The farm's own records, read where they lie, once it is at rest."""

import time

from config.queues import celery_settings
from dasein import Client
from jobs.model import Job, State
from jobs.queue import QUEUES
from stores.corpus import read_corpus
from stores.documents import Shelf
from stores.documents_sqlite import SqliteDocuments
from stores.graph_falkordb import FalkorGraph
from stores.jobs_redis import RedisJobs
from stores.queue_celery import CeleryQueue
from stores.redis_client import connect
from tests.chaos.audit import Books
from tests.chaos.farm import Farm
from tests.chaos.journal import TAG
from tests.workers.query.knowledge import graph_of

TENANT = "default"
LOOK_S = 0.5
MANY = 100_000


class Reader:
    """Reads a farm's stores directly."""

    def __init__(self, farm: Farm) -> None:
        self._farm = farm
        self._redis = connect(farm.settings.redis, patience_s=10)
        self._jobs = RedisJobs(self._redis, lease_s=60, retention_s=3600, tombstone_s=3600)
        self._queue = CeleryQueue(celery_settings(farm.settings))

    def close(self) -> None:
        """Close the connections."""
        self._queue.close()
        self._redis.close()

    def jobs(self) -> dict[str, Job]:
        """Return all recorded jobs, parts too."""
        names = [name.split(":") for name in self._redis.scan_iter("job:*", count=1000)]
        return dict(self._jobs.many([name[1] for name in names if len(name) == 2]))

    def queued(self) -> int:
        """Return how many messages wait."""
        return sum(self._queue.depth(queue) for queue in QUEUES)

    def at_rest(self, *, within_s: float) -> bool:
        """Wait until every job has ended and no message waits; return whether it came to that."""
        latest = time.monotonic() + within_s
        while time.monotonic() < latest:
            if self.queued() == 0 and all(job.state.final for job in self.jobs().values()):
                return True
            time.sleep(LOOK_S)
        return False

    def books(self) -> Books:
        """Return all that there is to be audited."""
        jobs = self.jobs()
        with Client(self._farm.url, patience_s=30) as client:
            listed = {job.id for job in client.jobs(tag=TAG, page=100)}
            reports = {
                job.id: str(client.report(job.id)["digest"])
                for job in jobs.values()
                if job.kind == "campaign" and job.state is State.SUCCEEDED
            }
            batches = self._batches()
        return Books(
            jobs=jobs,
            events={job_id: self._jobs.events(job_id, after=None, limit=MANY) for job_id in jobs},
            counts=self._jobs.counts(),
            listed=listed,
            looked_at=frozenset(str(one) for one in self._redis.zrange("jobs:due", 0, -1)),
            queued=self.queued(),
            traces_today=self._jobs.traces_today(TENANT),
            reports=reports,
            batches=batches,
            learns=self._farm.settings.ingest_campaigns,
            dead={letter.job_id for letter in self._jobs.dead_letters(tenant=TENANT, limit=MANY)},
        )

    def graph(self) -> object:
        """Return what readers see of the graph."""
        graph = FalkorGraph(self._farm.settings.graph, patience_s=5)
        try:
            hidden = read_corpus(self._documents(), TENANT).hidden
            return graph_of(graph, tenant=TENANT, hidden=hidden, at_once=10)
        finally:
            graph.close()

    def rebuild(self) -> None:
        """Have the graph made anew from the documents."""
        with Client(self._farm.url, patience_s=30) as client:
            ended = client.wait(client.submit("rebuild", {"what": ["graph"]}).id, timeout_s=120)
        if ended.error is not None:
            raise RuntimeError(f"the rebuild failed: {ended.error}")

    def _documents(self) -> SqliteDocuments:
        return SqliteDocuments(self._farm.settings.knowledge_dir / "documents.sqlite", patience_s=5)

    def _batches(self) -> frozenset[str]:
        documents = self._documents()
        hidden = read_corpus(documents, TENANT).hidden
        found, after = set(), None
        while page := documents.find(TENANT, Shelf.BATCHES, after=after, limit=1000):
            found |= {record.id for record in page} - hidden
            after = (page[-1].at, page[-1].id)
        return frozenset(found)
