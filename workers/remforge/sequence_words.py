"""How the numbers of a sequence read to a person: one way of writing each, for the page and the picture."""

import math
from collections.abc import Sequence

from jobs.rem import Modality
from jobs.rem_sequence import ModalityShare, Trend

ONE = {Modality.TEXT: "text", Modality.IMAGE: "picture", Modality.AUDIO: "sound", Modality.VIDEO: "video"}
MANY = {Modality.TEXT: "texts", Modality.IMAGE: "pictures", Modality.AUDIO: "sounds", Modality.VIDEO: "videos"}
UNITS = {"s": "s", "hz": "Hz", "db": "dB", "bpm": "bpm", "bits": "bit"}


def headline(shares: Sequence[ModalityShare], *, missing: int, trend: Trend | None, trend_absent: str | None) -> str:
    """Say what the sequence is made of and how its valence goes."""
    records = sum(share.files for share in shares)
    kinds = [count(one.files, ONE[one.modality], MANY[one.modality]) for one in shares if one.files]
    told = f"{count(records, 'record')}: {listed(kinds)}." if kinds else "No record."
    if missing:
        told += f" {count(missing, 'file')} could not be read."
    return f"{told} {valence_sentence(trend, trend_absent)}"


def valence_sentence(trend: Trend | None, absent: str | None) -> str:
    """Say how valence goes along the sequence."""
    if trend is None:
        return f"No valence trend: {absent}."
    verb = {"rising": "Valence rises", "falling": "Valence falls", "not shown": "No trend of valence is shown"}
    slope = f"{slopes(trend)[0]} a record"
    if trend.slope_low is not None:
        slope += ", 95\u202f% between {1} and {2}".format(*slopes(trend))
    return f"{verb[trend.direction]} ({slope}; p {probability(trend.p)})."


def slopes(trend: Trend) -> tuple[str, ...]:
    """Write a slope and, where there is one, its interval, so that two digits of the least of them show."""
    told = [one for one in (trend.slope, trend.slope_low, trend.slope_high) if one is not None]
    least = min((abs(one) for one in told if one), default=1.0)
    digits = min(9, max(3, 1 - math.floor(math.log10(least))))
    return tuple(signed(one, digits=digits) for one in told)


def axis_positions(records: int, *, most: int = 6) -> list[int]:
    """Return the first position and, up to `most` of them, round ones, to be written along an axis."""
    sizes = (size * 10**power for power in range(9) for size in (1, 2, 5))
    step = next(step for step in sizes if records <= step * most)
    return list(range(1, records + 1)) if step == 1 else [1, *range(step, records + 1, step)]


def count(number: int, one: str, many: str = "") -> str:
    """Write a number with its noun; thousands are parted by thin spaces."""
    return f"{whole(number)} {one if number == 1 else many or one + 's'}"


def whole(number: int) -> str:
    """Write an integer with thin spaces between thousands."""
    return f"{number:,}".replace(",", "\u2009")


def listed(words: Sequence[str]) -> str:
    """Write `a, b and c`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def signed(value: float, *, digits: int = 2) -> str:
    """Write a value with its sign, a true minus included; zero has none."""
    text = f"{value:+.{digits}f}"
    return text[1:] if float(text) == 0 else text.replace("-", "\u2212")


def probability(p: float) -> str:
    """Write a p-value as `= 0.031` or `< 0.001`."""
    return "< 0.001" if p < 0.001 else f"= {p:.3f}"


def number(value: float | None) -> str:
    """Write a statistic to four digits; a dash where there is none."""
    if value is None:
        return "\u2014"
    if value == int(value) and abs(value) < 1e7:
        return f"{int(value):,}".replace(",", "\u2009").replace("-", "\u2212")
    digits = max(0, min(4, 3 - len(str(int(abs(value)))) + 1)) if abs(value) >= 1 else 3
    return f"{value:,.{digits}f}".replace(",", "\u2009").replace("-", "\u2212")


def percent(share: float) -> str:
    """Write a share in per cent."""
    return "<\u202f1\u202f%" if 0 < share < 0.005 else f"{100 * share:.0f}\u202f%"


def unit(path: str) -> str:
    """Return the unit that the name of a field ends in, or nothing."""
    return UNITS.get(path.rpartition("_")[2], "")


def shortened(text: str, length: int) -> str:
    """Return text of at most `length` characters on one line."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "\u2026"
