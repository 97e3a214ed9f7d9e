"""The report of a sequence as one HTML page that needs nothing else: no network, no script, no second file."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from jobs.rem_sequence import Entry, SequenceReport, Trend
from workers.remforge import sequence_words as words

PAGE = Path(__file__).parent / "page"
STYLES = ("base.css", "sequence.css", "table.css")
MOST_ROWS = 1000
"""Of the table; all records are in the other files."""
TOP, HEIGHT, BAND = 14.0, 220.0, 22.0
"""Of the valence plot, in CSS pixels: where +1 lies, how far below it -1 does, and the band of what is not known."""
SMALL_FROM = 150
"""Points are dots, without names, when there are more."""


@dataclass(frozen=True, slots=True)
class Point:
    """A record in the plot: `x` in per cent of its width, `y` in pixels, None where its valence is not known."""

    entry: Entry
    x: float
    y: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line in the plot; dashed over records whose valence is not known."""

    x1: float
    y1: float
    x2: float
    y2: float
    dashed: bool = False


def to_html(report: SequenceReport) -> bytes:
    """Return the page. Every text in it is escaped: names and words come from files, so from whoever made them."""
    points = _points(report)
    style = f"\n{_style()}\n"
    page = _environment().get_template("sequence.html.j2")
    return page.render(
        report=report,
        words=words,
        rows=report.records[:MOST_ROWS],
        points=points,
        lines=_lines(points),
        trend=_trend_line(report.valence_trend, len(report.records)),
        ticks=[(_x(at, len(points)), at) for at in words.axis_positions(len(points))],
        y=_y,
        plot={"top": TOP, "bottom": TOP + HEIGHT, "band": TOP + HEIGHT + 8, "band_height": BAND},
        small=len(points) > SMALL_FROM,
        kinds=[one for one in report.modalities if one.files],
        style=style,
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    ).encode()


def _x(position: float, records: int) -> float:
    return round(100 * (position - 0.5) / records, 3)


def _y(valence: float) -> float:
    return round(TOP + HEIGHT * (1 - valence) / 2, 1)


def _points(report: SequenceReport) -> list[Point]:
    return [
        Point(one, _x(one.position, len(report.records)), None if one.valence is None else _y(one.valence))
        for one in report.records
    ]


def _lines(points: list[Point]) -> list[Line]:
    known = [(point.entry.position, point.x, point.y) for point in points if point.y is not None]
    return [
        Line(before[1], before[2], after[1], after[2], dashed=after[0] - before[0] > 1)
        for before, after in pairwise(known)
    ]


def _trend_line(trend: Trend | None, records: int) -> Line | None:
    """Return the fitted line, cut where it would leave -1 to 1."""
    if trend is None:
        return None
    first, last = 1.0, float(records)
    if trend.slope:
        ends = sorted((limit - trend.intercept) / trend.slope for limit in (-1, 1))
        first, last = max(first, ends[0]), min(last, ends[1])
    heights = (_y(trend.intercept + trend.slope * at) for at in (first, last))
    return Line(_x(first, records), next(heights), _x(last, records), next(heights))


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
