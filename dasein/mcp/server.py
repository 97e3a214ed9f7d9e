"""The server: which tools, resources and prompts there are, and how it is reached."""

import hmac
import logging
import secrets
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import anyio
import uvicorn
from mcp.server.mcpserver import MCPServer
from starlette.types import ASGIApp, Receive, Scope, Send

from dasein.client import Client
from dasein.mcp.campaign_tools import CampaignTools
from dasein.mcp.farm_tools import FarmTools
from dasein.mcp.folders import Folders
from dasein.mcp.job_tools import JobTools
from dasein.mcp.knowledge_tools import KnowledgeTools
from dasein.mcp.prompts import DATA, add_prompts
from dasein.mcp.resources import add_resources
from dasein.mcp.tool import FarmTool
from dasein.version import VERSION

INSTRUCTIONS = (
    "Dasein measures firmware: it runs an ELF many times on a simulated core and judges what its power consumption gives "
    "away. The way: inspect_firmware, submit_campaign, watch_job, read_report; compare_campaigns says whether a change "
    "helped; ask answers from all that was measured before, with evidence. " + DATA
)
LOOPBACK = "127.0.0.1"
MOST_SESSIONS = 16


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the user allows a model beside reading and measuring."""

    cancel: bool = False
    scale: bool = False


def farm_server(farm: Client, folders: Folders, allowed: Allowed) -> MCPServer:
    """Return a server for a farm; what is not allowed is not offered."""
    server = MCPServer(
        "dasein",
        title="Dasein",
        version=VERSION,
        instructions=INSTRUCTIONS,
        tools=list(_tools(farm, folders, allowed)),
        # Standard error belongs to the host's log: what is worth a look, and no request in it.
        log_level="WARNING",
    )
    add_resources(server, farm)
    add_prompts(server)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return server


def serve_stdio(server: MCPServer) -> None:
    """Serve the host that started this process, until it closes our input."""
    server.run("stdio")


def serve_http(server: MCPServer, port: int, token: str | None) -> None:
    """Serve whoever knows the token, on loopback: other users of this machine must not use our key. Without one make one."""
    known = token or secrets.token_urlsafe(32)
    guarded = Guarded(server.streamable_http_app(host=LOOPBACK, max_sessions=MOST_SESSIONS), known)
    print(f"Listening on http://{LOOPBACK}:{port}/mcp", file=sys.stderr)
    print(f"Clients send the header  Authorization: Bearer {'...' if token else known}", file=sys.stderr, flush=True)
    config = uvicorn.Config(guarded, host=LOOPBACK, port=port, log_level="warning", access_log=False, ws="none")
    anyio.run(uvicorn.Server(config).serve)


class Guarded:
    """An application for those who send a token."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        """Guard `app`."""
        self._app = app
        self._wanted = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401 to requests without the token."""
        given = next((value for name, value in scope.get("headers", ()) if name == b"authorization"), b"")
        if scope["type"] == "lifespan" or hmac.compare_digest(given, self._wanted):
            await self._app(scope, receive, send)
            return
        headers = [(b"www-authenticate", b"Bearer"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 401, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


def _tools(farm: Client, folders: Folders, allowed: Allowed) -> Iterator[FarmTool]:
    yield from CampaignTools(farm, folders).tools()
    yield from JobTools(farm).tools(may_cancel=allowed.cancel)
    yield from KnowledgeTools(farm, folders).tools()
    yield from FarmTools(farm, folders).tools(may_scale=allowed.scale)
