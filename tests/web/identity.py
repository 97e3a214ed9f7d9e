"""A farm with keys: callers of several tenants and roles, and what they call with."""

from pathlib import Path
from typing import Any

from flask import Request
from flask.testing import FlaskClient

from jobs.identity import HOME, Principal, Role
from stores.artifacts import FileArtifacts
from stores.identity import Tenant
from stores.memory_graph import MemoryGraph
from tests.web.conftest import Behind, Client, Clock, make_accounts, make_farm
from web.accounts import Accounts
from web.authentication import Authentication
from web.tokens import Tokens


class Door:
    """What says whether the farm is closed, as the marker file does."""

    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True

    def is_closed(self) -> bool:
        return self.closed


class Closed:
    """An application that checks keys, with a tenant `acme` beside the home tenant."""

    def __init__(
        self,
        root: Path,
        *,
        tokens: Tokens | None = None,
        graph: MemoryGraph | None = None,
        artifacts: FileArtifacts | None = None,
        **accounts: Any,
    ) -> None:
        """Keep the accounts as `make_accounts` is told."""
        self.clock = Clock()
        self.door = Door()
        self.accounts: Accounts = make_accounts(self.clock, close=self.door.close, **accounts)
        self.authentication = Authentication(
            self.accounts.keys,
            self.accounts.tenants,
            tokens,
            secret=self.accounts.secret,
            closed=self.door.is_closed,
            clock=self.clock,
        )
        self.seen: list[Principal] = []
        self.farm: Behind = make_farm(
            root,
            clock=self.clock,
            accounts=self.accounts,
            authenticate=self._authenticate,
            graph=graph,
            artifacts=artifacts,
        )
        self.accounts.tenants.add(Tenant("acme", self.clock(), "Acme"))

    def key(self, role: Role = Role.ADMIN, tenant: str = HOME, name: str = "somebody") -> str:
        """Make a key, past the API."""
        _, text = self.accounts.make_key(tenant=tenant, role=role, name=name, created_by="test", lasts=None)
        return text

    def client(self, key: str | None = None) -> FlaskClient:
        """Return a client that calls with a key."""
        client = Client(self.farm.app, self.farm.app.response_class, use_cookies=False)
        if key is not None:
            client.environ_base["HTTP_X_API_KEY"] = key
        return client

    def of(self, role: Role = Role.ADMIN, tenant: str = HOME) -> FlaskClient:
        """Return a client with a new key."""
        return self.client(self.key(role, tenant))

    def _authenticate(self, request: Request) -> Principal:
        principal = self.authentication(request)
        self.seen.append(principal)
        return principal
