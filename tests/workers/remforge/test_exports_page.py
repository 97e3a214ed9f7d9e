"""The page in a real browser: it fits, it complains about nothing and asks nobody."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.rem_sequence import SequenceReport
from tests.servers import demand
from tests.workers.remforge.records import sequence
from tests.workers.remforge.test_exports_html import NASTY, nasty
from tests.workers.simulation.browser import Page, browsing, chromium
from workers.remforge.exports_html import to_html
from workers.remforge.sequence import report


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    program = chromium()
    demand("chromium", present=program is not None)
    assert program is not None
    with browsing(program, tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def shown(page: Page, made: SequenceReport, folder: Path, *, width: int, dark: bool = False) -> Page:
    file = folder / "report.html"
    file.write_bytes(to_html(made))
    page.errors.clear()
    page.requests.clear()
    page.open(file, width=width, dark=dark)
    return page


@pytest.mark.parametrize("records", [0, 24, 300])
@pytest.mark.parametrize(("width", "dark"), [(320, False), (390, True), (800, False), (1400, True)])
def test_the_page_loads_in_silence_and_fits_its_window(
    page: Page, tmp_path: Path, records: int, width: int, *, dark: bool
) -> None:
    shown(page, report(sequence(records), title="A week", job="job"), tmp_path, width=width, dark=dark)

    assert page.value("document.documentElement.scrollWidth") <= width
    assert page.errors == []
    assert [url for url in page.requests if not url.startswith(("file:", "data:"))] == []


def test_its_own_style_is_let_in_and_follows_the_system(page: Page, tmp_path: Path) -> None:
    made = report(sequence(5), title="A week", job="job")

    grounds = [
        shown(page, made, tmp_path, width=1000, dark=dark).value("getComputedStyle(document.body).backgroundColor")
        for dark in (False, True)
    ]

    assert grounds == ["rgb(244, 245, 246)", "rgb(14, 17, 20)"]


def test_points_are_drawn_where_their_records_lie(page: Page, tmp_path: Path) -> None:
    shown(page, report(sequence(24), title="A week", job="job"), tmp_path, width=1000)

    across = page.value("[...document.querySelectorAll('.plot a')].map(one => one.getBoundingClientRect().x)")
    plot = page.value(
        "(() => { const b = document.querySelector('.plot[role]').getBoundingClientRect(); return [b.left, b.right]; })()"
    )
    assert across == sorted(across)
    assert len(across) == 24
    assert plot[0] <= across[0] < across[-1] <= plot[1]


def test_names_that_are_markup_stay_text(page: Page, tmp_path: Path) -> None:
    shown(page, nasty(), tmp_path, width=1000)

    assert page.text("h1") == NASTY
    assert page.value("document.querySelectorAll('img, script').length") == 0
    assert page.errors == []
