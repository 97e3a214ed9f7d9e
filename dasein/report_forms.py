"""The forms in which reports come."""

from collections.abc import Mapping
from typing import Any, Literal

from dasein.transport import Transport, document

ReportFormat = Literal["json", "html", "csv", "png"]
MEDIA_TYPES: Mapping[ReportFormat, str] = {
    "json": "application/json",
    "html": "text/html",
    "csv": "text/csv",
    "png": "image/png",
}


def read_report(http: Transport, path: str, form: ReportFormat) -> dict[str, Any] | bytes:
    """Return the report at `path`: a document as JSON, else a file's bytes."""
    answer = http.send("GET", path, headers={"Accept": MEDIA_TYPES[form]})
    return document(answer) if form == "json" else answer.content
