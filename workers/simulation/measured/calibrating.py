"""Fit a power model to measured traces, store it, and say how far what it simulates is from what was measured."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jobs.attempt import Attempt
from jobs.calibration import Calibration, CalibrationVerdict, FittedModel
from jobs.errors import Gone, InvalidInput, NotFound
from jobs.measuring import CalibrateRequest, ImportRequest
from jobs.model import Job, State
from jobs.queue import MEASURED
from jobs.report import Report
from stores.ports import Jobs
from workers.simulation.attribution import attribute
from workers.simulation.campaign import model_of as named_model
from workers.simulation.measured.agreement import asked, level, shown
from workers.simulation.measured.aligned import Aligned, aligned
from workers.simulation.measured.calibrated_rows import rows_of
from workers.simulation.measured.fitting import Fitted, fit, model_of, told
from workers.simulation.measured.gathering import gathered, simulated
from workers.simulation.measured.model_file import to_toml
from workers.simulation.measured.reading import stored_layout
from workers.simulation.measured.taken import Taken, taken_in
from workers.simulation.power_model import MAX_BYTES, PowerModel, Provenance
from workers.simulation.services import SimulationServices

CALIBRATION = "calibration.json"
MODEL = "model.toml"
REPORT = "report.json"


def calibrate(
    job: Job, attempt: Attempt, services: SimulationServices, jobs: Jobs, *, now: datetime
) -> Mapping[str, Any]:
    """Calibrate, and return the result of the job; a calibration that is there already is not made again.

    Raise InvalidInput for an import that is not the tenant's, or that says nothing of the code behind its samples.
    """
    files = services.files
    try:
        return result_of(Calibration.model_validate_json(files.path(job.id, CALIBRATION).read_bytes()))
    except NotFound:
        found = _made(job, attempt, services, jobs, now)
    files.write(job.id, CALIBRATION, [found.model_dump_json().encode() + b"\n"])
    return result_of(found)


def result_of(found: Calibration) -> dict[str, Any]:
    """Return what the job record says; the rest is in the calibration."""
    return {
        "campaign": found.request.campaign,
        "calibration": found.verdict.calibration,
        "why": found.verdict.why,
        "model": found.model.artifact,
        "name": found.model.name,
        "r2": found.r2,
        "agree": found.verdict.agree,
        "differ": found.verdict.differ,
        "not_told": found.verdict.not_told,
        "noise_sigma": found.noise_sigma,
        "unit": found.unit,
        "report": f"/api/v2/calibrations/{found.job}",
    }


def _made(job: Job, attempt: Attempt, services: SimulationServices, jobs: Jobs, now: datetime) -> Calibration:
    request = CalibrateRequest.model_validate(job.params)
    taken, report = _import(job.tenant, request.campaign, services, jobs, attempt)
    imported = taken.request
    if imported.firmware is None or imported.target is None:
        raise InvalidInput(
            "No reference: the import has no firmware, target and clock, so nothing can be fitted to it (uncalibrated).",
            field="campaign",
            reason="no-reference",
        )
    simulator = services.simulator(job.tenant, imported.firmware, imported.target)
    lines = aligned(taken, simulator, traces=request.traces)
    measured = gathered(lines, request.folds, attempt)
    found = fit(measured.sums, measured.kinds)
    if found is None:
        raise InvalidInput(
            "In none of the traces did anything vary that the simulator knows of.", field="campaign", reason="constant"
        )
    provenance = Provenance(
        calibration=job.id,
        campaign=request.campaign,
        traces_sha256=report.measured.sha256 if report.measured else "",
        firmware=imported.firmware,
        traces=len(measured.power),
        fitted_at=now.isoformat(),
    )
    source = f"Least squares over {len(measured.power)} measured traces of import {request.campaign}."
    holds = bool((found.validated.by_fold() > 0).all())
    judged = (
        model_of(found, name=request.name, unit=imported.unit, source=source, provenance=provenance)
        if request.compare is None
        else named_model(job.tenant, request.compare, services)
    )
    stored = _stored(job, judged, services) if request.compare is None and holds else None
    remade = simulated(lines, measured, judged, request.seed, attempt)
    mapped = report.measured.mapped if report.measured else None
    of = asked(taken, measured.chosen, output_agrees=mapped.output_agrees if mapped else None)
    rows, counts = rows_of(
        attribute(lines.pcs, (), simulator.instruction),
        found.validated,
        shown(measured.power, of),
        shown(remade.power, of),
        request.agreement,
    )
    return Calibration(
        job=job.id,
        created_at=now,
        request=request,
        firmware=imported.firmware,
        traces_sha256=provenance.traces_sha256,
        traces=len(measured.power),
        left_out=len(lines.rows) - len(measured.power),
        unit=imported.unit,
        instructions_total=len(lines.positions),
        noise_sigma=remade.noise_sigma,
        scale=remade.scale,
        level=level(len(lines.positions)),
        r2=found.r2,
        classes=told(found),
        model=FittedModel(name=judged.name, artifact=stored or _artifact_of(request)),
        verdict=_verdict(found, judged, counts, holds=holds, fitted=request.compare is None),
        rho_of=None if of.targets is None else of.targets.what,
        rho_absent=of.absent,
        rows=rows,
        warnings=_warnings(lines, request),
    )


def _import(
    tenant: str, campaign: str, services: SimulationServices, jobs: Jobs, attempt: Attempt
) -> tuple[Taken, Report]:
    """Return a tenant's import; raise InvalidInput. Files know no tenants, so the record is asked."""
    try:
        found = jobs.get(campaign, tenant=tenant)
    except (NotFound, Gone) as error:
        raise InvalidInput("There is no such import.", field="campaign", reason="no-such-campaign") from error
    if found.kind != MEASURED.name:
        raise InvalidInput(
            "No reference: these traces were simulated, not measured (uncalibrated).",
            field="campaign",
            reason="no-reference",
        )
    if found.state is not State.SUCCEEDED:
        raise InvalidInput(f"The import is {found.state}.", field="campaign", reason="not-succeeded")
    try:
        layout = stored_layout(services.files, campaign)
        report = Report.model_validate_json(services.files.path(campaign, REPORT).read_bytes())
        return taken_in(
            campaign, ImportRequest.model_validate(found.params), layout, services.files, attempt.check
        ), report
    except NotFound as error:
        raise InvalidInput("The traces of the import were removed.", field="campaign", reason="removed") from error


def _stored(job: Job, model: PowerModel, services: SimulationServices) -> str:
    """Store a model as the tenant's artifact, by whose id campaigns choose it; return the id."""
    content = to_toml(model)
    services.files.write(job.id, MODEL, [content])
    artifact, _ = services.artifacts.put(job.tenant, [content], media_type="application/toml", limit_bytes=MAX_BYTES)
    return artifact.id


def _artifact_of(request: CalibrateRequest) -> str | None:
    return request.compare if request.compare is not None and request.compare.startswith("sha256:") else None


def _verdict(
    found: Fitted, judged: PowerModel, counts: tuple[int, int, int], *, holds: bool, fitted: bool
) -> CalibrationVerdict:
    agree, differ, not_told = counts
    share = (
        f"{agree} of {agree + differ} instructions agree with the measurement"
        if agree + differ
        else ("no instruction could be compared: neither sets nor a known key")
    )
    if not fitted:
        return CalibrationVerdict(
            calibration=judged.calibration,
            why=f"{share}; {judged.name} was judged as it is",
            agree=agree,
            differ=differ,
            not_told=not_told,
        )
    r2 = found.r2 or 0.0
    if not holds:
        return CalibrationVerdict(
            calibration="uncalibrated",
            why=f"the measured power does not follow what the simulator knows: held-out R2 is {r2:.2g}, and not above 0 in "
            "every fold",
            agree=agree,
            differ=differ,
            not_told=not_told,
        )
    return CalibrationVerdict(
        calibration="calibrated", why=f"held-out R2 is {r2:.3g}; {share}", agree=agree, differ=differ, not_told=not_told
    )


def _warnings(lines: Aligned, request: CalibrateRequest) -> tuple[str, ...]:
    looked_at = min(request.traces, lines.taken.layout.traces)
    if len(lines.rows) < looked_at:
        return (f"{len(lines.rows)} of {looked_at} traces were used: the path is long",)
    return ()
