"""The report of a profiled attack as one HTML page that needs nothing else: no network, no script, no second file."""

import base64
import hashlib
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from jobs.report_profile import ProfileReport
from workers.simulation import profile_words, report_words
from workers.simulation.profile_curves import plots
from workers.simulation.report_html import PAGE

STYLES = ("base.css", "profile.css")


def to_html(report: ProfileReport) -> bytes:
    """Return the page. Every text in it is escaped: names come from the firmware, so from whoever built it."""
    style = f"\n{_style()}\n"
    page = _environment().get_template("profile.html.j2")
    return page.render(
        report=report,
        words=report_words,
        said=profile_words,
        plots=plots(report),
        request_json=report.request.model_dump_json(indent=2, exclude_none=True),
        style=style,
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
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
def _style() -> str:
    """Return our own style sheets, in order."""
    return "\n".join((PAGE / name).read_text(encoding="utf-8").rstrip() for name in STYLES)
