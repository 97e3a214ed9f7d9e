"""The files of a report: the same facts for a program, a person, a spreadsheet and a slide."""

from collections.abc import Mapping, Sequence

from jobs.report import Report
from workers.simulation.report_html import to_html
from workers.simulation.report_plot import to_png
from workers.simulation.report_table import to_csv

Source = Mapping[str, Sequence[str]]
"""Source file, named as the report's places name it -> its lines, the first one at index 0."""


def render(report: Report, *, source: Source | None = None) -> dict[str, bytes]:
    """Return the report's files by name: `report.json`, `.html`, `.csv` and `.png`.

    Equal reports give equal JSON, HTML and CSV, byte for byte. With `source` the page shows the text of the lines.
    """
    return {
        "report.json": to_json(report),
        "report.html": to_html(report, source=source or {}),
        "report.csv": to_csv(report),
        "report.png": to_png(report),
    }


def to_json(report: Report) -> bytes:
    """Return the report as UTF-8 JSON on one line; fields come in the order of the model."""
    return report.model_dump_json().encode() + b"\n"
