"""The autoscaler as it is run, beside a real worker on a real Redis."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from prometheus_client.parser import text_string_to_metric_families

from deploy.procfile import ROOT
from jobs.model import State
from jobs.queue import PING, SIMULATION
from tests.farm.conftest import Farm
from tests.servers import eventually, free_port

JOBS = 20
MOST = 4


@contextmanager
def autoscaling(farm: Farm, port: int, **settings: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the command until the end of the test."""
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "DASEIN_REDIS_URL": farm.server.url,
        "DASEIN_DATA_DIR": str(farm.folder),
        "DASEIN_AUTOSCALER__PORT": str(port),
        **{f"DASEIN_AUTOSCALER__{name}": value for name, value in settings.items()},
    }
    with (farm.folder / "autoscale.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.admin", "autoscale"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_pool_grows_for_a_backlog_shrinks_when_it_is_idle_and_loses_no_job(farm: Farm) -> None:
    farm.start("one")
    port = free_port()

    def size() -> int:
        return farm.workers.processes(farm.workers.alive()[SIMULATION]).get("one@test", 0)

    with autoscaling(
        farm, port, SIMULATION=f"1-{MOST}", GROW_WAIT_S="0.3", SETTLE_S="0.5", IDLE_S="3", LOOK_S="0.1"
    ) as process:
        eventually(lambda: _answers(port), what="the autoscaler looks")
        ids = [farm.submit(PING, f"job{number}", duration_s=1) for number in range(JOBS)]
        eventually(lambda: size() == MOST, what="the pool is as large as it may be")
        waiting = farm.queue.depth(SIMULATION)
        ended = [farm.until(job_id, State.SUCCEEDED, State.FAILED) for job_id in ids]
        last = farm.submit(PING, "last", duration_s=600)
        eventually(lambda: size() == 1, what="the pool is as small as it was, though a job runs")
        running = farm.running(last)
        told = httpx.get(f"http://127.0.0.1:{port}/metrics").text
        process.send_signal(signal.SIGTERM)
        status = process.wait(20)

    assert waiting > 0
    assert running.attempts == 1
    assert [(job.state, job.attempts) for job in ended] == [(State.SUCCEEDED, 1)] * JOBS
    assert _value(told, "dasein_pool_wanted") == 1
    assert _value(told, "dasein_pool_scaled_total", direction="up") == 2
    assert _value(told, "dasein_pool_scaled_total", direction="down") >= 1
    assert status == 0


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _value(told: str, name: str, **labels: str) -> float:
    """Return a sample of the simulation pool, from the text that Prometheus reads."""
    wanted = {"pool": SIMULATION, **labels}
    samples = [sample for family in text_string_to_metric_families(told) for sample in family.samples]
    (found,) = (sample.value for sample in samples if (sample.name, sample.labels) == (name, wanted))
    return found
