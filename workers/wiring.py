"""The workers' composition root: the only module of this room that names concrete adapters. Nothing connects on import.

Each function builds once per process; `forget` makes a forked child build its own.
"""

from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from config.queues import celery_settings
from config.settings import Settings
from jobs.queue import JobQueue
from stores.ports import Files, Jobs, Workers

if TYPE_CHECKING:
    from jobs.payloads import Target
    from renode.trace import Simulator
    from workers.simulation.services import SimulationServices

POWER_MODELS = Path(__file__).resolve().parent.parent / "config" / "power_models"
SIMULATORS = 4
"""Loaded firmware a process keeps: shards of one campaign follow each other."""
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


@cache
def job_services() -> JobServices:
    """Connect to the job records and the queue."""
    from stores.jobs_redis import RedisJobs
    from stores.queue_celery import CeleryQueue
    from stores.redis_client import connect
    from stores.workers_redis import RedisWorkers

    redis = connect(settings().redis, patience_s=PATIENCE_S)
    jobs = RedisJobs(
        redis,
        lease_s=settings().lease_s,
        retention_s=settings().job_retention_s,
        tombstone_s=settings().tombstone_s,
    )
    return JobServices(jobs, CeleryQueue(celery_settings(settings())), RedisWorkers(redis))


@cache
def campaign_files() -> Files:
    """Return the campaigns' files."""
    from stores.artifacts import CampaignFiles

    return CampaignFiles(settings().data_dir)


@cache
def simulation_services() -> "SimulationServices":
    """Build what campaigns work with; the simulator is loaded with the first of them."""
    from stores.artifacts import FileArtifacts
    from workers.simulation.services import SimulationServices

    artifacts = FileArtifacts(settings().data_dir)

    @lru_cache(maxsize=SIMULATORS)
    def simulator(firmware: str, target: "Target") -> "Simulator":
        from renode.unicorn_core import UnicornCore

        return UnicornCore(artifacts.path(firmware), target)

    return SimulationServices(campaign_files(), simulator, POWER_MODELS, settings().traces_limit_bytes)


def forget() -> None:
    """Let this process build its own collaborators; to be called after a fork."""
    job_services.cache_clear()
    simulation_services.cache_clear()
