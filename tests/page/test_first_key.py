"""The first key of an open farm, made on the page: whoever makes it must not be locked out by it."""

from playwright.sync_api import expect

from tests.page.conftest import Visit
from tests.web.server import WebServer


def test_the_first_key_closes_the_farm_and_the_page_goes_on_with_it(server: WebServer, visit: Visit) -> None:
    visitor = visit("/settings?tab=keys")

    visitor.tab.get_by_role("button", name="New key").click()
    expect(visitor.tab.get_by_label("Role")).to_be_disabled()
    visitor.tab.get_by_label("Name").fill("ana")
    visitor.tab.get_by_role("button", name="Make the key").click()
    key = visitor.tab.get_by_role("textbox", name="API key").input_value()
    visitor.tab.get_by_role("button", name="I have kept it").click()

    expect(visitor.tab.get_by_role("banner")).to_contain_text("ana")
    expect(visitor.tab.get_by_role("row").filter(has_text=key.split("_")[1])).to_contain_text("yours")
    with server.client() as client:
        assert client.get("/api/v2/me").status_code == 401
