"""The page in a real browser: it draws, it reacts, it complains about nothing and asks nobody."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.report import Report
from tests.servers import demand
from tests.workers.simulation.browser import Page, browsing, chromium
from tests.workers.simulation.reports import SOURCE, VARIANTS, Variant, renamed, straight_line, synthetic
from workers.simulation import report_html
from workers.simulation.report_html import to_html

SCALE = Path(report_html.__file__).parent / "page" / "scale.js"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    program = chromium()
    demand("chromium", present=program is not None)
    assert program is not None
    with browsing(program, tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def shown(page: Page, report: Report, folder: Path, *, width: int = 1400, dark: bool = False) -> Page:
    file = folder / "report.html"
    file.write_bytes(to_html(report, source=SOURCE))
    page.errors.clear()
    page.requests.clear()
    page.open(file, width=width, dark=dark)
    return page


def plot_point(page: Page, across: float, down: float) -> tuple[float, float]:
    x, y, width = page.value(
        "(() => { const p = document.getElementById('plot'); p.scrollIntoView({block: 'center', behavior: 'instant'});"
        "const b = p.getBoundingClientRect(); return [b.x, b.y, b.width]; })()"
    )
    return x + across * width, y + down


def colours_in_plot(page: Page) -> int:
    return int(
        page.value(
            "(() => { const c = document.getElementById('plot-base'); const d = c.getContext('2d')"
            ".getImageData(0, 0, c.width, c.height).data; const s = new Set();"
            "for (let i = 0; i < d.length; i += 4) s.add(d[i] << 16 | d[i + 1] << 8 | d[i + 2]); return s.size; })()"
        )
    )


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(("width", "dark"), [(1400, False), (390, True)])
def test_every_kind_of_report_loads_in_silence_and_fits_its_window(
    page: Page, tmp_path: Path, variant: Variant, width: int, *, dark: bool
) -> None:
    shown(page, synthetic(variant), tmp_path, width=width, dark=dark)

    assert page.value("document.documentElement.dataset.ready") == "true"
    assert page.value("document.documentElement.scrollWidth") <= width
    assert page.errors == []
    assert [url for url in page.requests if not url.startswith(("file:", "data:"))] == []


@pytest.mark.parametrize("width", [320, 700, 1000, 1900])
def test_no_width_makes_the_page_scroll_sideways(page: Page, tmp_path: Path, width: int) -> None:
    shown(page, synthetic(), tmp_path, width=width)

    assert page.value("document.documentElement.scrollWidth") <= width


def test_the_waveform_is_drawn(page: Page, tmp_path: Path) -> None:
    shown(page, synthetic(), tmp_path)

    assert colours_in_plot(page) > 20


@pytest.mark.parametrize(
    ("least", "most", "expected"),
    [
        (10, 60, ["20", "40", "60"]),
        (0.00311, 0.00313, ["0.003110", "0.003115", "0.003120", "0.003125", "0.003130"]),
        (8388608, 8388609, ["8388608.0", "8388608.5", "8388609.0"]),
    ],
)
def test_marks_of_a_small_unit_or_a_large_offset_are_told_apart(
    page: Page, least: float, most: float, expected: list[str]
) -> None:
    lane = f"{{id: 'mean', signed: null, limit: null, least: {least}, most: {most}}}"
    marks = f"const s = new Scale({lane}, false, 0, 200), t = s.ticks(); return t.map(v => v.toFixed(s.digits(t)));"

    assert page.value(f"(() => {{ {SCALE.read_text()} {marks} }})()") == expected


def test_choosing_a_finding_moves_the_plot_and_marks_its_instruction(page: Page, tmp_path: Path) -> None:
    report = synthetic()
    shown(page, report, tmp_path)

    page.click(".finding[data-index='3']")

    finding = report.findings[3]
    address = f"0x{finding.place.address:08x}"
    assert page.text("#readout dd").replace("\u2009", "") == str(finding.sample)
    assert address in page.text("#listing-rows tr.chosen")
    assert page.value("document.querySelector('.finding[data-index=\"3\"]').getAttribute('aria-current')") == "true"
    assert page.text("#range") != f"Samples 0 to {len(report.series.pcs) - 1}"
    assert page.errors == []


def test_the_wheel_zooms_once_the_page_stands_still(page: Page, tmp_path: Path) -> None:
    shown(page, synthetic(), tmp_path)
    whole = page.text("#range")
    middle = plot_point(page, 0.5, 60)
    page.value(
        "new Promise(done => { let moved = performance.now(); addEventListener('scroll', () => moved = performance.now());"
        "const look = () => performance.now() - moved > 400 ? done(true) : requestAnimationFrame(look); look(); })"
    )
    scrolled = page.value("scrollY")

    page.wheel(middle, -240)

    assert page.text("#range") != whole
    assert page.value("scrollY") == scrolled
    assert page.errors == []


@pytest.mark.parametrize("means", ["drag", "button", "key"])
def test_drag_button_and_key_zoom_and_come_back(page: Page, tmp_path: Path, means: str) -> None:
    shown(page, synthetic(), tmp_path)
    whole = page.text("#range")

    if means == "drag":
        page.drag(plot_point(page, 0.4, 60), plot_point(page, 0.6, 60))
    elif means == "button":
        page.click("#zoom-in")
    else:
        page.value("document.getElementById('plot').focus()")
        page.key("+")
    zoomed = page.text("#range")
    page.click("#reset")

    assert zoomed != whole
    assert page.text("#range") == whole
    assert page.errors == []


def test_selecting_samples_filters_the_listing(page: Page, tmp_path: Path) -> None:
    shown(page, synthetic(), tmp_path)
    everything = page.text("#listing-count")

    page.click("[data-mode=select]")
    page.drag(plot_point(page, 0.07, 60), plot_point(page, 0.1, 60))

    assert page.text("#listing-count") != everything
    assert "expand_key" in page.text("#selection-text")
    page.click("#selection-clear")
    assert page.text("#listing-count") == everything


def test_the_listing_searches_filters_orders_and_goes_by_line(page: Page, tmp_path: Path) -> None:
    report = synthetic()
    shown(page, report, tmp_path)
    choose = "(id, value) => { const e = document.getElementById(id); e.value = value; e.dispatchEvent(new Event('input')); }"

    page.value(f"({choose})('search', 'sub_bytes ldrb')")
    found = page.text("#listing-count")
    page.value(f"({choose})('search', '')")
    page.value(f"({choose})('order', 't1')")
    first = page.text("#listing-rows tr.item .heat")
    page.click("[data-kind=lines]")

    worst = max(row.max_abs_t1 or 0.0 for row in report.rows)
    assert found == f"2 of {len(report.rows)} instructions"
    assert first == f"{worst:.1f}"
    assert "statement_" in page.text("#listing-rows")
    assert page.errors == []


def test_curves_and_themes_switch(page: Page, tmp_path: Path) -> None:
    shown(page, synthetic(), tmp_path)
    height = page.value("document.getElementById('plot').clientHeight")
    ground = page.value("getComputedStyle(document.body).backgroundColor")

    for lane in ("t2", "snr", "mean"):
        page.click(f"[data-lane={lane}]")
    page.click("#theme")

    assert page.value("document.getElementById('plot').clientHeight") > height
    assert page.value("getComputedStyle(document.body).backgroundColor") != ground
    page.value("localStorage.clear()")
    assert page.errors == []


def test_a_key_byte_shows_its_sample_and_its_curve(page: Page, tmp_path: Path) -> None:
    report = synthetic()
    assert report.cpa is not None
    shown(page, report, tmp_path)

    page.click("table.key tr[data-byte='5'] button")

    assert page.text("#readout dd").replace("\u2009", "") == str(report.cpa.bytes[5].sample)
    assert page.value("document.querySelectorAll('.rank.chosen[data-byte=\"5\"]').length") == 1


def test_names_that_are_markup_stay_text(page: Page, tmp_path: Path) -> None:
    name = "</script><img src=x onerror=\"document.title='owned'\"><!--'&amp;"
    shown(page, renamed(synthetic(), name), tmp_path)

    page.click(".finding")
    page.click("#listing-rows tr.item button")

    assert page.value("document.title") != "owned"
    assert page.value("document.querySelectorAll('img').length") == 0
    assert page.text("#readout > div:nth-child(4) dd") == name
    assert page.text(".finding-title") == name
    assert page.errors == []


def test_the_heaviest_page_keeps_only_what_is_seen(page: Page, tmp_path: Path) -> None:
    shown(page, straight_line(5000), tmp_path)

    page.value("document.getElementById('listing').scrollTop = 70000")
    page.settle()

    assert 10 < page.value("document.querySelectorAll('#listing-rows tr').length") < 120
    assert page.value("document.querySelectorAll('.finding').length") == 40
    assert float(page.value("document.getElementById('plot').dataset.paintMs")) < 1000
    assert page.errors == []
