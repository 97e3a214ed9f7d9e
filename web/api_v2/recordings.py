"""Recordings: what the 72-dimension recorder wrote, to be downloaded. They are submitted as jobs."""

from collections.abc import Mapping
from http import HTTPMethod, HTTPStatus

from flask import Response, send_file

from jobs.errors import Gone, InvalidInput, NotFound
from jobs.forms import Request
from jobs.model import State
from jobs.queue import CAPTURING, RECORDING
from jobs.recording import FILES, Form
from stores.ports import Files
from web.api_v2.campaigns import RANGE
from web.refusals import NoReport, NotReady
from web.reports import FOREVER, tag
from web.routing import Answer, Api
from web.tenancy import TenantJobs

MEDIA_TYPES: Mapping[Form, str] = {
    "binary": "application/octet-stream",
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
}

RECORDED = frozenset({RECORDING.name, CAPTURING.name})
"""Kinds of jobs that leave records."""
LIKED: tuple[Form, ...] = ("parquet", "csv", "binary")


class RecordsQuery(Request):
    """In which form; without one as Parquet if that was written, else CSV, else binary."""

    form: Form | None = None


def recordings_api(jobs: TenantJobs, files: Files) -> Api:
    """Serve recordings."""
    api = Api("recordings")

    @api.on(
        HTTPMethod.GET,
        path="/recordings/<job:recording_id>/records",
        summary="Download the records of a recording",
        query=RecordsQuery,
        headers=(RANGE,),
        answers=(
            Answer(
                HTTPStatus.OK,
                "The records, 72 dimensions each.",
                media_types=tuple(MEDIA_TYPES.values()),
                headers={"ETag": "The SHA-256 of the file."},
            ),
            Answer(HTTPStatus.PARTIAL_CONTENT, "A part of the file.", media_types=tuple(MEDIA_TYPES.values())),
            Answer(HTTPStatus.NOT_MODIFIED, "The client has it."),
        ),
        refusals=(NotFound, NoReport, NotReady, Gone, InvalidInput),
    )
    def download_recording(recording_id: str, query: RecordsQuery) -> Response:
        """Stream the records of a `simulation.record` or `simulation.capture`, in a form that it was asked to write."""
        job = jobs.get(recording_id)
        if job.kind not in RECORDED:
            raise NotFound("There is no such recording.")
        if not job.state.final:
            raise NotReady(f"The recording is {job.state}.")
        if job.state is not State.SUCCEEDED or job.result is None:
            why = f": {job.error.message}" if job.error is not None else ""
            raise NoReport(f"The recording ended as {job.state}{why}")
        written = [form for form in LIKED if form in job.result["files"]]
        form = query.form or written[0]
        if form not in written:
            raise NoReport(f"It was asked to write {', '.join(sorted(written))} alone.")
        try:
            path = files.path(job.id, FILES[form]).absolute()
        except NotFound as error:
            raise NoReport("The records were removed.") from error
        response = send_file(
            path,
            mimetype=MEDIA_TYPES[form],
            as_attachment=True,
            download_name=f"recording-{recording_id}-{FILES[form]}",
            conditional=True,
            etag=tag(path),
        )
        response.headers["Cache-Control"] = FOREVER
        return response

    return api
