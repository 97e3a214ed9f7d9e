"""The corpus: take in documents, measurements and campaigns, list them and records of files, take them away."""

from http import HTTPMethod, HTTPStatus
from math import isfinite
from typing import Annotated, Literal

from flask import Response, request
from pydantic import Field, StringConstraints

from jobs.errors import Conflict, InvalidInput, NotFound, Overloaded
from jobs.forms import Request
from jobs.ingestion import IngestRequest, RemoveRequest
from jobs.queue import INGESTION, REMOVAL
from stores.documents import Record, Shelf
from web import parsing
from web.api_v2.answers import answered
from web.api_v2.jobs import SUBMISSION_REFUSALS
from web.api_v2.submitted import ANSWERS, HEADERS, submitted
from web.api_v2.things import BatchesView, BatchView, Knowledge
from web.caller import caller
from web.routing import Answer, Api
from web.submitting import Submissions
from web.waiting import Hub
from web.wish import Wish

EXAMPLE = {"name": "lab-notes", "text": "Masking was added to aes128_sbox in build 8.", "tags": ["lab"]}
NAMED = ("", "document:", "measurements:", "campaign:", "rem:")
"""What may be left out of the id of a batch, in the order in which it is looked for."""
Cursor = Annotated[str, StringConstraints(min_length=3, max_length=400, pattern=r"^[^\x00-\x1f\x7f]+$")]


class IngestSubmission(IngestRequest):
    """The body of POST /api/v2/documents: what to take in, and how to queue it."""

    priority: int = Field(5, ge=0, le=9)


class DocumentsQuery(Request):
    """Which of them."""

    kind: Literal["document", "measurements", "campaign", "rem"] | None = None
    cursor: Cursor | None = Field(None, description="From the page before.")
    limit: int = Field(50, ge=1, le=1000)


def documents_api(knowledge: Knowledge, submissions: Submissions, hub: Hub) -> Api:
    """Serve the corpus."""
    api = Api("documents")

    @api.on(
        HTTPMethod.POST,
        path="/documents",
        summary="Take in a document, measurements or a campaign",
        body=IngestSubmission,
        headers=HEADERS,
        answers=ANSWERS,
        refusals=SUBMISSION_REFUSALS,
        example=EXAMPLE,
    )
    def submit_document(body: IngestSubmission) -> Response:
        """Take in a text of the request, an uploaded artifact (txt, md, html, pdf, csv, Parquet) or a campaign.

        It is a job. Nothing of it is seen before all of it is there; the same name again replaces what it named.
        """
        params = IngestRequest.model_validate(body.model_dump(exclude={"priority"}))
        wish = Wish(INGESTION.name, params, priority=body.priority, tags=(), deadline_s=None)
        job, is_new = submissions.submit(wish, key=parsing.idempotency_key(request))
        return submitted(job, is_new=is_new, hub=hub, request=request)

    @api.on(
        HTTPMethod.GET,
        path="/documents",
        summary="List what was taken in",
        query=DocumentsQuery,
        answers=(Answer(HTTPStatus.OK, "A page, oldest first.", BatchesView),),
        refusals=(InvalidInput,),
    )
    def list_documents(query: DocumentsQuery) -> Response:
        """List documents, measurements, campaigns and records that are part of the knowledge, and those on their way."""
        corpus = knowledge.corpus()
        groups = None if query.kind is None else [query.kind]
        records = knowledge.documents.find(
            caller().tenant, Shelf.BATCHES, groups=groups, after=position(query.cursor), limit=query.limit + 1
        )
        shown = records[: query.limit]
        cursor = position_of(shown[-1]) if len(records) > query.limit else None
        views = tuple(BatchView.of(record.id, record.body) for record in shown)
        return answered(BatchesView(documents=views, cursor=cursor, data_version=corpus.version))

    @api.on(
        HTTPMethod.DELETE,
        path="/documents/<name:batch>",
        summary="Take away what was taken in",
        headers=HEADERS,
        answers=ANSWERS,
        refusals=(NotFound, Conflict, InvalidInput, Overloaded),
    )
    def remove_document(batch: str) -> Response:
        """Remove a batch by its id, or a document by its name, from every store. It is a job; it is hidden at once."""
        names = [f"{kind}{batch}" for kind in NAMED]
        known = knowledge.documents.get(caller().tenant, Shelf.BATCHES, names)
        found = next((name for name in names if name in known), None)
        if found is None:
            raise NotFound("There is no such document.")
        wish = Wish(REMOVAL.name, RemoveRequest(batch=found), priority=6, tags=(), deadline_s=None)
        job, is_new = submissions.submit(wish, key=parsing.idempotency_key(request))
        return submitted(job, is_new=is_new, hub=hub, request=request)

    return api


def position_of(record: Record) -> str:
    """Return the cursor that goes on after a record."""
    return f"{record.at!r},{record.id}"


def position(cursor: str | None) -> tuple[float, str] | None:
    """Return where a cursor goes on; raise InvalidInput for one that is not ours."""
    if cursor is None:
        return None
    at, _, name = cursor.partition(",")
    try:
        number = float(at)
    except ValueError:
        number = float("nan")
    if not name or not isfinite(number):
        raise InvalidInput("This is not a cursor of ours.", field="cursor")
    return number, name
