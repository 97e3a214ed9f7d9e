"""Request bodies as they arrive: in pieces, and only whole ones count."""

from collections.abc import Iterator

from flask import Request
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]  # gunicorn has no types
from werkzeug.exceptions import ClientDisconnected

from web.refusals import IncompleteBody

PIECE = 256 * 1024


def pieces(request: Request) -> Iterator[bytes]:
    """Yield the body as it arrives; raise IncompleteBody if it ends early."""
    stream = request.stream
    received = 0
    try:
        while piece := stream.read(PIECE):
            received += len(piece)
            yield piece
    except (OSError, ParseException, ClientDisconnected) as error:
        raise IncompleteBody("The body could not be read to its end.") from error
    if request.content_length is not None and received != request.content_length:
        raise IncompleteBody(f"The body ended after {received} of {request.content_length} bytes.")


def whole(request: Request) -> bytes:
    """Return the body, which `request.max_content_length` bounds; raise IncompleteBody if it ends early."""
    return b"".join(pieces(request))
