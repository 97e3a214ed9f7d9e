"""A finished campaign becomes knowledge by itself."""

from datetime import UTC, datetime

from jobs.ingestion import IngestRequest
from jobs.model import Job, NewJob, State
from jobs.queue import INGESTION, MERGE
from stores.memory import MemoryJobs
from workers.simulation.follow import ingested

RESULT = {"campaign": "c", "verdict": "leaks", "headline": "Leaks."}


def merge(**changes: object) -> Job:
    """Return the last part of the campaign `c`."""
    told = {"id": "c.merge", "kind": MERGE.name, "state": State.RUNNING, "params": {"campaign": "c"}}
    more = {"tenant": "default", "priority": 5, "submitted_at": datetime(2026, 1, 1, tzinfo=UTC)}
    return Job(**(told | more | changes))  # type: ignore[arg-type]  # as the test says


def test_a_campaign_is_followed_by_the_ingestion_of_its_report() -> None:
    end = ingested(merge(tenant="other", priority=8), RESULT)

    assert dict(end.result) == {**RESULT, "ingestion": "c.ingest"}
    (job,) = end.jobs
    assert (job.id, job.kind, job.tenant, job.priority) == ("c.ingest", INGESTION.name, "other", 8)
    assert (job.parent, job.deadline_at) == (None, None)
    assert IngestRequest.model_validate(job.params) == IngestRequest(campaign="c")


def test_the_ingestion_of_a_campaign_has_one_name() -> None:
    first, second = (ingested(merge(), RESULT).jobs[0] for _ in range(2))

    assert first == second


def test_the_ingestion_outlives_the_campaign_it_follows() -> None:
    jobs = MemoryJobs()
    jobs.submit(NewJob("c", "campaign", {}))
    jobs.submit(ingested(merge(), RESULT).jobs[0])

    jobs.cancel("c")

    assert jobs.get("c.ingest").state is State.QUEUED
