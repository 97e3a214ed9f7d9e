"""The curves of a profiled attack as a picture of 1600 x 700 pixels."""

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from jobs.profiling import Method
from jobs.report_profile import AttackPoint, Estimate, ProfileReport
from workers.simulation.report_plot import ACCENT, DIM, HOT, INK, LINE, plain
from workers.simulation.report_words import count

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE_INCH = (16.0, 7.0)
DPI = 100
COLOURS = {Method.TEMPLATES: HOT, Method.STOCHASTIC: ACCENT}


def to_png(report: ProfileReport) -> bytes:
    """Return the picture as PNG."""
    # Loading it takes a while, and only the process that writes a report needs it.
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - see above
    from matplotlib.figure import Figure  # noqa: PLC0415 - see above

    figure = Figure(figsize=SIZE_INCH, dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    facts = (
        f"{count(report.traces_profiling, 'trace')} to learn from     {count(report.traces_attack, 'trace')} attacked"
    )
    # A line for each method.
    told = [f"{part[:1].upper()}{part[1:].rstrip('.')}." for part in report.headline.split("; ")]
    for line, text in enumerate([*told, facts]):
        size, colour = (12, DIM) if text == facts else (15, INK)
        figure.text(0.045, 0.945 - 0.045 * line, plain(text), size=size, color=colour, parse_math=False)
    grid = figure.add_gridspec(1, 2, left=0.045, right=0.985, top=0.78, bottom=0.1, wspace=0.12)
    order = report.request.order
    left, right = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[0, 1])
    _frame(left, f"Success rate, order 1 (solid) and {order} (dashed)")
    _draw(left, report, lambda point: point.success)
    _draw(left, report, lambda point: point.success_order, dashed=True)
    left.set_ylim(-0.02, 1.02)
    _frame(right, "Guessing entropy, bits per byte")
    _draw(right, report, lambda point: point.guessing_entropy)
    right.set_ylim(-0.15, 8.1)
    for axes in (left, right):
        if any(one.curve for one in report.methods):
            axes.legend(frameon=False, fontsize=10, labelcolor=DIM)
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=DPI, metadata={"Software": None})
    return out.getvalue()


def _draw(axes: "Axes", report: ProfileReport, of: Callable[[AttackPoint], Estimate], *, dashed: bool = False) -> None:
    for one in report.methods:
        traces = np.array([point.traces for point in one.curve])
        values = [of(point) for point in one.curve]
        colour = COLOURS[one.method]
        if not dashed:
            low = np.array([np.nan if value.low is None else value.low for value in values])
            high = np.array([np.nan if value.high is None else value.high for value in values])
            axes.fill_between(traces, low, high, color=colour, alpha=0.13, linewidth=0)
        axes.plot(
            traces,
            [value.value for value in values],
            color=colour,
            linewidth=1.2 if dashed else 2.2,
            linestyle="--" if dashed else "-",
            label=None if dashed else one.method.value,
        )
    axes.set_xscale("log")
    if not any(one.curve for one in report.methods):
        axes.text(0.5, 0.5, "The key is unknown: no ranks.", transform=axes.transAxes, ha="center", color=DIM)


def _frame(axes: "Axes", title: str) -> None:
    axes.set_title(title, loc="left", size=12.5, color=INK, weight="bold", pad=8)
    axes.set_xlabel("traces of an attack", size=10.5, color=DIM)
    axes.tick_params(colors=DIM, labelsize=10, length=3)
    axes.grid(visible=True, color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side in {"left", "bottom"})
        spine.set_color("#c3cad1")
