"""Profiled attacks: jobs of the kind `simulation.profile`, and the report at the end."""

from http import HTTPMethod, HTTPStatus

from flask import Response, request

from jobs.errors import Gone, InvalidInput, NotFound
from jobs.model import State
from jobs.queue import PROFILE
from jobs.report_profile import ProfileReport
from stores.ports import Files
from web.refusals import NoReport, NotAcceptable, NotReady
from web.reports import ACCEPT, MEDIA_TYPES, ReportQuery, chosen, shown
from web.routing import Answer, Api
from web.tenancy import TenantJobs


def profiles_api(jobs: TenantJobs, files: Files) -> Api:
    """Serve the reports of profiled attacks; they are submitted as jobs."""
    api = Api("profiles")

    @api.on(
        HTTPMethod.GET,
        path="/profiles/<job:job_id>/report",
        summary="Read the report of a profiled attack",
        query=ReportQuery,
        headers=(ACCEPT,),
        answers=(
            Answer(
                HTTPStatus.OK,
                "The report; JSON when the client has no preference.",
                ProfileReport,
                media_types=MEDIA_TYPES,
                headers={"ETag": "The SHA-256 of the file."},
            ),
            Answer(HTTPStatus.NOT_MODIFIED, "The client has it."),
        ),
        refusals=(NotFound, NoReport, NotReady, NotAcceptable, Gone, InvalidInput),
    )
    def show_profile(job_id: str, query: ReportQuery) -> Response:
        """Return the report of a profiled attack that has ended; the PNG shows its curves. It never changes."""
        form = chosen(request, named=query.format)
        job = jobs.get(job_id)
        if job.kind != PROFILE.name:
            raise NotFound("There is no such profiled attack.")
        if not job.state.final:
            raise NotReady(f"The job is {job.state}.")
        if job.state is not State.SUCCEEDED:
            why = f": {job.error.message}" if job.error is not None else ""
            raise NoReport(f"The job ended as {job.state}{why}")
        try:
            path = files.path(job.id, f"profile.{form.name}").absolute()
        except NotFound as error:
            raise NoReport("The report was removed.") from error
        return shown(path, form, name=f"profile-{job_id}")

    return api
