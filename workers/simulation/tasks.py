"""The simulation pool's door to Celery: one line per kind of job."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from jobs.attempt import Attempt, Outcome, Split
from jobs.model import Job
from jobs.payloads import PingRequest
from jobs.queue import CAMPAIGN, MERGE, PING, SHARD
from workers.app import celery
from workers.simulation import campaign
from workers.simulation.follow import ingested
from workers.simulation.ping import ping
from workers.wiring import simulation_services


@celery.task(name=PING.task)
def run_ping(job: Job, attempt: Attempt) -> Mapping[str, Any]:
    """Do nothing for as long as asked."""
    return ping(PingRequest.model_validate(job.params), attempt)


@celery.task(name=CAMPAIGN.task)
def run_campaign(job: Job, attempt: Attempt) -> Split:
    """Plan a campaign and split it into shards."""
    return campaign.plan_campaign(job, attempt, simulation_services())


@celery.task(name=SHARD.task)
def run_shard(job: Job, attempt: Attempt) -> Mapping[str, Any]:
    """Run some of a campaign's traces."""
    return campaign.run_shard(job, attempt, simulation_services())


@celery.task(name=MERGE.task)
def run_merge(job: Job, attempt: Attempt) -> Outcome:
    """Add a campaign's shards up, write its report, and have it taken into the knowledge."""
    services = simulation_services()
    result = campaign.merge_campaign(job, attempt, services, now=datetime.now(UTC))
    return ingested(job, result) if services.ingests else result
