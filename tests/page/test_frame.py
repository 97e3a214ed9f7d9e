"""The frame around every view."""

import pytest
from playwright.sync_api import ViewportSize

from tests.page.conftest import Visit
from tests.page.visitor import NARROW, WIDE
from tests.web.server import WebServer


def test_the_root_of_the_farm_is_the_list_of_jobs(server: WebServer, visit: Visit) -> None:
    visitor = visit()

    visitor.tab.goto(server.url)

    visitor.tab.get_by_role("heading", level=1, name="Jobs").wait_for()


@pytest.mark.parametrize("view", ["Jobs", "Campaign", "Ask", "Graph", "Records", "Pools", "Settings"])
def test_every_view_is_one_press_away_and_no_policy_is_broken(visit: Visit, view: str) -> None:
    visitor = visit("/jobs")

    visitor.tab.get_by_role("navigation").get_by_role("link", name=view).click()

    visitor.tab.get_by_role("navigation").get_by_role("link", name=view).and_(
        visitor.tab.locator("[aria-current=page]")
    ).wait_for()
    visitor.tab.get_by_role("heading", level=1).first.wait_for()


def test_an_address_that_the_page_does_not_know_says_so(visit: Visit) -> None:
    visitor = visit()

    visitor.tab.goto(f"{visitor.root}/app/nowhere/at/all")

    visitor.sees("There is no such page")


@pytest.mark.parametrize("viewport", [NARROW, WIDE], ids=["narrow", "wide"])
@pytest.mark.parametrize("place", ["/jobs", "/pools", "/settings"])
def test_no_view_scrolls_sideways(visit: Visit, place: str, viewport: ViewportSize) -> None:
    assert not visit(place, viewport=viewport).overflows()
