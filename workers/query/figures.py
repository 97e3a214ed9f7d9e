"""Figures for people: intervals, tests between figures, and units of a size that can be read. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations

from workers.query.quantiles import NORMAL, student_quantile, student_tail

LEVEL = 0.95
ALPHA = 0.01
"""Of the test whether measurements contradict each other, before its correction for the number of comparisons."""
STEPS = {
    "uJ": ((1e9, "kJ"), (1e6, "J"), (1e3, "mJ"), (1, "µJ"), (1e-3, "nJ"), (1e-6, "pJ"), (1e-9, "fJ")),
    "us": ((1e6, "s"), (1e3, "ms"), (1, "µs"), (1e-3, "ns"), (1e-6, "ps")),
    "B": ((1024**2, "MiB"), (1024, "KiB"), (1, "B")),
    "degC": ((1, "°C"),),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """A mean of `n` values with their standard deviation, and who says so."""

    mean: float
    sd: float | None
    n: int
    batch: str = ""


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval."""

    low: float
    high: float


def of_mean(mean: float, sd: float | None, n: int) -> Interval | None:
    """Return Student's interval of a mean; None where there is no spread to judge by."""
    if sd is None or n < 2:
        return None
    reach = student_quantile(LEVEL, n - 1) * sd / math.sqrt(n)
    return Interval(mean - reach, mean + reach)


def of_share(count: int, total: int) -> Interval | None:
    """Return Wilson's interval of a proportion."""
    if total < 1:
        return None
    z = NORMAL.inv_cdf((1 + LEVEL) / 2)
    share, width = count / total, z * z / total
    middle = (share + width / 2) / (1 + width)
    reach = z / (1 + width) * math.sqrt(share * (1 - share) / total + width / (4 * total))
    low = 0.0 if count == 0 else max(0.0, middle - reach)
    return Interval(low, 1.0 if count == total else min(1.0, middle + reach))


def of_correlation(rho: float, n: int) -> Interval | None:
    """Return Fisher's interval of a correlation over `n` pairs."""
    if n < 4 or abs(rho) >= 1:
        return None
    reach = NORMAL.inv_cdf((1 + LEVEL) / 2) / math.sqrt(n - 3)
    return Interval(math.tanh(math.atanh(rho) - reach), math.tanh(math.atanh(rho) + reach))


def welch_p(a: Sample, b: Sample) -> float | None:
    """Return Welch's two-sided p-value for a difference of means; None where spread or values are too few."""
    if a.sd is None or b.sd is None or min(a.n, b.n) < 2:
        return None
    of_a, of_b = a.sd**2 / a.n, b.sd**2 / b.n
    if of_a + of_b == 0:
        return float(a.mean == b.mean)
    freedom = (of_a + of_b) ** 2 / (of_a**2 / (a.n - 1) + of_b**2 / (b.n - 1))
    return student_tail((a.mean - b.mean) / math.sqrt(of_a + of_b), freedom)


def contradict(samples: Sequence[Sample]) -> bool:
    """Say whether any two differ beyond chance, at 1 % over all comparisons (Bonferroni)."""
    pairs = list(combinations(samples, 2))
    return any((p := welch_p(a, b)) is not None and p < ALPHA / len(pairs) for a, b in pairs)


def shown(value: float, unit: str | None = None, interval: Interval | None = None) -> str:
    """Return a figure with its unit, in a size that can be read; with an interval, no more digits than that supports."""
    if unit == "s":
        return _moment(value)
    scale, name = _step(value, unit)
    decimals = _decimals(value / scale, (interval.high - interval.low) / 2 / scale if interval else None)
    text = _number(value / scale, decimals)
    if interval is None:
        text = _trimmed(text)
    if interval is not None:
        text += f" ({_number(interval.low / scale, decimals)} … {_number(interval.high / scale, decimals)})"
    return f"{text} {name}" if name else text


def _step(value: float, unit: str | None) -> tuple[float, str]:
    steps = STEPS.get(unit or "")
    if steps is None:
        return 1, unit or ""
    if value == 0:
        return next(step for step in steps if step[0] == 1)
    return next((step for step in steps if abs(value) >= step[0]), steps[-1])


def _decimals(value: float, reach: float | None) -> int:
    """Return decimals for two digits of the reach, or four of the value itself."""
    if value == int(value) and not reach:
        return 0
    size = reach or abs(value)
    digits = (2 if reach else 4) - 1 - math.floor(math.log10(size))
    return max(0, min(digits, 12))


def _number(value: float, decimals: int) -> str:
    if value and abs(value) < 1e-6:
        return f"{value:.2e}"
    text = f"{value:.{decimals}f}"
    return "0" if text.strip("-0.") == "" else text


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def _moment(seconds: float) -> str:
    """Write a time; what lies before 1980 is a virtual clock's and stays seconds."""
    if seconds < 315_532_800 or seconds > 253_402_300_799:
        return f"{_trimmed(_number(seconds, _decimals(seconds, None)))} s"
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
