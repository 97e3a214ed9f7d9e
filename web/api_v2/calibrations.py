"""Calibrations: jobs of the kind `simulation.calibrate`, and what they found."""

from http import HTTPMethod, HTTPStatus

from flask import Response, send_file

from jobs.calibration import Calibration
from jobs.errors import Gone, NotFound
from jobs.model import State
from jobs.queue import CALIBRATION
from stores.ports import Files
from web.refusals import NoReport, NotReady
from web.reports import FOREVER
from web.routing import Answer, Api
from web.tenancy import TenantJobs

FILE = "calibration.json"


def calibrations_api(jobs: TenantJobs, files: Files) -> Api:
    """Serve what calibrations found; they are submitted as jobs."""
    api = Api("calibrations")

    @api.on(
        HTTPMethod.GET,
        path="/calibrations/<job:job_id>",
        summary="Read a calibration",
        answers=(
            Answer(HTTPStatus.OK, "Coefficients, verdict, and each instruction.", Calibration),
            Answer(HTTPStatus.NOT_MODIFIED, "The client has it."),
        ),
        refusals=(NotFound, NoReport, NotReady, Gone),
    )
    def show_calibration(job_id: str) -> Response:
        """Return what a calibration that has ended found; it never changes. Its model is the artifact that it names."""
        job = jobs.get(job_id)
        if job.kind != CALIBRATION.name:
            raise NotFound("There is no such calibration.")
        if not job.state.final:
            raise NotReady(f"The calibration is {job.state}.")
        if job.state is not State.SUCCEEDED:
            why = f": {job.error.message}" if job.error is not None else ""
            raise NoReport(f"The calibration ended as {job.state}{why}")
        try:
            path = files.path(job.id, FILE).absolute()
        except NotFound as error:
            raise NoReport("The calibration was removed.") from error
        response = send_file(path, mimetype="application/json", conditional=True)
        response.headers["Cache-Control"] = FOREVER
        return response

    return api
