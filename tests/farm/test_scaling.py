"""Pools of real workers grow and shrink while jobs run."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from config.queues import celery_settings
from config.settings import Settings
from jobs.model import State
from jobs.queue import PING, SIMULATION
from stores.pools_celery import CeleryPools
from tests.farm.conftest import Farm, child_of
from tests.servers import eventually
from tests.web.server import WebServer

SCALE = "/api/v2/pools/simulation/scale"


@pytest.fixture
def client(farm: Farm, tmp_path: Path) -> Iterator[httpx.Client]:
    folder = tmp_path / "web"
    folder.mkdir()
    with WebServer(folder, farm.server.url, data_dir=farm.folder) as server, server.client() as client:
        yield client


def test_a_pool_grows_and_shrinks_over_http_and_no_job_is_stopped_for_it(farm: Farm, client: httpx.Client) -> None:
    farm.start("one")

    grown = client.post(SCALE, json={"delta": 2})
    ids = [farm.submit(PING, f"job{number}", duration_s=4) for number in range(3)]
    running = [farm.running(job_id) for job_id in ids]
    busy = client.post(SCALE, json={"concurrency": 1})
    ended = [farm.until(job_id, State.SUCCEEDED, State.FAILED) for job_id in ids]

    def shrunk() -> bool:
        # A process that has recorded its job's end is busy for a moment longer.
        return bool(client.post(SCALE, json={"concurrency": 1}).json().get("concurrency") == 1)

    eventually(shrunk, what="the pool is as small as it was")
    assert (grown.status_code, grown.json()["concurrency"]) == (200, 3)
    assert len({child_of(job) for job in running}) == 3
    assert (busy.status_code, busy.json()["code"]) == (409, "pool-busy")
    assert [(job.state, job.attempts) for job in ended] == [(State.SUCCEEDED, 1)] * 3
    pool, *_ = client.get("/api/v2/pools").json()["pools"]
    assert (pool["concurrency"], pool["workers"]) == (1, [{"name": "one@test", "concurrency": 1}])
    assert farm.until(farm.submit(PING, "after"), State.SUCCEEDED).attempts == 1


def test_workers_that_are_not_there_do_not_answer_and_the_others_do(farm: Farm) -> None:
    farm.start("one")
    eventually(lambda: farm.workers.processes(farm.workers.alive()[SIMULATION]) == {"one@test": 1})
    pools = CeleryPools(celery_settings(Settings.model_validate({"redis_url": farm.server.url})), patience_s=1)

    told = [pools.resize(sizes) for sizes in ({"one@test": 2, "gone@test": 2}, {"one@test": 2}, {"one@test": 1}, {})]

    assert told == [{"one@test": 2}, {"one@test": 2}, {"one@test": 1}, {}]
    pools.close()
