"""Conversations: every turn is a question of its own, made to stand alone, answered from the evidence, and kept.

A turn is kept under its job's id: a job that runs twice answers once. Memory is bounded: the oldest turns go.
"""

from collections.abc import Callable

from jobs.errors import OutOfBudget, StoreUnavailable
from jobs.questions import Answer, ChatAnswer, ChatRequest, QueryRequest, Turn
from stores.corpus import read_corpus
from stores.documents import Record, Shelf
from workers.query.ask import ask
from workers.query.catalogue import Catalogue
from workers.query.follow_up import standing_alone
from workers.query.names import Names
from workers.query.planner import plan
from workers.query.services import QueryServices

MAX_TURNS = 200
KEPT_S = 30 * 86_400
NO_NAMES = Names(())


def take_turn(
    request: ChatRequest,
    *,
    tenant: str,
    job_id: str,
    services: QueryServices,
    catalogue: Catalogue,
    check: Callable[[], None],
    on_token: Callable[[str], None],
) -> ChatAnswer:
    """Answer a message in the light of those before it; a new conversation is named after its first job."""
    session = request.session or job_id
    kept = services.documents.get(tenant, Shelf.TURNS, [_turn_id(session, job_id)])
    if kept:
        return ChatAnswer(session=session, turn=Turn.model_validate(next(iter(kept.values())).body))
    before = _last(session, tenant, services)
    understood = request.message if before is None else _understood(request, before, tenant, services, catalogue)
    question = QueryRequest(question=understood, mode=request.mode, top_k=request.top_k, generate=request.generate)
    told: list[str] = []

    def token(piece: str) -> None:
        told.append(piece)
        on_token(piece)

    answer = ask(
        question,
        tenant=tenant,
        services=services,
        catalogue=catalogue,
        owner=job_id,
        check=check,
        on_token=token,
    )
    if answer.model is None:
        if told:
            # A model broke off in the middle of a sentence; what it said is not part of the answer.
            on_token("\n\n")
        _speak(answer, on_token)
    position = 0 if before is None else before.position + 1
    turn = Turn(position=position, message=request.message, understood=understood, answer=answer, at=services.clock())
    _keep(turn, session, job_id, tenant, services)
    return ChatAnswer(session=session, turn=turn)


def _last(session: str, tenant: str, services: QueryServices) -> Turn | None:
    found = services.documents.find(tenant, Shelf.TURNS, groups=[session], descending=True, limit=1)
    return Turn.model_validate(found[0].body) if found else None


def _understood(request: ChatRequest, before: Turn, tenant: str, services: QueryServices, catalogue: Catalogue) -> str:
    names, now = _names(tenant, services, catalogue), services.clock()
    message = plan(QueryRequest(question=request.message), names, today=now)
    earlier = plan(QueryRequest(question=before.understood), names, today=now)
    return standing_alone(message, earlier, spoken_of=next(iter(before.answer.evidence), None))


def _names(tenant: str, services: QueryServices, catalogue: Catalogue) -> Names:
    """Return the names that are known; older ones or none when the graph is away, which the answer says."""
    try:
        return catalogue.names(tenant, read_corpus(services.documents, tenant), services)
    except (StoreUnavailable, OutOfBudget):
        older = catalogue.older(tenant)
        return NO_NAMES if older is None else older[1]


def _speak(answer: Answer, on_token: Callable[[str], None]) -> None:
    """Tell an answer that no model worded line by line."""
    for line in answer.answer.splitlines(keepends=True):
        on_token(line)


def _keep(turn: Turn, session: str, job_id: str, tenant: str, services: QueryServices) -> None:
    expires = turn.at + KEPT_S
    services.documents.put(tenant, Shelf.CHATS, [Record(session, {"last_at": turn.at}, at=turn.at, expires_at=expires)])
    record = Record(
        _turn_id(session, job_id),
        turn.model_dump(mode="json"),
        group=session,
        at=float(turn.position),
        expires_at=expires,
    )
    services.documents.put(tenant, Shelf.TURNS, [record])
    total = services.documents.count(tenant, Shelf.TURNS, groups=[session])
    if total > MAX_TURNS:
        oldest = services.documents.find(tenant, Shelf.TURNS, groups=[session], limit=total - MAX_TURNS)
        services.documents.remove(tenant, Shelf.TURNS, ids=[old.id for old in oldest])


def _turn_id(session: str, job_id: str) -> str:
    return f"{session}/{job_id}"
