"""Files through the farm as `make up` starts it, at level lite: many at once, one after another, and into the knowledge.

Uploads are not counted; a batch counts from its submission to its result. The client shares the processors with the farm.
"""

import os
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.farm import embedded, quantiles
from bench.remforge_files import MEDIA_TYPES, mixed
from bench.remforge_world import tell
from config.settings import Settings
from dasein.answers import Job
from dasein.client import Client
from deploy.programs import own_ports

BENCH = "remforge-queue"
FILES = 200
BATCHES = 3
SINGLE = 60
WARM = 24
LONGEST_S = 600.0


def run() -> None:
    """Print files a second, latencies of single files, and records a second of the ingestion."""
    with tempfile.TemporaryDirectory() as folder, farm() as client:
        made = Path(folder)
        first(client, mixed(made, 1, seed=1))
        warm(client, mixed(made, WARM, seed=2))
        batches(client, [mixed(made, FILES, seed=3 + nth) for nth in range(BATCHES)])
        singles(client, mixed(made, SINGLE, seed=100))


@contextmanager
def farm() -> Iterator[Client]:
    """Start a farm in a folder and on ports of its own."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= own_ports()
        os.environ |= {"DASEIN_DATA_DIR": folder, "DASEIN_SIMULATION_WORKERS": "1", "DASEIN_LOG_LEVEL": "WARNING"}
        for name in ("REDIS_URL", "GRAPH_URL", "CACHE_URL", "URL"):
            os.environ.pop(f"DASEIN_{name}", None)
        settings = Settings()
        try:
            embedded("up")
            with Client(f"http://{settings.host}:{settings.port}") as client:
                yield client
        finally:
            embedded("down")


def first(client: Client, paths: Sequence[Path]) -> None:
    """Print how long the first file takes, for which decoders are started and models built and loaded."""
    took_s, ended = timed(client, paths)
    tell(BENCH, "first-file", took_s=round(took_s, 2))
    ingested(client, ended)


def warm(client: Client, paths: Sequence[Path]) -> None:
    """Give both of the pool's processes something of every kind at the same time."""
    jobs = [client.remforge.submit(path, ingest=False) for path in paths]
    for job in jobs:
        client.wait(job.id, timeout_s=LONGEST_S)


def batches(client: Client, made: Sequence[Sequence[Path]]) -> None:
    """Print the rates of whole batches and of what takes their records in."""
    forged, uploaded, known = [], [], []
    for paths in made:
        began = time.perf_counter()
        sources = upload(client, paths)
        uploaded.append(len(paths) / (time.perf_counter() - began))
        began = time.perf_counter()
        job = client.wait(client.submit("remforge.batch", {"files": sources}).id, timeout_s=LONGEST_S)
        forged.append(len(paths) / (time.perf_counter() - began))
        result = client.remforge.result(job)
        if result["records"] != len(paths):
            raise RuntimeError([file for file in result["files"] if file["code"]][:3])
        known.append(len(paths) / ingested(client, job))
    common = {"files": len(made[0]), "batches": len(made)}
    spread = {"least_per_s": round(min(forged), 1), "most_per_s": round(max(forged), 1)}
    tell(BENCH, "batch", files_per_s=round(statistics.median(forged), 1), **spread, **common)
    tell(BENCH, "uploads", files_per_s=round(statistics.median(uploaded), 1), **common)
    tell(BENCH, "ingestion", records_per_s=round(statistics.median(known), 1), **common)


def singles(client: Client, paths: Sequence[Path]) -> None:
    """Print how long one file takes from submission to result, by kind; nothing else is in the queue."""
    taken: dict[str, list[float]] = defaultdict(list)
    for path in paths:
        took_s, ended = timed(client, [path], ingest=False)
        client.remforge.result(ended)
        taken[MEDIA_TYPES[path.suffix].partition("/")[0]].append(1000 * took_s)
    everything = [ms for some in taken.values() for ms in some]
    tell(BENCH, "single", **quantiles(everything), files=len(everything))
    for kind, some in sorted(taken.items()):
        if len(some) > 1:
            tell(BENCH, f"single-{kind}", **quantiles(some), files=len(some))


def timed(client: Client, paths: Sequence[Path], *, ingest: bool = True) -> tuple[float, Job]:
    """Return the seconds from the submission of one uploaded file to its job's end."""
    [source] = upload(client, paths)
    began = time.perf_counter()
    ended = client.wait(client.submit("remforge.forge", {**source, "ingest": ingest}).id, timeout_s=LONGEST_S)
    return time.perf_counter() - began, ended


def upload(client: Client, paths: Sequence[Path]) -> list[dict[str, str]]:
    """Upload files and return how jobs name them."""
    return [{"artifact": client.upload(path, media_type=MEDIA_TYPES[path.suffix]), "name": path.name} for path in paths]


def ingested(client: Client, job: Job) -> float:
    """Wait until a job's records are known; return the seconds that this took, from its start."""
    ended = client.wait(str(client.remforge.result(job)["ingestion"]), timeout_s=LONGEST_S)
    if ended.state != "succeeded" or ended.ran_s is None:
        raise RuntimeError(f"{ended.id}: {ended.state} {ended.error}")
    return ended.ran_s
