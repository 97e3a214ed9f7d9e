"""Two campaigns, or two sets of measurements, instruction by instruction: what got better, worse, or stayed.

Instructions of one firmware are the same by address; of two by function, place in the source, mnemonic and operands, and
by their order among equals. Pure.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from workers.query.figures import ALPHA, Sample, welch_p
from workers.query.outcome import Change, Measure, Pair
from workers.query.quantiles import NORMAL

SAME_POWER = 0.01
"""Relative difference of modelled power that counts as none: the model has no spread to judge by."""


class Side(NamedTuple):
    """An instruction as one side of a comparison knows it."""

    id: str
    function: str
    place: str
    """file:line"""
    text: str
    """Mnemonic and operands."""
    value: float | None = None
    sd: float | None = None
    n: int = 0
    """Traces, or samples."""
    rank: int = 0
    """Severity of its worst finding; 0 without one."""

    @property
    def where(self) -> str:
        """Say what and where it is."""
        return f"{self.text or self.id} ({', '.join(part for part in (self.function, self.place) if part)})"


def matched(before: Iterable[Side], after: Iterable[Side], *, same_firmware: bool) -> list[tuple[Side, Side]]:
    """Return the instructions that both sides have, in the order of `after`'s addresses."""
    if same_firmware:
        of_before = {side.id: side for side in before}
        return [(of_before[side.id], side) for side in _by_address(after) if side.id in of_before]
    keyed = _keyed(before)
    return [(keyed[key], side) for key, side in _keyed(after).items() if key in keyed]


def _keyed(sides: Iterable[Side]) -> dict[tuple[str, str, str, int], Side]:
    seen: dict[tuple[str, str, str], int] = {}
    keyed = {}
    for side in _by_address(sides):
        alike = side[1:4]
        nth = seen[alike] = seen.get(alike, -1) + 1
        keyed[*alike, nth] = side
    return keyed


def _by_address(sides: Iterable[Side]) -> list[Side]:
    return sorted(sides, key=itemgetter(0))


def t_difference(before: Side, after: Side) -> float | None:
    """Return the change of |t| in its standard errors.

    A t has a standard error of one, and grows with the root of the traces: the larger campaign is scaled to the lesser.
    """
    if before.value is None or after.value is None:
        return None
    least = min(before.n, after.n)
    scale_before = math.sqrt(least / before.n) if least else 1.0
    scale_after = math.sqrt(least / after.n) if least else 1.0
    return (after.value * scale_after - before.value * scale_before) / math.hypot(scale_before, scale_after)


def rho_difference(before: Side, after: Side) -> float | None:
    """Return the change of |rho| in its standard errors, after Fisher."""
    if before.value is None or after.value is None or min(before.n, after.n) < 4:
        return None
    nearly = 1 - 1e-12
    high, low = (math.atanh(min(abs(side.value or 0), nearly)) for side in (after, before))
    return (high - low) / math.sqrt(1 / (before.n - 3) + 1 / (after.n - 3))


def energy_difference(before: Side, after: Side) -> float | None:
    """Return the change of a mean energy in the standard errors that give Welch's p-value."""
    if before.value is None or after.value is None:
        return None
    p = welch_p(Sample(before.value, before.sd, before.n), Sample(after.value, after.sd, after.n))
    if p is None:
        return None
    size = -NORMAL.inv_cdf(max(p, 1e-300) / 2)
    return math.copysign(size, after.value - before.value) if size else 0.0


def changes(pairs: Sequence[tuple[Side, Side]], measure: Measure, *, quiet: bool = True) -> list[Pair]:
    """Judge each pair: by severity first, then by a difference beyond chance at 1 % over all pairs; worst first.

    Without `quiet`, what stayed as it was and has no finding is left out.
    """
    difference = DIFFERENCES[measure]
    beyond = -NORMAL.inv_cdf(ALPHA / max(len(pairs), 1) / 2)
    judged = []
    for before, after in pairs:
        z = difference(before, after)
        sure = z is not None and abs(z) > beyond
        if quiet or sure or before.rank or after.rank:
            judged.append(_judge(before, after, z, sure=sure))
    return sorted(judged, key=_worst_first)


def _judge(before: Side, after: Side, z: float | None, *, sure: bool) -> Pair:
    change: Change = "unchanged"
    if before.rank != after.rank:
        change = "worse" if after.rank > before.rank else "better"
    elif sure and z is not None:
        change = "worse" if z > 0 else "better"
    return Pair(
        before=before.id,
        after=after.id,
        where=after.where,
        change=change,
        value_before=before.value,
        value_after=after.value,
        z=z,
        sure=sure,
        rank_before=before.rank,
        rank_after=after.rank,
    )


def _worst_first(pair: Pair) -> tuple[int, int, float, str]:
    order = {"worse": 0, "better": 1, "unchanged": 2}
    # Of what stayed, what still leaks comes first.
    size = (pair.value_after or 0.0) if pair.change == "unchanged" else abs(pair.z or 0.0)
    return order[pair.change], -abs(pair.rank_after - pair.rank_before), -size, pair.after


def _power_difference(before: Side, after: Side) -> float | None:
    """Return infinity with the sign of a difference beyond the tolerance: there is no error to divide by."""
    if before.value is None or after.value is None:
        return None
    size = max(abs(before.value), abs(after.value))
    gap = after.value - before.value
    return math.copysign(math.inf, gap) if size and abs(gap) > SAME_POWER * size else 0.0


DIFFERENCES: Mapping[Measure, Callable[[Side, Side], float | None]] = {
    "t": t_difference,
    "rho": rho_difference,
    "energy": energy_difference,
    "power": _power_difference,
}
