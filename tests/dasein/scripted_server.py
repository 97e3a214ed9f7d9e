"""A server that misbehaves as told: each request takes the next step of a script. For faults that no farm shows on demand."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

JOB_ID = "0193f0e2-7c1e-7000-8000-000000000001"


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Exchange(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: "ScriptedHTTPServer"

    def handle_one_request(self) -> None:
        """Answer by the next step of the script."""
        self.raw_requestline = self.rfile.readline()
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        step = self.server.next(Seen(self.command, self.path, dict(self.headers.items()), body))
        step(self)
        self.wfile.flush()

    def hang_up(self) -> None:
        """Close the connection, in the middle of whatever it is in."""
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the standard library's name
        """Say nothing."""


Step = Callable[[Exchange], None]


class ScriptedHTTPServer(ThreadingHTTPServer):
    """Takes steps in the order of the requests; what comes after the last step hangs up."""

    daemon_threads = True

    def __init__(self, script: list[Step]) -> None:
        super().__init__(("127.0.0.1", 0), Exchange)
        self._script = script
        self._lock = threading.Lock()
        self.seen: list[Seen] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that trust nobody leave, too."""

    def next(self, seen: Seen) -> Step:
        with self._lock:
            self.seen.append(seen)
            return self._script.pop(0) if self._script else Exchange.hang_up


@dataclass
class Scripted:
    """A running script: where it is, what it saw."""

    url: str
    server: ScriptedHTTPServer = field(repr=False)

    @property
    def seen(self) -> list[Seen]:
        return self.server.seen


@contextmanager
def scripted(*steps: Step, tls: ssl.SSLContext | None = None) -> Iterator[Scripted]:
    """Serve a script on a free port."""
    server = ScriptedHTTPServer(list(steps))
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield Scripted(f"http{'' if tls is None else 's'}://127.0.0.1:{server.server_address[1]}", server)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answers(document: Any = None, *, status: int = 200, media_type: str = "application/json", **headers: str) -> Step:
    """Return a step that answers; bytes are sent as they are. Underscores in header names stand for hyphens."""
    content = document if isinstance(document, bytes) else b"" if document is None else json.dumps(document).encode()

    def step(exchange: Exchange) -> None:
        exchange.send_response(status)
        exchange.send_header("Content-Type", media_type)
        exchange.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            exchange.send_header(name.replace("_", "-"), value)
        exchange.end_headers()
        if exchange.command != "HEAD":
            exchange.wfile.write(content)

    return step


def refuses(status: int, code: str, *, detail: str = "No.", **headers: str) -> Step:
    """Return a step that answers with a problem document."""
    problem = {"status": status, "code": code, "detail": detail, "trace_id": "t-1"}
    return answers(problem, status=status, media_type="application/problem+json", **headers)


def hangs_up(exchange: Exchange) -> None:
    """Take the request and say nothing."""
    exchange.hang_up()


def cut(content: bytes, *, announced: int, media_type: str) -> Step:
    """Return a step that announces more than it sends."""

    def step(exchange: Exchange) -> None:
        exchange.send_response(200)
        exchange.send_header("Content-Type", media_type)
        exchange.send_header("Content-Length", str(announced))
        exchange.end_headers()
        exchange.wfile.write(content)
        exchange.hang_up()

    return step


def streams(text: str) -> Step:
    """Return a step that streams events and then ends the connection, as a server that restarts does."""

    def step(exchange: Exchange) -> None:
        exchange.send_response(200)
        exchange.send_header("Content-Type", "text/event-stream")
        exchange.send_header("Connection", "close")
        exchange.end_headers()
        exchange.wfile.write(text.encode())
        exchange.hang_up()

    return step


def job(**changes: Any) -> dict[str, Any]:
    """Return a queued ping as the farm says it."""
    return {
        "id": JOB_ID,
        "kind": "ping",
        "state": "queued",
        "progress": {"done": 0, "total": 0, "message": ""},
        "params": {},
        "result": None,
        "error": None,
        "timings": {
            "submitted_at": "2026-11-21T12:00:00Z",
            "started_at": None,
            "finished_at": None,
            "queued_s": None,
            "ran_s": None,
        },
        "attempts": 0,
        "worker": None,
        "tags": [],
        "priority": 5,
        "deadline_at": None,
        "cancel_requested": False,
        "parent": None,
        "retry_of": None,
        "links": {"self": f"/api/v2/jobs/{JOB_ID}", "events": f"/api/v2/jobs/{JOB_ID}/events"},
    } | changes


def me(**changes: Any) -> dict[str, Any]:
    """Return an answer to who one is."""
    return {
        "tenant": "default",
        "role": "admin",
        "name": "ada",
        "key": "abcd1234",
        "authentication": "key",
        "home": True,
        "operations": ["list_jobs", "show_me"],
        "version": "0.1.0",
    } | changes
