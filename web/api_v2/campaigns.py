"""Campaigns: jobs with a body of their own, and a report at the end."""

from http import HTTPMethod, HTTPStatus
from pathlib import Path
from typing import Literal

from flask import Response, request, send_file
from pydantic import Field

from jobs.errors import Gone, InvalidInput, NotFound, Overloaded
from jobs.forms import Request
from jobs.model import Job, State
from jobs.payloads import CampaignRequest, CampaignSubmission
from jobs.queue import CAMPAIGN, REPORTED
from jobs.report import Report
from stores.ports import Files
from web import parsing
from web.api_v2.answers import keeps_traces
from web.api_v2.compare import serve_comparison
from web.api_v2.curves import serve_curves
from web.api_v2.jobs import SUBMISSION_REFUSALS
from web.api_v2.submitted import ANSWERS, HEADERS, submitted
from web.refusals import NoReport, NotAcceptable, NotReady, StorageExceeded, TracesNotKept
from web.reports import ACCEPT, FOREVER, MEDIA_TYPES, ReportQuery, chosen, shown
from web.routing import Answer, Api, Header
from web.submitting import Submissions
from web.tenancy import TenantJobs
from web.trace_export import ENDINGS, TraceExports
from web.uploads import ANY
from web.waiting import Hub
from web.wish import Wish

KEPT = ("traces.npy", "inputs.npy", "groups.npy")
QUEUEING = {"priority", "tags", "deadline_s", "callback_url"}
EXAMPLE = {
    "firmware": f"sha256:{'5e' * 32}",
    "target": {
        "core": "cortex-m4",
        "entry": "aes128_encrypt",
        "inputs": [
            {"name": "key", "role": "key", "length": 16, "symbol": "key"},
            {"name": "plaintext", "role": "plaintext", "length": 16, "symbol": "plaintext"},
        ],
        "output": {"length": 16, "symbol": "ciphertext"},
    },
    "plan": "fixed_vs_random",
    "traces": 5000,
    "seed": 1,
    "power": {"model": "hw", "noise_sigma": 1.0},
    "tags": ["nightly"],
}
RANGE = Header("Range", "The part of the file to answer with.", "bytes=0-1023")


class TracesQuery(Request):
    """Which of the stored files: samples (float32), inputs (bytes, as the target orders them), groups (set + 2 * half)."""

    part: Literal["traces", "inputs", "groups"] = "traces"
    format: Literal["npy", "npz", "hdf5", "ets", "parquet"] = Field(
        "npy",
        description="`npy`: the one file of `part`. Else everything in one: `npz` of NumPy, `hdf5` as lascar reads it, `ets` "
        "as scared does, `parquet`.",
    )


def campaigns_api(jobs: TenantJobs, files: Files, submissions: Submissions, hub: Hub) -> Api:
    """Serve campaigns."""
    api = Api("campaigns")
    exports = TraceExports(files, submissions.storage)

    @api.on(
        HTTPMethod.POST,
        path="/campaigns",
        summary="Submit a campaign",
        body=CampaignSubmission,
        headers=HEADERS,
        answers=ANSWERS,
        refusals=SUBMISSION_REFUSALS,
        example=EXAMPLE,
    )
    def submit_campaign(body: CampaignSubmission) -> Response:
        """Record a campaign and queue it. It is a job: wait for it, follow it and cancel it as one."""
        params = CampaignRequest.model_validate(body.model_dump(exclude=QUEUEING))
        wish = Wish(
            CAMPAIGN.name,
            params,
            priority=body.priority,
            tags=body.tags,
            deadline_s=body.deadline_s,
            callback_url=body.callback_url,
        )
        job, is_new = submissions.submit(wish, key=parsing.idempotency_key(request))
        return submitted(job, is_new=is_new, hub=hub, request=request)

    @api.on(
        HTTPMethod.GET,
        path="/campaigns/<job:campaign_id>/report",
        summary="Read the report",
        query=ReportQuery,
        headers=(ACCEPT,),
        answers=(
            Answer(
                HTTPStatus.OK,
                "The report; JSON when the client has no preference.",
                Report,
                media_types=MEDIA_TYPES,
                headers={"ETag": "The SHA-256 of the file."},
            ),
            Answer(HTTPStatus.NOT_MODIFIED, "The client has it."),
        ),
        refusals=(NotFound, NoReport, NotReady, NotAcceptable, Gone, InvalidInput),
    )
    def show_report(campaign_id: str, query: ReportQuery) -> Response:
        """Return the report of a campaign that has ended; it never changes."""
        form = chosen(request, named=query.format)
        path = _file(_ended(jobs.get(campaign_id)), files, f"report.{form.name}")
        return shown(path, form, name=f"campaign-{campaign_id}")

    @api.on(
        HTTPMethod.GET,
        path="/campaigns/<job:campaign_id>/traces",
        summary="Download the stored traces",
        query=TracesQuery,
        headers=(RANGE,),
        answers=(
            Answer(HTTPStatus.OK, "The file, one row a trace.", media_types=(ANY,)),
            Answer(HTTPStatus.PARTIAL_CONTENT, "A part of the file.", media_types=(ANY,)),
            Answer(HTTPStatus.NOT_MODIFIED, "The client has it."),
        ),
        refusals=(NotFound, TracesNotKept, NotReady, Gone, InvalidInput, Overloaded, StorageExceeded),
    )
    def download_traces(campaign_id: str, query: TracesQuery) -> Response:
        """Stream the traces of a campaign that was asked to keep them, or that were measured, or what they belong to.

        Forms other than `npy` are written with the first call, which takes longer, and kept.
        """
        job = _ended(jobs.get(campaign_id))
        if not keeps_traces(job):
            raise TracesNotKept("The campaign was not asked to keep its traces.")
        if query.format == "npy":
            name = f"{query.part}.npy"
            path = _file(job, files, name)
        else:
            _file(job, files, "traces.npy")
            name, path = f"traces.{ENDINGS[query.format]}", exports.path(job, query.format)
        response = send_file(
            path,
            mimetype=ANY,
            as_attachment=True,
            download_name=f"campaign-{campaign_id}-{name}",
            conditional=True,
        )
        response.headers["Cache-Control"] = FOREVER
        return response

    def report_of(campaign_id: str) -> Path:
        return _file(_ended(jobs.get(campaign_id)), files, "report.json")

    serve_comparison(api, report_of)
    serve_curves(api, files, report_of)
    return api


def _ended(job: Job) -> Job:
    """Return a campaign that has ended, simulated or measured; raise NotFound for another kind, NotReady for one that goes on."""
    if job.kind not in REPORTED:
        raise NotFound("There is no such campaign.")
    if not job.state.final:
        raise NotReady(f"The campaign is {job.state}.")
    return job


def _file(job: Job, files: Files, name: str) -> Path:
    """Return where a campaign's file lies; raise NoReport, or TracesNotKept, saying why it is not there."""
    if job.state is not State.SUCCEEDED:
        why = f": {job.error.message}" if job.error is not None else ""
        raise NoReport(f"The campaign ended as {job.state}{why}")
    try:
        return files.path(job.id, name).absolute()
    except NotFound as error:
        if name in KEPT:
            raise TracesNotKept("The traces were removed.") from error
        raise NoReport("The report was removed.") from error
