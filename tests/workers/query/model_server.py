"""A small server that speaks the protocol of language models, or breaks it as a test asks."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

Script = Callable[["ModelServer"], Iterable[bytes]]


@dataclass
class ModelServer:
    """What was asked of the server, and what it answers next: a status, and pieces that are sent one by one."""

    script: Script
    status: int = 200
    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    let_go: Event = field(default_factory=Event)
    """Set when the test is over: a script that is silent waits for it."""


def event(text: str | None) -> bytes:
    """Return one event of a stream."""
    return b"data: " + json.dumps({"choices": [{"index": 0, "delta": {"content": text}}]}).encode() + b"\n\n"


def says(*pieces: str) -> Script:
    """Return a script that says something well."""
    end = b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'
    role = b'data: {"choices": [{"index": 0, "delta": {"role": "assistant"}}]}\n\n'
    usage = b'data: {"choices": [], "usage": {"total_tokens": 9}}\n\n'
    return lambda _server: [role, *map(event, pieces), b": still here\n\n", usage, end]


def sends(*pieces: bytes) -> Script:
    """Return a script that sends these bytes and closes the connection."""
    return lambda _server: pieces


def goes_silent(*pieces: bytes) -> Script:
    """Return a script that sends these bytes and keeps the connection."""

    def script(server: ModelServer) -> Iterator[bytes]:
        yield from pieces
        server.let_go.wait(30)

    return script


@contextmanager
def model_server(script: Script) -> Iterator[ModelServer]:
    """Serve `script` on a free port of loopback."""
    told = ModelServer(script)

    class Handler(BaseHTTPRequestHandler):
        """One request."""

        def do_POST(self) -> None:
            """Answer as the script says."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.asked.append({"path": self.path} | json.loads(body))
            told.keys.append(self.headers.get("Authorization"))
            self.send_response(told.status)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            try:
                for piece in told.script(told):
                    self.wfile.write(piece)
                    self.wfile.flush()
            except OSError:
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        told.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join()
