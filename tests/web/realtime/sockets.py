"""A server of WebSockets in this process, and clients of it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from socket import SO_SNDBUF, SOL_SOCKET
from threading import Thread
from typing import Any

from flask import Flask, Request
from simple_websocket import Client, ConnectionClosed
from werkzeug.serving import WSGIRequestHandler, make_server

from jobs.identity import Principal, Role
from tests.servers import free_port
from tests.web.conftest import PATIENCE_S, Behind
from web import guard, problems
from web.api_v2.sockets import sockets_api
from web.cors import Origins
from web.realtime.outbox import Outbox
from web.realtime.sockets import Sockets
from web.realtime.terms import Patience
from web.refusals import Unauthenticated


@dataclass
class Keys:
    """Keys by hand; whoever has none is nobody."""

    principals: dict[str, Principal] = field(
        default_factory=lambda: {
            "ours": Principal("default", Role.VIEWER, "ours", "ours"),
            "theirs": Principal("acme", Role.VIEWER, "theirs", "theirs"),
        }
    )

    def __call__(self, request: Request) -> Principal:
        given = request.headers.get("X-API-Key") or request.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            return self.principals[given]
        except KeyError as error:
            raise Unauthenticated("Nobody we know.") from error


class Quiet(WSGIRequestHandler):
    """Logs nothing."""

    def log(self, _type: str, _message: str, *_args: Any) -> None:
        """Say nothing."""


@dataclass
class Socket:
    """A client."""

    client: Client

    def say(self, **message: Any) -> None:
        self.client.send(json.dumps(message))

    def hear(self) -> dict[str, Any]:
        """Return the next message."""
        text = self.client.receive(timeout=PATIENCE_S)
        assert text is not None, "nothing came"
        return dict(json.loads(text))

    def hear_until(self, **wanted: Any) -> list[dict[str, Any]]:
        """Return the messages up to one with these members."""
        heard = [self.hear()]
        while not wanted.items() <= heard[-1].items():
            heard.append(self.hear())
        return heard

    def closed(self) -> int:
        """Return the code with which the server closes, whatever it says before."""
        try:
            while self.client.receive(timeout=PATIENCE_S) is not None:
                pass
        except ConnectionClosed as closed:
            return int(closed.reason)
        raise AssertionError("it stays open")

    def enter(self, key: str = "ours") -> None:
        self.say(type="auth", key=key)
        assert self.hear()["type"] == "ready"

    def subscribe(self, name: str = "a", topic: str = "jobs", **more: Any) -> dict[str, Any]:
        """Subscribe and return the answer."""
        self.say(type="subscribe", id=name, topic=topic, **more)
        return self.hear()


@contextmanager
def connected(url: str, **headers: str) -> Iterator[Socket]:
    """Connect a client to a server of WebSockets."""
    client = Client.connect(url, headers=headers)
    try:
        yield Socket(client)
    finally:
        if client.connected:
            client.close()
        client.thread.join(PATIENCE_S)


@dataclass
class Server:
    """Where clients connect."""

    url: str
    sockets: Sockets
    counts: list[int]

    @contextmanager
    def client(self, **headers: str) -> Iterator[Socket]:
        with connected(self.url, **headers) as socket:
            yield socket


@contextmanager
def serving(
    farm: Behind, keys: Any = None, *, patience: Patience | None = None, outbox: Any = Outbox
) -> Iterator[Server]:
    """Serve the farm's sockets to those who have one of `keys`."""
    app, keys = Flask(__name__), keys or Keys()
    counts: list[int] = []
    sockets = Sockets(
        farm.jobs, farm.knowledge, keys, keys, farm.hub, watch=counts.append, patience=patience, outbox=outbox
    )
    app.register_blueprint(sockets_api(sockets, Origins()).blueprint)
    guard.register(app, keys, served=lambda _host: False, origins=Origins())
    problems.register(app)
    server = make_server("127.0.0.1", free_port(), app, threaded=True, request_handler=Quiet)
    # Little is kept for a client that does not read; connections take this over.
    server.socket.setsockopt(SOL_SOCKET, SO_SNDBUF, 16_384)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield Server(f"ws://127.0.0.1:{server.port}/api/v2/events", sockets, counts)
    finally:
        farm.hub.stop()
        server.shutdown()
        thread.join(PATIENCE_S)
        server.server_close()
