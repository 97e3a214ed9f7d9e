"""Checks of sampling: what records hold, and in what order they come."""

import contextlib
import platform
from collections.abc import Iterator

import numpy as np

from kernel.abi import CHANNELS, LAGS, Channel, Flag, State
from kernel.reader import Batch, Reader
from tests.kernel.guest.ktap import until
from tests.kernel.guest.modules import BUS, attribute, fake, load, set_attribute, unload

OUT_OF_RANGE = (
    ({"overflow": 1}, {"overflow": 0}),
    ({"shunt_uv": 320_000}, {"shunt_uv": 10_000}),
    ({"shunt_uv": -320_000}, {"shunt_uv": 10_000}),
)
"""What the fake sensor is told, and how it is in range again: the chip's own bit, and either end of the shunt's range."""


@contextlib.contextmanager
def recorder(**parameters: object) -> Iterator[Reader]:
    """Load the module, open it for control, and take both away again."""
    load("monje_virtual", **parameters)
    try:
        with Reader(control=True) as reader:
            yield reader
            reader.stop()
    finally:
        unload("monje_virtual")


@contextlib.contextmanager
def sensor(**parameters: object) -> Iterator[Reader]:
    """Load the module with the fake sensor behind it, and take all away again.

    A busy machine may not get to the sensor for long, so its values may be old unless `parameters` say otherwise.
    """
    load("monje_fake_ina219")
    try:
        with recorder(i2c_bus=BUS, **{"max_age_us": 10_000_000, **parameters}) as reader:
            yield reader
    finally:
        unload("monje_fake_ina219")


def some(reader: Reader, count: int) -> Batch:
    """Return at least `count` records that come one after the other."""
    reader.take()
    reader.set_wakeup(min(count, 1000))
    got: list[Batch] = []
    for batch in reader.batches(timeout_s=20):
        got.append(batch)
        if sum(map(len, got)) >= count:
            break
    names = ("number", "timestamp_ns", "values", "energy_age_ns", "cpu", "flags")
    return Batch(*(np.concatenate([getattr(batch, name) for batch in got]) for name in names))


def channel(batch: Batch, which: Channel, lag: int = 0) -> np.ndarray:
    """Return a channel of every record."""
    return batch.values[:, CHANNELS * lag + which]


def a_record_holds_the_periods_before_it_by_their_lag() -> None:
    period_ns = 5_000_000  # of which a busy machine misses few
    with recorder(period_ns=period_ns) as reader:
        reader.start()
        batch = some(reader, 200)

    latency = channel(batch, Channel.LATENCY)
    assert np.isfinite(latency).all()
    checked = 0
    for lag in range(1, LAGS):
        then = channel(batch, Channel.LATENCY, lag)
        for now in range(lag, len(batch)):
            steps = int(batch.timestamp_ns[now] - batch.timestamp_ns[now - lag]) // period_ns
            if steps == lag:  # no period between them was missed
                assert then[now] == latency[now - lag], (lag, now)
                checked += 1
    assert checked > 500


def a_missed_period_leaves_a_hole_in_the_history() -> None:
    with recorder(period_ns=50_000) as reader:
        reader.start()
        batch = some(reader, 2000)

    follows = np.diff(batch.number.astype(np.int64)) == 1  # none lost between them
    missed = np.diff(batch.timestamp_ns.astype(np.int64)) > 50_000
    flagged, before = (batch.flags[1:] & Flag.GAP) != 0, channel(batch, Channel.LATENCY, 1)[1:]
    assert np.array_equal(flagged[follows], missed[follows])
    assert np.array_equal(np.isnan(before[follows]), missed[follows])


def the_first_record_after_a_start_has_no_history() -> None:
    with recorder(period_ns=1_000_000) as reader:
        for _ in range(2):
            reader.start()
            until(lambda: reader.status().head > reader.status().tail, what="a record")
            reader.stop()
            first = reader.take()
            assert first.flags[0] == Flag.FIRST
            assert np.isnan(first.values[0, CHANNELS:]).all()
            assert not (first.flags[1:] & Flag.FIRST).any()


def channels_without_a_source_are_marked_and_not_invented() -> None:
    with recorder(period_ns=1_000_000) as reader:
        reader.start()
        batch = some(reader, 50)

    # No sensor and no thermal zone.
    for which in (Channel.ENERGY, Channel.NOISE, Channel.TEMPERATURE, Channel.L1D_MISSES):
        assert np.isnan(channel(batch, which)).all(), which
    assert (channel(batch, Channel.LATENCY) >= 0).all()
    cycles = channel(batch, Channel.CYCLES)
    if platform.machine() == "aarch64":  # QEMU has a counter of cycles there, and none on x86
        assert (cycles[1:] > 0).all()
    else:
        assert np.isnan(cycles).all()


def watts(batch: Batch) -> float:
    """Return the power of a typical record: its energy by the time since the one before, however late both came."""
    came_s = batch.timestamp_ns * 1e-9 + channel(batch, Channel.LATENCY) * 1e-6
    return float(np.median(channel(batch, Channel.ENERGY)[1:] * 1e-6 / np.diff(came_s)))


def wait_for_conversion() -> None:
    """Wait until the module has read what the sensor measures now."""
    before = int(attribute("sensor_reads"))
    until(lambda: int(attribute("sensor_reads")) > before + 1, what="a conversion")


def the_sensors_values_arrive_with_sign_and_scale() -> None:
    with sensor(period_ns=1_000_000) as reader:
        reader.start()
        # 12 V and 10 mV over 0.1 Ohm.
        for bus_mv, shunt_uv, expected in ((12_000, 10_000, 1.2), (12_000, -10_000, -1.2), (5_000, 10_000, 0.5)):
            fake(bus_mv=bus_mv, shunt_uv=shunt_uv)
            wait_for_conversion()
            batch = some(reader, 100)
            assert np.isclose(watts(batch), expected, rtol=0.05), (watts(batch), expected)
            assert np.median(batch.energy_age_ns) < 100_000_000


def noise_is_the_energy_less_its_moving_mean() -> None:
    with sensor(period_ns=1_000_000) as reader:
        reader.start()
        until(lambda: int(attribute("sensor_reads")) > 2, what="a conversion")
        batch = some(reader, 300)

    # A machine that is busy may not get to the sensor for so long that there is no energy; the mean waits then.
    known = np.isfinite(channel(batch, Channel.ENERGY))
    energy, noise = channel(batch, Channel.ENERGY)[known], channel(batch, Channel.NOISE)[known]
    unit = 2.0**-16
    assert len(energy) > 100
    means = energy - noise
    predicted = means[:-1] + (energy[:-1] - means[:-1]) / 16
    complete = np.array_equal(np.diff(batch.number.astype(np.int64)), np.ones(len(batch) - 1, np.int64))
    assert complete, "records were lost, which the ring is large enough for"
    assert np.abs(means[1:] - predicted).max() <= 2 * unit


def a_conversion_out_of_range_is_counted_and_gives_no_energy() -> None:
    for beyond, within in OUT_OF_RANGE:
        with sensor(period_ns=1_000_000) as reader:
            fake(**beyond)
            reader.start()
            until(lambda: int(attribute("sensor_overflows")) > 3, what="an overflow")
            batch = some(reader, 30)
            fake(**within)
            assert np.isnan(channel(batch, Channel.ENERGY)).all()
            assert (batch.flags & Flag.OVERFLOW).all()

            until(lambda: np.isfinite(channel(some(reader, 10), Channel.ENERGY)).all(), what="energy again")


def transfers_that_fail_are_counted_and_the_value_grows_old() -> None:
    for failure in ("nak", "timeout", "stuck"):
        with sensor(period_ns=1_000_000, max_age_us=50_000) as reader:
            reader.start()
            until(lambda: np.isfinite(channel(some(reader, 10), Channel.ENERGY)).any(), what="energy")
            fake(failure=failure)
            until(lambda: int(attribute("sensor_errors")) > 1, what=f"an error ({failure})")
            until(lambda: np.isnan(channel(some(reader, 10), Channel.ENERGY)).all(), what="no energy any more")
            fake(failure="none")
            until(lambda: np.isfinite(channel(some(reader, 10), Channel.ENERGY)).all(), what="energy again")


def a_sensor_that_fails_now_and_then_still_measures() -> None:
    with sensor(period_ns=1_000_000) as reader:
        fake(failure="nak", fail_every=5)
        reader.start()
        until(lambda: int(attribute("sensor_errors")) > 5 and int(attribute("sensor_reads")) > 5, what="both")
        assert np.isfinite(channel(some(reader, 20), Channel.ENERGY)).all()
        fake(failure="none", fail_every=1)


def words_and_attributes_start_and_stop_it() -> None:
    with recorder() as reader, open("/dev/monje_virtual", "wb", buffering=0) as device:  # noqa: PTH123
        device.write(b"start\n")
        assert reader.status().state is State.RUNNING
        device.write(b"status\n")
        device.write(b"stop\n")
        assert reader.status().state is State.STOPPED
        set_attribute("state", "start")
        assert attribute("state") == "running"
        set_attribute("period_ns", "1000000")
        assert (attribute("state"), reader.status().period_ns) == ("running", 1_000_000)
        set_attribute("state", "stop")
        assert attribute("state") == "stopped"


CHECKS = [
    a_record_holds_the_periods_before_it_by_their_lag,
    a_missed_period_leaves_a_hole_in_the_history,
    the_first_record_after_a_start_has_no_history,
    channels_without_a_source_are_marked_and_not_invented,
    the_sensors_values_arrive_with_sign_and_scale,
    noise_is_the_energy_less_its_moving_mean,
    a_conversion_out_of_range_is_counted_and_gives_no_energy,
    transfers_that_fail_are_counted_and_the_value_grows_old,
    a_sensor_that_fails_now_and_then_still_measures,
    words_and_attributes_start_and_stop_it,
]
