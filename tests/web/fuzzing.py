"""Fuzz the API against its own document: `python -m tests.web.fuzzing CASES` (or `make fuzz-api`).

A web server as it runs (gunicorn, Redis, FalkorDB, SQLite), things of every kind in its stores, hands that end its jobs,
and schemathesis with all its checks and phases, links between calls too. What it may not complain of is in
`schemathesis.toml`, each with its reason.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import httpx
from pydantic_core import to_json

from jobs.model import Job
from stores.artifacts import JobFiles
from tests.servers import RedisServer
from tests.web.conftest import Behind, campaign
from tests.web.knowledge import answer, fill, keep, said
from tests.web.rems import known, result
from tests.web.server import ROOT
from tests.web.whole_server import WholeServer, hands, whole_server
from tests.workers.simulation.reports import synthetic

CONFIGURATION = Path(__file__).parent / "schemathesis.toml"
SEED = 7
UNLIMITED = {
    f"limits__{name}": 0 for name in ("queries", "campaigns", "uploads", "writes", "reads", "address", "failures")
}
"""Settings of a server whose limits do not stand in the way of what else is to be seen."""


def fuzz(server: WholeServer, *, examples: int, seed: int = SEED, arguments: tuple[str, ...] = ()) -> tuple[int, str]:
    """Send cases to every operation, at most `examples` a phase; return the exit status and what was said."""
    behind = cast("Behind", server)
    fill(behind)
    keep(behind, "lab-session", "Why?")
    known(behind, "diary.txt")
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION), "run"]
    command += [f"{server.web.url}/api/v2/openapi.json", "--seed", str(seed), "--max-examples", str(examples)]
    # A farm with keys: what is refused without one is then seen, too.
    key = server.web.command("web.first_key").stdout.strip()
    command += ["-H", f"X-API-Key: {key}"]
    with server.web.client() as client, tempfile.TemporaryDirectory() as folder:
        client.headers["X-API-Key"] = key
        things = _things(server, client)
        told = Path(folder) / "schemathesis.toml"
        told.write_text(CONFIGURATION.read_text() + "".join(_parameters(things)))
        command[command.index(str(CONFIGURATION))] = str(told)
        environment = os.environ | {"DASEIN_FUZZ_ARTIFACT": things["artifact_id"], "PYTHONPATH": str(ROOT)}
        with hands(server, done):
            ended = subprocess.run(
                [*command, *arguments], capture_output=True, text=True, check=False, env=environment, cwd=folder
            )
    return ended.returncode, ended.stdout + ended.stderr


def _things(server: WholeServer, client: httpx.Client) -> dict[str, str]:
    """Let there be bytes, and a campaign and a sequence that have ended; return their ids."""
    artifact = client.post("/api/v2/artifacts", content=b"\x7fELF").json()["artifact_id"]
    measured = client.post("/api/v2/campaigns", json=campaign(artifact, keep_traces=True)).json()["id"]
    sequence = client.post("/api/v2/rems", json={"files": [{"artifact": artifact}], "sequence": True}).json()["id"]
    files = {
        "campaigns": {"report.json": to_json(synthetic().model_dump(mode="json")), "traces.npy": b"\x93NUMPY"},
        "rems": {"result.json": result(sequence, "a.txt").model_dump_json().encode(), "sequence.json": b"{}"},
    }
    for (place, contents), job_id in zip(files.items(), (measured, sequence), strict=True):
        for name, content in contents.items():
            JobFiles(server.web.data, place).write(job_id, name, [content])
        server.jobs.finish(job_id, {})
    return {"artifact_id": artifact, "campaign_id": measured, "rems": sequence}


def _parameters(things: dict[str, str]) -> Iterator[str]:
    """Write that these are there for the calls that only read them."""
    for operations, name, thing in (
        ('"download_artifact"', "artifact_id", things["artifact_id"]),
        ('"show_report", "show_series", "show_listing", "download_traces"', "campaign_id", things["campaign_id"]),
        ('"show_forging_result", "show_sequence_report", "download_records"', "job_id", things["rems"]),
    ):
        yield f"\n[[operations]]\ninclude-operation-id = [{operations}]\n"
        yield f'[operations.parameters]\n"path.{name}" = "{thing}"\n'


def done(job: Job) -> Mapping[str, Any]:
    """Do what the pools would."""
    if job.kind == "query":
        return answer(question=job.params["question"]).model_dump(mode="json")
    if job.kind == "chat":
        return said(job).model_dump(mode="json")
    if job.kind == "similar":
        return {"instruction": job.params["instruction"], "similar": [], "data_version": 7}
    return {}


def main() -> int:
    """Fuzz with as many examples as the command line says."""
    examples, *arguments = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        redis = RedisServer(Path(folder))
        redis.start()
        begun = time.monotonic()
        try:
            (Path(folder) / "web").mkdir()
            with whole_server(redis, Path(folder) / "web", **UNLIMITED) as server:
                status, said_ = fuzz(server, examples=int(examples), arguments=tuple(arguments))
                log = server.web.log.read_text()
        finally:
            redis.kill()
    sys.stdout.write(f"{said_}\n{time.monotonic() - begun:.0f} s\n")
    for line in log.splitlines():
        if '"level": "error"' in line:
            sys.stdout.write(f"{line}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
