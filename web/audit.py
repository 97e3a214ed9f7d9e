"""The audit trail's pen: every call that writes and every call that is denied, noted once it has been answered."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

import structlog
from flask import Flask, Response, g, request

from jobs.errors import StoreUnavailable
from stores.identity import Audit, Entry, outcome_of
from web.guard import SAFE
from web.permissions import operation_of

READING = frozenset({"graphql.ask_graph"})
"""Endpoints that are asked by POST, and only read."""
LONGEST_PATH = 500

log = structlog.get_logger(__name__)


def register(app: Flask, audit: Audit, *, clock: Callable[[], datetime], lost: Callable[[], None]) -> None:
    """Note the calls of `app` in `audit`; `lost` is told of each that could not be."""

    def append(entry: Entry) -> None:
        try:
            audit.append(entry)
        except StoreUnavailable as error:
            # What was done is done and was answered: it must not look failed now.
            log.exception("audit_entry_lost", entry=_told(entry), error=error.message)
            lost()

    @app.after_request
    def note(response: Response) -> Response:
        if (request.method in SAFE or request.endpoint in READING) and outcome_of(response.status_code) != "denied":
            return response
        entry = _entry(response, clock())
        if response.is_streamed:
            # It may take minutes until all of it is sent.
            append(entry)
        else:
            response.call_on_close(partial(append, entry))
        return response


def belongs_to(tenant: str) -> None:
    """Have the present call noted in the trail of another tenant than the caller's."""
    g.audited_by = tenant


def _entry(response: Response, now: datetime) -> Entry:
    who = g.get("caller")
    return Entry(
        at=now,
        tenant=g.get("audited_by") or (None if who is None else who.tenant),
        name=None if who is None else who.name,
        role=None if who is None else who.role,
        method=request.method[:20],
        # Never the query: what is in it may be a secret of somebody who meant well.
        path=request.path[:LONGEST_PATH],
        operation=None if request.endpoint is None else operation_of(request.endpoint),
        status=response.status_code,
        code=g.get("problem"),
        address=request.remote_addr,
        request_id=g.request_id,
    )


def _told(entry: Entry) -> dict[str, object]:
    return {
        "tenant": entry.tenant,
        "name": entry.name,
        "method": entry.method,
        "path": entry.path,
        "status": entry.status,
        "address": entry.address,
    }
