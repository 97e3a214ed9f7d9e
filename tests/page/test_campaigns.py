"""Campaigns in the page: from a dropped firmware to the report, and everything that one does with it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from jobs.model import Failure, Progress
from renode.firmware.build import build_all
from stores.jobs_redis import RedisJobs
from tests.page.conftest import Visit
from tests.page.measured import finished, recorded
from tests.page.visitor import NARROW, WIDE, Visitor
from tests.servers import RedisServer
from tests.web.server import WebServer
from tests.workers.simulation.imports import as_import
from tests.workers.simulation.reports import renamed, synthetic

ROOT = Path(__file__).parents[2]
RUN_MS = 120_000
"""A whole campaign on a worker that has just started, on a busy machine."""
PARAMS = {**synthetic().request.model_dump(mode="json"), "name": "one that runs"}


@pytest.fixture(scope="module")
def elf() -> Path:
    return next(path for path in build_all(ROOT / "build" / "firmware") if path.stem == "aes128_m4")


@pytest.fixture
def farm(server: WebServer, redis_server: RedisServer) -> Iterator[WebServer]:
    """Run a worker of the simulation pool beside the web server."""
    redis_server.flush()
    with server.worker():
        yield server


def hands(tab: Page) -> Any:
    """Where the waveform takes the mouse and the keys."""
    found = tab.get_by_role("application")
    found.wait_for()
    expect(tab.locator(".wave-plot canvas").first).to_be_visible()
    return found


def dragged(tab: Page, first: float, last: float) -> None:
    """Drag over the waveform from one share of its width to another."""
    box = hands(tab).bounding_box()
    assert box is not None
    tab.mouse.move(box["x"] + first * box["width"], box["y"] + 100)
    tab.mouse.down()
    tab.mouse.move(box["x"] + last * box["width"], box["y"] + 110, steps=4)
    tab.mouse.up()


def readout(tab: Page) -> str:
    return tab.locator(".wave-values").inner_text()


@pytest.mark.usefixtures("farm")
def test_from_a_firmware_to_the_verdict_and_its_download(visit: Visit, elf: Path) -> None:
    visitor = visit("/campaigns/new")
    tab = visitor.tab

    tab.set_input_files("input[type=file]", elf)
    expect(tab.get_by_label("Entry")).to_have_value("aes128_encrypt")
    guessed = [tab.locator(".input-row").nth(row).get_by_label("Buffer").input_value() for row in (0, 1)]
    expect(tab.get_by_text("Armv7E-M").first).to_be_visible()
    expect(tab.get_by_text("3,574 instructions")).to_be_visible()
    tab.get_by_label("Traces", exact=True).fill("400")
    tab.get_by_role("button", name="Start the campaign").click()
    tab.locator(".verdict").get_by_text("Leaks").wait_for(timeout=RUN_MS)
    with tab.expect_download() as downloaded:
        tab.get_by_role("button", name="Download").click()
        tab.get_by_role("menuitem", name="JSON").click()

    report = json.loads(downloaded.value.path().read_text(encoding="utf-8"))
    assert guessed == ["aes_key", "aes_plaintext"]
    assert report["request"]["target"]["output"] == {"length": 16, "symbol": "aes_ciphertext"}
    assert (report["traces"], report["cpa"]["recovered"]) == (400, 16)
    expect(tab.get_by_text("16/16 recovered")).to_be_visible()
    expect(tab.get_by_text(report["digest"])).to_be_visible()


@pytest.mark.usefixtures("farm")
def test_what_the_farm_refuses_is_said_at_its_field(visit: Visit, elf: Path) -> None:
    visitor = visit("/campaigns/new")
    visitor.answers_may_fail = True
    tab = visitor.tab
    tab.set_input_files("input[type=file]", elf)
    expect(tab.get_by_label("Entry")).to_have_value("aes128_encrypt")

    tab.get_by_label("Bytes of output").fill("64")
    output = tab.locator(".field", has=tab.get_by_label("Output", exact=True))
    expect(output.locator(".field-error")).to_have_text("aes_ciphertext has 16 bytes, the length says 64")
    tab.get_by_label("Bytes of output").fill("16")
    expect(tab.locator(".field-error")).to_have_count(0)
    tab.get_by_label("Traces", exact=True).fill("3")
    tab.get_by_role("button", name="Start the campaign").click()

    field = tab.get_by_label("Traces", exact=True)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(tab.locator(".field", has=field).locator(".field-error")).to_contain_text("greater than or equal to 8")


@pytest.mark.usefixtures("farm")
def test_what_is_no_firmware_is_refused_with_the_reason(visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "notes.elf"
    file.write_text("not an ELF", encoding="utf-8")
    visitor = visit("/campaigns/new")

    visitor.tab.set_input_files("input[type=file]", file)

    visitor.sees("This is no firmware that can be measured")
    visitor.sees("does not begin with 7f 45 4c 46")


def test_a_running_campaign_draws_itself_and_says_how_it_stands(visit: Visit, jobs: RedisJobs) -> None:
    recorded(jobs, "live", PARAMS)
    visitor = visit("/campaigns/live")
    visitor.sees("Draws itself as soon as the first traces are there")
    path = {"samples": 40, "stride": 2, "first_sample": 0, "unit": "bit", "functions": ["sub_bytes"]}
    jobs.publish("live", {"path": {**path, "pcs": list(range(0, 40, 2)), "function": [0] * 20}})
    curve = {"low": [-1.0] * 20, "high": [2.0] * 19 + [7.5]}
    so_far = {"traces": 600, "of": 1000, "samples": 40, "compared": 40, "stride": 2, "diverged": 0, "faulted": 0}
    told = {**so_far, "t1": curve, "mean": curve, "max_abs_t": 7.5, "over_threshold": 1}
    key = {"traces": 300, "ranks": [0] * 15 + [3], "best": "00" * 16, "confident": [True] * 16}

    jobs.publish("live", {**told, "key": key})
    jobs.progress("live", Progress(640, 1000, "traces"))

    visitor.sees("So far it leaks: max |t| 7.5, 1 samples over 4.5.")
    visitor.sees("Exact over the 600 traces so far; each point shows the extremes of 2 samples")
    visitor.sees("Ranks after 300 traces of one shard")
    visitor.sees("640/1,000")
    hands(visitor.tab).focus()
    visitor.tab.keyboard.press("End")
    assert "extremes of 2 samples" in readout(visitor.tab)
    assert "t 2 … 7.5" in readout(visitor.tab) or "t -1 … 7.5" in readout(visitor.tab)
    # What sees less than was told before has nothing new to say.
    jobs.publish("live", {**told, "traces": 100, "max_abs_t": 1.0, "over_threshold": 0})
    jobs.progress("live", Progress(700, 1000, "traces"))
    visitor.sees("700/1,000")
    visitor.sees("So far it leaks: max |t| 7.5")


def test_dragging_over_samples_shows_the_code_that_made_them(server: WebServer, jobs: RedisJobs, visit: Visit) -> None:
    report = finished(server, jobs, synthetic(), "c")
    tab = visit("/campaigns/c").tab

    dragged(tab, 0.5, 0.55)

    tab.get_by_text("behind the chosen samples").wait_for()
    first, last = (int(text.replace(",", "")) for text in _chosen(tab).split(":")[0].split(" \N{EN DASH} "))
    pcs = report.series.pcs[first : last + 1]
    assert abs(first - len(report.series.pcs) // 2) < 20
    assert f"{len(set(pcs))} rows" in tab.get_by_text("behind the chosen samples").inner_text()
    options = tab.get_by_role("listbox", name="Code").get_by_role("option")
    worst = max(abs(value or 0.0) for value in report.series.t1[first : last + 1])
    tab.get_by_label("Order").select_option("t1")
    expect(options.first).to_contain_text(f"{worst:.1f}".removesuffix(".0"))


def _chosen(tab: Page) -> str:
    return tab.locator(".wave-chosen .badge").first.inner_text()


def test_an_instruction_that_is_chosen_is_marked_and_arrows_move_through_the_code(
    server: WebServer, jobs: RedisJobs, visit: Visit
) -> None:
    report = finished(server, jobs, synthetic(), "c")
    tab = visit("/campaigns/c").tab
    code = tab.get_by_role("listbox", name="Code")

    code.get_by_role("option").nth(2).click()
    marked = tab.locator(".wave-chosen .badge").inner_text()
    code.press("ArrowDown")

    addresses = [f"0x{row.place.address:08x}" for row in report.rows]
    assert marked == f"marked: {addresses[2]}"
    expect(tab.locator(".wave-chosen .badge")).to_have_text(f"marked: {addresses[3]}")


def test_keys_move_the_cursor_through_exact_samples(server: WebServer, jobs: RedisJobs, visit: Visit) -> None:
    report = finished(server, jobs, synthetic(), "c")
    tab = visit("/campaigns/c").tab

    hands(tab).focus()
    tab.keyboard.press("Home")
    for _ in range(3):
        tab.keyboard.press("ArrowRight")

    place = next(row.place for row in report.rows if row.place.address == report.series.pcs[3])
    assert f"sample 3 t {round(report.series.t1[3] or 0.0, 2):g} " in " ".join(readout(tab).split())
    assert place.mnemonic in readout(tab)


def test_a_finding_leads_to_its_sample_and_its_code(server: WebServer, jobs: RedisJobs, visit: Visit) -> None:
    report = finished(server, jobs, synthetic(), "c")
    tab = visit("/campaigns/c").tab

    tab.get_by_role("list", name="Findings").get_by_role("button").first.click()

    finding = report.findings[0]
    expect(tab.locator(".wave-chosen .badge")).to_have_text(f"marked: 0x{finding.place.address:08x}")
    expect(tab.get_by_role("listbox", name="Code").get_by_role("option", selected=True)).to_be_visible()
    assert f"sample {finding.sample:,}" in " ".join(readout(tab).split())


def test_where_the_report_is_thinned_a_closer_look_gives_every_sample(
    server: WebServer, jobs: RedisJobs, visit: Visit
) -> None:
    whole = synthetic()
    finished(server, jobs, whole, "c", thinned=16)
    visitor = visit("/campaigns/c")
    tab = visitor.tab
    visitor.sees("each point shows the extremes of 16")

    hands(tab).focus()
    tab.keyboard.press("Home")
    for _ in range(5):
        tab.keyboard.press("ArrowRight")
    thin = readout(tab)
    for _ in range(6):
        tab.keyboard.press("+")
    expect(tab.locator(".wave-values")).not_to_contain_text("extremes of")

    assert "extremes of" in thin
    assert f"sample 5 t {round(whole.series.t1[5] or 0.0, 2):g} " in " ".join(readout(tab).split())
    dragged(tab, 0.2, 0.6)
    tab.get_by_text("behind the chosen samples").wait_for()


def test_two_campaigns_are_compared_finding_by_finding(server: WebServer, jobs: RedisJobs, visit: Visit) -> None:
    leaking, clean = synthetic(), synthetic("clean")
    finished(server, jobs, leaking, "before")
    finished(server, jobs, clean, "after")
    visitor = visit("/campaigns/after")

    visitor.tab.get_by_role("button", name="Compare").click()
    visitor.tab.get_by_role("dialog").get_by_role("button", name="Leaks").click()

    visitor.tab.get_by_role("heading", name="Comparison").wait_for()
    gone = visitor.tab.get_by_role("group", name="Changes").get_by_role("button", name="gone")
    expect(gone).to_contain_text(str(len(leaking.findings)))
    expect(visitor.tab.get_by_role("img", name="of this campaign above")).to_be_visible()
    assert visitor.tab.url.endswith("?with=before")


def test_an_import_has_its_report_in_the_page_marked_as_measured(
    server: WebServer, jobs: RedisJobs, visit: Visit
) -> None:
    finished(server, jobs, as_import(synthetic(), asked={"sampled_hz": 5e8}), "bench")
    visitor = visit("/jobs")
    tab = visitor.tab

    row = tab.get_by_role("row", name="On the bench")
    expect(row.locator(".jobs-what .badge", has_text="Measured traces")).to_be_visible()
    row.get_by_role("link", name="On the bench").click()
    tab.get_by_role("link", name="Open the report").click()

    tab.get_by_role("heading", level=1, name="On the bench").wait_for()
    expect(tab.locator(".page-head .badge", has_text="Measured")).to_be_visible()
    card = tab.locator(".card", has=tab.get_by_role("heading", name="Measured traces"))
    for text in ("npz, 38.1 MiB", "500,000,000 Hz", "those of the file", "not known: give firmware, target and clock"):
        expect(card).to_contain_text(text)
    expect(tab.get_by_role("list", name="Findings")).to_contain_text("samples ")
    expect(tab.get_by_role("button", name="Source lines")).to_be_disabled()
    expect(tab.get_by_role("link", name="Run again")).to_have_count(0)
    assert "0x0000" not in tab.locator("main").inner_text()
    hands(tab)
    assert visitor.serious() == []


def test_imports_are_among_the_recent_campaigns_the_newest_first(
    server: WebServer, jobs: RedisJobs, visit: Visit
) -> None:
    for name, report in (("first", as_import(synthetic())), ("second", synthetic()), ("third", as_import(synthetic()))):
        finished(server, jobs, report, name)
    tab = visit("/campaigns/new").tab

    recent = tab.locator(".recent").first.get_by_role("link")

    expect(recent).to_have_count(3)
    marked = [recent.nth(at).locator(".badge", has_text="Measured") for at in range(3)]
    for badge, count in zip(marked, (1, 0, 1), strict=True):
        expect(badge).to_have_count(count)
    recent.first.click()
    tab.get_by_role("heading", level=1, name="On the bench").wait_for()
    assert tab.url.endswith("/campaigns/third")


def test_an_import_with_its_firmware_names_instructions(server: WebServer, jobs: RedisJobs, visit: Visit) -> None:
    finished(server, jobs, as_import(synthetic(), code=True), "bench")
    visitor = visit("/campaigns/bench", locale="es", viewport=NARROW)

    card = visitor.tab.locator(".card", has=visitor.tab.get_by_role("heading", name="Trazas medidas"))
    expect(card).to_contain_text("El firmware da la salida que se midió.")
    expect(visitor.tab.get_by_role("listbox", name="Código")).to_contain_text("ldrb")
    assert not visitor.overflows()


@pytest.mark.parametrize("code", [False, True], ids=["samples", "instructions"])
def test_two_imports_are_compared_and_no_simulated_campaign_is_offered(
    server: WebServer, jobs: RedisJobs, visit: Visit, code: bool
) -> None:
    leaking = synthetic()
    finished(server, jobs, leaking, "simulated")
    finished(server, jobs, as_import(leaking, code=not code), "other")
    finished(server, jobs, as_import(leaking, code=code), "before")
    finished(server, jobs, as_import(synthetic(findings=()), code=code), "after")
    visitor = visit("/campaigns/after")
    tab = visitor.tab

    tab.get_by_role("button", name="Compare").click()
    choices = tab.get_by_role("dialog").locator(".choice")
    expect(choices).to_have_count(1)
    choices.click()

    tab.get_by_role("heading", name="Comparison").wait_for()
    assert tab.url.endswith("?with=before")
    expect(tab.locator(".side .badge", has_text="Measured")).to_have_count(2)
    gone = tab.get_by_role("group", name="Changes").get_by_role("button", name="gone")
    expect(gone).not_to_contain_text("gone 0")
    expect(tab.locator(".changed li").first).to_be_visible()
    expect(tab.get_by_role("list", name="By source line")).to_have_count(int(code))
    visitor.sees("Both were imported from the same file.")


def test_an_import_beside_a_simulated_campaign_is_refused_with_the_reason(
    server: WebServer, jobs: RedisJobs, visit: Visit
) -> None:
    finished(server, jobs, synthetic(), "simulated")
    finished(server, jobs, as_import(synthetic()), "bench")
    visitor = visit()
    visitor.answers_may_fail = True

    visitor.go("/campaigns/bench?with=simulated")

    visitor.sees("These two cannot be compared")
    visitor.sees("dasein calibrate")


def test_an_import_that_waits_says_so(jobs: RedisJobs, visit: Visit) -> None:
    recorded(jobs, "bench", as_import(synthetic()).request.model_dump(mode="json"), kind="simulation.import")

    visitor = visit("/campaigns/bench")

    visitor.sees("Traces are being taken in")
    expect(visitor.tab.get_by_text("Its file is being read.")).to_be_visible()


def test_a_campaign_that_failed_says_why_and_is_corrected_in_the_form(
    farm: WebServer, visit: Visit, elf: Path, jobs: RedisJobs
) -> None:
    with farm.client() as client:
        artifact = client.post(
            "/api/v2/artifacts", content=elf.read_bytes(), headers={"Content-Type": "application/octet-stream"}
        ).json()["artifact_id"]
    body = json.loads((ROOT / "renode/firmware/campaigns/aes128_m4.json").read_text(encoding="utf-8"))
    body["target"]["entry"] = "no_such_function"
    recorded(jobs, "c", {**body, "firmware": artifact})
    why = Failure("invalid-input", "the firmware has no symbol no_such_function", "target.entry", "missing-symbol")
    jobs.fail("c", why)
    visitor = visit("/campaigns/c")
    visitor.sees("the firmware has no symbol no_such_function")

    visitor.tab.get_by_role("link", name="Correct it and run again").click()

    expect(visitor.tab.get_by_label("Entry")).to_have_value("no_such_function")
    field = visitor.tab.locator(".field", has=visitor.tab.get_by_label("Entry"))
    expect(field.locator(".field-error")).to_have_text("the firmware has no symbol no_such_function")
    visitor.tab.get_by_label("Entry").fill("encrypt")
    visitor.tab.get_by_role("option", name="aes128_encrypt").click()
    expect(visitor.tab.get_by_label("Entry")).to_have_value("aes128_encrypt")
    expect(visitor.tab.get_by_text("3,574 instructions")).to_be_visible()


def test_a_cancelled_campaign_says_how_far_it_came(visit: Visit, jobs: RedisJobs) -> None:
    recorded(jobs, "c", PARAMS)
    jobs.progress("c", Progress(300, 1000, "traces"))
    jobs.fail("c", Failure("cancelled", "It was cancelled."))

    visit("/campaigns/c").sees("After 300 of 1,000 traces.")


@pytest.mark.parametrize("variant", ["insufficient", "no-trace", "noiseless", "divergence"])
def test_every_kind_of_verdict_has_a_page(server: WebServer, jobs: RedisJobs, visit: Visit, variant: Any) -> None:
    report = finished(server, jobs, synthetic(variant), "c")

    visitor = visit("/campaigns/c")

    visitor.sees(report.headline)
    assert visitor.serious() == []


def test_what_depends_on_the_inputs_is_listed_and_which_engine_ran(
    server: WebServer, jobs: RedisJobs, visit: Visit
) -> None:
    finished(server, jobs, synthetic(), "c")

    visitor = visit("/campaigns/c")

    visitor.sees("0 branches, 1 address")
    line = visitor.tab.locator(".constant-table tbody tr")
    expect(line).to_contain_text("address read")
    expect(line).to_contain_text(f"plaintext = {'00' * 16}")
    expect(line).to_contain_text("| 3243f6a8")
    visitor.sees("4,987 of 5,000")
    visitor.sees("2, none differed")


def test_a_divergence_shows_the_inputs_that_part(server: WebServer, jobs: RedisJobs, visit: Visit) -> None:
    finished(server, jobs, synthetic("divergence"), "c")

    visitor = visit("/campaigns/c")

    visitor.tab.get_by_role("group", name="By severity").get_by_role("button", name="high").click()
    finding = visitor.tab.locator(".finding", has_text="branches on the data")
    expect(finding).to_contain_text(f"plaintext = {'00' * 16}")
    expect(finding).to_contain_text("| 3243f6a8")
    visitor.sees("Ways and addresses were not looked at: Unicorn executed the campaign.")


def test_hostile_names_are_text(server: WebServer, jobs: RedisJobs, visit: Visit) -> None:
    name = "<img src=x onerror=alert(1)>'\"</script>"
    finished(server, jobs, renamed(synthetic(), name), "c")

    visitor = visit("/campaigns/c")

    visitor.sees(name)
    visitor.tab.get_by_role("button", name="Source lines").click()
    assert visitor.tab.locator("img[src=x]").count() == 0


@pytest.mark.parametrize("look", [(WIDE, "light", "en"), (NARROW, "dark", "es")], ids=["wide", "narrow"])
def test_the_report_is_usable_by_everybody(
    server: WebServer, jobs: RedisJobs, visit: Visit, look: tuple[ViewportSize, str, str], pictures: Path
) -> None:
    finished(server, jobs, synthetic(), "c")
    viewport, theme, locale = look

    visitor = visit("/campaigns/c", viewport=viewport, theme=theme, locale=locale)

    hands(visitor.tab)
    assert visitor.serious() == []
    assert not visitor.overflows()
    visitor.tab.locator(".wave-table summary").click()
    assert visitor.tab.get_by_role("row").filter(has_text="sub_bytes").first.is_visible()
    visitor.shoot(pictures / f"report-{locale}.png")
    assert (pictures / f"report-{locale}.png").stat().st_size > 20_000


def test_nothing_moves_when_the_report_takes_the_place_of_what_was_live(
    server: WebServer, jobs: RedisJobs, visit: Visit
) -> None:
    report = synthetic()
    recorded(jobs, "c", report.request.model_dump(mode="json"))
    stride = len(report.series.pcs) // 500
    pcs = report.series.pcs[::stride]
    path = {"samples": len(report.series.pcs), "stride": stride, "first_sample": 0, "unit": "bit", "pcs": list(pcs)}
    jobs.publish("c", {"path": {**path, "function": [0] * len(pcs), "functions": ["f"]}})
    visitor = visit("/campaigns/c")
    before = _top(visitor)

    finished(server, jobs, report, "c")

    visitor.tab.locator(".verdict").wait_for()
    assert _top(visitor) == before


def _top(visitor: Visitor) -> Any:
    box = hands(visitor.tab).bounding_box()
    assert box is not None
    return box["y"], box["height"]
