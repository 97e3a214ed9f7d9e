"""The routes of the first API and, for the oldest clients, those without a version.

There is one conversation to a tenant: the session `shared-v1`.
"""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

from flask import Blueprint, Response, jsonify, request

from jobs.errors import NotFound
from jobs.ingestion import IngestRequest, RemoveRequest
from jobs.knowledge import Label
from jobs.questions import Answer, ChatAnswer, ChatRequest, QueryRequest
from jobs.queue import CHAT, INGESTION, QUESTION, REMOVAL
from stores.documents import Shelf
from stores.graph import Condition, Selection
from stores.ports import Jobs
from web import parsing
from web.api_v1.requests import ChatV1, DocumentsV1, EntitiesV1, HistoryV1, QueryV1
from web.api_v2.chat import erased, history, streamed
from web.api_v2.things import Knowledge
from web.asking import Asking
from web.caller import caller
from web.realtime.standing import Stand
from web.refusals import TooManyWaiters

SESSION = "shared-v1"
EXTRACTIVE = "none"
"""What `model_used` says where no language model worded the answer."""


def api_v1(
    jobs: Jobs, knowledge: Knowledge, asking: Asking, stand: Stand, *, clock: Callable[[], datetime], version: str
) -> Blueprint:
    """Serve the first API."""
    api = Blueprint("v1", __name__)
    _questions(api, asking)
    _corpus(api, knowledge, asking)
    _chat(api, jobs, knowledge, asking, stand, clock=clock)

    @api.get("/api/v1/status")
    @api.get("/api/status")
    def status() -> Response:
        jobs.ping()
        return jsonify(status="ok", version=version)

    @api.get("/health")
    def health() -> Response:
        # Whether this process answers: it names nobody's name, and asks nobody else.
        return jsonify(status="ok")

    return api


def _questions(api: Blueprint, asking: Asking) -> None:
    @api.post("/api/v1/query")
    @api.post("/api/query")
    @api.post("/query")
    def query() -> Response:
        asked = parsing.body(QueryV1, request)
        wanted = QueryRequest(question=asked.text, mode=asked.mode, top_k=asked.top_k)
        answer = Answer.model_validate(asking.ask(QUESTION, wanted))
        return jsonify(
            answer=answer.answer,
            evidence=answer.evidence,
            confidence=answer.confidence,
            sources=answer.sources,
            processing_time=answer.processing_time_s,
        )


def _corpus(api: Blueprint, knowledge: Knowledge, asking: Asking) -> None:
    @api.post("/api/v1/documents")
    def add_documents() -> Response:
        asked = parsing.body(DocumentsV1, request)
        wanted = [
            IngestRequest(name=name, text=text) for name, text in zip(_names(asked), asked.documents, strict=True)
        ]
        taken = asking.change(INGESTION, *wanted)
        return jsonify(
            documents=[
                {"doc_id": each.name, "chunks": done["records"], "unchanged": done["unchanged"]}
                for each, done in zip(wanted, taken, strict=True)
            ]
        )

    @api.delete("/api/v1/documents/<name:name>")
    def remove_document(name: str) -> Response:
        batch = f"document:{name}"
        if batch not in knowledge.documents.get(caller().tenant, Shelf.BATCHES, [batch]):
            raise NotFound("There is no such document.")
        asking.change(REMOVAL, RemoveRequest(batch=batch))
        return jsonify(deleted=name)

    @api.get("/api/v1/entities")
    def entities() -> Response:
        asked = parsing.query(EntitiesV1, request.args)
        where = () if asked.entity_type is None else (Condition("type", "=", asked.entity_type),)
        corpus = knowledge.corpus()
        nodes = knowledge.graph.select(
            caller().tenant, Selection(Label.ENTITY.value, where, limit=asked.limit), hidden=corpus.hidden
        )
        return jsonify(entities=[{"id": node.id, **node.properties} for node in nodes])


def _names(asked: DocumentsV1) -> list[str]:
    if asked.doc_id is None:
        return [sha256(text.encode()).hexdigest()[:16] for text in asked.documents]
    if len(asked.documents) == 1:
        return [asked.doc_id]
    return [f"{asked.doc_id}-{number}" for number in range(len(asked.documents))]


def _chat(
    api: Blueprint, jobs: Jobs, knowledge: Knowledge, asking: Asking, stand: Stand, *, clock: Callable[[], datetime]
) -> None:
    @api.post("/api/v1/chat")
    @api.post("/api/chat")
    def chat() -> Response:
        asked = parsing.body(ChatV1, request)
        wanted = ChatRequest(message=asked.message, session=asked.session or SESSION)
        turn = ChatAnswer.model_validate(asking.ask(CHAT, wanted)).turn
        return jsonify(
            response=turn.answer.answer,
            timestamp=clock().isoformat(),
            model_used=turn.answer.model or EXTRACTIVE,
            # Counted by nobody here: the extractive answer has none, and a served model keeps its own count.
            tokens_used=None if turn.answer.model else 0,
            response_time=turn.answer.processing_time_s,
        )

    @api.post("/api/v1/chat/stream")
    @api.post("/api/chat/stream")
    def chat_stream() -> Response:
        asked = parsing.body(ChatV1, request)
        job = asking.submit(CHAT, ChatRequest(message=asked.message, session=asked.session or SESSION))
        try:
            return streamed(job.id, jobs, asking.hub, stand)
        except TooManyWaiters:
            jobs.cancel(job.id)
            raise

    @api.get("/api/v1/history")
    @api.get("/api/history")
    def show_history() -> Response:
        asked = parsing.query(HistoryV1, request.args)
        try:
            page = history(knowledge, SESSION, offset=asked.offset, limit=asked.limit)
        except NotFound:
            return jsonify(history=[], total=0, offset=asked.offset)
        turns = [{"message": turn.message, "response": turn.answer.answer, "at": turn.at} for turn in page.turns]
        return jsonify(history=turns, total=page.total, offset=page.offset)

    @api.delete("/api/v1/history")
    @api.delete("/api/history")
    def erase_history() -> Response:
        try:
            turns = erased(knowledge, SESSION).turns
        except NotFound:
            turns = 0
        return jsonify(deleted=turns)
