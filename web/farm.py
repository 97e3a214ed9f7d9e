"""The farm at the moment of a scrape, as its stores tell it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from jobs.errors import OutOfBudget, StoreUnavailable
from jobs.forging import NodeModels
from jobs.queue import KINDS, QUEUES, JobQueue
from stores.knowledge import Cache
from stores.ports import Jobs, ModelStates, Workers
from stores.webhooks import Deliveries
from web.backlog import Backlog
from web.backup_note import BackupNote

ROLE = "web"
OTHER = "other"
"""Of records that another version of the farm may have left."""


class Farm(Collector):
    """Answers with what the stores say."""

    def __init__(
        self,
        jobs: Jobs,
        queue: JobQueue,
        workers: Workers,
        *,
        version: str,
        models: ModelStates,
        clock: Callable[[], float],
        stores: Mapping[str, Callable[[], object]],
        backup: Callable[[], BackupNote | None],
        cache: Cache | None = None,
        deliveries: Deliveries | None = None,
    ) -> None:
        """Look at these; `clock` tells seconds since the epoch, `stores` are asked whether those of knowledge answer.

        Nothing is said of a `cache` or `deliveries` not given.
        """
        self._jobs = jobs
        self._backlog = Backlog(jobs, queue)
        self._workers = workers
        self._version = version
        self._models = models
        self._clock = clock
        self._stores = stores
        self._backup = backup
        self._cache = cache
        self._deliveries = deliveries

    def collect(self) -> Iterator[Metric]:
        """Yield what the stores say; of the jobs only `dasein_store_up 0` when theirs does not answer.

        Stores that do not answer are waited for at the same time: Prometheus gives a scrape ten seconds.
        """
        build = GaugeMetricFamily("dasein_build_info", "The running version.", labels=["version", "role"])
        build.add_metric([self._version, ROLE], 1)
        yield build
        yield from _backed_up(self._backup())
        yield from _models(self._models.read(self._clock()))
        parts: list[Iterator[Metric]] = [_answering(self._stores), self._told()]
        if self._cache is not None:
            parts.append(_looked_up(self._cache))
        with ThreadPoolExecutor(len(parts)) as threads:
            told: list[list[Metric]] = [*threads.map(list, parts)]
        yield from chain.from_iterable(told)

    def _told(self) -> Iterator[Metric]:
        """Yield what the store of jobs says, or that it says nothing."""
        try:
            told = [*self._recorded(), *self._pools(), *self._undelivered()]
        except StoreUnavailable:
            yield _gauge("dasein_store_up", "Whether the store of jobs answers.", 0)
            return
        yield _gauge("dasein_store_up", "Whether the store of jobs answers.", 1)
        yield from told

    def _recorded(self) -> Iterator[Metric]:
        counts = GaugeMetricFamily("dasein_jobs", "Recorded jobs.", labels=["kind", "state"])
        known: dict[tuple[str, str], int] = {}
        for (kind, state), number in self._jobs.counts().items():
            place = kind if kind in KINDS else OTHER, state.value
            known[place] = known.get(place, 0) + number
        for place, number in known.items():
            counts.add_metric(place, number)
        yield counts
        yield _gauge(
            "dasein_dead_letters", "Jobs that were given up, until they are replayed.", self._jobs.dead_count()
        )

    def _pools(self) -> Iterator[Metric]:
        depth = GaugeMetricFamily("dasein_queue_depth", "Jobs and parts of jobs that wait for a pool.", labels=["pool"])
        oldest = GaugeMetricFamily(
            "dasein_queue_oldest_wait_seconds",
            "How long the longest waiting job of a pool has waited.",
            labels=["pool"],
        )
        workers = GaugeMetricFamily("dasein_workers", "Workers that are alive.", labels=["pool"])
        processes = GaugeMetricFamily("dasein_worker_processes", "Jobs that a pool runs at once.", labels=["pool"])
        alive = self._workers.alive()
        sizes = self._workers.processes([worker for names in alive.values() for worker in names])
        for name in QUEUES:
            names = alive.get(name, ())
            depth.add_metric([name], self._backlog.depth(name))
            oldest.add_metric([name], self._backlog.oldest_wait_s(name))
            workers.add_metric([name], len(names))
            processes.add_metric([name], sum(sizes.get(worker, 0) for worker in names))
        yield from (depth, oldest, workers, processes)

    def _undelivered(self) -> Iterator[Metric]:
        if self._deliveries is not None:
            yield _gauge("dasein_webhooks_due", "Deliveries that are due, or will be.", self._deliveries.due())


def _answering(stores: Mapping[str, Callable[[], object]]) -> Iterator[Metric]:
    """Yield which stores of knowledge answer."""
    up = GaugeMetricFamily("dasein_knowledge_store_up", "Whether a store of knowledge answers.", labels=["store"])
    with ThreadPoolExecutor(max(1, len(stores))) as threads:
        for name, answers in zip(stores, threads.map(_answers, stores.values()), strict=True):
            up.add_metric([name], answers)
    yield up


def _answers(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except (StoreUnavailable, OutOfBudget):
        return False
    return True


def _backed_up(note: BackupNote | None) -> Iterator[Metric]:
    """Yield what is noted of the last backup that was made; nothing where there was none."""
    if note is not None:
        yield _gauge("dasein_backup_last_success_timestamp_seconds", "When the last backup was made.", note.finished_at)
        yield _gauge("dasein_backup_last_bytes", "What the last backup has written.", note.bytes)
        yield _gauge("dasein_backup_last_seconds", "How long the last backup has taken.", note.seconds)


def _looked_up(cache: Cache) -> Iterator[Metric]:
    """Yield how often answers were found; only that the cache is away when it is."""
    asked = CounterMetricFamily(
        "dasein_answer_cache_requests", "Questions by what the cache of answers said.", labels=["outcome"]
    )
    try:
        for outcome, number in sorted(cache.counters().items()):
            asked.add_metric([outcome], number)
    except StoreUnavailable:
        yield _gauge("dasein_answer_cache_up", "Whether the cache of answers answers.", 0)
        return
    yield _gauge("dasein_answer_cache_up", "Whether the cache of answers answers.", 1)
    yield asked


def _models(machines: Sequence[NodeModels]) -> Iterator[Metric]:
    """Yield what each machine says of its models and of its cache of embeddings."""
    asked = CounterMetricFamily(
        "dasein_embedding_cache_requests", "Embeddings by what the cache said.", labels=["node", "outcome"]
    )
    held = GaugeMetricFamily("dasein_model_bytes", "Memory of loaded models.", labels=["node", "role"])
    budget = GaugeMetricFamily("dasein_model_budget_bytes", "What models may use of memory.", labels=["node"])
    batch = GaugeMetricFamily(
        "dasein_model_batch_size",
        "Items of a batch, on average since the models' process began.",
        labels=["node", "role"],
    )
    for machine in machines:
        asked.add_metric([machine.node, "hit"], machine.cache_hits)
        asked.add_metric([machine.node, "miss"], machine.cache_misses)
        budget.add_metric([machine.node], machine.budget_bytes)
        for role in sorted({model.role for model in machine.models}):
            mine = [model for model in machine.models if model.role == role]
            held.add_metric([machine.node, role], sum(model.bytes for model in mine if model.state == "loaded"))
            if batches := sum(model.batches for model in mine):
                batch.add_metric([machine.node, role], sum(model.items for model in mine) / batches)
    yield from (asked, held, budget, batch)


def _gauge(name: str, said: str, value: float) -> Metric:
    return GaugeMetricFamily(name, said, value=value)
