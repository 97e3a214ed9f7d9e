"""The whole story on a whole farm with keys: sign in, bring firmware, watch it run, read the verdict, ask, scale, leave."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from deploy.procfile import ROOT
from renode.firmware.build import build_all
from tests.deploy.embedded import Embedded
from tests.page.visitor import WIDE, Visitor

RUN_MS = 120_000
"""Workers that have just started, on a busy machine."""
NAME = "aes128 build 41"


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    farm = Embedded(tmp_path_factory.mktemp("farm"), DASEIN_FORGE_WORKERS="0")
    started = farm.run("up")
    assert started.returncode == 0, started.stderr
    yield farm
    farm.run("down")


@pytest.fixture(scope="module")
def key(farm: Embedded) -> str:
    """Make the farm's first key, as its operator does."""
    command = [sys.executable, "-m", "web.first_key", "--name", "ana"]
    told = subprocess.run(command, cwd=ROOT, env=farm.environment, capture_output=True, text=True, check=True)
    return told.stdout.strip()


def test_a_campaign_from_the_sign_in_to_the_sign_out(
    farm: Embedded, key: str, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elf = next(path for path in build_all(tmp_path_factory.mktemp("firmware")) if path.stem == "aes128_m4")
    with browser.new_context(viewport=WIDE, reduced_motion="reduce", locale="en") as context:
        visitor = Visitor(context.new_page(), farm.url)
        visitor.choose(theme="light", locale="en")
        # Without a key everything is refused, which browsers write to the console by themselves.
        visitor.answers_may_fail = True
        tab = visitor.tab

        visitor.go("/campaigns/new", until="Sign in to Dasein")
        tab.get_by_label("API key").fill(key)
        tab.get_by_role("button", name="Sign in").click()
        tab.set_input_files("input[type=file]", elf)
        expect(tab.get_by_label("Entry")).to_have_value("aes128_encrypt", timeout=RUN_MS)
        expect(tab.get_by_text("3,574 instructions")).to_be_visible(timeout=RUN_MS)
        tab.get_by_role("region", name="Name and queue").get_by_label("Name").fill(NAME)
        tab.get_by_label("Traces", exact=True).fill("2000")
        tab.get_by_role("button", name="Start the campaign").click()
        tab.locator(".verdict").get_by_text("Leaks").wait_for(timeout=RUN_MS)
        expect(tab.get_by_text("16/16 recovered")).to_be_visible()

        tab.get_by_role("link", name="Jobs").first.click()
        tab.get_by_role("row", name="ingest").first.get_by_text("succeeded").wait_for(timeout=RUN_MS)
        tab.get_by_role("link", name="Ask").first.click()
        tab.get_by_label("Question").fill(f"Which instructions leak the key in {NAME}?")
        tab.get_by_label("Question").press("Enter")
        expect(tab.get_by_text("Confidence").first).to_be_visible(timeout=RUN_MS)
        tab.get_by_role("button", name="Instruction: ldrb").first.click()
        expect(tab.get_by_role("complementary", name="Details")).to_contain_text("ldrb")

        tab.get_by_role("link", name="Pools").first.click()
        tab.get_by_role("button", name="Add a process to simulation").click()
        tab.get_by_role("dialog").get_by_role("button", name="Add one").click()
        visitor.sees("simulation runs 2 at once now.")

        tab.get_by_role("link", name="Settings").first.click()
        tab.get_by_role("tab", name="Audit").click()
        expect(tab.get_by_role("row", name="/pools/simulation/scale").first).to_be_visible()
        tab.get_by_role("button", name="Sign out").click()
        tab.get_by_role("heading", name="Sign in to Dasein").wait_for()

        assert tab.evaluate("sessionStorage.length") == 0
        assert visitor.complaints == []
