"""A campaign of any size under loss: `python -m tests.chaos.size --traces 10000000 --workers 2`.

The same campaign is run twice on real workers with a real Redis: undisturbed, and with each worker killed once (SIGKILL to it
and what it has started) and started again. Meanwhile the progress of the campaign and the memory (RSS) of every process are
watched. One JSON line tells what was seen; the exit status is 1 where the digests differ, a process went over MEMORY_MB, or
the progress stood still for STILL_S.
"""

import argparse
import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from bench.rows import emit, end_in_order
from jobs.errors import NotFound
from jobs.model import Job, State
from jobs.payloads import CampaignRequest
from jobs.queue import CAMPAIGN
from renode.firmware.build import build_all
from stores.artifacts import FileArtifacts
from tests.farm.conftest import ROOT, Farm
from tests.servers import RedisServer
from workers.simulation.shards import MAX_SHARDS

MEMORY_MB = 1000
STILL_S = 60.0
LOOK_S = 0.2
ENDED = (State.SUCCEEDED, State.FAILED, State.CANCELLED)
MB = 2**20


@dataclass(slots=True)
class Watch:
    """What was seen of a campaign while it ran."""

    done: list[int] = field(default_factory=list)
    """Its progress, whenever that changed."""
    still_s: float = 0.0
    """The longest time without a change, from the first one on."""
    back: int = 0
    """The most traces by which it ever went back: what a killed worker had run of a part and not stored."""
    memory_mb: dict[str, float] = field(default_factory=dict)
    """The largest RSS of a process, by what it is."""
    executed: int = 0
    """Traces of all its shards: a sequential campaign's are fewer than asked for, and more than it took."""


class Run:
    """One campaign on a farm of its own."""

    def __init__(self, folder: Path, workers: int) -> None:
        self.server = RedisServer(folder)
        self.server.start()
        self.farm = Farm(self.server, folder)
        self.names = [f"worker{number}" for number in range(workers)]
        self.watch = Watch()
        self._over = threading.Event()

    def start(self) -> None:
        """Start all workers and wait until they are there."""
        for name in self.names:
            self.farm.spawn(name)
        for name in self.names:
            while not self.farm.is_alive(name):
                time.sleep(LOOK_S)

    def campaign(self, body: dict[str, Any], *, kill: bool) -> Job:
        """Run a campaign to its end, with each worker killed once, evenly over its traces."""
        self.farm.submit(CAMPAIGN, **body)
        left = list(self.names) if kill else []
        changed = time.monotonic()
        while (job := self._job()) is None or job.state not in ENDED:
            time.sleep(LOOK_S)
            if job is None or job.progress.total == 0:
                changed = time.monotonic()
                continue
            done, now = job.progress.done, time.monotonic()
            if not self.watch.done or done != self.watch.done[-1]:
                highest = max(self.watch.done, default=0)
                self.watch.back = max(self.watch.back, highest - done)
                self.watch.done.append(done)
                changed = now
            self.watch.still_s = max(self.watch.still_s, now - changed)
            if left and done > body["traces"] * (len(self.names) - len(left) + 1) / (len(self.names) + 1):
                self._kill(left.pop(0))
        shards = [one for one in self.farm.jobs.many(self._shards()).values() if one.result is not None]
        self.watch.executed = sum(int(one.result["traces"]) for one in shards if one.result is not None)
        return job

    def _shards(self) -> list[str]:
        return [f"job.{index}" for index in range(MAX_SHARDS)]

    def _job(self) -> Job | None:
        with suppress(NotFound):
            return self.farm.jobs.get("job")
        return None

    def _kill(self, name: str) -> None:
        """Kill a worker and all of its processes at once, and start it again."""
        parent = psutil.Process(self.farm.parent(name))
        for process in [parent, *parent.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.farm.kill(name)
        self.farm.spawn(name)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watch the memory of all processes meanwhile."""
        thread = threading.Thread(target=self._look)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def _look(self) -> None:
        while not self._over.wait(LOOK_S):
            for name in self.names:
                with suppress(psutil.NoSuchProcess):
                    parent = psutil.Process(self.farm.parent(name))
                    self._note("worker", parent)
                    for child in parent.children(recursive=True):
                        self._note("process of a worker", child)
            for process in psutil.Process().children():
                with suppress(psutil.NoSuchProcess):
                    if "redis" in process.name():
                        self._note("redis", process)

    def _note(self, what: str, process: psutil.Process) -> None:
        self.watch.memory_mb[what] = max(self.watch.memory_mb.get(what, 0.0), process.memory_info().rss / MB)

    def close(self) -> None:
        """End everything."""
        self.farm.close()
        self.server.kill()


def campaign(folder: Path, told: argparse.Namespace) -> dict[str, Any]:
    """Upload the firmware and return the campaign."""
    built = {path.stem: path for path in build_all(ROOT / "build" / "firmware")}
    artifact, _ = FileArtifacts(folder).put(
        "default", [built[told.firmware].read_bytes()], media_type="application/x-elf", limit_bytes=2**20
    )
    path = ROOT / "renode" / "firmware" / "campaigns" / f"{told.firmware}.json"
    body = json.loads(path.read_text(encoding="utf-8")) | {"firmware": artifact.id, "traces": told.traces}
    if not told.attack:
        body["cpa"] = None
    body |= json.loads(told.more)
    return CampaignRequest.model_validate(body).model_dump(mode="json")


def once(told: argparse.Namespace, *, kill: bool) -> tuple[Job, Watch, float]:
    """Run the campaign on a farm of its own; return how it ended, what was seen, and the seconds it took."""
    with TemporaryDirectory(prefix="dasein-size-") as name:
        run = Run(Path(name), told.workers)
        try:
            run.start()
            body = campaign(Path(name), told)
            began = time.monotonic()
            with run.watched():
                job = run.campaign(body, kill=kill)
            return job, run.watch, time.monotonic() - began
        finally:
            run.close()


def main() -> int:
    """Run both, and return 0 if nothing was lost and nothing grew."""
    end_in_order()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--traces", type=int, default=10_000_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--firmware", default="aes128_m4")
    parser.add_argument("--attack", action="store_true", help="with CPA, so that each trace has a noise of its own")
    parser.add_argument("--more", default="{}", help="further fields of the campaign, JSON")
    told = parser.parse_args()
    ends = {}
    for case, kill in (("undisturbed", False), ("each worker killed once", True)):
        job, seen, took_s = once(told, kill=kill)
        result = job.result or {}
        emit(
            "size",
            f"{told.firmware}: {told.traces} traces, {told.workers} workers, {case}",
            state=job.state.value,
            error=None if job.error is None else job.error.message,
            digest=str(result.get("digest"))[:16],
            verdict=result.get("verdict"),
            traces=result.get("traces"),
            executed=seen.executed,
            seconds=round(took_s, 1),
            traces_per_s=round(told.traces / took_s),
            progress_changes=len(seen.done),
            progress_back=seen.back,
            longest_still_s=round(seen.still_s, 1),
            **{f"rss_{what.replace(' ', '_')}_mb": round(most) for what, most in sorted(seen.memory_mb.items())},
        )
        ends[case] = (
            result.get("digest"),
            job.state is State.SUCCEEDED
            and seen.still_s < STILL_S
            and max(seen.memory_mb.values(), default=0.0) < MEMORY_MB,
        )
    digests = {digest for digest, _ in ends.values()}
    return 0 if len(digests) == 1 and all(sound for _, sound in ends.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
