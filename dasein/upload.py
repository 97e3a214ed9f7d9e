"""Send files, unless their bytes are there already."""

import hashlib
from pathlib import Path
from typing import IO

from dasein.errors import ApiError, BadAnswer
from dasein.paths import API
from dasein.transport import Transport, document

NOT_FOUND = 404


def upload(http: Transport, file: Path, *, media_type: str) -> str:
    """Store a file and return its artifact id; raise BadAnswer for one that changes meanwhile."""
    with file.open("rb") as stream:
        artifact_id = f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"
    if _has(http, artifact_id):
        return artifact_id

    def content() -> IO[bytes]:
        return file.open("rb")

    answer = document(http.send("POST", f"{API}/artifacts", content=content, headers={"Content-Type": media_type}))
    if answer.get("artifact_id") != artifact_id:
        raise BadAnswer(f"{file} changed while it was sent: the farm stored {answer.get('artifact_id')}.")
    return artifact_id


def _has(http: Transport, artifact_id: str) -> bool:
    try:
        http.send("HEAD", f"{API}/artifacts/{artifact_id}")
    except ApiError as error:
        if error.status == NOT_FOUND:
            return False
        raise
    return True
