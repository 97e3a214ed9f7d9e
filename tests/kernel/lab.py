"""A farm that runs here, and boards with recorders that join it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from jobs.queue import CAPTURE, INGEST
from jobs.recording import FILES
from renode.records import Records, from_bytes
from tests.farm.knowledge_farm import KnowledgeFarm, standing
from tests.kernel.board import HOST, Board
from tests.kernel.debian import Parts
from tests.servers import eventually
from tests.web.server import WebServer

LEASE_S = 6
SLOW_S = 240
"""A board is interpreted: a worker that takes two seconds to start here takes half a minute there, and on a busy machine minutes."""


class Lab:
    """A farm as its clients see it, and the boards that joined it."""

    def __init__(self, farm: KnowledgeFarm, url: str, client: httpx.Client, make: Callable[[str], Board]) -> None:
        self.farm = farm
        self.url = url
        self.client = client
        self._make = make
        self._boards: dict[str, Board] = {}

    @property
    def boards(self) -> list[Board]:
        """Return the boards that are on, the oldest first."""
        return [board for board in self._boards.values() if board.runs]

    def switch_on(self, *options: str) -> Board:
        """Switch another board on, without waiting; `options` are QEMU's."""
        name = f"board{len(self._boards) + 1}"
        self._boards[name] = self._make(name)
        self._boards[name].start(*options)
        return self._boards[name]

    def join(self, count: int) -> None:
        """Have so many boards on, and wait until the farm knows of their recorders."""
        for board in self.boards[count:]:
            board.kill()
        while len(self.boards) < count:
            self.switch_on()
        for board in self.boards:
            board.wait()
        self.until(lambda: self.recorders() == count, what=f"{count} recorders")

    def switch_off(self) -> None:
        """Take the power of all boards away."""
        for board in self._boards.values():
            board.kill()

    def board_of(self, job: dict[str, Any]) -> Board:
        """Return the board whose worker ran a job last."""
        return self._boards[job["worker"].partition("@")[0]]

    def until(self, holds: Callable[[], object], *, what: str) -> None:
        """Wait as long as boards may take; fail with what they said."""
        try:
            eventually(holds, within_s=SLOW_S, what=what)
        except pytest.fail.Exception as late:
            pytest.fail(f"{late}; {self.said()}")

    def said(self) -> str:
        """Return what the boards have said lately."""
        return "\n".join(board.said() for board in self.boards)

    def submit(self, **params: Any) -> str:
        """Ask for a capture; return its id."""
        answer = self.client.post("/api/v2/jobs", json={"kind": "simulation.capture", "params": params})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def job(self, job_id: str, *, wait_s: int = 0) -> dict[str, Any]:
        """Return a job, at its end or after so long."""
        job: dict[str, Any] = self.client.get(f"/api/v2/jobs/{job_id}?wait={wait_s}").raise_for_status().json()
        return job

    def ended(self, job_id: str) -> dict[str, Any]:
        """Wait for the end of a job."""
        seen: list[dict[str, Any]] = []

        def final() -> bool:
            seen.append(self.job(job_id, wait_s=20))
            return seen[-1]["state"] not in {"queued", "running"}

        self.until(final, what=f"the end of {job_id}")
        return seen[-1]

    def succeeded(self, job_id: str) -> dict[str, Any]:
        """Wait until a job has succeeded, and return it."""
        job = self.ended(job_id)
        assert job["state"] == "succeeded", (job, self.said())
        return job

    def under_way(self, capture: str) -> dict[str, Any]:
        """Wait until a capture has taken records, and return it; nothing of it is to be had yet."""
        seen: list[dict[str, Any]] = []

        def some() -> bool:
            seen.append(self.job(capture))
            return bool(seen[-1]["progress"]["done"])

        self.until(some, what=f"records of {capture}")
        assert self.download(capture, "binary").json()["code"] == "not-ready"
        assert not {*FILES.values()} & {*self.files(capture)}
        return seen[-1]

    def download(self, capture: str, form: str) -> httpx.Response:
        """Ask for the records of a capture."""
        return self.client.get(f"/api/v2/recordings/{capture}/records?form={form}")

    def records(self, capture: str) -> Records:
        """Return the records of a capture that has succeeded."""
        return from_bytes(self.download(capture, "binary").raise_for_status().content)

    def files(self, capture: str) -> list[str]:
        """Return the names of what lies in the data folder of a capture."""
        return sorted(path.name for path in (self.farm.folder / "campaigns" / capture).iterdir())

    def pool(self) -> dict[str, Any]:
        """Return what the farm says of the pool of captures."""
        pools = self.client.get("/api/v2/pools").raise_for_status().json()["pools"]
        found: dict[str, Any] = next(pool for pool in pools if pool["name"] == CAPTURE)
        return found

    def recorders(self) -> int:
        """Return how many workers say that they have a recorder."""
        return sum(ability["workers"] for ability in self.pool()["abilities"])


@contextmanager
def running(parts: Parts, modules: Path, factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Run a farm here, and switch a board on that knows of its Redis and data folder and of nothing else."""
    with ExitStack() as stack:
        farm = stack.enter_context(standing(factory))
        settings = {
            "DASEIN_REDIS_URL": f"redis://{HOST}:{farm.server.port}/0",
            "DASEIN_LEASE_S": str(LEASE_S),
            "DASEIN_SWEEP_S": "1",
        }

        def make(name: str) -> Board:
            return Board(parts, modules, factory.mktemp(name), farm.folder, settings, name=name)

        stores = {"graph_url": farm.graph.url, "cache_url": farm.cache.url, "data_dir": farm.folder}
        web = WebServer(factory.mktemp("web"), farm.server.url, **stores)
        client = stack.enter_context(web.client(timeout_s=SLOW_S))
        lab = Lab(farm, web.url, client, make)
        stack.callback(lab.switch_off)
        stack.enter_context(web)
        # Which takes longest to start.
        lab.switch_on()
        farm.begin("ingest", queue=INGEST)
        farm.await_worker("ingest")
        yield lab
