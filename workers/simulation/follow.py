"""What comes after a campaign: its report becomes knowledge, as a job of its own."""

from collections.abc import Mapping
from typing import Any

from jobs.attempt import Followed
from jobs.ingestion import IngestRequest
from jobs.model import Job, NewJob
from jobs.queue import INGESTION


def ingested(job: Job, result: Mapping[str, Any]) -> Followed:
    """Return the end of a campaign's last part, `job`, followed by the ingestion; the result names it.

    The ingestion is not a part: if it fails, the campaign has succeeded all the same.
    """
    campaign = str(result["campaign"])
    ingestion = NewJob(
        id=f"{campaign}.ingest",
        kind=INGESTION.name,
        params=IngestRequest(campaign=campaign).model_dump(mode="json"),
        tenant=job.tenant,
        priority=job.priority,
    )
    return Followed({**result, "ingestion": ingestion.id}, [ingestion])
