"""A soak, which asks whether any process grows: `python -m tests.chaos.soak --seconds 1800` (`make soak SECONDS=1800`).

A whole farm under the load of `make chaos` without its faults. Jobs are kept for a minute, and documents replace each other, so
that after a while as much is forgotten as is done; campaigns, which are knowledge for good, are not taken in. Memory of each process with its children (PSS: what is shared counts once), and of
what each Redis says that it holds, over time; from the last two thirds of the run a slope, with its standard error.
The exit status is 1 if one surely grows by more than GROWTH of its size in an hour; of the cache only its limit counts.
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import psutil
from redis import Redis
from redis.exceptions import RedisError

from bench.rows import emit, end_in_order
from dasein import Client
from tests.chaos.disk import Disk
from tests.chaos.farm import CACHE, Farm
from tests.chaos.journal import Journal
from tests.chaos.load import CLIENTS, Load, subjects
from tests.chaos.proxy import Network

EVERY_S = 2.0
GROWTH = 0.05
SURE = 2.0
"""Standard errors."""
KEPT_S = 60
DOCUMENTS = 20
HOUR_S = 3600
CACHE_MB = 128
"""Of answers, which are kept for an hour: it fills up and then forgets (`deploy/redis_servers.py`)."""
BOUNDED = (CACHE, f"{CACHE}: data")
MB = 2**20


@dataclass(frozen=True, slots=True)
class Slope:
    """How something grows."""

    mean_mb: float
    mb_per_hour: float
    error: float
    """Standard error of the slope."""

    @property
    def grows(self) -> bool:
        """Say whether it surely does, and by more than it may."""
        return self.mb_per_hour - SURE * self.error > GROWTH * self.mean_mb


def slope(at_s: Sequence[float], sizes_mb: Sequence[float]) -> Slope:
    """Return the slope of sizes over time by least squares, after the first third, which fills caches."""
    start = len(at_s) // 3
    times, sizes = np.asarray(at_s[start:]) / HOUR_S, np.asarray(sizes_mb[start:])
    centred = times - times.mean()
    spread = float((centred**2).sum())
    rise = float((centred * sizes).sum() / spread)
    left = sizes - sizes.mean() - rise * centred
    error = float(np.sqrt((left**2).sum() / max(1, len(sizes) - 2) / spread))
    return Slope(float(sizes.mean()), rise, error)


def main() -> int:
    """Run, and return 0 if nothing grows."""
    end_in_order()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=1800)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--out", type=Path, default=Path("build/chaos"))
    told = parser.parse_args()
    journal = Journal()
    at_s, seen = watch(told, journal)
    told.out.mkdir(parents=True, exist_ok=True)
    (told.out / "soak.json").write_text(json.dumps({"at_s": at_s, "mb": seen}))
    slopes = {name: slope(at_s, sizes) for name, sizes in seen.items()}
    for name, one in slopes.items():
        figures = {"mean_mb": one.mean_mb, "mb_per_hour": one.mb_per_hour, "error": one.error}
        emit(
            "soak",
            name,
            **{key: round(value, 2) for key, value in figures.items()},
            grows=one.grows,
            seconds=told.seconds,
            jobs=len(journal.submissions),
            given_up=len(journal.given_up),
        )
    too_large = max(seen[f"{CACHE}: data"]) > CACHE_MB
    return int(
        any(one.grows for name, one in slopes.items() if name not in BOUNDED) or too_large or bool(journal.wrong)
    )


def watch(told: argparse.Namespace, journal: Journal) -> tuple[list[float], dict[str, list[float]]]:
    """Load a farm, and return when it was looked at and how large everything was then, in MB."""
    at_s: list[float] = []
    seen: dict[str, list[float]] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="dasein-soak-")))
        network = stack.enter_context(Network())
        farm = Farm(folder, Disk(folder / "data", megabytes=0), network, job_retention_s=KEPT_S, ingest_campaigns=False)
        stack.callback(farm.close)
        farm.start()
        with Client(farm.url) as client:
            known = subjects(client)
        load = Load(farm.url, journal, known, seed=told.seed, clients=told.clients, documents=DOCUMENTS)
        load.start()
        stack.callback(load.stop)
        began = time.monotonic()
        while (now_s := time.monotonic() - began) < told.seconds:
            sizes = look(farm)
            at_s.append(now_s)
            for name, size in sizes.items():
                seen.setdefault(name, []).append(size)
            time.sleep(EVERY_S)
    return at_s, seen


def look(farm: Farm) -> Mapping[str, float]:
    """Return how large everything is now, in MB."""
    targets = farm.targets()
    found: dict[str, float] = {}
    for name in (*targets.workers, *targets.web, *targets.stores):
        held = 0
        for process in farm.family(name):
            with suppress(psutil.NoSuchProcess):
                held += process.memory_full_info().pss
        found[name] = held / MB
    for name in targets.stores:
        with suppress(RedisError), Redis(port=getattr(farm.settings, f"{name}_port")) as redis:
            found[f"{name}: data"] = int(redis.info("memory")["used_memory"]) / MB
    return found


if __name__ == "__main__":
    sys.exit(main())
