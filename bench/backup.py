"""How long backups take, both ways, and until a farm works again that lost one of its stores: `make bench-backup`.

A farm on the embedded stores is filled by hand: JOBS records of jobs, DOCUMENTS records of 1 KiB, NODES nodes with three
relations each, FILES files of 1 MiB that do not compress. Everything is on this machine's disk: a bucket adds its network.
"""

import json
import os
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from redis import Redis
from redis.exceptions import RedisError

from bench.farm import free_port
from bench.rows import emit, end_in_order
from config.settings import Settings
from deploy.redis_servers import cache_server, graph_server, jobs_server
from jobs.model import NewJob
from stores.artifacts import FileArtifacts
from stores.documents import Record, Shelf
from stores.graph import Node, Relation
from workers.backup.manifest import COMPONENTS, Component, Manifest
from workers.backup.restore import restore
from workers.backup.seal import AgeSeal, new_key
from workers.backup.services import BackupServices
from workers.backup.take import take
from workers.backup.verify import verify
from workers.wiring_backup import backup_services

JOBS, DOCUMENTS, NODES, FILES = 10_000, 100_000, 25_000, 256
TENANT, BATCH = "default", "document:bench"
PIECE = 5000
MIB = 2**20
GIB = 2**30
PATIENCE_S = 60

Result = TypeVar("Result")


def main() -> None:
    """Fill, back up, change a little, back up again, verify, lose each store and everything."""
    end_in_order()
    with _servers() as settings, tempfile.TemporaryDirectory() as vault:
        services = backup_services(settings, vault)
        services.documents.migrate()
        _fill(services, settings.data_dir)
        _report("whole", *_timed(lambda: take(services)))
        FileArtifacts(settings.data_dir).put(TENANT, [os.urandom(MIB)], media_type="x", limit_bytes=2 * MIB)
        manifest, took = _timed(lambda: take(services))
        _report("again, one file new", manifest, took)
        _, took = _timed(lambda: verify(services, manifest.id))
        emit("backup", "verify", **took.told(manifest))
        _lose(services, manifest)
        with tempfile.TemporaryDirectory() as other:
            secret, public = new_key()
            sealed = backup_services(settings, other)._replace(seal=AgeSeal([public], identity=secret))
            _report("whole, encrypted", *_timed(lambda: take(sealed)))


def _lose(services: BackupServices, manifest: Manifest) -> None:
    """Put back each component alone, then all: the time to have its data again, checks and reading back included."""
    lost: list[tuple[str, tuple[Component, ...]]] = [(one, (one,)) for one in COMPONENTS]
    for name, components in [*lost, ("everything", COMPONENTS)]:
        _, took = _timed(partial(restore, services, manifest.id, only=components, force=True))
        emit("backup", f"restore {name}", **took.told(manifest))


@dataclass(frozen=True, slots=True)
class Took:
    """How long something took by the clock, and of this process's processor; servers have theirs besides."""

    seconds: float
    cpu_s: float

    def told(self, manifest: Manifest) -> dict[str, float]:
        """Return the figures, also for a GiB of what the farm has: files, and lines as they are compressed."""
        gib = (manifest.file_bytes + sum(part.bytes for part in manifest.parts)) / GIB
        return {
            "seconds": round(self.seconds, 2),
            "cpu_s": round(self.cpu_s, 2),
            "s_per_gib": round(self.seconds / gib, 1),
            "cpu_s_per_gib": round(self.cpu_s / gib, 1),
        }


def _report(case: str, manifest: Manifest, took: Took) -> None:
    cut = manifest.cut
    spans = {"records": cut.records, "knowledge": cut.knowledge, "files": cut.files}
    emit(
        "backup",
        case,
        **took.told(manifest),
        stored_mib=round(manifest.stored_bytes / MIB, 1),
        **{f"{name}_s": round((until - since).total_seconds(), 2) for name, (since, until) in spans.items()},
        **{name: manifest.count(name) for name in COMPONENTS},
    )


def _timed(work: Callable[[], Result]) -> tuple[Result, Took]:
    start, cpu = time.perf_counter(), time.process_time()
    done = work()
    return done, Took(time.perf_counter() - start, time.process_time() - cpu)


def _fill(services: BackupServices, folder: Path) -> None:
    rng = random.Random(7)  # noqa: S311 - figures, not secrets
    for first in range(0, JOBS, 500):
        named = [f"job-{number}" for number in range(first, first + 500)]
        jobs = [NewJob(name, "query", {"question": rng.random()}, batch=f"batch-{first}") for name in named]
        services.jobs.submit_batch(f"batch-{first}", jobs)
        for name in named[:450]:
            services.jobs.start(name, worker="w:1", lease_s=60)
            services.jobs.finish(name, {"answer": rng.random()})
    for first in range(0, DOCUMENTS, PIECE):
        numbers = range(first, first + PIECE)
        records = [
            Record(f"r{number}", {"text": json.dumps([rng.random() for _ in range(48)])}, batch=BATCH, at=number)
            for number in numbers
        ]
        services.documents.put(TENANT, Shelf.CHUNKS, records)
    for first in range(0, NODES, PIECE):
        nodes = [Node("Entity", f"n{number}", {"weight": rng.random()}) for number in range(first, first + PIECE)]
        services.graph.merge(TENANT, nodes, [], batch=BATCH)
    for first in range(0, NODES, PIECE):
        relations = [
            Relation("RELATED_TO", f"n{number}", f"n{rng.randrange(NODES)}", {"weight": rng.random()})
            for number in range(first, first + PIECE)
            for _ in range(3)
        ]
        services.graph.merge(TENANT, [], relations, batch=BATCH)
    artifacts = FileArtifacts(folder)
    for _ in range(FILES):
        artifacts.put(TENANT, [os.urandom(MIB)], media_type="x", limit_bytes=2 * MIB)


@contextmanager
def _servers() -> Iterator[Settings]:
    """Run the embedded stores in a folder of their own; lend the settings that name them."""
    folder = Path(tempfile.mkdtemp(prefix="backup-"))
    ports = {name: free_port() for name in ("redis", "graph", "cache")}
    settings = Settings(
        data_dir=folder / "data",
        redis_port=ports["redis"],
        graph_port=ports["graph"],
        cache_port=ports["cache"],
    )
    commands = (
        jobs_server(folder / "redis", ports["redis"]),
        graph_server(folder / "graph", ports["graph"], memory_mb=1024),
        cache_server(folder / "cache", ports["cache"]),
    )
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        for command in commands:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            stack.callback(process.wait)
            stack.callback(process.terminate)
        for port in ports.values():
            _await(port)
        yield settings


def _await(port: int) -> None:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            with Redis(port=port) as redis:
                redis.ping()
        except RedisError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


if __name__ == "__main__":
    main()
