"""Answers made smaller on the way: brotli or gzip, as the client likes, for text of more than 500 bytes.

Never for event streams, whose pieces must not wait for each other; nor for parts of something, downloads, and what is
compressed already. The tag of a compressed answer is weak: the same meaning in other bytes (RFC 9110, 8.8.1).
"""

import zlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Protocol

import brotli
from flask import Flask, Response, request
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

LEAST_BYTES = 500
ENCODINGS = ("br", "gzip")
"""The first is preferred where the client does not mind."""
BROTLI_QUALITY, GZIP_LEVEL = 4, 5
GZIP = 31
"""zlib's name for the format."""
TEXTS = frozenset(
    {
        "application/javascript",
        "application/json",
        "application/problem+json",
        "application/schema+json",
        "application/wasm",
        "application/x-ndjson",
        "image/svg+xml",
    }
)
STREAM = "text/event-stream"


class Compressor(Protocol):
    """What makes bytes smaller, piece by piece."""

    def compress(self, piece: bytes, /) -> bytes:
        """Return what of it is ready."""

    def flush(self) -> bytes:
        """Return the rest."""


class Brotli:
    """Brotli's encoder, with the words that zlib uses."""

    def __init__(self) -> None:
        """Begin."""
        self._encoder: Any = brotli.Compressor(quality=BROTLI_QUALITY)

    def compress(self, piece: bytes, /) -> bytes:
        """Return what of it is ready."""
        return bytes(self._encoder.process(piece))

    def flush(self) -> bytes:
        """Return the rest."""
        return bytes(self._encoder.finish())


COMPRESSORS: dict[str, Callable[[], Compressor]] = {
    "br": Brotli,
    "gzip": lambda: zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, GZIP),
}

WHOLE: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda data: bytes(brotli.compress(data, quality=BROTLI_QUALITY)),
    "gzip": lambda data: zlib.compress(data, GZIP_LEVEL, GZIP),
}
"""The same for what is there whole, which costs less."""


class Smaller:
    """The pieces of a streamed answer, compressed as they come; closes what it reads from."""

    def __init__(self, pieces: Any, compressor: Compressor) -> None:
        """Compress `pieces`."""
        self._pieces = pieces
        self._compressed = self._made(iter(pieces), compressor)

    @staticmethod
    def _made(pieces: Iterator[bytes | str], compressor: Compressor) -> Iterator[bytes]:
        for piece in pieces:
            if ready := compressor.compress(piece.encode() if isinstance(piece, str) else piece):
                yield ready
        yield compressor.flush()

    def __iter__(self) -> Iterator[bytes]:
        return self._compressed

    def __next__(self) -> bytes:
        return next(self._compressed)

    def close(self) -> None:
        """Close what was read from: also when nobody began to read."""
        if hasattr(self._pieces, "close"):
            self._pieces.close()


@lru_cache(maxsize=256)
def chosen(header: str) -> str | None:
    """Return the encoding that a client likes best, by its header; None for none of ours, or for what is plain."""
    accepted = parse_accept_header(header)
    if not accepted:
        return None
    # One that is not named is taken only where `*` is.
    best = max(ENCODINGS, key=accepted.quality)
    return best if accepted.quality(best) > 0 and accepted.quality(best) >= _plain(accepted) else None


def compress(response: Response) -> Response:
    """Compress an answer, if it gains by it and its client takes it."""
    if response.status_code == HTTPStatus.NOT_MODIFIED:
        # As the answer would that it stands for.
        _vary(response)
    if not _worth_it(response):
        return response
    _vary(response)
    encoding = chosen(request.headers.get("Accept-Encoding", ""))
    if encoding is None:
        return response
    if response.is_streamed:
        response.direct_passthrough = False
        response.response = Smaller(response.response, COMPRESSORS[encoding]())
        response.headers.pop("Content-Length", None)
    else:
        response.set_data(WHOLE[encoding](response.get_data()))
    response.headers["Content-Encoding"] = encoding
    # Ranges are of the plain bytes.
    response.headers.pop("Accept-Ranges", None)
    tag = response.headers.get("ETag", "")
    if tag.startswith('"'):
        response.headers["ETag"] = f"W/{tag}"
    return response


def _vary(response: Response) -> None:
    if "Vary" in response.headers:
        response.vary.add("Accept-Encoding")
    else:
        response.headers["Vary"] = "Accept-Encoding"


def join_no_others() -> None:
    """Read no part of something for a client that has another form of it: a weak tag never matches If-Range."""
    if request.headers.get("If-Range", "").startswith("W/"):
        request.environ.pop("HTTP_RANGE", None)


def _worth_it(response: Response) -> bool:
    headers = response.headers
    media_type = response.mimetype or ""
    length = headers.get("Content-Length", type=int)
    if length is None and not response.is_streamed:
        length = len(response.get_data())
    return (
        (length is None or length > LEAST_BYTES)
        and (media_type in TEXTS or media_type.startswith("text/"))
        and media_type != STREAM
        and response.status_code not in {204, 206, 304}
        and "Content-Encoding" not in headers
        and "Content-Range" not in headers
        and not headers.get("Content-Disposition", "").startswith("attachment")
        and "no-transform" not in headers.get("Cache-Control", "")
    )


def _plain(accepted: Accept) -> float:
    """Return how much a client likes bytes as they are, where it says so."""
    named = [quality for name, quality in accepted if name == "identity"]
    return float(named[0]) if named else 0.0


def register(app: Flask) -> None:
    """Compress the answers of `app`."""
    app.before_request(join_no_others)
    app.after_request(compress)
