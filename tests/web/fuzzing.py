"""Fuzz the API against its own document: `python -m tests.web.fuzzing CASES` (or `make fuzz-api`).

A web server as it runs (gunicorn, Redis, FalkorDB, SQLite), things of every kind in its stores, hands that end its jobs,
and schemathesis with all its checks and phases, links between calls too. What it may not complain of is in
`schemathesis.toml`, each with its reason.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from jobs.model import Job
from tests.servers import RedisServer
from tests.web.conftest import Behind
from tests.web.knowledge import answer, fill, keep, said
from tests.web.rems import known
from tests.web.whole_server import WholeServer, hands, whole_server

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
    with hands(server, done):
        told = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
    return told.returncode, told.stdout + told.stderr


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
        if '"level": "error"' in line or '"error"' in line:
            sys.stdout.write(f"{line}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
