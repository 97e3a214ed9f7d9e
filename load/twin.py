"""The scripts for k6 once more, for Locust: `python -m load.twin ramp --farm URL --seconds 60` prints what it measured.

The same calls, users and thresholds (`thresholds.json`). Locust is imported first: it changes how Python waits.
"""

from locust import FastHttpUser, LoadTestShape, constant_throughput, task  # isort: skip
from locust.env import Environment  # isort: skip
from locust.exception import StopUser  # isort: skip

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, ClassVar

import gevent

WANTED: dict[str, dict[str, float]] = json.loads((Path(__file__).parent / "thresholds.json").read_text())
API = "/api/v2"
KEY = {"X-API-Key": os.environ["DASEIN_API_KEY"]} if os.environ.get("DASEIN_API_KEY") else {}


class Caller(FastHttpUser):
    """Somebody who calls the farm."""

    abstract = True
    headers: ClassVar[dict[str, str]] = KEY

    def submit(self, *, lasts_s: float = 0, wait_s: int = 0) -> str:
        """Submit a job and return its id."""
        body = {"kind": "ping", "params": {"echo": "locust", "duration_s": lasts_s}}
        headers = self.headers | ({"Prefer": f"wait={wait_s}"} if wait_s else {})
        answer = self.client.post(f"{API}/jobs", json=body, headers=headers, name="POST /jobs")
        return str(answer.json()["id"])

    def status(self, job_id: str) -> None:
        """Ask where a job stands."""
        self.client.get(f"{API}/jobs/{job_id}", headers=self.headers, name="GET /jobs/{id}")

    def list(self) -> None:
        """Ask for the newest jobs."""
        self.client.get(f"{API}/jobs?limit=20", headers=self.headers, name="GET /jobs")


class User(Caller):
    """Submits a job and waits for its end in the same call, looks at the list, and thinks."""

    def wait_time(self) -> float:
        """Return how long it thinks."""
        return WANTED["ramp"]["think_s"] * random.uniform(0.5, 1.5)

    @task
    def turn(self) -> None:
        """Do all of it once."""
        self.status(self.submit(wait_s=20))
        self.list()


class Ramp(LoadTestShape):
    """From few users to many, and then as many for a while."""

    seconds = 60.0

    def tick(self) -> tuple[int, float] | None:
        """Return how many there are to be now."""
        at = self.get_run_time() / self.seconds  # type: ignore[no-untyped-call]  # the library has no types here
        if at > 1:
            return None
        few, many = WANTED["ramp"]["from_users"], WANTED["ramp"]["to_users"]
        return round(few + (many - few) * min(1, at / 0.6)), 50


class Requester(Caller):
    """Asks ten times a second, mostly where a job stands."""

    wait_time = constant_throughput(10)
    job_id: str | None = None

    @task
    def request(self) -> None:
        """Ask once."""
        drawn = random.random()
        if self.job_id is None or 0.9 <= drawn < 0.98:
            self.job_id = self.submit()
        elif drawn < 0.9:
            self.status(self.job_id)
        else:
            self.list()


class Waiter(Caller):
    """Waits for the end of a job that thousands wait for."""

    job_id = ""
    told_ms: ClassVar[list[float]] = []
    wait_time = constant_throughput(1)
    network_timeout = 120.0

    @task
    def wait_for_it(self) -> None:
        """Wait once, and be gone."""
        told: dict[str, Any] = {"state": "running"}
        while told["state"] == "running":
            path = f"{API}/jobs/{self.job_id}?wait=60"
            answer = self.client.get(path, headers=self.headers, name="GET /jobs/{id}?wait")
            if answer.status_code != HTTPStatus.OK:
                # Counted as a failure; who was refused does not try again.
                raise StopUser
            told = answer.json()
        ended = datetime.fromisoformat(told["timings"]["finished_at"])
        self.told_ms.append(1000 * (datetime.now(UTC) - ended).total_seconds())
        raise StopUser


def ramp(farm: str, seconds: float) -> dict[str, Any]:
    """Let users come."""
    Ramp.seconds = seconds
    shape = Ramp()  # type: ignore[no-untyped-call]  # the library has no types here

    def start(runner: Any) -> None:
        runner.start_shape()
        # When the shape has ended it stops its users, and nothing else.
        runner.shape_greenlet.link(lambda _: runner.quit())

    return _run(Environment(user_classes=[User], shape_class=shape, host=farm), start)


def rate(farm: str, seconds: float) -> dict[str, Any]:
    """Ask a thousand times a second."""
    users = round(WANTED["rate"]["per_s"] / 10)

    def start(runner: Any) -> None:
        runner.start(users, spawn_rate=users)
        gevent.spawn_later(seconds, runner.quit)

    return _run(Environment(user_classes=[Requester], host=farm), start)


def herd(farm: str, _seconds: float) -> dict[str, Any]:
    """Let thousands wait for one job."""
    environment = Environment(user_classes=[Waiter], host=farm)
    waiters = round(WANTED["herd"]["waiters"])

    def start(runner: Any) -> None:
        Waiter.host = farm
        Waiter.job_id = Waiter(environment).submit(lasts_s=WANTED["herd"]["lasts_s"])
        runner.start(waiters, spawn_rate=waiters)

        def look() -> None:
            while len(Waiter.told_ms) + environment.stats.total.num_failures < waiters:
                gevent.sleep(0.1)
            runner.quit()

        gevent.spawn(look)

    found = _run(environment, start)
    told = sorted(Waiter.told_ms)
    return found | {"told_p50_ms": told[len(told) // 2], "p95_ms": told[len(told) * 95 // 100], "told": len(told)}


def _run(environment: Environment, start: Callable[[Any], None]) -> dict[str, Any]:
    runner = environment.create_local_runner()
    began = time.monotonic()
    start(runner)
    runner.greenlet.join()
    took_s, total = time.monotonic() - began, environment.stats.total
    return {
        "requests": total.num_requests,
        "per_s": round(total.num_requests / took_s, 1),
        "p50_ms": total.get_response_time_percentile(0.5),
        "p95_ms": total.get_response_time_percentile(0.95),
        "failed": total.fail_ratio,
        "errors": {str(one.error): one.occurrences for one in environment.stats.errors.values()},
    }


def missed(name: str, found: dict[str, Any]) -> list[str]:
    """Return the thresholds that were not met."""
    limits = WANTED[name]
    words = [
        f"{what} {found[what]:g} is above {limits[what]:g}"
        for what in ("p95_ms", "failed")
        if found[what] > limits[what]
    ]
    least = limits.get("per_s", 0) * (1 - limits.get("dropped", 0))
    return words + ([f"per_s {found['per_s']:g} is below {least:g}"] if found["per_s"] < least else [])


def main() -> int:
    """Run one of them; return 99 if a threshold was not met, as k6 does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=WANTED)
    parser.add_argument("--farm", required=True)
    parser.add_argument("--seconds", type=float, default=60)
    told = parser.parse_args()
    found = {"ramp": ramp, "rate": rate, "herd": herd}[told.name](told.farm, told.seconds)
    words = missed(told.name, found)
    sys.stdout.write(json.dumps(found | {"missed": words}) + "\n")
    return 99 if words else 0


if __name__ == "__main__":
    sys.exit(main())
