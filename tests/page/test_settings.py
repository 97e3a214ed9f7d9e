"""Settings: for everybody, and for those who look after keys, tenants and the trail."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.page.accounts import Accounts, bring_key, closed_farm, prefix_of
from tests.page.conftest import Visit
from tests.page.visitor import NARROW, Visitor
from tests.servers import RedisServer
from tests.web.server import WebServer

HOSTILE = '<img src=x onerror="window.taken=1">'


@pytest.fixture(scope="module")
def accounts(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Accounts]:
    with closed_farm(redis_server, tmp_path_factory.mktemp("web")) as accounts:
        yield accounts


@pytest.fixture(scope="module")
def server(accounts: Accounts) -> WebServer:
    return accounts.server


@pytest.fixture
def admin(accounts: Accounts, visit: Visit) -> Visitor:
    """Look at the settings as an admin."""
    return bring_key(visit(), accounts.admin)


def row(visitor: Visitor, text: str) -> Locator:
    return visitor.tab.get_by_role("row").filter(has_text=text)


def works(accounts: Accounts, key: str) -> bool:
    with accounts.client(key) as client:
        return client.get("/api/v2/me").status_code == 200


def test_theme_and_language_change_at_once_and_are_kept(accounts: Accounts, admin: Visitor) -> None:
    tab = admin.tab.context.new_page()
    tab.add_init_script(f"sessionStorage.setItem('dasein.key', '{accounts.admin}')")
    tab.goto(f"{admin.root}/app/settings")
    tab.get_by_role("button", name="Dark", exact=True).click()
    tab.get_by_role("button", name="Español").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Ajustes")

    tab.reload()

    expect(tab.get_by_role("heading", level=1)).to_have_text("Ajustes")
    expect(tab.locator("html")).to_have_attribute("data-theme", "dark")
    expect(tab.locator("html")).to_have_attribute("lang", "es")


def test_a_key_is_made_shown_once_and_good_for_what_it_says(accounts: Accounts, admin: Visitor) -> None:
    admin.go("/settings?tab=keys")

    admin.tab.get_by_role("button", name="New key").click()
    admin.tab.get_by_label("Name").fill(HOSTILE)
    admin.tab.get_by_label("Role").select_option("viewer")
    assert admin.serious() == []
    admin.tab.get_by_role("button", name="Make the key").click()
    shown = admin.tab.get_by_role("textbox", name="API key")
    key = shown.input_value()
    admin.tab.get_by_role("button", name="I have kept it").click()

    expect(row(admin, prefix_of(key))).to_contain_text("Viewer")
    expect(row(admin, prefix_of(key))).to_contain_text(HOSTILE)
    assert works(accounts, key)
    assert key not in admin.tab.content()
    assert admin.tab.evaluate("window.taken") is None


def test_a_key_is_rotated_and_the_old_one_ends_when_it_was_said_to(accounts: Accounts, admin: Visitor) -> None:
    old = accounts.make("submitter", name="ci")
    admin.go("/settings?tab=keys")

    row(admin, prefix_of(old)).get_by_role("button", name="Rotate ci").click()
    admin.tab.get_by_label("The old key works for").select_option("0")
    admin.tab.get_by_role("dialog").get_by_role("button", name="Rotate").click()
    new = admin.tab.get_by_role("textbox", name="API key").input_value()

    assert works(accounts, new)
    assert not works(accounts, old)


def test_ones_own_key_is_rotated_without_being_signed_out(accounts: Accounts, visit: Visit) -> None:
    old = accounts.make("admin", name="bea")
    visitor = visit()
    visitor.answers_may_fail = True
    visitor.go("/settings?tab=keys", until="Sign in to Dasein")
    visitor.tab.get_by_label("API key").fill(old)
    visitor.tab.get_by_role("button", name="Sign in").click()

    row(visitor, prefix_of(old)).get_by_role("button", name="Rotate bea").click()
    visitor.tab.get_by_label("The old key works for").select_option("0")
    visitor.tab.get_by_role("dialog").get_by_role("button", name="Rotate").click()
    new = visitor.tab.get_by_role("textbox", name="API key").input_value()
    visitor.tab.get_by_role("button", name="I have kept it").click()

    expect(row(visitor, prefix_of(new))).to_contain_text("yours")


def test_a_key_is_revoked_after_a_question(accounts: Accounts, admin: Visitor) -> None:
    key = accounts.make("viewer", name="old laptop")
    admin.go("/settings?tab=keys")

    row(admin, prefix_of(key)).get_by_role("button", name="Revoke old laptop").click()
    admin.tab.get_by_role("dialog").get_by_role("button", name="Revoke").click()

    expect(row(admin, prefix_of(key))).to_have_count(0)
    assert not works(accounts, key)


def test_what_the_server_refuses_is_said_at_its_field(admin: Visitor) -> None:
    admin.answers_may_fail = True
    admin.go("/settings?tab=keys")
    admin.tab.get_by_role("button", name="New key").click()
    admin.tab.get_by_label("Name").fill("x")
    admin.tab.get_by_label("Tenant").fill("nobody")

    admin.tab.get_by_role("button", name="Make the key").click()

    expect(admin.tab.get_by_role("dialog")).to_contain_text("no such tenant", ignore_case=True)


def test_a_tenant_is_made_and_its_quotas_are_changed(accounts: Accounts, admin: Visitor) -> None:
    admin.go("/settings?tab=tenants")

    admin.tab.get_by_role("button", name="New tenant").click()
    admin.tab.get_by_label("Id", exact=True).fill("acme")
    admin.tab.get_by_label("Title").fill(HOSTILE)
    admin.tab.get_by_role("spinbutton", name="Jobs in flight").fill("100")
    admin.tab.get_by_role("button", name="Make the tenant").click()
    expect(admin.tab.get_by_role("region", name="acme")).to_contain_text("0 of 100")
    admin.tab.get_by_role("button", name="Quotas of acme").click()
    admin.tab.get_by_role("spinbutton", name="Storage").fill("1.5")
    admin.tab.get_by_role("button", name="Save").click()

    expect(admin.tab.get_by_role("region", name="acme")).to_contain_text("of 1.5 GiB")
    with accounts.client() as client:
        quotas = client.get("/api/v2/tenants/acme").json()["quotas"]
    assert quotas == {"jobs_in_flight": 100, "traces_per_day": None, "storage_bytes": 3 * 2**29}
    assert admin.tab.evaluate("window.taken") is None


def test_the_trail_says_who_did_what_and_what_was_denied(accounts: Accounts, admin: Visitor) -> None:
    viewer = accounts.make("viewer", name="eve")
    with accounts.client(viewer) as client:
        assert client.post("/api/v2/jobs", json={"kind": "ping", "params": {}}).status_code == 403
    admin.go("/settings?tab=audit")
    expect(row(admin, "/api/v2/keys").filter(has_text="ana").first).to_contain_text("201")

    admin.tab.get_by_role("button", name="Denied").click()

    expect(row(admin, "eve").first).to_contain_text("403")
    expect(row(admin, "201")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("section", ["appearance", "keys", "tenants", "audit"])
def test_every_section_is_for_everybody(accounts: Accounts, visit: Visit, section: str, theme: str) -> None:
    visitor = bring_key(visit(theme=theme, viewport=NARROW), accounts.admin)

    visitor.go(f"/settings?tab={section}")
    expect(visitor.tab.locator(".skeletons")).to_have_count(0)

    assert visitor.serious() == []
    assert not visitor.overflows()


def test_sections_are_reached_with_the_arrow_keys(admin: Visitor) -> None:
    admin.go("/settings")
    admin.tab.get_by_role("tab", name="Appearance").focus()

    admin.tab.keyboard.press("ArrowRight")

    expect(admin.tab.get_by_role("tab", name="Keys")).to_be_focused()
    admin.tab.get_by_role("tabpanel", name="Keys").wait_for()
