"""Tags of answers: a client that has the same one already is told so, and nothing is sent (RFC 9110, 13.1.2).

What is read is made anew each time, so this saves the way and not the work; views whose records have versions set
tags of their own before they do any.
"""

from hashlib import blake2b
from http import HTTPMethod, HTTPStatus

from flask import Flask, Response, request

READING = frozenset({HTTPMethod.GET, HTTPMethod.HEAD})
TAGGED = frozenset({"application/json", "text/html", "text/css"})
LONGEST_BYTES = 2**20
DIGEST_BYTES = 12


def tag(response: Response) -> Response:
    """Tag an answer by its content, and answer 304 to a client that has it."""
    if (
        request.method not in READING
        or response.status_code != HTTPStatus.OK
        or response.mimetype not in TAGGED
        or response.is_streamed
    ):
        return response
    if "ETag" not in response.headers:
        content = response.get_data()
        if len(content) > LONGEST_BYTES:
            return response
        response.set_etag(blake2b(content, digest_size=DIGEST_BYTES).hexdigest())
    if request.if_none_match:
        response.make_conditional(request)
    return response


def register(app: Flask) -> None:
    """Tag the answers of `app`."""
    app.after_request(tag)
