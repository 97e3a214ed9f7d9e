"""The report as a picture of 1600 x 1200 pixels: the t-trace, the attack, and how fast it worked."""

import io
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from jobs.report import CpaReport, Report, Tvla, Verdict
from workers.simulation.report_facts import worst_t
from workers.simulation.report_words import VERDICTS, count, magnitude, short, under_verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE_INCH = (16.0, 12.0)
DPI = 100
INK, DIM, LINE = "#14181c", "#5b6570", "#dde1e5"
HOT, ACCENT, TRACE, WASH = "#b8301c", "#0b6b80", "#55626e", "#e9edf0"
COLOURS = {Verdict.LEAKS: HOT, Verdict.FAULT: HOT, Verdict.CLEAN: "#1d6b41", Verdict.INSUFFICIENT: "#8a5300"}
LATIN_END, GREEK, GREEK_END = 0x250, 0x370, 0x400
SIGNS = "\u2009\u2013\u2014\u2018\u2019\u201c\u201d\u2026\u2212\u221e"
SENTENCE_LENGTH = 150
COMPRESSED_FROM = 8
"""The t-axis is compressed when it must reach further than so many thresholds."""


def to_png(report: Report) -> bytes:
    """Return the picture as PNG."""
    # Loading it takes a while, and only the process that writes a report needs it.
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - see above
    from matplotlib.figure import Figure  # noqa: PLC0415 - see above

    figure = Figure(figsize=SIZE_INCH, dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    _title(figure, report)
    grid = figure.add_gridspec(3, 2, left=0.055, right=0.972, top=0.845, bottom=0.06, hspace=0.42, wspace=0.16)
    if report.tvla is None:
        _message(figure.add_subplot(grid[0, :]), report.tvla_absent or "There is no t-test.")
    else:
        _t_trace(figure.add_subplot(grid[0, :]), report, report.tvla, order=1)
    if report.cpa is not None:
        _rho_trace(figure.add_subplot(grid[1, :]), report, report.cpa)
        _key_bytes(figure.add_subplot(grid[2, 0]), report.cpa)
        _ranks(figure.add_subplot(grid[2, 1]), report.cpa)
    else:
        _without_attack(figure, grid, report)
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=DPI, metadata={"Software": None})
    return out.getvalue()


def _without_attack(figure: "Figure", grid: Any, report: Report) -> None:
    if report.tvla is not None:
        _t_trace(figure.add_subplot(grid[1, :]), report, report.tvla, order=2)
    else:
        _message(figure.add_subplot(grid[1, :]), report.cpa_absent or "There was no attack.")
    axes = figure.add_subplot(grid[2, :])
    if not report.series.mean:
        _message(axes, "No sample was compared.")
        return
    _frame(axes, f"Mean power, {report.power.unit}", "sample")
    _public(axes, report)
    axes.plot(_samples(report), report.series.mean, color=ACCENT, linewidth=0.7)


def _title(figure: "Figure", report: Report) -> None:
    facts = [
        count(report.traces, "trace"),
        *((report.firmware.core,) if report.firmware else ()),
        "measured" if report.measured else f"model {report.power.model} ({report.power.calibration})",
    ]
    if report.tvla is not None:
        facts.append(f"max |t| {magnitude(worst_t(report)[0], digits=1)}")
    if report.cpa is not None and report.cpa.recovered is not None:
        facts.append(f"key bytes {report.cpa.recovered}/{len(report.cpa.bytes)}")
    if report.firmware is not None:
        facts.append(f"firmware {short(report.firmware.sha256)}")
    lines = (
        (0.958, VERDICTS[report.verdict], 27, COLOURS[report.verdict], "bold"),
        (0.925, _shortened(under_verdict(report.headline)), 14, INK, "normal"),
        (0.897, "     ".join(facts), 12, DIM, "normal"),
    )
    for height, text, size, colour, weight in lines:
        figure.text(0.055, height, plain(text), size=size, color=colour, weight=weight, parse_math=False)


def _t_trace(axes: "Axes", report: Report, tvla: Tvla, *, order: int) -> None:
    moment = "mean power" if order == 1 else "variance of the power"
    _frame(axes, f"Welch's t, order {order}: {moment}, fixed against random", "sample")
    values = np.array([math.inf if t is None else t for t in (report.series.t1 if order == 1 else report.series.t2)])
    samples = _samples(report)
    finite = np.where(np.isfinite(values), values, np.nan)
    most = 1.12 * max(float(np.nanmax(np.abs(finite), initial=0)), 1.4 * tvla.corrected_threshold)
    _public(axes, report)
    axes.plot(samples, finite, color=TRACE, linewidth=0.7)
    over = (np.abs(finite) > tvla.threshold) & ~_public_samples(report)
    axes.vlines(samples[over], 0, finite[over], color=HOT, linewidth=0.8)
    infinite = np.isinf(values)
    if infinite.any():
        label = f"{count(int(infinite.sum()), 'sample')} differ without noise"
        axes.plot(samples[infinite], np.full(infinite.sum(), 0.97 * most), "^", color=HOT, markersize=5, label=label)
    for limit, style, name in (
        (tvla.threshold, (0, (5, 4)), f"threshold \u00b1{tvla.threshold:g}"),
        (tvla.corrected_threshold, (0, (1.5, 2.5)), f"corrected \u00b1{tvla.corrected_threshold:.2f}"),
    ):
        for sign in (1, -1):
            axes.axhline(sign * limit, color=INK, linewidth=0.9, linestyle=style, label=name if sign == 1 else None)
    if most > COMPRESSED_FROM * tvla.threshold:
        # Close to linear below the threshold, logarithmic above: both stay readable in one picture.
        axes.set_yscale("asinh", linear_width=tvla.threshold)
        ticks = [tick for tick in (10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0) if tick < most]
        marks = [*(-tick for tick in reversed(ticks)), 0.0, *ticks]
        axes.set_yticks(marks, [f"{mark:g}".replace("-", "\u2212") for mark in marks])
        axes.minorticks_off()
    axes.set_ylim(-most, most)
    _legend(axes)


def _rho_trace(axes: "Axes", report: Report, cpa: CpaReport) -> None:
    _frame(axes, f"|\u03c1| with {cpa.what}", "sample")
    _public(axes, report)
    if report.series.rho:
        axes.plot(_samples(report), report.series.rho, color=TRACE, linewidth=0.7)
    axes.axhline(
        cpa.noise_floor, color=INK, linewidth=0.9, linestyle=(0, (5, 4)), label=f"noise floor {cpa.noise_floor:.3f}"
    )
    axes.plot(
        [byte.sample for byte in cpa.bytes],
        [abs(byte.rho) for byte in cpa.bytes],
        "o",
        color=HOT,
        markersize=4,
        label="best guess of a key byte",
    )
    axes.set_ylim(0, 1)
    _legend(axes)


def _key_bytes(axes: "Axes", cpa: CpaReport) -> None:
    _frame(axes, "|\u03c1| of each key byte", "key byte, with its 95 % interval")
    heights = np.array([abs(byte.rho) for byte in cpa.bytes])
    ends = np.array([sorted((abs(byte.rho_low), abs(byte.rho_high))) for byte in cpa.bytes])
    indices = [byte.index for byte in cpa.bytes]
    axes.bar(indices, heights, width=0.62, color=HOT, alpha=0.85)
    axes.errorbar(indices, heights, yerr=np.abs(ends.T - heights), fmt="none", ecolor=INK, elinewidth=1.1, capsize=3)
    axes.plot(
        indices,
        [byte.second_rho for byte in cpa.bytes],
        "_",
        color=INK,
        markersize=13,
        markeredgewidth=1.6,
        label="best wrong guess",
    )
    axes.axhline(
        cpa.noise_floor, color=INK, linewidth=0.9, linestyle=(0, (5, 4)), label=f"noise floor {cpa.noise_floor:.3f}"
    )
    axes.set_xticks(indices[:: -(-len(indices) // 16)])
    axes.set_ylim(0, 1)
    axes.margins(x=0.02)
    _legend(axes)


def _ranks(axes: "Axes", cpa: CpaReport) -> None:
    if cpa.guessing_entropy is None or len(cpa.checkpoints) < 2:
        _message(axes, "The key is unknown: no ranks." if not cpa.key_known else "Ranks were taken only once.")
        return
    _frame(axes, "Rank of the true key bytes and guessing entropy", "traces")
    for byte in cpa.bytes:
        axes.plot(
            cpa.checkpoints, [math.log2((rank or 0) + 1) for rank in byte.ranks], color=TRACE, linewidth=0.9, alpha=0.55
        )
    axes.plot(cpa.checkpoints, cpa.guessing_entropy, color=HOT, linewidth=2.6, label="guessing entropy")
    axes.set_xscale("log")
    ranks = (0, 1, 3, 7, 15, 31, 63, 127, 255)
    axes.set_yticks([math.log2(rank + 1) for rank in ranks], [str(rank) for rank in ranks])
    shown = cpa.checkpoints[::-1][:: -(-len(cpa.checkpoints) // 7)]
    axes.set_xticks(shown, [str(traces) for traces in shown])
    axes.minorticks_off()
    axes.set_ylim(-0.15, 8.1)
    axes.margins(x=0.02)
    _legend(axes)


def _frame(axes: "Axes", title: str, bottom: str) -> None:
    axes.set_title(plain(title), loc="left", size=12.5, color=INK, weight="bold", pad=8, parse_math=False)
    axes.set_xlabel(bottom, size=10.5, color=DIM)
    axes.tick_params(colors=DIM, labelsize=10, length=3)
    axes.grid(visible=True, color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.margins(x=0)
    for side, spine in axes.spines.items():
        spine.set_visible(side in {"left", "bottom"})
        spine.set_color("#c3cad1")


def _legend(axes: "Axes") -> None:
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1, 1.0),
        ncols=4,
        frameon=False,
        fontsize=10,
        labelcolor=DIM,
        borderaxespad=0.2,
    )


def _message(axes: "Axes", text: str) -> None:
    axes.set_axis_off()
    axes.text(0, 0.5, plain(_shortened(text)), size=13, color=DIM, transform=axes.transAxes, parse_math=False)


def _samples(report: Report) -> npt.NDArray[np.int64]:
    series = report.series
    return series.stride * np.arange(len(series.pcs), dtype=np.int64)


def _public_samples(report: Report) -> npt.NDArray[np.bool_]:
    public = {row.place.address for row in report.rows if row.public is not None}
    return np.array([pc in public for pc in report.series.pcs], bool)


def _public(axes: "Axes", report: Report) -> None:
    """Shade declared-public code."""
    samples = _samples(report)
    for position, (start, end) in enumerate(_runs(_public_samples(report))):
        label = "declared public" if position == 0 else None
        axes.axvspan(samples[start], samples[end - 1] + report.series.stride, color=WASH, zorder=0, label=label)


def _runs(flags: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Yield [start, end) of each run of true flags."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    pairs: Sequence[int] = edges.tolist()
    yield from zip(pairs[::2], pairs[1::2], strict=True)


def plain(text: str) -> str:
    """Return text that the built-in font can draw: Latin, Greek and common signs; a question mark for the rest."""
    return "".join(character if _drawn(character) else "?" for character in text)


def _drawn(character: str) -> bool:
    code = ord(character)
    return character in SIGNS or (character.isprintable() and (code < LATIN_END or GREEK <= code < GREEK_END))


def _shortened(text: str) -> str:
    return text if len(text) <= SENTENCE_LENGTH else text[: SENTENCE_LENGTH - 1] + "\u2026"
