"""What a real worker counts, in all of its processes, and what it tells of that."""

import socket
from urllib.request import urlopen

from jobs.model import NewJob, State
from jobs.queue import PING
from tests.farm.conftest import Farm
from tests.farm.kinds import FLAKY, POISON, SUM
from tests.servers import eventually, free_port
from tests.web.test_metrics import samples

Seen = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def scrape(port: int) -> Seen:
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        return samples(answer.read().decode())


def of(seen: Seen, name: str, **labels: str) -> float | None:
    return seen.get((name, tuple(sorted(labels.items()))))


def total(seen: Seen, name: str) -> float:
    return sum(value for (found, _), value in seen.items() if found == name)


def test_what_jobs_do_is_counted_by_kind_and_told_with_the_store_or_without(farm: Farm) -> None:
    port = farm.metrics_port = free_port()
    farm.start("one")
    farm.jobs.submit(NewJob("cancelled", PING.name, {}))
    farm.jobs.cancel("cancelled")
    jobs = {
        farm.submit(PING, "ping"): State.SUCCEEDED,
        farm.submit(FLAKY, "flaky"): State.SUCCEEDED,
        farm.submit(SUM, "sum", parts=2, duration_s=0): State.SUCCEEDED,
        farm.submit(POISON, "poison"): State.FAILED,
    }
    for job_id, state in jobs.items():
        farm.until(job_id, state, within_s=60)

    # Ends are looked for with every sweep; parts and what adds them up have ends of their own.
    eventually(lambda: total(scrape(port), "dasein_jobs_ended_total") == 8)
    seen = scrape(port)

    def ended(kind: str, outcome: str) -> float | None:
        return of(seen, "dasein_jobs_ended_total", pool="simulation", kind=kind, outcome=outcome)

    assert (ended("ping", "succeeded"), ended("ping", "cancelled")) == (1, 1)
    # A sum, and what adds it up; its parts are of another kind.
    assert (ended("sum", "succeeded"), ended("part", "succeeded")) == (2, 2)
    assert (ended("flaky", "succeeded"), ended("poison", "failed")) == (1, 1)
    of_flaky = {"pool": "simulation", "kind": "flaky"}
    assert of(seen, "dasein_job_attempts_total", **of_flaky) == 2
    assert of(seen, "dasein_job_retries_total", **of_flaky) == 1
    assert of(seen, "dasein_job_run_seconds_count", **of_flaky) == 2
    assert of(seen, "dasein_job_wait_seconds_count", **of_flaky) == 2
    assert of(seen, "dasein_job_seconds_count", **of_flaky) == 1
    # Of each process that died in an attempt its beginning is still known.
    assert of(seen, "dasein_job_attempts_total", pool="simulation", kind="poison") == 3
    assert (of(seen, "dasein_store_seconds_count", store="jobs", operation="start") or 0) >= 10
    roles = {dict(labels)["role"] for name, labels in seen if name == "dasein_build_info"}
    assert roles == {"simulation"}
    farm.server.kill()
    try:
        without = scrape(port)
    finally:
        farm.server.start()
    assert of(without, "dasein_job_attempts_total", **of_flaky) == 2


def test_a_worker_names_the_port_that_it_cannot_have(farm: Farm) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = farm.metrics_port = taken.getsockname()[1]
        farm.spawn("one")

        status = farm.wait("one")

    assert status != 0
    assert f"DASEIN_METRICS_PORT: nothing can listen on 127.0.0.1, port {port}" in farm.said("one")
