"""Jobs that work on the kept traces of campaigns: refused at once where there are none."""

from collections.abc import Iterator

from pydantic import BaseModel

from jobs.errors import Gone, InvalidInput, NotFound
from jobs.model import State
from jobs.profiling import ProfileRequest
from jobs.queue import CAMPAIGN, MEASURED
from stores.ports import Jobs


def check_kept(params: BaseModel, jobs: Jobs, *, tenant: str, place: str) -> None:
    """Raise InvalidInput, naming a field below `place`, for a campaign of another tenant's, or without traces."""
    for field, campaign in _campaigns(params):
        where = f"{place}{field}"
        try:
            job = jobs.get(campaign, tenant=tenant)
        except (NotFound, Gone) as error:
            raise InvalidInput("There is no such campaign.", field=where, reason="no-such-campaign") from error
        if job.kind not in {CAMPAIGN.name, MEASURED.name}:
            raise InvalidInput("This job is no campaign.", field=where, reason="no-such-campaign")
        if job.kind == CAMPAIGN.name and not job.params.get("keep_traces"):
            raise InvalidInput(
                "The campaign was not asked to keep its traces: submit it with keep_traces.",
                field=where,
                reason="traces-not-kept",
            )
        if job.state is not State.SUCCEEDED:
            raise InvalidInput(f"The campaign is {job.state}.", field=where, reason="not-succeeded")


def _campaigns(params: BaseModel) -> Iterator[tuple[str, str]]:
    """Yield the fields that name campaigns whose traces are needed, and what they name."""
    if isinstance(params, ProfileRequest):
        yield "campaign", params.campaign
        if params.attack is not None:
            yield "attack", params.attack
