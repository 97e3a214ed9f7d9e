"""The workers' composition root: it names concrete adapters, with `wiring_*.py` beside it. Nothing connects on import.

Each function builds once per process; `forget` makes a forked child build its own. Here is what all pools share.
"""

from collections.abc import Collection, Iterable
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from config.folder_id import found_id
from config.queues import celery_settings
from config.settings import Settings
from jobs import tracing
from jobs.abilities import FOLDER, MONJE, RENODE, Abilities, Ability
from jobs.errors import SimulatorUnavailable
from jobs.queue import CAPTURE, QUERY, SIMULATION, JobQueue
from stores.ports import Files, Jobs, Workers
from stores.watched import watched
from workers.metering.wiring import meter

if TYPE_CHECKING:
    from redis import Redis

    from stores.folders_redis import RedisFolders
    from stores.jobs_redis import RedisJobs
    from stores.watched import Observe
    from workers.accounts.schedule import Nightly

PATIENCE_S = 30
"""A restart of Redis with its data is ridden out within this time."""


class JobServices(NamedTuple):
    """What running and sending jobs takes."""

    jobs: Jobs
    queue: JobQueue
    workers: Workers


@cache
def settings() -> Settings:
    """Read the settings."""
    return Settings()


def observers() -> tuple["Observe", ...]:
    """Return who watches the calls of stores in this process, the first one outermost."""
    from stores.traced import traced

    metered = meter()
    timed: tuple[Observe, ...] = () if metered is None else (metered.stores,)
    return timed if settings().otlp_url is None else (*timed, traced)


def record_spans(pools: Iterable[str]) -> None:
    """Have the spans of this process, which serves `pools`, recorded if somebody wants them; to be called after the fork."""
    from config.version import VERSION
    from stores.span_recorder import span_recorder

    chosen = settings()
    recorder = span_recorder(
        chosen.spans_url,
        headers=chosen.spans_headers,
        ratio=chosen.trace_ratio,
        service=f"dasein-{'-'.join(sorted(pools))}",
        version=VERSION,
    )
    tracing.record_with(recorder)


def job_records(chosen: Settings, redis: "Redis") -> "RedisJobs":
    """Return the job records that lie in `redis`."""
    from stores.jobs_redis import RedisJobs

    return RedisJobs(redis, lease_s=chosen.lease_s, retention_s=chosen.job_retention_s, tombstone_s=chosen.tombstone_s)


@cache
def job_services() -> JobServices:
    """Connect to the job records and the queue."""
    from stores.queue_celery import CeleryQueue
    from stores.workers_redis import RedisWorkers

    jobs = job_records(settings(), _redis())
    queue = CeleryQueue(celery_settings(settings()))
    return JobServices(
        watched(jobs, "jobs", *observers()), watched(queue, "queue", *observers()), RedisWorkers(_redis())
    )


@cache
def _redis() -> "Redis":
    from stores.redis_client import connect

    return connect(settings().redis, patience_s=PATIENCE_S)


@cache
def _folders() -> "RedisFolders":
    from stores.folders_redis import RedisFolders

    return RedisFolders(_redis())


def folder_id() -> str | None:
    """Return the id of the data folder as it is there now; None where there is none."""
    return found_id(settings().data_dir)


def misplaced(pools: Collection[str]) -> str | None:
    """Say why workers of `pools` must leave jobs alone: what they wrote would lie where web does not look. None: all is well.

    Looked at each time: shares go away and come back while workers run. Raise StoreUnavailable.
    """
    if set(pools) <= {QUERY} and settings().documents_url is not None:
        # Who only answers, from servers, shares no file with anybody.
        return None
    told, own = _folders().told(), folder_id()
    if not told or own in told:
        return None
    seen = "has no id (is it mounted?)" if own is None else f"is {own}"
    return f"Its data folder {seen}, and web looks into {' and '.join(sorted(told))}."


@cache
def nightly() -> "tuple[Nightly, ...]":
    """Return who starts the nightly jobs."""
    from datetime import UTC, datetime, time

    from workers.accounts.schedule import Nightly, backup_of, retention_of

    jobs, queue, _ = job_services()
    wanted = [(settings().retention_at, retention_of)]
    if settings().backup_url is not None and settings().backup_nightly:
        wanted.append((settings().backup_at, backup_of))
    return tuple(
        Nightly(jobs, queue, job, at=time.fromisoformat(at), clock=lambda: datetime.now(UTC)) for at, job in wanted
    )


@cache
def campaign_files() -> Files:
    """Return the campaigns' files."""
    from stores.artifacts import JobFiles

    return watched(JobFiles(settings().data_dir, "campaigns"), "files", *observers())


@cache
def rem_files() -> Files:
    """Return what REMForge's jobs leave."""
    from stores.artifacts import JobFiles

    return watched(JobFiles(settings().data_dir, "rems"), "files", *observers())


def forget_files(job_id: str) -> None:
    """Remove the files of a job whose retention has ended."""
    campaign_files().remove(job_id)
    rem_files().remove(job_id)


def abilities(pools: Collection[str]) -> Abilities | None:
    """Say what this machine has of what workers of `pools` may lack; None where they lack nothing."""
    found: dict[str, Ability] = {}
    why = misplaced(pools)
    if why is not None:
        found[FOLDER] = Ability(None, why)
    if SIMULATION in pools:
        found[RENODE] = _renode()
    if CAPTURE in pools:
        from kernel.presence import presence

        # Looked at each time: modules are loaded and devices given away while workers run.
        found[MONJE] = presence(settings().capture_device) if why is None else Ability(None, why)
    return found or None


@cache
def _renode() -> Ability:
    """Look once whether there is Renode."""
    from renode.driver.process import version_of

    try:
        return Ability(version_of(settings().renode))
    except SimulatorUnavailable as error:
        return Ability(None, error.message)


def forget() -> None:
    """Let this process build its own collaborators; to be called after a fork."""
    from workers.wiring_accounts import account_services
    from workers.wiring_query import catalogue, migrations, query_services
    from workers.wiring_remforge import forge_services
    from workers.wiring_simulation import capture_services, simulation_services

    _redis.cache_clear()
    _folders.cache_clear()
    job_services.cache_clear()
    simulation_services.cache_clear()
    capture_services.cache_clear()
    forge_services.cache_clear()
    query_services.cache_clear()
    account_services.cache_clear()
    catalogue.cache_clear()
    migrations.cache_clear()
