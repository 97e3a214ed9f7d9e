"""Checks of captures: what a worker runs, but for the queue and Parquet, on the live recorder."""

import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np

from jobs.errors import InvalidInput
from jobs.measurement import ENERGY, Clock
from kernel.abi import VERSION, State
from kernel.clocks import moment
from kernel.presence import presence
from kernel.reader import Reader
from renode.records import Records, from_bytes
from tests.kernel.guest.ktap import until
from tests.kernel.guest.modules import DEVICE, fake
from tests.kernel.guest.recording import recorder, sensor
from workers.simulation.capture_files import NO_ROWS, BinaryWriter, CaptureFiles
from workers.simulation.capture_rows import Numbering
from workers.simulation.capture_run import Ran, Wanted, run

MS = 1_000_000


def captured(
    wanted: Wanted, *, check: Callable[[], None] = lambda: None, earlier: int | None = None
) -> tuple[Ran, Records, Numbering]:
    """Capture into a binary file, and read it."""
    numbering = Numbering(wanted.period_ns)
    like = Records(NO_ROWS, wanted.period_ns, clock=Clock.MONOTONIC)
    with tempfile.TemporaryDirectory() as folder:
        with (
            Reader(control=True) as device,
            CaptureFiles(Path(folder), {"binary": ("records.bin", BinaryWriter)}, like) as files,
        ):
            ran = run(
                device,
                wanted,
                numbering,
                files.add,
                check=check,
                report=lambda _: None,
                is_ours=lambda start: start == earlier,
                note=lambda _: None,
                moment=moment,
            )
            files.finish(numbering.dropped, {})
        return ran, from_bytes((Path(folder) / "records.bin").read_bytes()), numbering


def a_capture_has_the_records_that_were_wanted_and_stops_the_recorder() -> None:
    with sensor(period_ns=MS) as reader:
        fake(bus_mv=12_000, shunt_uv=10_000)
        ran, records, numbering = captured(Wanted(700, 2 * MS, 60))

        assert (ran.ended, ran.started) == ("samples", True)
        assert (reader.status().state, reader.status().period_ns) == (State.STOPPED, 2 * MS)
        rows = records.rows
        assert (len(rows), records.clock, records.period_ns) == (700, Clock.MONOTONIC, 2 * MS)
        steps = np.diff(rows["period"].astype(np.int64))
        assert (steps > 0).all()
        assert np.array_equal(np.diff(rows["timestamp_ns"].astype(np.int64)), steps * 2 * MS)
        assert records.dropped == int((steps - 1).sum()) == numbering.dropped
        # Every period without a record is accounted for: missed by the timer, or overwritten.
        assert records.dropped <= ran.counted["missed"] + ran.lost
        energy = rows["dim"][:, ENERGY]
        assert np.isclose(np.nanmedian(energy), 1.2 * 2e-3 * 1e6, rtol=0.2), np.nanmedian(energy)
        assert np.array_equal(np.isnan(rows["age_us"]), np.isnan(energy))
        assert ran.counted["sensor_reads"] > 0
        assert np.isnan(rows["dim"][0, 8:]).all()


def a_capture_at_the_shortest_period_accounts_for_what_it_lacks() -> None:
    with recorder(period_ns=MS):
        ran, records, numbering = captured(Wanted(5_000, 50_000, 60))

    assert len(records.rows) == 5_000
    assert numbering.gaps <= records.dropped <= ran.counted["missed"] + ran.lost


def a_capture_joins_what_runs_with_its_period_and_refuses_another() -> None:
    with recorder(period_ns=MS) as reader:
        reader.start()
        ran, records, _ = captured(Wanted(50, MS, 30))
        assert (ran.started, len(records.rows)) == (False, 50)
        assert reader.status().state is State.RUNNING
        told = ""
        try:
            captured(Wanted(50, 2 * MS, 30))
        except InvalidInput as error:
            told = error.reason or ""
        assert told == "running"
        assert (reader.status().state, reader.status().period_ns) == (State.RUNNING, MS)


def what_an_attempt_that_died_left_running_is_begun_anew() -> None:
    with recorder(period_ns=MS) as reader:
        reader.start()
        starts = reader.header["starts"]
        ran, records, _ = captured(Wanted(50, 2 * MS, 30), earlier=starts)

        assert (ran.started, len(records.rows)) == (True, 50)
        assert reader.header["starts"] == starts + 1
        assert reader.status().state is State.STOPPED


def captures_of_one_recorder_follow_each_other() -> None:
    with recorder(period_ns=MS), Reader(control=True) as second:
        first: AbstractContextManager[Reader] = Reader(control=True)
        with first as one:
            assert one.reserve()
            assert one.reserve()
            assert not second.reserve()
        assert second.reserve()  # freed with the file, as a process that dies frees it


def a_capture_that_is_ended_stops_the_recorder() -> None:
    with recorder(period_ns=MS) as reader:
        seen: list[State] = []

        def check() -> None:
            seen.append(reader.status().state)
            if seen.count(State.RUNNING) > 1:
                raise InterruptedError

        try:
            captured(Wanted(100_000, MS, 200), check=check)
        except InterruptedError:
            pass
        else:
            raise AssertionError("it went on")
        assert State.RUNNING in seen
        assert reader.status().state is State.STOPPED


def a_capture_ends_when_somebody_stops_the_recorder() -> None:
    with recorder(period_ns=MS) as reader:
        seen: list[int] = []

        def check() -> None:
            seen.append(reader.header["head"])
            if len(seen) == 3:
                until(lambda: reader.header["head"] > seen[-1] + 10, what="unread records")
                reader.stop()

        ran, records, _ = captured(Wanted(100_000, MS, 200), check=check)
        assert ran.ended == "stopped"
        assert len(records.rows) == reader.header["head"]


def its_presence_is_its_version_or_why_not() -> None:
    assert presence(Path(DEVICE)).absent == f"there is no {DEVICE}"
    with recorder():
        assert presence(Path(DEVICE)).version == str(VERSION)


CHECKS = [
    a_capture_has_the_records_that_were_wanted_and_stops_the_recorder,
    a_capture_at_the_shortest_period_accounts_for_what_it_lacks,
    a_capture_joins_what_runs_with_its_period_and_refuses_another,
    what_an_attempt_that_died_left_running_is_begun_anew,
    captures_of_one_recorder_follow_each_other,
    a_capture_that_is_ended_stops_the_recorder,
    a_capture_ends_when_somebody_stops_the_recorder,
    its_presence_is_its_version_or_why_not,
]
