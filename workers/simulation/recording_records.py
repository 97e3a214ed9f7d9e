"""Records from what a recorder summed up: energy, noise, temperature, latency, and the delay embedding."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.measurement import CHANNELS, HAS_PC, LAGS
from jobs.recording import RecordRequest
from renode.records import ROW, Records, embedded
from workers.simulation.collecting import Collected
from workers.simulation.draws import normals
from workers.simulation.probing import Measured, held, ideal
from workers.simulation.recorder_kernels import INSTRUCTIONS, MISPREDICTED, MISSES, Line
from workers.simulation.thermal import temperatures
from workers.simulation.timeline import Timeline

NOISE_PURPOSE = 128


@dataclass(frozen=True, slots=True)
class Periods:
    """What each period of a recording was like; most of it is in the records, too."""

    active: npt.NDArray[np.int64]
    """[periods] cycles in which code ran."""
    counts: npt.NDArray[np.int64]
    """[periods, 3] instructions, misses, mispredicted branches."""
    energy_uj: npt.NDArray[np.float64]
    """[periods] with noise."""
    noise_uj: npt.NDArray[np.float64]
    """[periods]"""
    temperature_c: npt.NDArray[np.float64]
    """[periods] at the end of each."""
    measured: Measured


def periods_of(request: RecordRequest, line: Timeline, sums: Line) -> Periods:
    """Return what the periods were like.

    Noise is Gaussian and independent from cycle to cycle, so that of a segment of n cycles is one draw of sigma
    sqrt(n): it is a function of (seed, segment). The temperature follows the energy without it.
    """
    power = request.power
    lengths = line.lengths
    drawn = normals(request.seed, 0, len(lengths), 1, NOISE_PURPOSE)[:, 0].astype(np.float64)
    noise = drawn * np.sqrt(lengths) * (power.noise_sigma * power.unit_uw / request.clock_hz)
    asleep = lengths - sums.active
    clean = (sums.units * power.unit_uw + sums.active * power.active_uw + asleep * power.sleep_uw) / request.clock_hz
    seconds = request.period_ns * 1e-9
    if request.probe.kind == "ideal":
        measured = ideal(line.of_periods(clean + noise), request.probe.averaging)
    else:
        running = line.since_start(clean + noise)
        measured = held(running, request.probe, periods=line.periods, period_ns=request.period_ns)
    return Periods(
        active=line.counted(sums.active),
        counts=line.counted(sums.counts),
        energy_uj=line.of_periods(clean + noise),
        noise_uj=line.of_periods(noise),
        temperature_c=temperatures(line.of_periods(clean) * 1e-6 / seconds, seconds, request.thermal),
        measured=measured,
    )


def records_of(
    request: RecordRequest, periods: Periods, dominant: npt.NDArray[np.int64], collected: Collected, *, firmware: str
) -> Records:
    """Return the records of the periods that were collected; `firmware` is its sha256."""
    chosen = collected.periods
    channels = np.column_stack(
        [
            periods.active[chosen],
            periods.counts[chosen, INSTRUCTIONS],
            periods.measured.energy_uj[chosen],
            periods.temperature_c[chosen],
            periods.counts[chosen, MISSES],
            periods.counts[chosen, MISPREDICTED],
            collected.latency_ns * 1e-3,
            periods.noise_uj[chosen],
        ]
    )
    rows = np.zeros(len(chosen), ROW)
    rows["timestamp_ns"] = (chosen + 1) * request.period_ns
    rows["period"] = chosen
    rows["dim"] = embedded(channels, chosen)
    rows["ideal_uj"] = periods.energy_uj[chosen]
    rows["age_us"] = periods.measured.age_us[chosen]
    known = dominant[chosen] >= 0
    rows["pc"] = np.where(known, dominant[chosen], 0)
    rows["flags"] = np.where(known, HAS_PC, 0)
    return Records(rows, request.period_ns, firmware[:12], collected.dropped)


def absent(records: Records) -> dict[str, str]:
    """Say of each channel why some of its values are NaN; a channel that has all of them is not named."""
    named = {}
    for number, channel in enumerate(CHANNELS):
        if np.isnan(records.rows["dim"][:, number]).any():
            named[channel.name] = "the INA219 had measured nothing yet"
    if len(records.rows) and np.isnan(records.rows["dim"][:, len(CHANNELS) :]).any():
        named["lags"] = f"the {LAGS - 1} periods before were not all recorded: the first records, and those after drops"
    return named
