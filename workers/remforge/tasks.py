"""The REMForge pool's door to Celery: one line per kind of job. The models run in a process beside it."""

from collections.abc import Mapping
from typing import Any

from celery import signals

from jobs.attempt import Attempt, Outcome
from jobs.forging import SearchRequest
from jobs.model import Job
from jobs.queue import FORGE, FORGE_BATCH, FORGE_CHUNK, FORGE_FINISH, FORGE_SEQUENCE, REM_SEARCH, REMFORGE
from workers.app import celery
from workers.remforge import batch
from workers.remforge.models.supervisor import check_pool, cuda_initialised
from workers.remforge.search import search
from workers.wiring_remforge import forge_services, model_host


@celery.task(name=FORGE.task)
def run_forge(job: Job, attempt: Attempt) -> Outcome:
    """Make a record of one file."""
    return batch.forge_one(job, attempt, forge_services())


@celery.task(name=FORGE_BATCH.task)
def run_batch(job: Job, attempt: Attempt) -> Outcome:
    """Split many files into chunks."""
    return batch.plan_batch(job, attempt, forge_services())


@celery.task(name=FORGE_SEQUENCE.task)
def run_sequence(job: Job, attempt: Attempt) -> Outcome:
    """Split a sequence of files into chunks."""
    return batch.plan_batch(job, attempt, forge_services())


@celery.task(name=FORGE_CHUNK.task)
def run_chunk(job: Job, attempt: Attempt) -> Outcome:
    """Make records of some files of a batch."""
    return batch.forge_chunk(job, attempt, forge_services())


@celery.task(name=FORGE_FINISH.task)
def run_finish(job: Job, attempt: Attempt) -> Outcome:
    """Put a batch together, and have its records taken into the knowledge."""
    return batch.finish_batch(job, attempt, forge_services())


@celery.task(name=REM_SEARCH.task)
def run_search(job: Job, attempt: Attempt) -> Mapping[str, Any]:
    """Find records by words or by a picture."""
    attempt.check()
    request = SearchRequest.model_validate(job.params)
    return search(request, tenant=job.tenant, services=forge_services()).model_dump(mode="json")


@signals.celeryd_init.connect
def refuse_other_pools(options: Mapping[str, Any], **_: Any) -> None:
    """Refuse a pool that enforces no time limits, or whose children would share a CUDA context."""
    check_pool(str(options.get("pool") or options.get("pool_cls")), cuda_initialised=cuda_initialised())


@signals.worker_init.connect
def start_models(sender: Any, **_: Any) -> None:
    """Start the models' process beside this worker's."""
    if REMFORGE in sender.app.amqp.queues.consume_from:
        model_host().start()


@signals.worker_shutdown.connect
def stop_models(**_: Any) -> None:
    """End the models' process with this worker's."""
    model_host().stop()
