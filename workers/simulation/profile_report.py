"""The files of a profiled attack's report: the same facts for a program, a person, a spreadsheet and a slide."""

from jobs.report_profile import ProfileReport
from workers.simulation.profile_html import to_html
from workers.simulation.profile_plot import to_png
from workers.simulation.profile_table import to_csv


def render(report: ProfileReport) -> dict[str, bytes]:
    """Return the report's files by name: `profile.json`, `.html`, `.csv` and `.png`.

    Equal reports give equal JSON, HTML and CSV, byte for byte.
    """
    return {
        "profile.json": report.model_dump_json().encode() + b"\n",
        "profile.html": to_html(report),
        "profile.csv": to_csv(report),
        "profile.png": to_png(report),
    }
