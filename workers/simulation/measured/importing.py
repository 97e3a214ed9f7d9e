"""Take measured traces in as a campaign: read the file, find the sets, compute what simulated traces get, write the report."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from typing import Any

import numpy as np

from jobs.attempt import Attempt
from jobs.errors import DaseinError, InvalidInput, NotFound, StoreUnavailable
from jobs.measuring import ImportRequest
from jobs.model import Job
from jobs.report import Report
from workers.simulation.measured.assessing import Code, report_of
from workers.simulation.measured.known import read_for
from workers.simulation.measured.mapping import by_code, by_number
from workers.simulation.measured.reading import GROUPS, read_traces
from workers.simulation.measured.source import Limits, Wanted
from workers.simulation.measured.taken import Taken, taken_in
from workers.simulation.measured.told import Source
from workers.simulation.plan import MAX_SAMPLES, public_ranges
from workers.simulation.report import render
from workers.simulation.services import SimulationServices

REPORT = "report.json"


def import_traces(job: Job, attempt: Attempt, services: SimulationServices, *, now: datetime) -> Mapping[str, Any]:
    """Take a file in and return the result of the job; a report that is there already is not made again.

    Raise InvalidInput, naming the field, for a file or a request that cannot be what it says.
    """
    files = services.files
    try:
        return result_of(Report.model_validate_json(files.path(job.id, REPORT).read_bytes()))
    except NotFound:
        try:
            report = _made(job, attempt, services, now)
        except (DaseinError, OSError) as error:
            # Another try reads the file anew; traces without a report are of no use to anybody.
            files.remove(job.id)
            if isinstance(error, OSError):
                raise StoreUnavailable(f"The traces cannot be written: {error.strerror}.") from error
            raise
    for name, content in sorted(render(report).items(), key=lambda item: item[0] == REPORT):
        files.write(job.id, name, [content])
    return result_of(report)


def result_of(report: Report) -> dict[str, Any]:
    """Return what the job record says of measured traces; the rest is in the report."""
    request = report.request
    return {
        "campaign": report.campaign,
        "name": request.name,
        "entry": request.target.entry if request.target else None,
        "firmware": request.firmware,
        "format": report.measured.form if report.measured else None,
        "verdict": report.verdict.value,
        "headline": report.headline,
        "digest": report.digest,
        "traces": report.traces,
        "samples": report.alignment.samples,
        "max_abs_t": report.tvla.max_abs_t1 if report.tvla else None,
        "key_bytes_recovered": report.cpa.recovered if report.cpa else None,
        "findings": len(report.findings),
        "sufficient": report.sufficiency.sufficient,
        "report": f"/api/v2/campaigns/{report.campaign}/report",
    }


def _made(job: Job, attempt: Attempt, services: SimulationServices, now: datetime) -> Report:
    request = ImportRequest.model_validate(job.params)
    files = services.files
    source = _artifact(job.tenant, request.artifact, services)
    limits = Limits(MAX_SAMPLES, services.traces_limit_bytes)
    wanted = Wanted(request.values, request.samples, limits, read_for(request.cpa))
    layout = read_traces(source, request.format, wanted, job=job.id, files=files, attempt=attempt)
    taken = taken_in(job.id, request, layout, files, attempt.check)
    np.save(files.folder(job.id) / GROUPS, taken.sets.labels)
    attempt.check()
    code = code_of(job.tenant, taken, services)
    with source.open("rb") as file:
        told = Source(file_digest(file, "sha256").hexdigest(), source.stat().st_size)
    return report_of(job.id, taken, told, code, files=files, attempt=attempt, now=now)


def code_of(tenant: str, taken: Taken, services: SimulationServices) -> Code:
    """Return where the samples belong; raise InvalidInput where the firmware did not make the traces."""
    request = taken.request
    if request.firmware is None or request.target is None:
        return Code(by_number(taken.samples, taken.layout.first_sample), (), None)
    simulator = services.simulator(tenant, request.firmware, request.target)
    places = by_code(request, taken.layout, np.asarray(taken.inputs), simulator, samples=taken.samples)
    return Code(places, public_ranges(request.target, simulator), simulator)


def _artifact(tenant: str, artifact: str, services: SimulationServices) -> Path:
    try:
        return services.artifacts.path(tenant, artifact)
    except NotFound as error:
        raise InvalidInput("There is no such artifact; upload it first.", field="artifact") from error
