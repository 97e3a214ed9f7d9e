"""A disaster, rehearsed: a farm at work is backed up, loses everything, and is put back to go on where it was."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from jobs.ingestion import IngestRequest
from jobs.model import State
from jobs.payloads import CampaignRequest
from jobs.questions import QueryRequest
from jobs.queue import BACKUP, CAMPAIGN, INGESTION, QUESTION
from renode.firmware.build import build_all
from stores.artifacts import FileArtifacts
from tests.farm.conftest import ROOT, Farm
from tests.servers import RedisServer, demand, eventually, has_redis
from tests.stores.graph_servers import FalkorServer, has_falkordb
from workers.encoders.encoder_onnx import OnnxMiniLm

TRACES = 8_000
"""Of the campaigns that run and wait during the backup: seconds, one by one."""
NOTE = "The oscilloscope was calibrated in March with a reference resistor of one ohm."
QUESTIONS = ("Which functions leak in compare build 3?", "What was the oscilloscope calibrated with?")


class WholeFarm(Farm):
    """One worker for everything on embedded stores, and the operator's command line."""

    def __init__(self, queue: RedisServer, graph: FalkorServer, cache: RedisServer, folder: Path, vault: Path) -> None:
        super().__init__(queue, folder)
        self.environment = os.environ | {
            "REMAP_SIGTERM": "SIGQUIT",
            "OMP_NUM_THREADS": "1",
            "DASEIN_REDIS_URL": queue.url,
            "DASEIN_GRAPH_URL": graph.url,
            "DASEIN_CACHE_URL": cache.url,
            "DASEIN_CACHE_WARM": "0",
            # What ends after the restore would be known besides, and change the answers.
            "DASEIN_INGEST_CAMPAIGNS": "false",
            "DASEIN_DATA_DIR": str(folder),
            "DASEIN_BACKUP_URL": str(vault),
            "DASEIN_BACKUP_NIGHTLY": "false",
            "DASEIN_LEASE_S": "3",
            "DASEIN_SWEEP_S": "0.5",
            "DASEIN_DRAIN_S": "1",
            "PYTHONPATH": str(ROOT),
        }

    def work(self, name: str) -> None:
        """Start the worker and wait until it is there."""
        program = ["-m", "celery", "-q", "-A", "workers.app", "worker"]
        tasks = ["-I", "workers.simulation.tasks,workers.query.tasks", "-Q", "simulation,query,ingest"]
        options = ["-P", "prefork", "-c", "2", "-n", f"{name}@test", "--without-gossip", "--without-mingle"]
        with (self.folder.parent / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [sys.executable, *program, *tasks, *options],
                cwd=ROOT,
                env=self.environment | {"DASEIN_SIMULATION_ENGINE": "unicorn"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        eventually(lambda: any(self.workers.alive().values()), what="the worker is alive")

    def admin(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the operator's command line."""
        command = [sys.executable, "-m", "deploy.admin", *words]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=60
        )

    def told(self, *words: str) -> dict[str, Any]:
        """Return what a command that succeeds says."""
        done = self.admin(*words)
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{\n") :])
        return found

    def ended(self, job_id: str) -> Mapping[str, Any]:
        """Return the result of a job when it has ended well."""
        job = self.until(job_id, State.SUCCEEDED, State.FAILED, within_s=90)
        assert job.state is State.SUCCEEDED, job.error
        return job.result or {}

    def answers(self, run: str) -> list[str]:
        """Return what is answered to all questions, but for how long it took."""
        found = []
        for number, question in enumerate(QUESTIONS):
            request = QueryRequest(question=question, fresh=True).model_dump(mode="json")
            result = dict(self.ended(self.submit(QUESTION, f"{run}-{number}", **request)))
            for passing in ("cached", "processing_time_s", "timings"):
                result.pop(passing, None)
            found.append(json.dumps(result, sort_keys=True))
        return found

    def files_of(self, job_id: str) -> dict[str, str]:
        """Return the digests of a campaign's files."""
        folder = self.folder / "campaigns" / job_id
        return {path.name: sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def whole_farm(tmp_path: Path) -> Iterator[tuple[WholeFarm, RedisServer, FalkorServer]]:
    """Keep a farm without workers on servers of its own."""
    demand("redis", present=has_redis())
    demand("falkordb", present=has_falkordb())
    with ExitStack() as stack:
        places = {name: tmp_path / name for name in ("queue", "graph", "cache", "data")}
        for place in places.values():
            place.mkdir()
        queue, cache = RedisServer(places["queue"]), RedisServer(places["cache"])
        graph = FalkorServer(places["graph"])
        for server in (queue, graph, cache):
            stack.callback(server.kill)
            server.start()
        farm = WholeFarm(queue, graph, cache, places["data"], tmp_path / "vault")
        stack.callback(farm.close)
        OnnxMiniLm(farm.folder / "knowledge" / "models", threads=1).encode(["warm"])
        yield farm, queue, graph


def campaign(farm: WholeFarm, stem: str, **changes: Any) -> dict[str, Any]:
    """Upload an example firmware and return the parameters of its campaign."""
    firmware = next(path for path in build_all(ROOT / "build" / "firmware") if path.stem == stem)
    artifact, _ = FileArtifacts(farm.folder).put(
        "default", [firmware.read_bytes()], media_type="application/x-elf", limit_bytes=2**20
    )
    told = json.loads((ROOT / "renode/firmware/campaigns" / f"{stem}.json").read_text(encoding="utf-8"))
    return CampaignRequest.model_validate(told | {"firmware": artifact.id} | changes).model_dump(mode="json")


def test_a_farm_that_lost_everything_goes_on_from_a_backup_that_was_made_at_work(
    whole_farm: tuple[WholeFarm, RedisServer, FalkorServer],
) -> None:
    farm, queue, graph = whole_farm
    farm.work("first")
    short = farm.submit(CAMPAIGN, "short", **campaign(farm, "compare_leaky_m0", name="compare build 3"))
    farm.ended(short)
    for name, request in (("note", IngestRequest(name="note", text=NOTE)), ("known", IngestRequest(campaign=short))):
        farm.ended(farm.submit(INGESTION, name, **request.model_dump(mode="json")))
    params = campaign(farm, "aes128_m4", traces=TRACES, shards=3, cpa=None)
    for name in ("long", "next"):
        farm.submit(CAMPAIGN, name, **params)
    eventually(lambda: farm.jobs.get("long").progress.done, what="parts of the long campaign run")

    taken = farm.told("backup")
    digest = farm.ended("long")["digest"]
    answers, files = farm.answers("before"), farm.files_of("short")
    farm.kill("first")
    queue.flush()
    graph.flush()
    models = farm.folder.parent / "models"
    shutil.move(farm.folder / "knowledge" / "models", models)
    shutil.rmtree(farm.folder)
    shutil.copytree(models, farm.folder / "knowledge" / "models")
    whole, restored = farm.told("verify"), farm.told("restore")
    farm.work("second")
    again = [farm.ended(name)["digest"] for name in ("long", "next")]
    nightly = farm.ended(farm.submit(BACKUP, "backup-2026-03-04", full=False))

    assert whole["whole"]
    assert whole["id"] == restored["id"] == taken["id"]
    assert restored["jobs"]["queued"] >= 1
    assert restored["cache_emptied"]
    assert (taken["unsettled"], taken["left_out"]) == ({}, {})
    assert again == [digest, digest]
    assert farm.files_of("short") == files
    assert {"verdict", "digest"} <= farm.jobs.get("short").result.keys()  # type: ignore[union-attr]  # it has ended
    assert farm.answers("after") == answers
    assert all('"abstained": false' in answer for answer in answers)
    # It works, and is backed up by a job of its own.
    assert farm.admin("backups").stdout.split() == [taken["id"], nightly["id"]]
    assert nightly["files"] >= taken["files"]
    assert json.loads((farm.folder / "backup" / "last.json").read_text())["id"] == nightly["id"]
    refused = farm.admin("restore")
    assert refused.returncode == 1
    assert "alive" in refused.stderr
