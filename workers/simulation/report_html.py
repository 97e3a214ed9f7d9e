"""The report as one HTML page that needs nothing else: no network, no library, no second file."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from jobs.report import Report
from workers.simulation import report_curves, report_words, report_words_tests, report_words_timing
from workers.simulation.report_data import page_data, script_json
from workers.simulation.report_facts import facts
from workers.simulation.report_method import method

PAGE = Path(__file__).parent / "page"
STYLES = ("base.css", "headline.css", "findings.css", "wave.css", "key.css", "code.css", "print.css")
SCRIPTS = (
    "model.js",
    "dom.js",
    "scale.js",
    "band.js",
    "painter.js",
    "plot.js",
    "gestures.js",
    "overview.js",
    "readout.js",
    "findings.js",
    "listing.js",
    "code.js",
    "start.js",
)
"""In the order in which they are needed; together they are one script."""


def to_html(report: Report, *, source: Mapping[str, Sequence[str]]) -> bytes:
    """Return the page. Every text in it is escaped: names come from the firmware, so from whoever built it."""
    cpa = report.cpa
    page = _environment().get_template("report.html.j2")
    return page.render(
        report=report,
        words=report_words,
        tests=report_words_tests,
        timing=report_words_timing,
        facts=facts(report),
        curves=report_curves,
        rank_plot=report_curves.rank_plot(cpa) if cpa else None,
        method=method(report),
        request_json=json.dumps(report.request.model_dump(mode="json", exclude_none=True), indent=2),
        data=script_json(page_data(report, source)),
        style=_joined(STYLES),
        script=_joined(SCRIPTS),
    ).encode()


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(PAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@cache
def _joined(names: tuple[str, ...]) -> str:
    """Return our own style sheets or scripts, in order."""
    return "\n".join((PAGE / name).read_text(encoding="utf-8").rstrip() for name in names)
