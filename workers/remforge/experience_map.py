"""The experience map: a picture of 1200 x 700 pixels of how a sequence feels, record after record."""

import io
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from jobs.rem import Modality
from jobs.rem_sequence import Entry, SequenceReport
from workers.remforge.sequence_words import MANY, ONE, axis_positions, count, shortened, signed, valence_sentence

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.transforms import BboxBase

SIZE_INCH = (12.0, 7.0)
DPI = 100
INK, SOFT, DIM, LINE, WASH = "#14181c", "#3d464f", "#5b6570", "#dde1e5", "#f1f3f5"
ACCENT = "#0b6b80"
COLORS = {
    Modality.TEXT: "#2360a8",
    Modality.IMAGE: "#c2630f",
    Modality.AUDIO: "#1b7a50",
    Modality.VIDEO: "#86489c",
}
MARKERS = {Modality.TEXT: "o", Modality.IMAGE: "s", Modality.AUDIO: "^", Modality.VIDEO: "D"}
UNKNOWN_Y, BAND = -1.32, (-1.50, -1.14)
"""Where a record whose valence is not known lies: under the scale, never on it."""
LEAST_AREA, MOST_AREA = 28.0, 300.0
"""Square points, of arousal 0 and 1, in a sequence of up to `ROOMY` records; smaller in longer ones."""
ROOMY, LEAST_SCALE = 60, 0.18
RING = 3.2
"""Width in points of the ring of a picture."""
NEAR_BAND = -0.85
"""Under this, a word beneath a record would run into the band."""
SPREAD, GOLDEN = 0.26, 0.618034


def to_png(report: SequenceReport) -> bytes:
    """Return the map as PNG; the same bytes for equal reports and the same matplotlib.

    Across: the position in the sequence. Upwards: valence. Area: arousal, hollow where that is not known. Colour and
    shape: modality. The ring of a picture is the colour that covers most of it.
    """
    # Loading it takes a while, and only the process that writes a report needs it.
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - see above
    from matplotlib.figure import Figure  # noqa: PLC0415 - see above

    figure = Figure(figsize=SIZE_INCH, dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    _title(figure, report)
    axes = figure.add_axes((0.076, 0.155, 0.904, 0.655))
    _frame(axes, report)
    _trend(axes, report)
    scale = min(1.0, max(LEAST_SCALE, ROOMY / max(1, len(report.records))))
    for modality in Modality:
        _records(axes, [one for one in report.records if one.modality is modality], scale=scale)
    _extremes(axes, report)
    if report.records:
        _legend(figure, report, scale=scale)
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=DPI, metadata={"Software": None})
    return out.getvalue()


def _title(figure: "Figure", report: SequenceReport) -> None:
    kinds = [count(one.files, ONE[one.modality], MANY[one.modality]) for one in report.modalities if one.files]
    facts = "     ".join([count(len(report.records), "record"), *kinds])
    if report.missing:
        facts += f"     {count(len(report.missing), 'file')} could not be read"
    valence = valence_sentence(report.valence_trend, report.valence_trend_absent)
    lines = (
        (0.935, shortened(report.title or "Untitled sequence", 62), 20, INK, "bold"),
        (0.893, valence, 12, SOFT, "normal"),
        (0.855, facts, 11, DIM, "normal"),
    )
    for height, text, size, color, weight in lines:
        figure.text(0.0255, height, plain(text), size=size, color=color, weight=weight, parse_math=False)


def _frame(axes: "Axes", report: SequenceReport) -> None:
    axes.axhspan(*BAND, color=WASH, zorder=0)
    marks = (-1.0, -0.5, 0.0, 0.5, 1.0)
    for mark in marks:
        axes.axhline(mark, color=LINE if mark else "#aab3bb", linewidth=0.8 if mark else 1, zorder=1)
    axes.set_yticks([*marks, UNKNOWN_Y], [*(signed(mark, digits=1) for mark in marks), "not\nknown"])
    axes.set_ylim(BAND[0], 1.14)
    axes.set_ylabel("valence", size=11, color=DIM, y=0.58)
    axes.set_xlabel("position in the sequence", size=11, color=DIM)
    last = max(1, len(report.records))
    margin = max(0.6, 0.018 * last)
    axes.set_xlim(1 - margin, last + margin)
    axes.set_xticks(axis_positions(len(report.records), most=10))
    axes.tick_params(colors=DIM, labelsize=10.5, length=0, pad=6)
    for spine in axes.spines.values():
        spine.set_visible(False)
    if not report.records:
        axes.text(0.5, 0.6, "No file became a record.", size=13, color=DIM, ha="center", transform=axes.transAxes)


def _trend(axes: "Axes", report: SequenceReport) -> None:
    found = report.valence_trend
    if found is None:
        return
    ends = (1.0, float(len(report.records)))
    shown = found.direction != "not shown"
    # The line may leave the scale; the band below is no part of it.
    axes.plot(
        ends,
        [found.intercept + found.slope * end for end in ends],
        color=ACCENT,
        linewidth=2 if shown else 1.4,
        linestyle="solid" if shown else (0, (5, 4)),
        alpha=0.8,
        zorder=2,
    )[0].set_clip_box(_scale_box(axes))


def _scale_box(axes: "Axes") -> "BboxBase":
    """Return the part of the plot between valence -1 and +1."""
    from matplotlib.transforms import Bbox, TransformedBbox  # noqa: PLC0415 - loaded with the figure

    low, high = axes.get_xlim()
    return TransformedBbox(Bbox.from_extents(low, -1, high, 1), axes.transData)


def _records(axes: "Axes", entries: Sequence[Entry], *, scale: float) -> None:
    """Draw the records of one modality; the greatest first, so that none hides another."""
    if not entries:
        return
    ordered = sorted(entries, key=lambda entry: -area(entry.arousal))
    marker, color = MARKERS[ordered[0].modality], COLORS[ordered[0].modality]
    ringed = [one for one in ordered if one.color is not None]
    if ringed:
        axes.scatter(
            [one.position for one in ringed],
            [_height(one, scale) for one in ringed],
            s=[(math.sqrt(scale * area(one.arousal)) + 2 * RING * math.sqrt(scale)) ** 2 for one in ringed],
            marker=marker,
            c=[one.color or DIM for one in ringed],
            edgecolors=DIM,
            linewidths=0.5,
            zorder=3,
        )
    for hollow in (False, True):
        these = [one for one in ordered if (one.arousal is None) == hollow]
        axes.scatter(
            [one.position for one in these],
            [_height(one, scale) for one in these],
            s=[scale * area(one.arousal) for one in these],
            marker=marker,
            facecolors="white" if hollow else color,
            edgecolors=color if hollow else "white",
            linewidths=1.6 * max(scale, 0.5) if hollow else 0.8,
            alpha=0.92,
            zorder=4,
        )


def _height(entry: Entry, scale: float) -> float:
    """Return how high a record lies; where there are many, those in the band are spread so that they can be told apart."""
    if entry.valence is not None:
        return entry.valence
    return UNKNOWN_Y + (SPREAD * (entry.position * GOLDEN % 1 - 0.5) if scale < 1 else 0.0)


def _extremes(axes: "Axes", report: SequenceReport) -> None:
    """Write beside the highest and the lowest record what they are."""
    known = [one for one in report.records if one.valence is not None]
    if len(known) < 2:
        return
    highest, lowest = max(known, key=_valence), min(known, key=_valence)
    if highest.valence == lowest.valence:
        return
    for one, above in ((highest, True), (lowest, _valence(lowest) < NEAR_BAND)):
        across = one.position / len(report.records)
        side = "left" if across < 0.3 else "right" if across > 0.7 else "center"
        offset = 5 + math.sqrt(area(one.arousal)) / 2
        axes.annotate(
            plain(shortened(one.headline or one.name, 48)),
            (one.position, _valence(one)),
            xytext=({"left": -4, "right": 4, "center": 0}[side], offset if above else -offset),
            textcoords="offset points",
            ha=side,
            va="bottom" if above else "top",
            size=9.5,
            color=SOFT,
            zorder=5,
            parse_math=False,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 1.2},
        )


def _valence(entry: Entry) -> float:
    return entry.valence or 0.0


def area(arousal: float | None) -> float:
    """Return the area of a point in square points; the least where arousal is not known, and hollow there."""
    return LEAST_AREA if arousal is None else LEAST_AREA + (MOST_AREA - LEAST_AREA) * arousal


def _legend(figure: "Figure", report: SequenceReport, *, scale: float) -> None:
    from matplotlib.lines import Line2D  # noqa: PLC0415 - loaded with the figure

    def point(label: str, marker: str, size: float, **looks: object) -> "Line2D":
        return Line2D([], [], linestyle="none", marker=marker, markersize=math.sqrt(size), label=label, **looks)  # type: ignore[arg-type]

    handles = [
        point(MANY[one.modality], MARKERS[one.modality], 90, color=COLORS[one.modality], markeredgecolor="white")
        for one in report.modalities
        if one.files
    ]
    if any(one.arousal is not None for one in report.records):
        handles += [
            point(f"arousal {arousal:g}", "o", scale * area(arousal), color=DIM, markeredgecolor="white")
            for arousal in (0, 1)
        ]
    if any(one.arousal is None for one in report.records):
        handles.append(
            point(
                "arousal not known",
                "o",
                max(20.0, scale * LEAST_AREA),
                markerfacecolor="white",
                markeredgecolor=DIM,
                markeredgewidth=1.6,
            )
        )
    if any(one.color is not None for one in report.records):
        handles.append(
            point(
                "ring: main colour of a picture",
                "s",
                90,
                markerfacecolor=COLORS[Modality.IMAGE],
                markeredgecolor="#c9a86a",
                markeredgewidth=3,
            )
        )
    figure.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0.018, 0.012),
        ncols=len(handles),
        frameon=False,
        fontsize=10,
        labelcolor=DIM,
        handletextpad=0.5,
        columnspacing=1.7,
    )


def plain(text: str) -> str:
    """Return text that the built-in font can draw: any space a plain one, a question mark for what has no shape."""
    from matplotlib.font_manager import fontManager, get_font  # noqa: PLC0415 - loaded with the figure

    drawn = get_font(fontManager.findfont("DejaVu Sans")).get_charmap()
    spaced = ("\u0020" if character.isspace() else character for character in text)
    return "".join(one if one.isprintable() and ord(one) in drawn else "?" for one in spaced)
