"""Answers made smaller, and tagged."""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import brotli
import pytest
from flask import Flask, Response, request, send_file
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.conftest import Behind, Client, campaign
from web import compressing, tagging

LINE = "All work and no play makes a dull answer. "
LONG, SHORT = LINE * 40, LINE * 11


def plain(answer: TestResponse) -> bytes:
    if answer.headers.get("Content-Encoding") == "br":
        return bytes(brotli.decompress(answer.data))
    if answer.headers.get("Content-Encoding") == "gzip":
        return zlib.decompress(answer.data, 31)
    return bytes(answer.data)


class Pieces:
    """A stream that says whether it was closed."""

    def __init__(self) -> None:
        self.closed = False
        self._pieces = iter([LONG.encode(), b"", LONG.encode()])

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def streams() -> list[Pieces]:
    return []


@pytest.fixture
def small(tmp_path: Path, streams: list[Pieces]) -> FlaskClient:
    """Serve nothing but answers."""
    app = Flask(__name__)
    file = tmp_path / "report.csv"
    file.write_text(LONG)

    @app.get("/text/<kind>/<name>")
    def text(kind: str, name: str) -> Response:
        response = Response(request.args.get("text", LONG), mimetype=f"{kind}/{name}")
        if request.args.get("tag"):
            response.set_etag("mine")
        for header, value in request.args.items():
            if "-" in header:
                response.headers[header] = value
        return response

    @app.get("/file")
    def report() -> Response:
        return send_file(file, mimetype="text/csv", conditional=True, etag="digest")

    @app.get("/stream/<kind>/<name>")
    def stream(kind: str, name: str) -> Response:
        streams.append(Pieces())
        return Response(streams[-1], mimetype=f"{kind}/{name}")

    compressing.register(app)
    tagging.register(app)
    app.test_client_class = Client
    return app.test_client()


@pytest.mark.parametrize(
    ("accept", "encoding"),
    [
        ("br, gzip", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("gzip;q=1, br;q=0.5", "gzip"),
        ("*", "br"),
        ("br;q=0, *", "gzip"),
        ("br;q=0, gzip;q=0", None),
        ("identity", None),
        ("identity;q=1, gzip;q=0.5", None),
        ("identity;q=0.5, gzip", "gzip"),
        ("deflate", None),
        ("", None),
    ],
)
def test_the_encoding_is_the_one_that_the_client_likes_best(
    small: FlaskClient, accept: str, encoding: str | None
) -> None:
    answer = small.get("/text/application/json", headers={"Accept-Encoding": accept})

    assert answer.headers.get("Content-Encoding") == encoding
    assert plain(answer) == LONG.encode()
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert encoding is None or len(answer.data) < len(LONG) / 2


@pytest.mark.parametrize("name", ["image/png", "application/octet-stream", "application/zip", "text/event-stream"])
def test_what_is_compressed_already_and_event_streams_stay_as_they_are(small: FlaskClient, name: str) -> None:
    for path in (f"/text/{name}", f"/stream/{name}"):
        answer = small.get(path, headers={"Accept-Encoding": "br, gzip"})

        assert "Content-Encoding" not in answer.headers
        assert "Vary" not in answer.headers


@pytest.mark.parametrize(
    "arguments",
    [
        {"text": SHORT},
        {"Content-Encoding": "zstd"},
        {"Content-Disposition": 'attachment; filename="a.txt"'},
        {"Cache-Control": "no-store, no-transform"},
    ],
)
def test_short_answers_downloads_and_what_must_not_be_changed_stay_as_they_are(
    small: FlaskClient, arguments: dict[str, str]
) -> None:
    answer = small.get("/text/text/plain", query_string=arguments, headers={"Accept-Encoding": "br"})

    assert answer.headers.get("Content-Encoding") == arguments.get("Content-Encoding")
    assert answer.data == arguments.get("text", LONG).encode()


def test_an_answer_of_501_bytes_is_compressed(small: FlaskClient) -> None:
    for length, encoding in ((500, None), (501, "br")):
        answer = small.get("/text/text/plain", query_string={"text": "a" * length}, headers={"Accept-Encoding": "br"})

        assert answer.headers.get("Content-Encoding") == encoding


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_a_stream_is_compressed_as_it_comes_and_closed_at_its_end(
    small: FlaskClient, streams: list[Pieces], encoding: str
) -> None:
    answer = small.get("/stream/text/csv", headers={"Accept-Encoding": encoding})

    assert answer.headers["Content-Encoding"] == encoding
    assert "Content-Length" not in answer.headers
    assert plain(answer) == LONG.encode() * 2
    assert streams[0].closed


def test_a_stream_that_nobody_reads_is_closed(small: FlaskClient, streams: list[Pieces]) -> None:
    answer = small.head("/stream/text/csv", headers={"Accept-Encoding": "br"})

    assert (answer.headers["Content-Encoding"], answer.data) == ("br", b"")
    assert streams[0].closed


@pytest.mark.parametrize("path", ["/text/application/json", "/file"])
def test_the_head_of_an_answer_is_that_of_the_whole(small: FlaskClient, path: str) -> None:
    headers = {"Accept-Encoding": "br"}

    whole, head = small.get(path, headers=headers), small.head(path, headers=headers)

    assert head.data == b""
    for name in ("Content-Encoding", "ETag", "Vary", "Content-Length", "Content-Type", "Accept-Ranges"):
        assert head.headers.get(name) == whole.headers.get(name), name


def test_a_file_is_compressed_whole_and_sent_plain_in_part(small: FlaskClient) -> None:
    whole = small.get("/file", headers={"Accept-Encoding": "br"})
    part = small.get("/file", headers={"Accept-Encoding": "br", "Range": "bytes=10-19"})
    resumed = small.get(
        "/file", headers={"Accept-Encoding": "br", "Range": "bytes=10-19", "If-Range": whole.headers["ETag"]}
    )

    assert (whole.headers["Content-Encoding"], plain(whole)) == ("br", LONG.encode())
    assert "Accept-Ranges" not in whole.headers
    assert (part.status_code, part.data) == (206, LONG.encode()[10:20])
    assert "Content-Encoding" not in part.headers
    # The tag of compressed bytes is none that parts of plain ones could be joined to.
    assert (resumed.status_code, plain(resumed)) == (200, LONG.encode())


def test_a_tag_is_weak_where_the_bytes_are_others_and_matches_all_the_same(small: FlaskClient) -> None:
    as_it_is = small.get("/text/text/plain?tag=1")
    smaller = small.get("/text/text/plain?tag=1", headers={"Accept-Encoding": "br"})

    assert (as_it_is.headers["ETag"], smaller.headers["ETag"]) == ('"mine"', 'W/"mine"')
    for tag in ('"mine"', 'W/"mine"', '"other", W/"mine"', "*"):
        again = small.get("/text/text/html?tag=1", headers={"Accept-Encoding": "br", "If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["Vary"] == "Accept-Encoding"
        assert "Content-Encoding" not in again.headers


def test_what_is_read_has_a_tag_and_is_not_sent_twice(farm: Behind, client: FlaskClient) -> None:
    for number in range(5):
        farm.submit(echo=str(number))
    first = client.get("/api/v2/jobs", headers={"Accept-Encoding": "gzip"})
    known = {"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]}

    again = client.get("/api/v2/jobs", headers=known)
    farm.submit()
    changed = client.get("/api/v2/jobs", headers=known)

    assert first.headers["Content-Encoding"] == "gzip"
    assert (again.status_code, again.data) == (304, b"")
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/v2/jobs", {"kind": "ping", "params": {}}),
        ("GET", "/api/v2/jobs/nobody", None),
        ("GET", "/metrics", None),
    ],
)
def test_writes_problems_and_numbers_have_no_tag(client: FlaskClient, method: str, path: str, body: Any) -> None:
    answer = client.open(path, method=method, json=body, headers={"If-None-Match": "*"})

    assert answer.status_code != 304
    assert method == "POST" or "ETag" not in answer.headers


def test_a_long_poll_waits_with_the_tag_of_a_compressed_answer(farm: Behind, client: FlaskClient) -> None:
    answer = client.post("/api/v2/campaigns", json=campaign(farm.firmware()), headers={"Accept-Encoding": "br"})
    tag, place = answer.headers["ETag"], answer.headers["Location"]

    waited = client.get(f"{place}?wait=1", headers={"Accept-Encoding": "br", "If-None-Match": tag})

    assert tag.startswith("W/")
    assert waited.status_code == 304
