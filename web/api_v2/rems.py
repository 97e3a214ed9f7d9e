"""Records of REMForge: make them from files, list, show and find them, take them away."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from http import HTTPMethod, HTTPStatus
from typing import Any, Self

from flask import Response, request
from flask.typing import ResponseReturnValue
from pydantic import Field
from pydantic_core import to_json

from jobs.errors import Conflict, InvalidInput, NotFound, Overloaded
from jobs.forging import SearchRequest
from jobs.forms import Request
from jobs.ingestion import RemoveRequest
from jobs.queue import REM_SEARCH, REMOVAL
from jobs.rem import Level, Modality, Rem
from stores.corpus import Corpus
from stores.documents import Record, Shelf
from stores.ports import Files
from web import parsing
from web.api_v2.answers import Shown, answered
from web.api_v2.documents import Cursor, position, position_of
from web.api_v2.jobs import SUBMISSION_REFUSALS
from web.api_v2.rem_bodies import EXAMPLE, SEARCH_EXAMPLE, RemSubmission, SearchSubmission
from web.api_v2.rem_files import serve_files
from web.api_v2.submitted import ANSWERS, HEADERS, submitted
from web.api_v2.things import Knowledge
from web.caller import caller
from web.routing import Answer, Api, Header
from web.submitting import Submissions
from web.tenancy import TenantJobs
from web.waiting import Hub
from web.wish import Wish

TAG = Header("If-None-Match", "The ETag of what is known already.", f'"{"5e" * 32}"')


class RecordsQuery(Request):
    """Which records."""

    modality: Modality | None = None
    cursor: Cursor | None = Field(None, description="From the page before.")
    limit: int = Field(50, ge=1, le=500)


class RecordView(Shown):
    """A record in one line; the record itself is asked for by its id."""

    rem_id: str
    artifact: str = Field(description="The file, as it was uploaded.")
    name: str
    modality: Modality
    level: Level
    media_type: str
    bytes: int
    created_at: datetime
    language: str | None
    completeness: float
    headline: str
    warnings: tuple[str, ...]

    @classmethod
    def of(cls, body: Any) -> Self:
        """Show what matters most of a record."""
        header, source = body["header"], body["header"]["source"]
        return cls(
            rem_id=header["rem_id"],
            artifact=f"sha256:{source['sha256']}",
            name=source["name"],
            modality=header["modality"],
            level=header["level"],
            media_type=source["media_type"],
            bytes=source["bytes"],
            created_at=header["created_at"],
            language=header["language"],
            completeness=header["quality"]["completeness"],
            headline=body["scales"]["coarse"],
            warnings=header["quality"]["warnings"],
        )


class RecordsView(Shown):
    """Records, newest first."""

    records: tuple[RecordView, ...]
    cursor: str | None = Field(description="Ask for the next page with it; null on the last one.")
    data_version: int


def rems_api(jobs: TenantJobs, files: Files, knowledge: Knowledge, submissions: Submissions, hub: Hub) -> Api:
    """Serve records; `files` are those that the jobs of REMForge leave."""
    api = Api("rems")

    @api.on(
        HTTPMethod.POST,
        path="/rems",
        summary="Make records of files",
        body=RemSubmission,
        headers=HEADERS,
        answers=ANSWERS,
        refusals=SUBMISSION_REFUSALS,
        example=EXAMPLE,
    )
    def submit_rems(body: RemSubmission) -> Response:
        """Make a record of one uploaded file, of each of many, or of a sequence, which also gets a report.

        It is a job; its result says of each file, in their order, what its record is or why there is none.
        """
        kind, params, how = body.forging
        wish = Wish(kind.name, params, priority=how.priority, tags=params.tags, deadline_s=how.deadline_s)
        job, is_new = submissions.submit(wish, key=parsing.idempotency_key(request))
        return submitted(job, is_new=is_new, hub=hub, request=request)

    @api.on(
        HTTPMethod.POST,
        path="/rems/search",
        summary="Find records by words or by a picture",
        body=SearchSubmission,
        headers=HEADERS,
        answers=ANSWERS,
        refusals=SUBMISSION_REFUSALS,
        example=SEARCH_EXAMPLE,
    )
    def search_rems(body: SearchSubmission) -> Response:
        """Look for records of any modality. It is a job; its result is a `SearchAnswer`, best first."""
        params = SearchRequest.model_validate(body.model_dump(exclude={"priority"}))
        wish = Wish(REM_SEARCH.name, params, priority=body.priority, tags=(), deadline_s=None)
        job, is_new = submissions.submit(wish, key=parsing.idempotency_key(request))
        return submitted(job, is_new=is_new, hub=hub, request=request)

    @api.on(
        HTTPMethod.GET,
        path="/rems",
        summary="List records",
        query=RecordsQuery,
        answers=(Answer(HTTPStatus.OK, "A page, newest first.", RecordsView),),
        refusals=(InvalidInput,),
    )
    def list_rems(query: RecordsQuery) -> Response:
        """List the records that are part of the knowledge, each in one line."""
        corpus = knowledge.corpus()
        records = visible_records(knowledge, query, corpus)
        shown = records[: query.limit]
        cursor = position_of(shown[-1]) if len(records) > query.limit else None
        views = tuple(RecordView.of(record.body) for record in shown)
        return answered(RecordsView(records=views, cursor=cursor, data_version=corpus.version))

    @api.on(
        HTTPMethod.GET,
        path="/rems/<rem:rem_id>",
        summary="Read a record",
        headers=(TAG,),
        answers=(
            Answer(HTTPStatus.OK, "The record.", Rem, headers={"ETag": "The SHA-256 of the answer."}),
            Answer(HTTPStatus.NOT_MODIFIED, "The client has it."),
        ),
        refusals=(NotFound,),
    )
    def show_rem(rem_id: str) -> ResponseReturnValue:
        """Return a record, as its schema says."""
        record = knowledge.documents.get(caller().tenant, Shelf.REMS, [rem_id]).get(rem_id)
        if record is None or record.batch in knowledge.corpus().hidden:
            raise NotFound("There is no such record.")
        text = to_json(record.body)
        response = Response(text, mimetype="application/json", headers={"Cache-Control": "private, no-cache"})
        response.set_etag(sha256(text).hexdigest())
        return response.make_conditional(request)

    @api.on(
        HTTPMethod.DELETE,
        path="/rems/<rem:rem_id>",
        summary="Take a record away",
        headers=HEADERS,
        answers=ANSWERS,
        refusals=(NotFound, Conflict, InvalidInput, Overloaded),
    )
    def remove_rem(rem_id: str) -> Response:
        """Remove a record from every store. It is a job; the record is hidden at once."""
        if not any(knowledge.documents.get(caller().tenant, shelf, [rem_id]) for shelf in (Shelf.REMS, Shelf.BATCHES)):
            raise NotFound("There is no such record.")
        wish = Wish(REMOVAL.name, RemoveRequest(batch=rem_id), priority=6, tags=(), deadline_s=None)
        job, is_new = submissions.submit(wish, key=parsing.idempotency_key(request))
        return submitted(job, is_new=is_new, hub=hub, request=request)

    serve_files(api, jobs, files)
    return api


def visible_records(knowledge: Knowledge, query: RecordsQuery, corpus: Corpus) -> Sequence[Record]:
    """Return the page's records, and one more if there is one."""
    groups = None if query.modality is None else [query.modality.value]
    after, wanted = position(query.cursor), query.limit + 1
    found: list[Record] = []
    while len(found) < wanted:
        records = knowledge.documents.find(
            caller().tenant, Shelf.REMS, groups=groups, after=after, descending=True, limit=wanted
        )
        found += [record for record in records if record.batch not in corpus.hidden]
        if len(records) < wanted:
            break
        after = records[-1].at, records[-1].id
    return found[:wanted]
