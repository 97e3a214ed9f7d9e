"""Signing in and out of a farm that has keys."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.page.accounts import Accounts, bring_key, closed_farm
from tests.page.conftest import Visit
from tests.page.visitor import NARROW, Visitor
from tests.servers import RedisServer
from tests.web.server import WebServer


@pytest.fixture(scope="module")
def accounts(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Accounts]:
    with closed_farm(redis_server, tmp_path_factory.mktemp("web")) as accounts:
        yield accounts


@pytest.fixture(scope="module")
def server(accounts: Accounts) -> WebServer:
    return accounts.server


def arrive(visit: Visit, place: str) -> Visitor:
    """Come without a key, which the server refuses."""
    visitor = visit()
    visitor.answers_may_fail = True
    visitor.go(place, until="Sign in to Dasein")
    return visitor


def sign_in(visitor: Visitor, key: str) -> None:
    visitor.tab.get_by_label("API key").fill(key)
    visitor.tab.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_sign_in_is_for_everybody(visit: Visit, theme: str) -> None:
    visitor = visit(theme=theme, viewport=NARROW)
    visitor.answers_may_fail = True

    visitor.go("/jobs", until="Sign in to Dasein")

    expect(visitor.tab.get_by_label("API key")).to_be_focused()
    assert visitor.serious() == []
    assert not visitor.overflows()


def test_a_wrong_key_is_said_to_be_wrong_and_not_kept(visit: Visit) -> None:
    visitor = arrive(visit, "/jobs")

    sign_in(visitor, "dsn_00000000_wrong")

    visitor.sees("The farm does not know this key.")
    expect(visitor.tab.get_by_label("API key")).to_have_attribute("aria-invalid", "true")
    assert visitor.tab.evaluate("sessionStorage.length") == 0


def test_whoever_signs_in_is_where_the_address_said_and_is_named(accounts: Accounts, visit: Visit) -> None:
    visitor = arrive(visit, "/settings?tab=keys")

    sign_in(visitor, accounts.admin)

    visitor.tab.get_by_role("heading", level=1, name="Settings").wait_for()
    expect(visitor.tab.get_by_role("banner")).to_contain_text("ana")
    expect(visitor.tab.get_by_role("banner")).to_contain_text("Live")
    expect(visitor.tab.get_by_role("tab", name="Keys")).to_have_attribute("aria-selected", "true")
    assert visitor.tab.evaluate("JSON.stringify(localStorage)").find("dsn_") == -1


def test_signing_out_leaves_nothing_behind(accounts: Accounts, visit: Visit) -> None:
    visitor = arrive(visit, "/settings")
    sign_in(visitor, accounts.admin)
    visitor.sees("ana")

    visitor.tab.get_by_role("button", name="Sign out").click()

    visitor.tab.get_by_role("heading", name="Sign in to Dasein").wait_for()
    assert visitor.tab.evaluate("sessionStorage.length") == 0
    visitor.tab.go_back()
    visitor.tab.get_by_role("heading", name="Sign in to Dasein").wait_for()
    expect(visitor.tab.get_by_text("ana", exact=True)).to_have_count(0)


def test_a_key_that_is_revoked_meanwhile_leads_to_the_sign_in_and_back_to_the_same_place(
    accounts: Accounts, visit: Visit
) -> None:
    key = accounts.make("viewer")
    visitor = arrive(visit, "/jobs?state=failed")
    sign_in(visitor, key)
    visitor.tab.get_by_role("heading", level=1, name="Jobs").wait_for()

    accounts.revoke(key)
    visitor.tab.get_by_role("button", name="Running").click()
    visitor.sees("Your key is no longer taken")
    sign_in(visitor, accounts.admin)

    visitor.tab.get_by_role("heading", level=1, name="Jobs").wait_for()
    assert visitor.tab.url.endswith("/app/jobs?state=running")


def test_a_viewer_is_offered_nothing_that_changes_anything(accounts: Accounts, visit: Visit) -> None:
    with accounts.client() as client:
        client.post("/api/v2/jobs", json={"kind": "ping", "params": {}})
    visitor = bring_key(visit(), accounts.make("viewer"))

    visitor.go("/jobs")
    visitor.sees("Queued")
    expect(visitor.tab.get_by_role("main").get_by_role("button", name="Cancel job")).to_have_count(0)
    expect(visitor.tab.get_by_role("link", name="New campaign")).to_have_count(0)
    visitor.go("/settings")

    expect(visitor.tab.get_by_role("tab")).to_have_text(["Appearance"])


def test_another_tenant_sees_none_of_it(accounts: Accounts, visit: Visit) -> None:
    with accounts.client() as client:
        client.post("/api/v2/jobs", json={"kind": "ping", "params": {}})
        client.post("/api/v2/tenants", json={"id": "acme"})
    visitor = bring_key(visit(), accounts.make("submitter", tenant="acme"))

    visitor.go("/jobs")

    visitor.sees("Nothing has run here yet")
