"""Geometry of the key-byte drawings of the page: ranks against traces, and correlations with their intervals."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from jobs.report import CpaReport, KeyByte
from workers.simulation.report_words import whole

WIDTH, HEIGHT = 460.0, 280.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 40.0, 16.0, 40.0
RANKS = (0, 1, 3, 7, 15, 31, 63, 127, 255)
"""Ticks of the rank: equal steps in log2(rank + 1), the unit of the guessing entropy."""
BITS = 8
MAX_TICKS = 6


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A polyline: `points` as SVG takes them, and what it stands for."""

    points: str
    index: int
    title: str


@dataclass(frozen=True, slots=True)
class RankPlot:
    """Ranks and guessing entropy against traces, both axes logarithmic."""

    ranks: tuple[Line, ...]
    entropy: Line | None
    end: tuple[float, float] | None
    """Where the guessing entropy ends."""
    rank_ticks: tuple[Tick, ...]
    bit_ticks: tuple[Tick, ...]
    trace_ticks: tuple[Tick, ...]


def rank_plot(cpa: CpaReport) -> RankPlot | None:
    """Return the plot, or None where ranks were taken fewer than twice or the key is unknown."""
    if not cpa.key_known or len(cpa.checkpoints) < 2:
        return None
    lines = tuple(
        Line(
            _points(cpa.checkpoints, [math.log2((rank or 0) + 1) for rank in byte.ranks]),
            byte.index,
            f"byte {byte.index}: rank {byte.rank} after {whole(cpa.traces)} traces",
        )
        for byte in cpa.bytes
    )
    entropy, end = None, None
    if cpa.guessing_entropy is not None:
        entropy = Line(_points(cpa.checkpoints, cpa.guessing_entropy), -1, "guessing entropy")
        end = _x(cpa.checkpoints[-1], cpa.checkpoints), _y(cpa.guessing_entropy[-1])
    return RankPlot(
        ranks=lines,
        entropy=entropy,
        end=end,
        rank_ticks=tuple(Tick(_y(math.log2(rank + 1)), str(rank)) for rank in RANKS),
        bit_ticks=tuple(Tick(_y(bits), str(bits)) for bits in range(0, BITS + 1, 2)),
        trace_ticks=tuple(Tick(_x(traces, cpa.checkpoints), whole(traces)) for traces in _thinned(cpa.checkpoints)),
    )


@dataclass(frozen=True, slots=True)
class Interval:
    """Correlations of a key byte as fractions of the drawing's width, 0 to 1."""

    rho: float
    low: float
    high: float
    second: float


def interval(byte: KeyByte) -> Interval:
    """Return |rho| with its interval; the interval of a negative correlation is mirrored."""
    ends = sorted((abs(byte.rho_low), abs(byte.rho_high)))
    crosses = byte.rho_low <= 0 <= byte.rho_high
    return Interval(abs(byte.rho), 0.0 if crosses else ends[0], ends[1], byte.second_rho)


def _points(traces: Sequence[int], bits: Sequence[float]) -> str:
    return " ".join(f"{_x(count, traces):.1f},{_y(value):.1f}" for count, value in zip(traces, bits, strict=True))


def _x(traces: int, checkpoints: Sequence[int]) -> float:
    first, last = math.log(checkpoints[0]), math.log(checkpoints[-1])
    return LEFT + (WIDTH - LEFT - RIGHT) * (math.log(traces) - first) / (last - first)


def _y(bits: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * bits / BITS


def _thinned(checkpoints: Sequence[int]) -> list[int]:
    """Keep at most MAX_TICKS checkpoints, the last one included."""
    step = -(-len(checkpoints) // MAX_TICKS)
    return sorted(checkpoints[::-1][::step])
