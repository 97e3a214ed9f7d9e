"""How looks, corrections and pairs read on the page and in the account of the method."""

from typing import Any

import pytest

from jobs.report import Report
from tests.workers.simulation.conftest import Lab
from tests.workers.simulation.reports import synthetic
from tests.workers.simulation.test_report_html import Outline
from workers.simulation.report_html import to_html
from workers.simulation.report_method import method
from workers.simulation.report_words_tests import power_of_ten, sequential_sentence

LOOKS = {"error_rate": 0.001, "looks": 4}


@pytest.fixture
def report(lab: Lab) -> Report:
    """Run a small campaign that has everything."""
    changes: dict[str, Any] = {"cpa": None, "sequential": LOOKS, "bivariate": {"window": [0, 60]}}
    return lab.run("c", lab.request("aes128_m4", traces=400, **changes))


def test_the_page_shows_looks_corrections_and_pairs(report: Report) -> None:
    page = Outline(to_html(report, source={}))

    assert {"many-tests", "pairs"} <= set(page.all("id"))
    assert "#pairs" in page.all("href")
    assert report.sequential is not None
    assert sequential_sentence(report.sequential).replace("\u2009", " ") in page.words.replace("\u2009", " ")
    assert "Benjamini and Hochberg" in page.words
    titles = [step.title for step in method(report)]
    assert titles[-5:-2] == ["Looking early, without peeking", "Many tests at once", "Pairs of samples"]


def test_a_report_without_them_says_nothing_of_them() -> None:
    page = Outline(to_html(synthetic("leaks"), source={}))

    assert not {"many-tests", "pairs"} & set(page.all("id"))


def test_numbers_of_any_size_are_written() -> None:
    assert power_of_ten(-4.001) == "1.0e\u22124"
    assert (power_of_ten(-0.30103), power_of_ten(-51.85), power_of_ten(-1000.0)) == (
        "0.5",
        "1.4e\u221252",
        "1.0e\u22121000",
    )
