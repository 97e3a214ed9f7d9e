"""Health for whoever runs the process: up or not, and, for callers that are known, which store does not answer."""

from collections.abc import Callable, Mapping
from contextlib import suppress

from flask import Blueprint, Response, jsonify, request

from jobs.errors import OutOfBudget, StoreUnavailable
from jobs.identity import HOME
from stores.corpus import CORPUS
from stores.documents import Shelf
from stores.ports import Jobs
from web.api_v2.things import Knowledge
from web.guard import Authenticate
from web.refusals import Unauthenticated, Unready

JOBS = "jobs"
"""Without it no job is taken; without the others only some questions fail."""


def health(jobs: Jobs, knowledge: Knowledge, authenticate: Authenticate) -> Blueprint:
    """Serve `/health/live`, the process answers, and `/health/ready`, it can take jobs."""
    blueprint = Blueprint("health", __name__, url_prefix="/health")
    stores: dict[str, Callable[[], object]] = {
        JOBS: jobs.ping,
        "documents": lambda: knowledge.documents.get(HOME, Shelf.CORPUS, [CORPUS]),
        "graph": lambda: knowledge.graph.nodes(HOME, [CORPUS]),
    }

    @blueprint.get("/live")
    def live() -> Response:
        return jsonify(status="up")

    @blueprint.get("/ready")
    def ready() -> Response:
        if not _is_known(authenticate):
            if _failing({JOBS: jobs.ping}):
                raise Unready("Not ready.")
            return jsonify(status="up")
        found = _failing(stores)
        if JOBS in found:
            raise Unready(f"Not ready: these do not answer: {', '.join(found)}.")
        return jsonify(status="up", failing=found)

    return blueprint


def _failing(stores: Mapping[str, Callable[[], object]]) -> list[str]:
    """Return the names of the stores that do not answer."""
    found = []
    for name, look in stores.items():
        try:
            look()
        except (StoreUnavailable, OutOfBudget):
            found.append(name)
    return found


def _is_known(authenticate: Authenticate) -> bool:
    """Say whether the caller gave credentials that are good; nobody needs any here."""
    if not {"X-Api-Key", "Authorization"} & set(request.headers.keys()):
        return False
    with suppress(Unauthenticated, StoreUnavailable):
        authenticate(request)
        return True
    return False
