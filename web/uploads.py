"""Uploads, piece by piece: the raw body, or the one file of a form; never whole in memory."""

import base64
import binascii
import re
from collections.abc import Iterator
from hashlib import sha256

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from jobs.errors import InvalidInput, TooLarge
from web.bodies import PIECE, pieces
from web.refusals import MalformedBody, UnsupportedMediaType

FORM = "multipart/form-data"
ANY = "application/octet-stream"
FORM_OVERHEAD = 64 * 1024
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
DIGEST = re.compile(r"[0-9a-f]{64}")
DIGEST_MEMBER = re.compile(r"\s*sha-256\s*=\s*:?([A-Za-z0-9+/]{43}=):?\s*$", re.IGNORECASE)


def upload(request: Request, *, limit_bytes: int) -> tuple[str, Iterator[bytes]]:
    """Return the media type and the bytes of an upload.

    Raise TooLarge if the announced length exceeds the limit, UnsupportedMediaType or MalformedBody; the bytes raise
    IncompleteBody, MalformedBody or InvalidInput when they end early or are not what the form announced.
    """
    form = request.mimetype == FORM
    allowed = limit_bytes + (FORM_OVERHEAD if form else 0)
    # The store counts the bytes and refuses the first too many; the limit of JSON bodies must not apply before.
    request.max_content_length = allowed + 2 * PIECE
    if request.content_length is not None and request.content_length > allowed:
        raise TooLarge(f"An artifact has at most {limit_bytes} bytes.")
    if form:
        return _file(request)
    return _media_type(request.headers.get("Content-Type")), pieces(request)


def expected_digest(request: Request, *, named: str | None) -> str | None:
    """Return the SHA-256 (hex) that the upload must have: `named` by the query, or Content-Digest or Digest.

    Digests by other algorithms are ignored, as RFC 9530 asks; raise InvalidInput for contradictions.
    """
    found = {named} if named is not None else set()
    for name in ("Content-Digest", "Digest"):
        members = [
            match[1] for part in request.headers.get(name, "").split(",") if (match := DIGEST_MEMBER.match(part))
        ]
        if members and request.mimetype == FORM:
            raise InvalidInput("With a form the digest would cover the form; use ?sha256=.", field=name)
        found |= {_decoded(member, name) for member in members}
    if len(found) > 1:
        raise InvalidInput("The digests contradict each other.", field="sha256")
    return next(iter(found), None)


def checked(chunks: Iterator[bytes], *, digest: str | None) -> Iterator[bytes]:
    """Yield the chunks; at their end raise InvalidInput if there were none, or their SHA-256 is not `digest`."""
    seen = sha256()
    empty = True
    for chunk in chunks:
        empty = empty and not chunk
        if digest is not None:
            seen.update(chunk)
        yield chunk
    if empty:
        raise InvalidInput("The upload is empty.")
    if digest is not None and seen.hexdigest() != digest:
        raise InvalidInput(f"The bytes that arrived have the SHA-256 {seen.hexdigest()}.", field="sha256")


def _decoded(member: str, name: str) -> str:
    try:
        return base64.b64decode(member, validate=True).hex()
    except binascii.Error as error:
        raise InvalidInput("This is not base64.", field=name) from error


def _media_type(header: str | None) -> str:
    if header is None:
        return ANY
    media_type = parse_options_header(header)[0].strip().lower()
    if not MEDIA_TYPE.fullmatch(media_type):
        raise UnsupportedMediaType("This is not a media type.", field="Content-Type")
    return media_type


def _file(request: Request) -> tuple[str, Iterator[bytes]]:
    """Return the file of a form, reading no further than its headers."""
    boundary = request.mimetype_params.get("boundary", "").encode("latin-1", "replace")
    if not boundary:
        raise MalformedBody("The form has no boundary.", field="Content-Type")
    events = _events(
        pieces(request), MultipartDecoder(boundary, max_form_memory_size=PIECE + FORM_OVERHEAD, max_parts=2)
    )
    first = next(events, None)
    if not isinstance(first, File) or first.name != "file":
        raise InvalidInput("The form must have one part, a file of the name `file`.", field="file")
    return _media_type(first.headers.get("Content-Type")), _content(events)


def _content(events: Iterator[Field | File | Data]) -> Iterator[bytes]:
    for event in events:
        if not isinstance(event, Data):
            raise InvalidInput("The form must have one part, a file of the name `file`.", field="file")
        yield event.data


def _events(body: Iterator[bytes], decoder: MultipartDecoder) -> Iterator[Field | File | Data]:
    """Yield the parts of a form; raise MalformedBody."""
    try:
        while not isinstance(event := decoder.next_event(), Epilogue):
            if isinstance(event, NeedData):
                decoder.receive_data(next(body, None))
            elif isinstance(event, Field | File | Data):
                yield event
    except (ValueError, RequestEntityTooLarge) as error:
        raise MalformedBody("The form cannot be read.") from error
