"""Deliveries of webhooks on the page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.page.conftest import Visit
from tests.servers import RedisServer
from tests.web.realtime.receivers import receiving
from tests.web.server import WebServer


@pytest.fixture(scope="module")
def server(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    """Start a server whose callbacks may reach this machine."""
    redis_server.flush()
    with WebServer(tmp_path_factory.mktemp("web"), redis_server.url, callback_networks="127.0.0.1") as server:
        yield server


def test_a_delivery_is_listed_and_sent_again(server: WebServer, visit: Visit) -> None:
    with receiving(204) as receiver, server.client() as client:
        url = f"http://127.0.0.1:{receiver.port}/hook"
        job = client.post("/api/v2/jobs", json={"kind": "ping", "params": {}, "callback_url": url}).json()["id"]
        client.delete(f"/api/v2/jobs/{job}")
        receiver.wait_for(1)
        visitor = visit("/settings?tab=webhooks")
        row = visitor.tab.get_by_role("row").filter(has_text=url)
        expect(row).to_contain_text("Delivered")
        assert visitor.serious() == []

        row.get_by_role("button", name="again").click()

        receiver.wait_for(2)


def test_the_secret_is_shown_when_it_is_asked_for_and_changed_after_a_question(visit: Visit) -> None:
    visitor = visit("/settings?tab=webhooks")
    card = visitor.tab.get_by_role("region", name="Signing secret")
    secret = card.locator(".mono")
    expect(secret).to_contain_text("••••")
    card.get_by_role("button", name="Show").click()
    expect(secret).not_to_contain_text("••••")
    before = secret.inner_text()

    card.get_by_role("button", name="Change").click()
    visitor.tab.get_by_role("dialog").get_by_role("button", name="Change").click()

    expect(secret).not_to_contain_text(before)
    expect(card).to_contain_text("signs as well until")
