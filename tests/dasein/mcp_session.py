"""The protocol's own client against our server: in this process, or as a host would, over standard input and output."""

import os
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import anyio
from mcp import Client as Host
from mcp import StdioServerParameters
from mcp_types import CallToolResult

from dasein import Client
from dasein.mcp.folders import Folders
from dasein.mcp.server import Allowed, farm_server

ROOT = Path(__file__).parents[2]
Result = TypeVar("Result")
Talk = Callable[[Host], Awaitable[Result]]
EVERYTHING = Allowed(cancel=True, scale=True)


def here(
    url: str, talk: Talk[Result], *, folders: tuple[Path, ...] = (), allowed: Allowed = EVERYTHING, **how: Any
) -> Result:
    """Return what comes of a talk with a server in this process; `how` are keywords of the client."""

    async def connected() -> Result:
        with Client(url, **({"patience_s": 0.5} | how)) as farm:
            async with Host(farm_server(farm, Folders(folders), allowed)) as host:
                return await talk(host)

    return outside(connected)


def over_stdio(talk: Talk[Result], *options: str, cwd: Path, mode: str = "auto", **environment: str) -> Result:
    """Return what comes of a talk with `dasein mcp` in a process of its own; `legacy` is what most hosts speak."""
    kept = {name: os.environ[name] for name in ("XDG_CONFIG_HOME",) if name in os.environ}
    parameters = StdioServerParameters(
        command=sys.executable,
        args=["-m", "dasein", "mcp", *options],
        env={"PYTHONPATH": str(ROOT), **kept, **environment},
        cwd=cwd,
    )

    async def connected() -> Result:
        async with Host(parameters, mode=mode, read_timeout_seconds=120) as host:
            return await talk(host)

    return outside(connected)


def outside(talk: Callable[[], Awaitable[Result]]) -> Result:
    """Run a talk in a thread of its own: this one may have a loop already, that of a browser which other tests look at."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(anyio.run, talk).result()


def call(name: str, **arguments: Any) -> Talk[CallToolResult]:
    """Return a talk that is one call of a tool."""

    async def talk(host: Host) -> CallToolResult:
        return await host.call_tool(name, arguments)

    return talk


def content(result: CallToolResult) -> Any:
    """Return the document of a call that went well."""
    assert not result.is_error, result.content
    assert result.structured_content is not None
    return result.structured_content


def refusal(result: CallToolResult) -> Any:
    """Return the problem of a call that was refused."""
    assert result.is_error
    assert result.structured_content is not None
    return result.structured_content["error"]


class GiveUp:
    """Cancels a call at its first word of progress."""

    def __init__(self, scope: anyio.CancelScope) -> None:
        self._scope = scope

    async def __call__(self, progress: float, total: float | None, message: str | None) -> None:  # noqa: ARG002
        self._scope.cancel()
