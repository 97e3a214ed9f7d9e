"""Ten thousand files at level lite, forged in this process as a worker's child does: whether memory grows with them.

Files are small, all different, half pictures and half texts; they come in chunks, as parts of a batch do. Memory is that of
this process, of its decoders and of the model host together. Resident sizes count pages that processes share once for each.
"""

import gc
import io
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

from bench.remforge_files import MEDIA_TYPES, text
from bench.remforge_world import decoders, model_host, tell
from jobs.forging import FileSource, Options
from jobs.rem import Level
from stores.artifacts import FileArtifacts, JobFiles
from stores.memory_documents import MemoryDocuments
from stores.memory_texts import MemoryTexts
from stores.vectors_exact import ExactVectors
from workers.remforge.compose import Forged
from workers.remforge.forge import forge
from workers.remforge.media.pool import DecoderPool
from workers.remforge.models.client import HostModels
from workers.remforge.models.wheels import LITE
from workers.remforge.services import ForgeServices

BENCH = "remforge-memory"
SEED = 7
FIRST, FILES, STEP = 2000, 10_000, 1000
CHUNK = 50
"""Files of a part of a batch."""
READERS = 2
SIZE, CELLS = (160, 120), 8
MB = 2**20


@dataclass(frozen=True, slots=True)
class Memory:
    """Megabytes."""

    worker: float
    decoders: float
    host: float
    unshared: float
    """Of all of them: what would be given back if they ended."""

    @property
    def resident(self) -> float:
        """Return what is resident of all of them."""
        return self.worker + self.decoders + self.host


def run() -> None:
    """Print memory as files go by, its growth from FIRST files to the last, and what processor time a file takes."""
    with tempfile.TemporaryDirectory() as folder, decoders(READERS) as pool, model_host(*LITE) as host:
        services = services_of(Path(folder), pool, host.models)
        seen: dict[int, Memory] = {}
        forging_s = worker_s = 0.0
        before = cpu_s(host.pid)
        for first in range(0, FILES, CHUNK):
            files = made(services, range(first, first + CHUNK))
            began, used = time.perf_counter(), time.process_time()
            forge_all(files, services)
            worker_s += time.process_time() - used
            forging_s += time.perf_counter() - began
            for file in files:
                services.artifacts.delete("default", file.artifact)
            done = first + CHUNK
            if done % STEP == 0:
                seen[done] = memory(host.pid, pool.children())
                sys.stderr.write(f"{done} files, {done / forging_s:.1f} a second, {seen[done]}\n")
        host_s = cpu_s(host.pid) - before
    early, late = seen[FIRST], seen[FILES]
    growth = 100 * (late.resident / early.resident - 1)
    for done, found in ((FIRST, early), (FILES, late)):
        parts = {f"{name}_mb": round(mb, 1) for name, mb in asdict(found).items()}
        tell(BENCH, f"{done}-files", resident_mb=round(found.resident, 1), **parts)
    tell(
        BENCH,
        "growth",
        percent=round(growth, 2),
        target_percent=5,
        unshared_percent=round(100 * (late.unshared / early.unshared - 1), 2),
        from_files=FIRST,
        to_files=FILES,
        files_per_s=round(FILES / forging_s, 1),
        worker_cpu_ms=round(1000 * worker_s / FILES, 2),
        host_cpu_ms=round(1000 * host_s / FILES, 2),
    )


def services_of(folder: Path, pool: DecoderPool, models: HostModels) -> ForgeServices:
    """Return what forging works with."""
    documents = MemoryDocuments()
    return ForgeServices(
        artifacts=FileArtifacts(folder),
        files=JobFiles(folder, "rems"),
        decoder=pool,
        models=models,
        documents=documents,
        vectors=ExactVectors(documents),
        texts=MemoryTexts(),
        clock=time.time,
        timer=time.monotonic,
        readers=READERS,
    )


def made(services: ForgeServices, numbers: Iterable[int]) -> list[FileSource]:
    """Store files that are like no other: even numbers are pictures, odd ones texts."""
    files = []
    for number in numbers:
        rng = np.random.default_rng([SEED, number])
        if number % 2:
            name, content = f"{number}.txt", f"{text(rng, sentences=1 + number % 4 // 2)} {number}".encode()
        else:
            name, content = f"{number}.jpg", picture(rng)
        artifact, new = services.artifacts.put("default", [content], media_type=MEDIA_TYPES[name[-4:]], limit_bytes=MB)
        if not new:
            raise RuntimeError(f"{name} is not the first with its content")
        files.append(FileSource(artifact=artifact.id, name=name))
    return files


def picture(rng: np.random.Generator) -> bytes:
    """Return a small JPEG of soft patches of colour."""
    patches = Image.fromarray(rng.integers(0, 256, (CELLS, CELLS, 3), dtype=np.uint8))
    file = io.BytesIO()
    patches.resize(SIZE, Image.Resampling.BICUBIC).save(file, "JPEG")
    return file.getvalue()


def forge_all(files: Sequence[FileSource], services: ForgeServices) -> None:
    """Make records, and keep none."""
    for one in forge(
        files, Options(level=Level.LITE), tenant="default", services=services, check=lambda: None, done=lambda _: None
    ):
        if not isinstance(one, Forged):
            raise TypeError(one)


def memory(host: int, children: Sequence[int]) -> Memory:
    """Return what the processes hold."""
    gc.collect()
    told = [psutil.Process(pid).memory_full_info() for pid in (os.getpid(), host, *children)]
    worker, of_host, *of_children = (one.rss / MB for one in told)
    return Memory(worker, sum(of_children), of_host, sum(one.uss for one in told) / MB)


def cpu_s(pid: int) -> float:
    """Return the processor time that a process has used."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)
