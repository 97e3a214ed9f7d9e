"""Clients that are slow, silent, or no clients at all, against a real server with little patience."""

import json
from collections.abc import Iterator
from contextlib import closing, suppress

import httpx
import pytest

from jobs.model import NewJob
from stores.artifacts import FileArtifacts
from stores.jobs_redis import RedisJobs
from stores.redis_client import connect
from tests.servers import RedisServer, eventually
from tests.web.server import PATIENCE_S, WebServer, answer_of

MEGABYTES = 96


@pytest.fixture(scope="module")
def server(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    """One server that waits a second for anybody, and half a second for what is under way."""
    redis_server.flush()
    limits = {"limits__idle_s": 1, "limits__patience_s": 0.5, "limits__bytes_per_s": 2**20}
    with WebServer(tmp_path_factory.mktemp("web"), redis_server.url, **limits) as server:
        yield server


@pytest.fixture
def client(server: WebServer) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


def problem_of(answer: bytes) -> dict[str, object]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    problem: dict[str, object] = json.loads(body)
    return problem


def test_who_says_nothing_is_not_waited_for(server: WebServer) -> None:
    with server.connect() as connection:
        assert answer_of(connection) == b""


def test_a_head_that_does_not_end_is_not_waited_for_however_it_trickles(server: WebServer) -> None:
    with server.connect() as connection:
        connection.sendall(b"GET /api/v2/jobs HTTP/1.1\r\nHost: localhost\r\n")
        connection.settimeout(0.05)
        closed = False

        def trickled() -> bool:
            nonlocal closed
            with suppress(TimeoutError):
                connection.sendall(b"X-Slow: a\r\n")
                closed = connection.recv(1) == b""
            return closed

        with suppress(ConnectionError):
            eventually(trickled, within_s=PATIENCE_S, what="the server hangs up")


def test_an_idle_connection_is_closed_after_its_answer(server: WebServer) -> None:
    with server.connect() as connection:
        connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")

        answer = answer_of(connection)

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"Connection: keep-alive" in answer


@pytest.mark.parametrize(
    ("path", "head"),
    [
        ("/api/v2/artifacts", "Content-Length: 500000"),
        ("/api/v2/artifacts", "Transfer-Encoding: chunked"),
        ("/api/v2/jobs", "Content-Type: application/json\r\nContent-Length: 500"),
    ],
)
def test_a_body_that_stops_coming_is_a_408_and_leaves_nothing(server: WebServer, path: str, head: str) -> None:
    before = server.stored()
    with server.connect() as connection:
        connection.sendall(f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n".encode())

        answer = answer_of(connection)

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"Connection: close" in answer
    assert problem_of(answer)["code"] == "too-slow"
    assert server.stored() == before


def test_a_body_that_trickles_is_a_408_before_it_is_whole(server: WebServer) -> None:
    with server.connect() as connection:
        connection.sendall(b"POST /api/v2/artifacts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000\r\n\r\n")
        connection.settimeout(0.05)
        answer = b""

        def trickled() -> bool:
            nonlocal answer
            with suppress(TimeoutError):
                connection.sendall(b"x")
                answer += connection.recv(65536)
            return b"\r\n\r\n" in answer

        eventually(trickled, within_s=PATIENCE_S, what="the server has had enough")

    assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_client_that_does_not_read_its_answer_is_hung_up_on(server: WebServer, client: httpx.Client) -> None:
    artifacts = FileArtifacts(server.data)
    piece = bytes(2**20)
    artifact, _ = artifacts.put("default", [piece] * MEGABYTES, media_type="image/png", limit_bytes=2**30)
    with server.connect() as connection:
        connection.sendall(f"GET /api/v2/artifacts/{artifact.id} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        eventually(lambda: "client_too_slow" in server.log.read_text(), what="the server has had enough")

        received = len(answer_of(connection))

    assert received < MEGABYTES * 2**20
    assert len(client.get(f"/api/v2/artifacts/{artifact.id}").content) == MEGABYTES * 2**20


def test_an_event_stream_that_is_quiet_is_not_slow(
    server: WebServer, redis_server: RedisServer, client: httpx.Client
) -> None:
    with closing(connect(redis_server.url, patience_s=5)) as redis:
        jobs = RedisJobs(redis, lease_s=60, retention_s=600, tombstone_s=600)
        jobs.submit(NewJob("quiet", "ping", {}))
        with client.stream("GET", "/api/v2/jobs/quiet/events") as stream, server.connect() as silent:
            lines = stream.iter_lines()
            next(line for line in lines if line.startswith("event: state"))
            # The server lost its patience with this one, which said nothing: so much time has passed.
            assert answer_of(silent) == b""

            jobs.finish("quiet", {})

            assert next(line for line in lines if line.startswith("event: done"))


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        (b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: a\r\n" % n for n in range(65)) + b"\r\n", 431, None),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 9000 + b"\r\n\r\n", 431, "request-header-fields-too-large"),
        (b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\n\r\n", 414, None),
        (b"nonsense\r\n\r\n", 400, "bad-request"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nBad Header: x\r\n\r\n", 400, "bad-request"),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: rot13\r\n\r\n", 501, "not-implemented"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "bad-request"),
    ],
)
def test_what_is_no_request_is_answered_by_a_problem(
    server: WebServer, request_: bytes, status: int, code: str | None
) -> None:
    with server.connect() as connection:
        connection.sendall(request_)

        answer = answer_of(connection)

    assert answer.startswith(b"HTTP/1.1 %d " % status)
    problem = problem_of(answer)
    assert problem["status"] == status
    assert code is None or problem["code"] == code
    assert b"Traceback" not in answer
    assert b"gunicorn" not in answer
