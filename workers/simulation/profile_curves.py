"""The curves of a profiled attack as lines of an SVG."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jobs.profiling import Method
from jobs.report_profile import AttackPoint, Estimate, ProfileReport
from workers.simulation.report_words import whole

LEFT, RIGHT, TOP, BOTTOM = 44.0, 580.0, 14.0, 236.0
MOST_TICKS = 8


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis, in pixels."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Curve:
    """One method's line, its interval as an area, and its points."""

    method: Method
    dashed: bool
    points: str
    band: str
    dots: tuple[tuple[float, float, str], ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """A statistic against the number of traces."""

    title: str
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    curves: tuple[Curve, ...]


def plots(report: ProfileReport) -> tuple[Plot, ...]:
    """Return the success rate and the guessing entropy; nothing where the key is unknown."""
    if not any(one.curve for one in report.methods):
        return ()
    shares = (0.0, 0.25, 0.5, 0.75, 1.0)
    order = report.request.order
    return (
        _plot(
            report,
            f"Success rate, order 1 (solid) and {order} (dashed)",
            [(lambda point: point.success, False), (lambda point: point.success_order, True)],
            most=1.0,
            marks=shares,
        ),
        _plot(
            report,
            "Guessing entropy, bits per byte",
            [(lambda point: point.guessing_entropy, False)],
            most=8.0,
            marks=(0.0, 2.0, 4.0, 6.0, 8.0),
        ),
    )


def _plot(
    report: ProfileReport,
    title: str,
    drawn: Sequence[tuple[Callable[[AttackPoint], Estimate], bool]],
    *,
    most: float,
    marks: Sequence[float],
) -> Plot:
    traces = [point.traces for point in report.methods[0].curve]
    shown = traces[:: -(-len(traces) // MOST_TICKS)]
    return Plot(
        title,
        tuple(Tick(_across(count, traces[-1]), whole(count)) for count in shown),
        tuple(Tick(_up(mark, most), f"{mark:g}") for mark in marks),
        tuple(
            _curve(one.method, one.curve, of, most=most, dashed=dashed)
            for of, dashed in drawn
            for one in report.methods
        ),
    )


def _curve(
    method: Method, points: Sequence[AttackPoint], of: Callable[[AttackPoint], Estimate], *, most: float, dashed: bool
) -> Curve:
    last = points[-1].traces
    at = [(_across(point.traces, last), point, of(point)) for point in points]
    spread = [(x, value) for x, _, value in at if value.low is not None and value.high is not None]
    lows = [f"{x:.1f},{_up(value.low or 0.0, most):.1f}" for x, value in spread]
    highs = [f"{x:.1f},{_up(value.high or 0.0, most):.1f}" for x, value in spread]
    return Curve(
        method,
        dashed,
        " ".join(f"{x:.1f},{_up(value.value, most):.1f}" for x, _, value in at),
        "" if dashed else " ".join([*lows, *reversed(highs)]),
        tuple(
            (x, _up(value.value, most), f"{method.value}, {whole(point.traces)} traces: {value.value:.3g}")
            for x, point, value in at
        ),
    )


def _across(traces: int, last: int) -> float:
    share = math.log(traces) / math.log(last) if last > 1 else 0.0
    return round(LEFT + (RIGHT - LEFT) * share, 1)


def _up(value: float, most: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * min(max(value / most, 0.0), 1.0), 1)
