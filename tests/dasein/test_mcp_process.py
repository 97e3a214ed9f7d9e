"""`dasein mcp` as hosts start it: a process with hardly any environment, on standard input and output or on loopback."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from mcp import Client as Host
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from typer.testing import CliRunner

from dasein.cli import app
from tests.dasein.conftest import CAMPAIGN, Served, measure
from tests.dasein.mcp_session import ROOT, GiveUp, call, content, outside, over_stdio, refusal
from tests.dasein.scripted_server import answers, me, scripted
from tests.servers import eventually, free_port

TOKEN = "only-for-this-test"
HANDSHAKE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


@pytest.mark.parametrize(("mode", "version"), [("legacy", "2025-11-25"), ("auto", "2026-07-28")])
def test_the_main_job_runs_over_standard_input_and_output(served: Served, elf: Path, mode: str, version: str) -> None:
    served.work(measure())
    told: list[float] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:  # noqa: ARG001
        told.append(progress)

    async def talk(host: Host) -> list[Any]:
        submitted = content(await host.call_tool("submit_campaign", {"firmware": elf.name, "campaign": CAMPAIGN}))
        watching = {"job_id": submitted["id"]}
        watched = content(await host.call_tool("watch_job", watching, progress_callback=note))
        read = content(await host.call_tool("read_report", {"campaign_id": submitted["id"]}))
        return [submitted, watched, read, host.protocol_version]

    submitted, watched, read, spoken = over_stdio(talk, "--url", served.url, cwd=elf.parent, mode=mode)

    assert spoken == version
    assert told[-1] == CAMPAIGN["traces"]
    assert watched["id"] == submitted["id"]
    assert watched["state"] == "succeeded"
    assert read["content"]["verdict"] == "leaks"


def test_a_host_needs_no_key_where_its_user_has_signed_in(tmp_path: Path) -> None:
    with scripted(answers(me()), answers(me(name="a key of a login"))) as farm:
        login = CliRunner().invoke(app, ["login", "--url", farm.url], input="kept-by-a-login")
        assert login.exit_code == 0
        shown = content(over_stdio(call("whoami"), cwd=tmp_path))

    assert shown["name"] == "a key of a login"
    assert shown["folders"] == [str(tmp_path)]
    assert farm.seen[-1].headers["X-API-Key"] == "kept-by-a-login"


def test_a_farm_that_is_down_ends_calls_and_not_the_server(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"

    async def talk(host: Host) -> list[Any]:
        calls = [("list_jobs", {}), ("watch_job", {"job_id": "x"}), ("ask", {"question": "Why?"})]
        return [refusal(await host.call_tool(name, arguments))["code"] for name, arguments in calls]

    assert over_stdio(talk, cwd=tmp_path, DASEIN_URL=url) == ["unreachable"] * 3


def test_a_call_that_is_given_up_leaves_the_server_free_for_others(served: Served, tmp_path: Path) -> None:
    async def talk(host: Host) -> tuple[bool, Any]:
        job = content(await host.call_tool("submit_job", {"kind": "ping", "params": {}}))
        with anyio.CancelScope() as scope:
            watching = {"job_id": job["id"], "wait_s": 600}
            await host.call_tool("watch_job", watching, progress_callback=GiveUp(scope))
        return scope.cancelled_caught, content(await host.call_tool("list_jobs", {}))

    given_up, listed = over_stdio(talk, "--url", served.url, cwd=tmp_path)

    assert given_up
    assert [job["state"] for job in listed["jobs"]] == ["queued"]


def test_where_the_extra_is_missing_the_command_says_how_to_add_it(tmp_path: Path) -> None:
    (tmp_path / "mcp.py").write_text("raise ModuleNotFoundError(\"No module named 'mcp'\", name='mcp')\n")

    result = _dasein("mcp", PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}")

    assert result.returncode == 2
    assert "pip install 'dasein[mcp]'" in result.stderr
    assert result.stdout == ""


def test_a_folder_that_is_none_and_a_key_that_is_none_are_errors_at_the_start(tmp_path: Path) -> None:
    folder = _dasein("mcp", "--files", str(tmp_path / "absent"))
    key = _dasein("mcp", "--api-key-file", str(tmp_path / "absent"))

    assert (folder.returncode, key.returncode) == (2, 2)
    assert "cannot be read" in key.stderr


def test_over_http_who_has_the_token_is_served_and_nobody_else(tmp_path: Path) -> None:
    port = free_port()
    url, ours = f"http://127.0.0.1:{port}/mcp", f"Bearer {TOKEN}"
    strangers = [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": ours, "Host": "evil.example"},
        {"Authorization": ours, "Origin": "https://evil.example"},
    ]

    def shake_hands(headers: dict[str, str]) -> httpx.Response:
        return httpx.post(url, json=HANDSHAKE, headers={"Accept": "application/json, text/event-stream", **headers})

    async def connected() -> Any:
        http = create_mcp_http_client(headers={"Authorization": ours})
        async with http, Host(streamable_http_client(url, http_client=http)) as host:
            return refusal(await host.call_tool("whoami", {}))

    with _started("mcp", "--http", str(port), "--url", "http://127.0.0.1:1", cwd=tmp_path, DASEIN_MCP_TOKEN=TOKEN):
        eventually(lambda: _answers(url), what="the server listens")
        told = outside(connected)
        refused = [shake_hands(headers) for headers in strangers]
        taken = shake_hands({"Authorization": ours})

    assert told["code"] == "unreachable"
    assert TOKEN not in (tmp_path / "server.log").read_text()
    assert [answer.status_code for answer in refused] == [401, 401, 401, 421, 403]
    assert all("serverInfo" not in answer.text for answer in refused)
    assert taken.status_code == 200


def _environment(**changes: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **changes}


def _dasein(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dasein", *arguments]
    return subprocess.run(
        command,
        env=_environment(**changes),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@contextmanager
def _started(*arguments: str, cwd: Path, **changes: str) -> Iterator[None]:
    with (cwd / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dasein", *arguments],
            cwd=cwd,
            env=_environment(**changes),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == httpx.codes.UNAUTHORIZED
    except httpx.TransportError:
        return False
