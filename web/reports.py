"""Which form of a report a client gets, and its tag."""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import file_digest
from pathlib import Path
from typing import Literal

from flask import Request, Response, send_file

from jobs.errors import InvalidInput
from jobs.forms import Request as Query
from web.refusals import NotAcceptable
from web.routing import Header

SANDBOX = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-scripts allow-downloads"
)
"""A self-contained page works; it reaches no server, this one included, and has an origin of its own."""

FOREVER = "private, max-age=31536000, immutable"


class ReportQuery(Query):
    """Which form of the report, whatever `Accept` says."""

    format: Literal["json", "html", "csv", "png"] | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a report: its name in `?format=`, which its file ends with, and its media type."""

    name: str
    media_type: str


FORMS = (
    Form("json", "application/json"),
    Form("html", "text/html"),
    Form("csv", "text/csv"),
    Form("png", "image/png"),
)
MEDIA_TYPES = tuple(form.media_type for form in FORMS)
ACCEPT = Header("Accept", "Which form of the report; quality values count.", "text/html")


def chosen(request: Request, *, named: str | None) -> Form:
    """Return the form `named` by the query, or the one that the client likes best; the first among equals.

    Raise NotAcceptable with the list of what there is.
    """
    if named is not None:
        form = next((form for form in FORMS if form.name == named), None)
        if form is None:
            raise InvalidInput(f"One of {', '.join(form.name for form in FORMS)}.", field="format")
        return form
    accepted = request.accept_mimetypes
    if not accepted:
        return FORMS[0]
    best = max(FORMS, key=lambda form: accepted.quality(form.media_type))
    if accepted.quality(best.media_type) <= 0:
        raise NotAcceptable(f"A report comes as {', '.join(MEDIA_TYPES)}.", field="Accept")
    return best


def shown(path: Path, form: Form, *, name: str) -> Response:
    """Answer with the file of a report, which never changes; `name` is what a client may save it as."""
    response = send_file(path, mimetype=form.media_type, conditional=True, etag=tag(path))
    response.headers["Cache-Control"] = FOREVER
    response.headers["Vary"] = "Accept"
    response.headers["Content-Disposition"] = f'inline; filename="{name}.{form.name}"'
    if form.name == "html":
        response.headers["Content-Security-Policy"] = SANDBOX
    return response


def tag(path: Path) -> str:
    """Return the SHA-256 of a file."""
    stat = path.stat()
    return _digest(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=256)
def _digest(path: Path, _changed_ns: int, _size: int) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
