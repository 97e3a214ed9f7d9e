"""What measures the energy of a period: an ideal probe, or an INA219 in the supply line that somebody reads.

The INA219 sees the power that the core draws, noise and all, as a current through its shunt and the voltage behind it.
Its reader asks over I2C for the shunt's and the bus's register, again and again, and keeps the last pair: a period's
energy is V * I * dt of the pair that was there when it ended, however old that is. Its age is counted from the end of
the shunt's conversion.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.recording import Probe
from renode import ina219
from renode.ina219 import BUS, CONFIGURATION, SHUNT, Configuration, Ina219, configuration_word, signed
from workers.simulation.timeline import Integral

_NS = 10**9
_WRITE_BITS = 38
"""Of writing a register over I2C: start, four bytes with their acknowledgements, stop."""
_READ_BITS = 48
"""Of reading one: start, address, pointer, start, address, two bytes, stop."""
_LATCHED_BITS = 29
"""The bits before the device sends: what it has then is what is read."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a probe said at the end of each period."""

    energy_uj: npt.NDArray[np.float64]
    """[periods] NaN before the first measurement."""
    age_us: npt.NDArray[np.float64]
    """[periods] since that was measured; NaN before the first."""
    overflows: int = 0
    """Periods in which the shunt's or the bus's voltage was at the end of its range."""


def ideal(energy_uj: npt.NDArray[np.float64], averaging: int) -> Measured:
    """Return the energy of each period [periods] itself, or its mean over the last `averaging` of them."""
    sums = np.concatenate([[0.0], np.cumsum(energy_uj)])
    last = np.arange(1, len(energy_uj) + 1)
    first = np.maximum(last - averaging, 0)
    mean = energy_uj.copy() if averaging == 1 else (sums[last] - sums[first]) / (last - first)
    return Measured(mean, np.zeros(len(energy_uj)))


def cuts_of(probe: Probe, until_ns: int) -> npt.NDArray[np.int64]:
    """Return the times up to `until_ns` at which an INA219's conversions begin and end; none of the ideal probe."""
    if probe.kind == "ideal":
        return np.zeros(0, np.int64)
    setting = Configuration.of(_word(probe))
    once = [setting.converter(register).each_ns for register in setting.cycle for _ in range(setting.shunt.conversions)]
    within = np.concatenate([[0], np.cumsum(once)])
    start, cycle = _bits_ns(_WRITE_BITS, probe), int(within[-1])
    begins = start + cycle * np.arange((until_ns - start) // cycle + 1, dtype=np.int64)
    return np.unique(begins[:, None] + within[None, :])


class SupplyLine:
    """The inputs of an INA219 whose load draws a known power: `energy` runs in microjoules."""

    def __init__(self, energy: Integral, probe: Probe) -> None:
        """Put the shunt before the load."""
        self._energy = energy
        self._supply_v, self._shunt_ohm = probe.supply_v, probe.shunt_ohm

    def shunt_uv(self, start_ns: int, end_ns: int) -> float:
        """Return the mean voltage over the shunt."""
        return self._current_a(start_ns, end_ns) * self._shunt_ohm * 1e6

    def bus_mv(self, start_ns: int, end_ns: int) -> float:
        """Return the mean voltage behind the shunt."""
        return (self._supply_v - self._current_a(start_ns, end_ns) * self._shunt_ohm) * 1e3

    def _current_a(self, start_ns: int, end_ns: int) -> float:
        """Return the current at which what is left behind the shunt is the mean power: the lower root of the two.

        Power beyond what the shunt lets through draws the current at which most of it comes through.
        """
        power_w = self._energy.mean(start_ns, end_ns) * 1e-6
        root = max(self._supply_v**2 - 4 * self._shunt_ohm * power_w, 0.0)
        return (self._supply_v - math.sqrt(root)) / (2 * self._shunt_ohm)


def held(energy: Integral, probe: Probe, *, periods: int, period_ns: int) -> Measured:
    """Return what the pair that was read last says at the end of each period."""
    ends = np.arange(1, periods + 1, dtype=np.int64) * period_ns
    pairs = list(_pairs(SupplyLine(energy, probe), probe, until_ns=int(ends[-1])))
    if not pairs:
        return Measured(np.full(periods, np.nan), np.full(periods, np.nan))
    known, measured, shunt, bus = (np.array(column, np.int64) for column in zip(*pairs, strict=True))
    power_w = bus * ina219.BUS_LSB_MV * 1e-3 * (shunt * ina219.SHUNT_LSB_UV * 1e-6 / probe.shunt_ohm)
    at = np.searchsorted(known, ends, side="right") - 1
    energy_uj = np.where(at < 0, np.nan, power_w[at] * period_ns * 1e-3)
    age_us = np.where(at < 0, np.nan, (ends - measured[at]) * 1e-3)
    setting = Configuration.of(_word(probe))
    full = (np.abs(shunt[at]) >= setting.shunt_full) | (bus[at] >= setting.bus_full)
    return Measured(energy_uj, age_us, int(((at >= 0) & full).sum()))


def _pairs(line: SupplyLine, probe: Probe, *, until_ns: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield when a pair was known, when its shunt conversion had ended, and the counts of shunt and bus."""
    begin = _bits_ns(_WRITE_BITS, probe)
    device = Ina219(line, now_ns=begin)
    device.write(bytes([CONFIGURATION]) + _word(probe).to_bytes(2, "big"), now_ns=begin)
    read, latched = _bits_ns(_READ_BITS, probe), _bits_ns(_LATCHED_BITS, probe)
    while begin + 2 * read <= until_ns:
        counts: list[int] = []
        measured: int | None = None
        for number, register in enumerate((SHUNT, BUS)):
            now = begin + number * read + latched
            device.write(bytes([register]), now_ns=now)
            counts.append(int.from_bytes(device.read(2, now_ns=now), "big"))
            if register == SHUNT:
                measured = device.updated_ns(SHUNT)
        begin += 2 * read
        if measured is not None and device.updated_ns(BUS) is not None:
            yield begin, measured, signed(counts[0]), counts[1] >> 3


def _word(probe: Probe) -> int:
    return configuration_word(
        full_mv=probe.full_scale_mv, bus_v=probe.bus_range_v, bits=probe.resolution, averaging=probe.averaging
    )


def _bits_ns(bits: int, probe: Probe) -> int:
    return -(-bits * _NS // probe.i2c_hz)
