"""The simulation pool's door to Celery: one line per kind of job."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from jobs.attempt import Attempt, Outcome, Split
from jobs.model import Job
from jobs.payloads import InspectRequest, PingRequest
from jobs.queue import (
    CALIBRATION,
    CAMPAIGN,
    CROSSCHECK,
    ESTIMATE,
    INSPECTION,
    MEASURED,
    MERGE,
    PING,
    PROFILE,
    RECORDING,
    SHARD,
    SIMULATION,
)
from workers.app import celery
from workers.simulation import campaign, shard
from workers.simulation.crosscheck import crosscheck
from workers.simulation.estimate import estimate
from workers.simulation.follow import ingested
from workers.simulation.inspection import inspect_firmware
from workers.simulation.kept_traces import of_tenant
from workers.simulation.measured.calibrating import calibrate
from workers.simulation.measured.importing import import_traces
from workers.simulation.ping import ping
from workers.simulation.profile import run_profile
from workers.simulation.recording import record
from workers.wiring import job_services
from workers.wiring_simulation import simulation_services


@celery.task(name=PING.task)
def run_ping(job: Job, attempt: Attempt) -> Mapping[str, Any]:
    """Do nothing for as long as asked."""
    return ping(PingRequest.model_validate(job.params), attempt)


@celery.task(name=INSPECTION.task)
def run_inspection(job: Job, _attempt: Attempt) -> Mapping[str, Any]:
    """Say what a firmware offers."""
    return inspect_firmware(job.tenant, InspectRequest.model_validate(job.params), simulation_services())


@celery.task(name=ESTIMATE.task)
def run_estimate(job: Job, attempt: Attempt) -> Mapping[str, Any]:
    """Say what a campaign will take."""
    return estimate(job, attempt, simulation_services(), workers=_alive)


@celery.task(name=CROSSCHECK.task)
def run_crosscheck(job: Job, attempt: Attempt) -> Mapping[str, Any]:
    """Execute the same on both simulators."""
    return crosscheck(job, attempt, simulation_services())


@celery.task(name=CAMPAIGN.task)
def run_campaign(job: Job, attempt: Attempt) -> Split:
    """Plan a campaign and split it into shards."""
    return campaign.plan_campaign(job, attempt, simulation_services())


@celery.task(name=RECORDING.task)
def run_recording(job: Job, attempt: Attempt) -> Mapping[str, Any]:
    """Record a run with the 72-dimension recorder."""
    return record(job, attempt, simulation_services())


@celery.task(name=SHARD.task)
def run_shard(job: Job, attempt: Attempt) -> Mapping[str, Any]:
    """Run some of a campaign's traces."""
    return shard.run_shard(job, attempt, simulation_services())


@celery.task(name=MEASURED.task)
def run_import(job: Job, attempt: Attempt) -> Mapping[str, Any]:
    """Take measured traces in."""
    return import_traces(job, attempt, simulation_services(), now=datetime.now(UTC))


@celery.task(name=CALIBRATION.task)
def run_calibration(job: Job, attempt: Attempt) -> Mapping[str, Any]:
    """Fit a power model to measured traces."""
    return calibrate(job, attempt, simulation_services(), job_services().jobs, now=datetime.now(UTC))


@celery.task(name=MERGE.task)
def run_merge(job: Job, attempt: Attempt) -> Outcome:
    """Add a campaign's shards up, write its report, and have it taken into the knowledge."""
    services = simulation_services()
    result = campaign.merge_campaign(job, attempt, services, now=datetime.now(UTC))
    return ingested(job, result) if services.ingests else result


@celery.task(name=PROFILE.task)
def run_profiled_attack(job: Job, attempt: Attempt) -> Mapping[str, Any]:
    """Learn from kept traces and attack others."""
    of_tenant(job, job_services().jobs, ("campaign", "attack"))
    return run_profile(job, attempt, simulation_services().files, now=datetime.now(UTC))


def _alive() -> int | None:
    """Return how many workers this pool has; None while nobody has said."""
    return len(job_services().workers.alive().get(SIMULATION, ())) or None
