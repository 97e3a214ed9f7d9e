"""A farm with keys, for tests of what only some may see."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.page.visitor import Visitor
from tests.servers import RedisServer
from tests.web.server import WebServer


@dataclass(frozen=True, slots=True)
class Accounts:
    """A server that is closed, and its admin's key."""

    server: WebServer
    admin: str

    def client(self, key: str | None = None) -> httpx.Client:
        """Return a client with a key, by default the admin's."""
        client = self.server.client()
        client.headers["X-API-Key"] = key or self.admin
        return client

    def make(self, role: str, *, name: str | None = None, tenant: str = "default") -> str:
        """Make a key and return it."""
        with self.client() as client:
            answer = client.post("/api/v2/keys", json={"name": name or role, "role": role, "tenant": tenant})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["key"])

    def revoke(self, key: str) -> None:
        """Revoke a key."""
        with self.client() as client:
            assert client.delete(f"/api/v2/keys/{prefix_of(key)}").status_code == 204


def prefix_of(key: str) -> str:
    """Return the public part of a key."""
    return key.split("_")[1]


@contextmanager
def closed_farm(redis_server: RedisServer, folder: Path) -> Iterator[Accounts]:
    """Start a server on an empty Redis and make the first key."""
    redis_server.flush()
    with WebServer(folder, redis_server.url) as server:
        with server.client() as client:
            answer = client.post("/api/v2/keys", json={"name": "ana", "role": "admin"})
        assert answer.status_code == 201, answer.text
        yield Accounts(server, answer.json()["key"])


def bring_key(visitor: Visitor, key: str) -> Visitor:
    """Let a tab have a key from its start, as if it had been typed."""
    visitor.tab.add_init_script(f"sessionStorage.setItem('dasein.key', '{key}')")
    return visitor
