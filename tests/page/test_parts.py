"""Parts of a report on the page: looks, corrections, pairs, secrets, what an attack predicted."""

import re

import pytest
from playwright.sync_api import Locator, ViewportSize, expect

from jobs.model import NewJob
from stores.artifacts import JobFiles
from stores.jobs_redis import RedisJobs
from tests.documents import document, with_parts
from tests.page.conftest import Visit
from tests.page.measured import finished
from tests.page.visitor import NARROW, WIDE, Visitor
from tests.web.server import WebServer
from tests.workers.simulation.reports import synthetic


def card(visitor: Visitor, name: str) -> Locator:
    """Return a card by its heading."""
    heading = visitor.tab.get_by_role("heading", level=2, name=re.compile(rf"^{re.escape(name)}"))
    return visitor.tab.locator("section.card", has=heading)


def test_each_look_is_shown_with_its_boundary_and_corrections_stand_beside(
    server: WebServer, jobs: RedisJobs, visit: Visit
) -> None:
    report = finished(server, jobs, with_parts(), "c")
    visitor = visit("/campaigns/c")

    shown = card(visitor, "Many tests, many looks")

    assert report.sequential is not None
    assert report.multiplicity is not None
    looks = shown.get_by_role("table", name="Looks").locator("tbody tr")
    expect(looks).to_have_count(len(report.sequential.looks))
    expect(looks.last).to_contain_text(f"{report.sequential.traces:,}")
    expect(shown.get_by_text("decided: leaks", exact=True)).to_be_visible()
    expect(shown.get_by_role("img", name="and the boundary from which a look calls")).to_be_visible()
    corrections = shown.get_by_role("table", name="Corrections beside the 4.5 line").locator("tbody tr")
    for row, name, one in zip(
        corrections.all(),
        ("Holm", "Benjamini and Hochberg", "Benjamini and Yekutieli"),
        report.multiplicity.corrections,
        strict=True,
    ):
        expect(row).to_contain_text(name)
        expect(row).to_contain_text(f"{one.leaking_samples_1:,}")


def test_a_pair_leads_to_both_of_its_instructions(server: WebServer, jobs: RedisJobs, visit: Visit) -> None:
    report = finished(server, jobs, with_parts(), "c")
    assert report.bivariate is not None
    worst = report.bivariate.top[0]
    visitor = visit("/campaigns/c")

    first = card(visitor, "Pairs of samples").locator("tbody tr").first
    first.get_by_role("button").nth(1).click()

    addresses = f"0x{worst.first.address:08x} with 0x{worst.second.address:08x}"
    expect(visitor.tab.locator(".wave-chosen .badge")).to_have_text(f"marked: {addresses}")
    for place in (worst.first, worst.second):
        expect(first).to_contain_text(f"{place.function} · aes128_masked.c:{place.line}")
    expect(first).to_contain_text("both")


def test_a_way_that_secrets_decide_names_the_lines_on_both_sides(
    server: WebServer, jobs: RedisJobs, visit: Visit
) -> None:
    finished(server, jobs, with_parts(), "c")
    visitor = visit("/campaigns/c")

    shown = card(visitor, "Secrets")

    expect(shown.get_by_text("not constant time", exact=True)).to_be_visible()
    way = shown.get_by_role("region", name="Secrets").locator("tbody tr").first
    expect(way).to_contain_text("compare_leaky · compare_leaky.c:16")
    expect(way).to_contain_text("compare_leaky.c:19")
    expect(way).to_contain_text("compare_leaky.c:15")
    expect(way).to_contain_text("secret = ")
    cycles = shown.get_by_role("table", name="Cycles").locator("tbody tr")
    expect(cycles.first).to_contain_text("yes")
    expect(cycles.first).to_contain_text("compare_leaky.c:16")


def test_what_is_proven_says_so_and_what_is_not_says_why(server: WebServer, jobs: RedisJobs, visit: Visit) -> None:
    finished(server, jobs, with_parts(check="proven"), "proven")
    finished(server, jobs, with_parts(check="masked", attack="masked"), "masked")

    proven = visit("/campaigns/proven")
    masked = visit("/campaigns/masked")

    expect(card(proven, "Secrets").get_by_text("proven", exact=True)).to_be_visible()
    expect(card(proven, "Secrets")).to_contain_text("for all secrets along these paths")
    expect(card(masked, "Secrets")).to_contain_text(f"none: {document('secrets')['masked']['unproven']}")
    expect(card(masked, "Secrets")).to_contain_text(re.compile("cycles of misses\\s*p 2\\.8e\N{MINUS SIGN}11"))
    expect(card(masked, "Key bytes")).to_contain_text("This attack knows masks")


def test_an_attack_says_what_it_predicted_of_what_and_what_it_took_as_found(
    server: WebServer, jobs: RedisJobs, visit: Visit
) -> None:
    report = finished(server, jobs, with_parts(), "c")
    assert report.cpa is not None
    visitor = visit("/campaigns/c")

    shown = card(visitor, "Key bytes")

    for text in (report.cpa.what, report.cpa.of, report.cpa.assumes, report.cpa.bytes[31].name):
        expect(shown).to_contain_text(str(text))
    expect(shown).to_contain_text("a pilot of")
    expect(shown.locator("tbody tr")).to_have_count(32)


def test_parts_that_a_report_does_not_have_are_not_shown(server: WebServer, jobs: RedisJobs, visit: Visit) -> None:
    finished(server, jobs, synthetic(), "c")
    visitor = visit("/campaigns/c")
    visitor.tab.get_by_role("heading", name="How it was computed").wait_for()

    for name in ("Many tests, many looks", "Pairs of samples", "Secrets"):
        expect(card(visitor, name)).to_have_count(0)


@pytest.mark.parametrize("look", [(WIDE, "light", "en"), (NARROW, "dark", "es")], ids=["wide", "narrow"])
@pytest.mark.parametrize("check", ["table", "masked"])
def test_the_parts_are_usable_by_everybody(
    server: WebServer, jobs: RedisJobs, visit: Visit, look: tuple[ViewportSize, str, str], check: str
) -> None:
    finished(server, jobs, with_parts(check=check, attack="last" if check == "table" else "masked"), "c")
    viewport, theme, locale = look

    visitor = visit("/campaigns/c", viewport=viewport, theme=theme, locale=locale)

    card(visitor, "Secrets" if locale == "en" else "Secretos").scroll_into_view_if_needed()
    assert visitor.serious() == []
    assert not visitor.overflows()


def test_levels_of_a_sweep_stand_side_by_side_and_lead_to_each_other(
    server: WebServer, jobs: RedisJobs, visit: Visit
) -> None:
    report = synthetic()
    params = report.request.model_dump(mode="json")
    powers = [params["power"] | {"noise_sigma": sigma} for sigma in (8.0, 1.0, 64.0)]
    ids = [f"level-{number}" for number in range(3)]
    jobs.submit_batch(
        "sweep",
        [
            NewJob(name, "campaign", params | {"power": power}, batch="sweep")
            for name, power in zip(ids, powers, strict=True)
        ],
    )
    files = JobFiles(server.data, "campaigns")
    for name, height in zip(ids, (20.5, 90.25, 3.5), strict=True):
        shown = report.model_copy(update={"campaign": name})
        files.write(name, "report.json", [shown.model_dump_json().encode()])
        jobs.start(name, worker="w@here:1", lease_s=600)
        jobs.finish(name, {"verdict": "leaks", "max_abs_t": height, "findings": 4, "key_bytes_recovered": 16})
    visitor = visit(f"/campaigns/{ids[0]}")

    rows = card(visitor, "Levels of noise").locator("tbody tr")

    expect(rows.first).to_contain_text("90.3")
    assert [row.get_by_role("cell").first.inner_text() for row in rows.all()] == ["1", "8", "64"]
    expect(rows.nth(1).locator("[aria-current]")).to_have_text("8")
    rows.first.get_by_role("link", name="1").click()
    expect(visitor.tab).to_have_url(re.compile(f"/campaigns/{ids[1]}$"))
