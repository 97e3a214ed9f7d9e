"""Calibrations need an import of measured traces: refused at once where there is none."""

from pydantic import BaseModel

from jobs.errors import Gone, InvalidInput, NotFound
from jobs.measuring import CalibrateRequest
from jobs.model import State
from jobs.queue import MEASURED
from stores.ports import Jobs


def check_import(params: BaseModel, jobs: Jobs, *, tenant: str, place: str) -> None:
    """Raise InvalidInput, naming the field below `place`, for a calibration of what is not an import of the tenant's."""
    if not isinstance(params, CalibrateRequest):
        return
    field = f"{place}campaign"
    try:
        job = jobs.get(params.campaign, tenant=tenant)
    except (NotFound, Gone) as error:
        raise InvalidInput("There is no such import.", field=field, reason="no-such-campaign") from error
    if job.kind != MEASURED.name or job.params.get("clock") is None:
        raise InvalidInput(
            "No reference: calibration needs measured traces that were imported with firmware, target and clock.",
            field=field,
            reason="no-reference",
        )
    if job.state is not State.SUCCEEDED:
        raise InvalidInput(f"The import is {job.state}.", field=field, reason="not-succeeded")
