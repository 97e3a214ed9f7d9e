"""Pools, as somebody sees them: what workers say of themselves is said here."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, ViewportSize, expect
from redis import Redis

from jobs.model import NewJob
from stores.jobs_redis import RedisJobs
from stores.redis_client import connect
from stores.workers_redis import RedisWorkers
from tests.page.conftest import Visit
from tests.page.visitor import NARROW, WIDE, Visitor
from tests.servers import RedisServer
from tests.web.server import WebServer
from web.ids import new_job_id


@pytest.fixture
def redis(redis_server: RedisServer) -> Iterator[Redis]:
    redis_server.flush()
    with connect(redis_server.url, patience_s=5) as redis:
        yield redis


def pool(visitor: Visitor, name: str) -> Locator:
    return visitor.tab.get_by_role("region", name=name, exact=True)


def test_a_pool_shows_its_workers_and_what_waits_for_them_as_it_changes(
    redis: Redis, jobs: RedisJobs, visit: Visit
) -> None:
    workers = RedisWorkers(redis)
    workers.beat("simulation1@here", queue="simulation", ttl_s=600)
    visitor = visit("/pools")
    expect(pool(visitor, "simulation")).to_contain_text("simulation1@here")
    expect(pool(visitor, "simulation")).to_contain_text("Nothing waits.")
    expect(pool(visitor, "query")).to_contain_text("No worker is alive")

    job, _ = jobs.submit(NewJob(new_job_id(datetime.now(UTC), os.urandom), "ping", {}))
    jobs.sent(job.id)
    workers.beat("simulation2@here", queue="simulation", ttl_s=600, processes=3)

    expect(pool(visitor, "simulation")).to_contain_text("simulation2@here")
    expect(pool(visitor, "simulation").get_by_role("link", name="Ping")).to_have_attribute(
        "href", f"/app/jobs/{job.id}"
    )
    expect(visitor.tab.get_by_role("row").filter(has_text="Ping")).to_be_visible()


def test_a_pool_is_grown_and_shrunk_again_after_a_question(server: WebServer, redis: Redis, visit: Visit) -> None:
    assert redis.ping()
    with server.worker():
        visitor = visit("/pools")
        processes = pool(visitor, "simulation").get_by_role("definition").nth(1)
        expect(processes).to_have_text("1")
        expect(visitor.tab.get_by_role("button", name="Take a process from simulation")).to_be_disabled()

        visitor.tab.get_by_role("button", name="Add a process to simulation").click()
        assert visitor.serious() == []
        visitor.tab.get_by_role("dialog").get_by_role("button", name="Add one").click()
        expect(processes).to_have_text("2")
        visitor.sees("simulation runs 2 at once now.")
        visitor.tab.get_by_role("button", name="Take a process from simulation").click()
        visitor.tab.get_by_role("dialog").get_by_role("button", name="Take one").click()

        expect(processes).to_have_text("1")


def test_counts_lead_to_the_jobs_that_they_count(jobs: RedisJobs, visit: Visit) -> None:
    job, _ = jobs.submit(NewJob(new_job_id(datetime.now(UTC), os.urandom), "ping", {}))
    visitor = visit("/pools")

    visitor.tab.get_by_role("row").filter(has_text="Ping").get_by_role("link", name="1", exact=True).click()

    visitor.tab.get_by_role("heading", level=1, name="Jobs").wait_for()
    assert visitor.tab.url.endswith("/app/jobs?kind=ping&state=queued")
    visitor.sees(job.id[-8:])


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [NARROW, WIDE], ids=["narrow", "wide"])
def test_the_pools_are_for_everybody(redis: Redis, visit: Visit, theme: str, viewport: ViewportSize) -> None:
    RedisWorkers(redis).beat("simulation1@a-host-with-a-long-name.example", queue="simulation", ttl_s=600)
    visitor = visit("/pools", theme=theme, viewport=viewport)
    expect(pool(visitor, "simulation")).to_contain_text("simulation1@")

    assert visitor.serious() == []
    assert not visitor.overflows()
