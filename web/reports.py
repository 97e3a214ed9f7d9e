"""Which form of a report a client gets, and its tag."""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import file_digest
from pathlib import Path

from flask import Request

from jobs.errors import InvalidInput
from web.refusals import NotAcceptable

SANDBOX = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-scripts allow-downloads"
)
"""A self-contained page works; it reaches no server, this one included, and has an origin of its own."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a report: its name in `?format=`, its media type and its file."""

    name: str
    media_type: str

    @property
    def file(self) -> str:
        """Return the name of the campaign's file."""
        return f"report.{self.name}"


FORMS = (
    Form("json", "application/json"),
    Form("html", "text/html"),
    Form("csv", "text/csv"),
    Form("png", "image/png"),
)
MEDIA_TYPES = tuple(form.media_type for form in FORMS)


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


def tag(path: Path) -> str:
    """Return the SHA-256 of a file."""
    stat = path.stat()
    return _digest(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=256)
def _digest(path: Path, _changed_ns: int, _size: int) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
