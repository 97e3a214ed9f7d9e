"""What other jobs found, on their own page: profiled attacks, calibrations, recordings, captures."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import ViewportSize, expect

from jobs.model import NewJob
from kernel.clocks import Pulse
from renode.records import ROW, Records, to_bytes
from stores.artifacts import JobFiles
from stores.jobs_redis import RedisJobs
from tests.documents import document
from tests.page.conftest import Visit
from tests.page.test_parts import card
from tests.page.visitor import NARROW, WIDE
from tests.web.server import WebServer
from tests.workers.simulation import played_recorder
from tests.workers.simulation.played_recorder import Played, batch, moments

PERIOD = 50_000
REAL = 1_796_000_000_000_000_042


def ended(jobs: RedisJobs, kind: str, result: Mapping[str, Any]) -> None:
    """Let there be a job that has ended with a result."""
    jobs.submit(NewJob("j", kind, {}))
    jobs.start("j", worker="w@here:1", lease_s=600)
    jobs.finish("j", result)


@pytest.fixture
def files(server: WebServer) -> Iterator[JobFiles]:
    """Return where the farm keeps what jobs leave; nothing is left of one test to the next."""
    files = JobFiles(server.data, "campaigns")
    yield files
    files.remove("j")


def profiled(jobs: RedisJobs, files: JobFiles) -> Any:
    """Let there be a profiled attack, and return its report."""
    told = document("profile")
    files.write("j", "profile.json", [json.dumps(told).encode()])
    ended(jobs, "simulation.profile", {"headline": told["headline"]})
    return told


def calibrated(jobs: RedisJobs, files: JobFiles) -> Any:
    """Let there be a calibration, and return what it found."""
    told = document("calibration")
    files.write("j", "calibration.json", [json.dumps(told).encode()])
    ended(jobs, "simulation.calibrate", {"calibration": told["verdict"]["calibration"]})
    return told


def recorded(jobs: RedisJobs, files: JobFiles, *, binary: bool = True) -> Any:
    """Let there be a recording of 1,500 records, those of a real one again and again; return its result."""
    told = document("recording")
    rows = np.tile(np.frombuffer(bytes.fromhex(told["hex"]), ROW), 500)
    rows["period"] = np.arange(len(rows)) + (np.arange(len(rows)) > 600)
    result = {**told["result"], "recording": "j", "records": len(rows)}
    if binary:
        files.write("j", "records.bin", to_bytes(Records(rows, PERIOD, "0" * 12)))
    else:
        result["files"] = {"csv": {"name": "records.csv", "bytes": 10}}
    ended(jobs, "simulation.record", result)
    return result


def captured(jobs: RedisJobs, files: JobFiles, tmp_path: Path) -> dict[str, Any]:
    """Capture what a recorder plays: 30 records, a period without one, a channel that has no source, a clock that is set."""
    values = batch(range(30)).values.copy()
    values[:, 3::8] = float("nan")
    stamps = [10**9 + PERIOD * (n + (n > 20)) for n in range(30)]
    device = Played([batch(stamps, values=values)], ends=True)
    pulses = [Pulse("pps0", "gps0", 41, REAL - 42, None), Pulse("pps1", "gps1", 0, None, "no pulse has come yet")]
    clocks = moments((10**9, REAL), (2 * 10**9, REAL + 3_601 * 10**9), pulses=pulses)
    capturing = played_recorder.services(tmp_path, device, clocks=clocks, files=files)
    result: dict[str, Any] = played_recorder.captured(capturing, name="j", samples=40, forms=["binary"])
    ended(jobs, "simulation.capture", result)
    return result


def test_a_profiled_attack_shows_its_curves_its_bytes_and_their_points(
    jobs: RedisJobs, files: JobFiles, visit: Visit
) -> None:
    told = profiled(jobs, files)
    visitor = visit("/jobs/j")

    shown = card(visitor, "Success against traces")

    visitor.sees(told["headline"])
    expect(shown.get_by_role("img", name="Share of the attacks that have all bytes right")).to_be_visible()
    expect(shown.get_by_role("img", name="Guessing entropy in bits per byte")).to_be_visible()
    shown.locator("summary").first.click()
    templates = told["methods"][0]
    rows = shown.get_by_role("table", name="The curves as a table: templates").locator("tbody tr")
    expect(rows).to_have_count(len(templates["curve"]))
    expect(rows.last).to_contain_text(f"{templates['curve'][-1]['traces']:,}")
    expect(card(visitor, "Key bytes: templates").get_by_text(f"{templates['recovered']}/16 right")).to_be_visible()
    expect(card(visitor, "Key bytes: stochastic model")).to_contain_text("Weights of bits 0 to 7")
    expect(card(visitor, "Points of interest")).to_contain_text(told["points"][0]["points"][0]["place"]["function"])


def test_a_profiled_attack_on_an_unknown_key_has_no_curves_and_says_why(
    jobs: RedisJobs, files: JobFiles, visit: Visit
) -> None:
    told = document("profile")
    why = "the key of the attacked traces is unknown"
    unknown: dict[str, Any] = {"curve": [], "curve_absent": why, "recovered": None, "traces_to_success": None}
    told["methods"] = [method | unknown for method in told["methods"]]
    files.write("j", "profile.json", [json.dumps(told).encode()])
    ended(jobs, "simulation.profile", {})

    visitor = visit("/jobs/j")

    visitor.sees(f"There are no curves: {why}.")
    expect(visitor.tab.locator(".plot svg")).to_have_count(0)


def test_a_calibration_has_a_verdict_for_each_class_and_instruction(
    jobs: RedisJobs, files: JobFiles, visit: Visit
) -> None:
    told = calibrated(jobs, files)
    visitor = visit("/jobs/j")

    head, rows = card(visitor, "Calibration"), card(visitor, "By instruction")

    expect(head.get_by_text("calibrated", exact=True)).to_be_visible()
    expect(head).to_contain_text(told["verdict"]["why"])
    load = card(visitor, "By class of instruction").get_by_role("row").filter(has_text="load")
    value = next(one for one in told["classes"] if one["kind"] == "load")["coefficients"]["bus_hd"]["value"]
    expect(load).to_contain_text(f"{value:.4f}".rstrip("0"))
    listed = rows.locator("tbody tr")
    expect(listed.first).to_be_visible()
    everything = listed.count()
    rows.get_by_role("button", name="cannot be told").click()
    untold = sum(row["agrees"] is None for row in told["rows"])
    expect(listed).to_have_count(min(untold, 40))
    assert 0 < untold < everything


def test_the_72_dimensions_of_a_recording_are_drawn_and_read_record_by_record(
    jobs: RedisJobs, files: JobFiles, visit: Visit
) -> None:
    result = recorded(jobs, files)
    visitor = visit("/jobs/j")

    shown = card(visitor, "The 72 dimensions")

    expect(card(visitor, "Recording").get_by_text(f"{result['dropped']:,} dropped")).to_be_visible()
    expect(shown).to_contain_text("Records 0 to 999 of 1,500")
    # At first the sensor of this recording had measured nothing.
    expect(shown.get_by_role("img")).to_have_count(7)
    expect(shown).to_contain_text("Energy, µJNo record has a value.")
    lags = shown.get_by_role("region", name="Channels of the record").locator("tbody tr")
    expect(lags).to_have_count(8)
    first, second = document("recording")["rows"]["dim"][:2]
    expect(lags.nth(1).get_by_role("cell").first).to_have_text(f"{first[1]:,.0f}")
    slider = shown.get_by_role("slider", name="Choose a record")
    slider.focus()
    slider.press("ArrowRight")
    expect(lags.nth(1).get_by_role("cell").first).to_have_text(f"{second[1]:,.0f}")
    # Of the period before there may be a record, of the one before that there is none.
    before = "\N{EN DASH}" if second[9] is None else f"{second[9]:,.0f}"
    expect(lags.nth(1).get_by_role("cell").nth(1)).to_have_text(before)
    expect(lags.nth(1).get_by_role("cell").nth(2)).to_have_text("\N{EN DASH}")
    shown.get_by_role("button", name="Later records").click()
    expect(shown).to_contain_text("Records 1,000 to 1,499 of 1,500")
    with visitor.tab.expect_download() as downloaded:
        visitor.tab.get_by_role("button", name="Save binary").click()
    assert downloaded.value.path().stat().st_size == 72 + 616 * 1500


def test_a_recording_without_its_binary_form_says_so(jobs: RedisJobs, files: JobFiles, visit: Visit) -> None:
    recorded(jobs, files, binary=False)

    visit("/jobs/j").sees("It was not asked to write its binary form")


def test_a_capture_counts_what_was_dropped_lost_and_without_a_source(
    jobs: RedisJobs, files: JobFiles, visit: Visit, tmp_path: Path
) -> None:
    result = captured(jobs, files, tmp_path)
    visitor = visit("/jobs/j")

    shown = card(visitor, "Capture")

    assert (result["ended"], result["records"], result["dropped"]) == ("stopped", 30, 1)
    expect(shown.get_by_text("1 dropped")).to_be_visible()
    expect(shown).to_contain_text("It ended as somebody stopped the recorder, with 30 of 40 records.")
    expect(shown).to_contain_text("First record at2026-11-30 00:53:20.000000042 UTC")
    expect(shown).to_contain_text("Pulsespps0 (gps0): 41 \N{EN DASH} 41; pps1 (gps1): no pulse has come yet")
    expect(shown).to_contain_text("The real-time clock moved by 3,600 s meanwhile: it was set, or the machine slept.")
    channels = visitor.tab.get_by_role("table", name="Channels that had a source")
    expect(channels.get_by_role("row").filter(has_text="Temperature")).to_contain_text("no source")
    expect(channels.get_by_role("row").filter(has_text="Energy")).to_contain_text("100%")
    expect(card(visitor, "The 72 dimensions")).to_contain_text("No record has a value.")
    expect(card(visitor, "The 72 dimensions")).to_contain_text("Ran mostnot stated")


MAKERS = {"profile": profiled, "calibration": calibrated, "recording": recorded}


@pytest.mark.parametrize("look", [(WIDE, "light", "en"), (NARROW, "dark", "es")], ids=["wide", "narrow"])
@pytest.mark.parametrize("name", list(MAKERS))
def test_outcomes_are_usable_by_everybody(
    jobs: RedisJobs, files: JobFiles, visit: Visit, look: tuple[ViewportSize, str, str], name: str
) -> None:
    MAKERS[name](jobs, files)
    viewport, theme, locale = look

    visitor = visit("/jobs/j", viewport=viewport, theme=theme, locale=locale)

    visitor.tab.locator(".outcome table >> visible=true").first.wait_for()
    assert visitor.serious() == []
    assert not visitor.overflows()
