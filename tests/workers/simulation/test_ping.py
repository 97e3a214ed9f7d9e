from collections.abc import Mapping
from typing import Any

import pytest

from jobs.errors import Cancelled
from jobs.model import Progress
from jobs.payloads import PingRequest
from workers.simulation.ping import ping


class Alone:
    """An attempt that nobody watches."""

    job_id = "a"
    worker = "one@here:1"

    def __init__(self, *, checks: int = 1000) -> None:
        self.checks = checks
        self.told: list[Progress] = []

    def check(self) -> None:
        self.checks -= 1
        if self.checks < 0:
            raise Cancelled("It was cancelled.")

    def report(self, progress: Progress) -> None:
        self.told.append(progress)

    def publish(self, job_id: str, partial: Mapping[str, Any]) -> None:
        raise AssertionError(job_id, partial)


def test_a_ping_comes_back_at_once() -> None:
    attempt = Alone()

    assert ping(PingRequest(echo="hello"), attempt) == {"echo": "hello"}

    assert attempt.told == []


def test_a_long_ping_tells_every_second_how_far_it_is() -> None:
    attempt = Alone()

    ping(PingRequest(duration_s=1.3), attempt)

    assert attempt.told == [Progress(1, 2, "seconds")]
    assert attempt.checks < 1000 - 10


def test_a_long_ping_stops_when_it_should() -> None:
    with pytest.raises(Cancelled):
        ping(PingRequest(duration_s=600), Alone(checks=2))
