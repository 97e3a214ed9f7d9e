"""Answers that were given before: kept for an hour, computed once however many ask at the same time.

An answer that something was missing from is not kept. A cache that is away slows and never fails: the question is
answered without it, and it is left alone for some seconds.
"""

import unicodedata
from collections.abc import Callable
from itertools import chain, repeat
from threading import Event

from pydantic import ValidationError

from jobs.errors import InvalidInput
from jobs.questions import Answer, QueryRequest
from stores.corpus import read_corpus
from workers.query.answer import answer
from workers.query.catalogue import Catalogue
from workers.query.kept import Kept
from workers.query.services import QueryServices

WAIT_S = 10.0
"""How long others wait for it before they compute for themselves."""
LOOK_S = (0.005, 0.01, 0.02, 0.05)
"""Pauses between looks, the last one again and again."""
WARM_S = 30.0


def cached_answer(
    request: QueryRequest,
    *,
    tenant: str,
    services: QueryServices,
    catalogue: Catalogue,
    owner: str,
    check: Callable[[], None],
    model_version: str = "",
    wait_s: float = WAIT_S,
) -> Answer:
    """Return the answer, kept or computed; `owner` names who asks, `check` raises when the job should stop."""
    began = services.timer()
    request = _normal(request)
    kept = Kept(tenant, services, catalogue.breaker, model_version)
    key = kept.key(request, read_corpus(services.documents, tenant).version)
    kept.note(request)
    if not request.fresh and (found := kept.find(key, count="hit")) is not None:
        return _served(found, services.timer() - began)
    if not kept.begin(key, owner):
        waited = _await(key, kept, owner=owner, check=check, wait_s=wait_s)
        if waited is not None:
            return _served(waited, services.timer() - began)
    try:
        return _compute(request, kept, catalogue)
    finally:
        kept.end(key, owner)


def warm(
    *,
    tenant: str,
    services: QueryServices,
    catalogue: Catalogue,
    limit: int,
    check: Callable[[], None],
    model_version: str = "",
) -> int:
    """Compute the most frequent questions over the present data, those that are not kept; return how many."""
    kept = Kept(tenant, services, catalogue.breaker, model_version)
    until = services.timer() + WARM_S
    done = 0
    for text in kept.frequent(limit):
        check()
        if services.timer() > until:
            break
        try:
            request = QueryRequest.model_validate_json(text)
        except ValidationError:
            # An older version of this program asked it.
            continue
        key = kept.key(request, read_corpus(services.documents, tenant).version)
        if kept.find(key, count=None) is None and kept.reachable:
            try:
                _compute(request, kept, catalogue, counted=False)
            except InvalidInput:
                # What is refused was asked often all the same: the questions after it are not to wait for it.
                continue
            done += 1
    return done


def _await(key: str, kept: Kept, *, owner: str, check: Callable[[], None], wait_s: float) -> Answer | None:
    """Wait for whoever computes an answer; None if it is now for the owner to do, by the lock or out of patience."""
    timer = kept.services.timer
    until = timer() + wait_s
    pause = Event()
    for step in chain(LOOK_S, repeat(LOOK_S[-1])):
        if timer() >= until or not kept.reachable:
            return None
        check()
        pause.wait(step)
        if (found := kept.find(key, count="wait")) is not None:
            return found
        if kept.begin(key, owner):
            # Whoever had it may have finished between the two looks, or left without an answer that is kept.
            return kept.find(key, count="wait")
    return None


def _compute(request: QueryRequest, kept: Kept, catalogue: Catalogue, *, counted: bool = True) -> Answer:
    found = answer(request, tenant=kept.tenant, services=kept.services, catalogue=catalogue)
    if counted:
        kept.count("miss")
    if not found.degraded and (not found.truncated or found.spent.nodes >= request.max_nodes):
        kept.keep(found, request)
    return found


def _served(found: Answer, took_s: float) -> Answer:
    return found.model_copy(update={"cached": True, "processing_time_s": round(took_s, 6), "timings": {}})


def _normal(request: QueryRequest) -> QueryRequest:
    """Return the request with one form of its question's letters and spaces: what is answered is what is kept."""
    question = " ".join(unicodedata.normalize("NFC", request.question).split())
    return request.model_copy(update={"question": question})
