"""The built page, served by a real web server with a real Redis, in a real Chromium."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ViewportSize, expect, sync_playwright

from stores.jobs_redis import RedisJobs
from stores.redis_client import connect
from tests.page.building import build, can_build
from tests.page.knowing import Knowing, knowing
from tests.page.visitor import PATIENCE_MS, WIDE, Visitor
from tests.servers import RedisServer, demand, has_redis
from tests.stores.graph_servers import has_falkordb
from tests.web.server import WebServer
from tests.workers.simulation.browser import chromium

Visit = Callable[..., Visitor]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the system's Chromium, once the page is built."""
    program = chromium()
    demand("chromium", present=program is not None)
    demand("node", present=can_build())
    build()
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    """One web server for this module, on an empty Redis."""
    redis_server.flush()
    with WebServer(tmp_path_factory.mktemp("web"), redis_server.url) as server:
        yield server


@pytest.fixture(scope="session")
def knowing_farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Knowing]:
    """Keep a farm for modules whose `server` is that of a farm that knows something; its graph is a real one.

    It has a Redis of its own: two web servers on one would take each other's deliveries.
    """
    demand("redis", present=has_redis())
    demand("falkordb", present=has_falkordb())
    redis_server = RedisServer(tmp_path_factory.mktemp("redis"))
    redis_server.start()
    try:
        with connect(redis_server.url, patience_s=5) as redis:
            jobs = RedisJobs(redis, lease_s=600, retention_s=3600, tombstone_s=7200)
            with knowing(redis_server, jobs, tmp_path_factory.mktemp("knowing")) as farm:
                yield farm
    finally:
        redis_server.kill()


@pytest.fixture
def farm(knowing_farm: Knowing) -> Knowing:
    """Return a farm that knows nothing yet."""
    knowing_farm.clear()
    return knowing_farm


@pytest.fixture
def jobs(redis_server: RedisServer) -> Iterator[RedisJobs]:
    """Open the job records, to do what workers would; none is there yet."""
    redis_server.flush()
    with connect(redis_server.url, patience_s=5) as redis:
        yield RedisJobs(redis, lease_s=600, retention_s=3600, tombstone_s=7200)


@pytest.fixture
def visit(browser: Browser, server: WebServer) -> Iterator[Visit]:
    """Return what opens a place in a new tab: `visit("/jobs")`; afterwards no console may have complained."""
    visitors: list[Visitor] = []
    with ExitStack() as closing:

        def open_at(
            place: str | None = None,
            *,
            viewport: ViewportSize = WIDE,
            theme: str = "light",
            locale: str = "en",
        ) -> Visitor:
            context = browser.new_context(viewport=viewport, reduced_motion="reduce")
            closing.callback(context.close)
            visitor = Visitor(context.new_page(), server.url)
            visitor.choose(theme=theme, locale=locale)
            visitors.append(visitor)
            if place is not None:
                visitor.go(place)
            return visitor

        yield open_at
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Return where pictures are kept."""
    return tmp_path
