"""Request bodies as they arrive: in pieces, and only whole ones count."""

from collections.abc import Iterator

from flask import Request
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]  # gunicorn has no types
from werkzeug.exceptions import ClientDisconnected

from web.refusals import IncompleteBody, TooSlow, UnsupportedMediaType

PIECE = 256 * 1024
IDENTITY, CHUNKED = "identity", "chunked"


def pieces(request: Request) -> Iterator[bytes]:
    """Yield the body as it arrives; raise IncompleteBody if it ends early, TooSlow, or UnsupportedMediaType.

    A body that is compressed is none that we read: what it becomes could be of any size.
    """
    if request.headers.get("Content-Encoding", IDENTITY).lower() != IDENTITY:
        raise UnsupportedMediaType("Send the body as it is, not compressed.", field="Content-Encoding")
    if request.headers.get("Transfer-Encoding", CHUNKED).lower() != CHUNKED:
        raise UnsupportedMediaType("Send the body as it is, not compressed.", field="Transfer-Encoding")
    stream = request.stream
    received = 0
    try:
        while piece := stream.read(PIECE):
            received += len(piece)
            yield piece
    except (OSError, ParseException, ClientDisconnected) as error:
        # Werkzeug tells of any fault of a body of announced length as of a client that went away.
        if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
            raise TooSlow("The body came too slowly.") from error
        raise IncompleteBody("The body could not be read to its end.") from error
    if request.content_length is not None and received != request.content_length:
        raise IncompleteBody(f"The body ended after {received} of {request.content_length} bytes.")


def whole(request: Request) -> bytes:
    """Return the body, which `request.max_content_length` bounds; raise IncompleteBody if it ends early."""
    return b"".join(pieces(request))
