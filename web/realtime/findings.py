"""New vulnerabilities: told when the job ends that brought their campaign into the knowledge, or took it away.

The graph is asked once per process for each such job, however many listen.
"""

from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, Protocol

import structlog
from pydantic_core import to_json

from jobs.errors import DaseinError
from jobs.knowledge import Label
from jobs.model import Job, State
from jobs.queue import CAMPAIGN, INGESTION, REMOVAL
from stores.corpus import read_corpus
from stores.graph import Condition, Selection
from web.api_v2.things import Knowledge, ThingView
from web.realtime.feed import Feed
from web.realtime.following import DONE
from web.realtime.news import News

SHOWN = 100
IN_SNAPSHOT = 20
BUDGET_S = 5.0
WAITING = 1000

log = structlog.get_logger(__name__)


class Hearer(Protocol):
    """Somebody who is told of findings; nothing here may block."""

    def found(self, job: News, batch: str, name: str, data: bytes) -> None:
        """Take what a job has found, or taken away: `found` or `removed`, and JSON."""

    def lost(self) -> None:
        """Know that findings may have gone by untold."""


class Findings:
    """Asks the knowledge what is new in it, for those of this process who want to know."""

    def __init__(self, knowledge: Knowledge, feed: Feed) -> None:
        """Ask `knowledge` when `feed` tells of the end of a job that changed it."""
        self._knowledge = knowledge
        self._feed = feed
        self._lock = Lock()
        self._hearers: dict[Hearer, str] = {}
        self._ended: SimpleQueue[News] = SimpleQueue()
        self._asker: Thread | None = None

    def join(self, hearer: Hearer, tenant: str) -> None:
        """Tell `hearer` of what is new for a tenant; raise StoreUnavailable where no changes can be read."""
        with self._lock:
            self._feed.join(self)
            self._hearers[hearer] = tenant
            if self._asker is None or not self._asker.is_alive():
                self._asker = Thread(target=self._ask, name="findings", daemon=True)
                self._asker.start()

    def leave(self, hearer: Hearer) -> None:
        """Tell it nothing more; twice does no harm."""
        with self._lock:
            self._hearers.pop(hearer, None)
            if not self._hearers:
                self._feed.leave(self)

    def offer(self, news: News) -> None:
        """Take what happened to a job."""
        job = news.job
        ended = job.state is State.SUCCEEDED and any(event.name == DONE for event in news.look.events)
        if ended and _batch(job) and job.tenant in self._hearers.values():
            if self._ended.qsize() >= WAITING:
                self.lost()
                return
            self._ended.put(news)

    def lost(self) -> None:
        """Know that changes may have gone by unseen."""
        for hearer in self._of(None):
            hearer.lost()

    def wants(self) -> frozenset[str] | None:
        """Return None: any job may have found something."""
        return None

    def known(self, tenant: str, *, campaign: str | None = None, limit: int = IN_SNAPSHOT) -> dict[str, Any]:
        """Return the worst findings, all or those of a campaign; raise StoreUnavailable or OutOfBudget."""
        corpus = read_corpus(self._knowledge.documents, tenant)
        where = () if campaign is None else (Condition("campaign", "=", f"{CAMPAIGN.name}:{campaign}"),)
        worst = Selection(Label.VULNERABILITY.value, where, order_by="severity_rank", descending=True, limit=limit + 1)
        nodes = self._knowledge.graph.select(tenant, worst, hidden=corpus.hidden, budget_s=BUDGET_S)
        return {
            "data_version": corpus.version,
            "vulnerabilities": [ThingView.of(node).model_dump(mode="json") for node in nodes[:limit]],
            "more": len(nodes) > limit,
        }

    def _ask(self) -> None:
        while True:
            news = self._ended.get()
            job, batch = news.job, _batch(news.job)
            removed = job.kind == REMOVAL.name
            try:
                campaign = batch.removeprefix(f"{CAMPAIGN.name}:")
                data = {} if removed else self.known(job.tenant, campaign=campaign, limit=SHOWN)
            except DaseinError as error:
                log.warning("findings_not_told", job_id=job.id, error=error.message)
                for hearer in self._of(job.tenant):
                    hearer.lost()
                continue
            text = to_json(data | {"batch": batch})
            for hearer in self._of(job.tenant):
                hearer.found(news, batch, "removed" if removed else "found", text)

    def _of(self, tenant: str | None) -> list[Hearer]:
        with self._lock:
            return [hearer for hearer, theirs in self._hearers.items() if tenant in {None, theirs}]


def _batch(job: Job) -> str:
    """Return the batch of a campaign that a job brought or took away; empty for any other job, and if nothing changed."""
    if job.kind == REMOVAL.name:
        batch = str(job.params.get("batch", ""))
    elif job.kind == INGESTION.name and job.result is not None and not job.result.get("unchanged"):
        batch = str(job.result.get("batch", ""))
    else:
        batch = ""
    return batch if batch.startswith(f"{CAMPAIGN.name}:") else ""
