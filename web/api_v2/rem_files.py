"""What the jobs of REMForge leave: their records, what became of each file, and the report of a sequence."""

from http import HTTPMethod, HTTPStatus
from pathlib import Path

from flask import Response, request, send_file

from jobs.errors import Gone, InvalidInput, NotFound
from jobs.forging import BatchResult
from jobs.model import Job, State
from jobs.queue import FORGE_SEQUENCE
from stores.ports import Files
from web.api_v2.answers import FORGING
from web.refusals import NoReport, NotAcceptable, NotReady
from web.reports import ACCEPT, FOREVER, MEDIA_TYPES, ReportQuery, chosen, shown
from web.routing import Answer, Api, Header
from web.tenancy import TenantJobs

LINES = "application/x-ndjson"
RANGE = Header("Range", "The part of the file to answer with.", "bytes=0-1023")
HAS_IT = Answer(HTTPStatus.NOT_MODIFIED, "The client has it.")


def serve_files(api: Api, jobs: TenantJobs, files: Files) -> None:
    """Serve the files of jobs that have ended."""

    @api.on(
        HTTPMethod.GET,
        path="/rems/jobs/<job:job_id>/records",
        summary="Download the records of a job",
        headers=(RANGE,),
        answers=(
            Answer(HTTPStatus.OK, "A record a line, in the order of the files.", media_types=(LINES,)),
            Answer(HTTPStatus.PARTIAL_CONTENT, "A part of the file.", media_types=(LINES,)),
            HAS_IT,
        ),
        refusals=(NotFound, NoReport, NotReady, Gone),
    )
    def download_records(job_id: str) -> Response:
        """Stream the records that a job has made, those of the files that could be read."""
        job = _ended(jobs.get(job_id), FORGING)
        response = send_file(_file(job, files, "records.jsonl"), mimetype=LINES, conditional=True)
        response.headers["Cache-Control"] = FOREVER
        response.headers["Content-Disposition"] = f'attachment; filename="rems-{job_id}.jsonl"'
        return response

    @api.on(
        HTTPMethod.GET,
        path="/rems/jobs/<job:job_id>/result",
        summary="Read what became of each file",
        answers=(Answer(HTTPStatus.OK, "The whole result, however long.", BatchResult), HAS_IT),
        refusals=(NotFound, NoReport, NotReady, Gone),
    )
    def show_forging_result(job_id: str) -> Response:
        """Return the result of a job with all its files; the job itself may show fewer, as its result is bounded."""
        job = _ended(jobs.get(job_id), FORGING)
        response = send_file(_file(job, files, "result.json"), mimetype="application/json", conditional=True)
        response.headers["Cache-Control"] = FOREVER
        return response

    @api.on(
        HTTPMethod.GET,
        path="/rems/jobs/<job:job_id>/report",
        summary="Read the report of a sequence",
        query=ReportQuery,
        headers=(ACCEPT,),
        answers=(
            Answer(
                HTTPStatus.OK,
                "The report; JSON when the client has no preference.",
                media_types=MEDIA_TYPES,
                headers={"ETag": "The SHA-256 of the file."},
            ),
            HAS_IT,
        ),
        refusals=(NotFound, NoReport, NotReady, NotAcceptable, Gone, InvalidInput),
    )
    def show_sequence_report(job_id: str, query: ReportQuery) -> Response:
        """Return the report of a sequence that has ended; the PNG is its experience map. It never changes."""
        form = chosen(request, named=query.format)
        path = _file(_ended(jobs.get(job_id), {FORGE_SEQUENCE.name}), files, f"sequence.{form.name}")
        return shown(path, form, name=f"sequence-{job_id}")


def _ended(job: Job, kinds: frozenset[str] | set[str]) -> Job:
    """Return a job of these kinds that has ended; raise NotFound for another kind, NotReady for one that goes on."""
    if job.kind not in kinds:
        raise NotFound("There is no such job of REMForge.")
    if not job.state.final:
        raise NotReady(f"The job is {job.state}.")
    return job


def _file(job: Job, files: Files, name: str) -> Path:
    """Return where a job's file lies; raise NoReport, saying why it is not there."""
    if job.state is not State.SUCCEEDED:
        why = f": {job.error.message}" if job.error is not None else ""
        raise NoReport(f"The job ended as {job.state}{why}")
    try:
        return files.path(job.id, name).absolute()
    except NotFound as error:
        raise NoReport(f"The file {name} was removed.") from error
