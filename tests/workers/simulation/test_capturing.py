"""Captures from request to files, of a recorder that plays what the test has made."""

import io
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from jobs.attempt import Followed
from jobs.errors import (
    Cancelled,
    Conflict,
    DaseinError,
    DeadlineExceeded,
    DeviceUnavailable,
    InvalidInput,
    StoreUnavailable,
)
from jobs.ingestion import Format
from jobs.measurement import ENERGY, Clock
from kernel.abi import DIMS, Flag
from kernel.abi import State as RecorderState
from kernel.presence import presence
from kernel.reader import Batch
from renode.records import Records, from_bytes, from_csv
from tests.workers.simulation import played_recorder
from tests.workers.simulation.conftest import Watched
from tests.workers.simulation.played_recorder import BOOT, Played, batch, captured
from workers.query.table import read_table
from workers.simulation.capture_files import NO_ROWS, BinaryWriter, CaptureFiles
from workers.simulation.capture_parquet import ParquetWriter
from workers.simulation.capture_rows import Numbering
from workers.simulation.capturing import CaptureServices
from workers.simulation.records_parquet import from_parquet

T = 1_000_000_000
PERIOD = 50_000


def batches(count: int, each: int = 100) -> list[Batch]:
    """Return `count` records in a row: the first has no history."""
    made = []
    for first in range(0, count, each):
        stamps = [T + PERIOD * n for n in range(first, min(first + each, count))]
        values = np.arange(first, first + len(stamps))[:, None] + np.arange(DIMS) / 128
        if not first:
            values[0, 8:] = np.nan
        made.append(batch(stamps, first=first, values=values, flags={} if first else {0: Flag.FIRST}))
    return made


@pytest.fixture
def services(tmp_path: Path) -> CaptureServices:
    return played_recorder.services(tmp_path)


def on(services: CaptureServices, device: Played) -> CaptureServices:
    return replace(services, open=lambda _device: device)


def records(services: CaptureServices) -> Records:
    return from_bytes(services.files.path("c", "records.bin").read_bytes())


def test_all_forms_hold_the_same_records_and_say_what_is_known_of_them(services: CaptureServices) -> None:
    device = Played(batches(1000))

    result = captured(on(services, device), samples=950, forms=["binary", "csv", "parquet"])

    assert services.files.names("c") == ["records.bin", "records.csv", "records.parquet"]
    binary = records(services)
    parquet = from_parquet(services.files.path("c", "records.parquet").read_bytes(), limit=1000)
    text = from_csv(services.files.path("c", "records.csv").read_text().splitlines(), limit=1000)
    assert binary.rows.tobytes() == parquet.rows.tobytes()
    assert np.array_equal(binary.rows["dim"], text.rows["dim"], equal_nan=True)
    for read in (binary, parquet):
        assert (read.period_ns, read.dropped, read.clock, read.firmware) == (PERIOD, 0, Clock.MONOTONIC, "")
    assert binary.rows["timestamp_ns"].tolist() == [T + PERIOD * n for n in range(950)]
    assert binary.rows["dim"][:, 0].tolist() == list(range(950))
    assert np.isnan(binary.rows["dim"][0, 8:]).all()
    assert (result["records"], result["ended"], result["dropped"], result["started"]) == (950, "samples", 0, True)
    assert result["files"]["binary"]["bytes"] == 72 + 950 * 616


def test_it_is_started_with_the_period_and_stopped_again(services: CaptureServices) -> None:
    device = Played(batches(300))

    captured(on(services, device), samples=240, wakeup=64)

    assert device.told[:3] == [("period", PERIOD), "start", ("wakeup", 64)]
    assert device.told[-2:] == ["stop", "close"]
    # The last ones are fewer than those that wake.
    assert device.told[3:-2] == [("wakeup", 40)]


def test_one_that_runs_already_with_this_period_is_joined_and_goes_on(services: CaptureServices) -> None:
    device = Played(batches(300))
    device.state = RecorderState.RUNNING

    result = captured(on(services, device), samples=300)

    assert not result["started"]
    assert "start" not in device.told
    assert "stop" not in device.told


def test_one_that_runs_with_another_period_is_left_alone(services: CaptureServices) -> None:
    device = Played(batches(300), period_ns=1_000_000)
    device.state = RecorderState.RUNNING

    with pytest.raises(InvalidInput, match="with a period of 1000000 ns") as refused:
        captured(on(services, device), samples=300)

    assert (refused.value.field, device.told) == ("period_ns", ["close"])
    assert services.files.names("c") == []


def test_what_an_earlier_attempt_left_is_stopped_and_removed(services: CaptureServices) -> None:
    device = Played(batches(300))
    device.state = RecorderState.RUNNING
    device.page["starts"] = 7
    device.unread = batches(7)
    folder = services.files.folder("c")
    (folder / "records.bin.0a.partial").write_bytes(b"half")
    (folder / "records.parquet").write_bytes(b"of another attempt")
    services.files.write("c", "recorder-start", [f"{BOOT} 7".encode()])

    result = captured(on(services, device), samples=300, forms=["binary", "parquet"])

    assert device.told[:3] == ["stop", ("period", PERIOD), "start"]
    assert (result["started"], result["records"]) == (True, 300)
    assert services.files.names("c") == ["records.bin", "records.parquet"]


def test_what_somebody_started_on_another_machine_is_not_taken_for_what_an_attempt_left(
    services: CaptureServices,
) -> None:
    device = Played(batches(300))
    device.state = RecorderState.RUNNING
    device.page["starts"] = 7
    services.files.write("c", "recorder-start", [b"5a3c66b2-8f40-4a0e-9c61-0c8d1c8d3d20 7"])

    result = captured(on(services, device), samples=300)

    assert not result["started"]
    assert "stop" not in device.told
    assert services.files.names("c") == ["records.bin", "records.parquet"]


def test_a_capture_waits_until_another_one_is_done(services: CaptureServices) -> None:
    device = Played(batches(10))
    device.reserved = [False]

    assert captured(on(services, device), samples=10)["records"] == 10

    device = Played(batches(10))
    device.reserved = [False] * 100
    with pytest.raises(Conflict, match="Other captures"):
        captured(on(services, device), samples=10, timeout_s=0.01)
    assert device.told == ["close"]


@pytest.mark.parametrize("error", [Cancelled("cancelled"), DeadlineExceeded("late")])
def test_one_that_is_ended_stops_the_recorder_and_leaves_nothing(services: CaptureServices, error: DaseinError) -> None:
    device, attempt = Played(batches(1000)), Watched("c")
    seen: list[int] = []

    def after() -> None:
        seen.append(len(services.files.names("c")))
        attempt.stop = error if len(seen) == 3 else None

    device.after = after
    with pytest.raises(type(error)):
        captured(on(services, device), attempt, samples=1000)

    assert len(seen) == 3
    assert device.told[-2:] == ["stop", "close"]
    assert seen[0] == 3  # two files that are begun, and the note of the start
    assert services.files.names("c") == []


def test_when_the_time_is_up_it_ends_with_what_there_is(services: CaptureServices) -> None:
    # Time enough for what there is, on a busy machine, too.
    result = captured(on(services, Played(batches(120))), samples=200, timeout_s=1)

    assert (result["records"], result["wanted"], result["ended"]) == (120, 200, "timeout")
    assert len(records(services).rows) == 120

    with pytest.raises(DeadlineExceeded, match="no record within"):
        captured(on(services, Played()), samples=200, timeout_s=0.2)
    assert services.files.names("c") == []


def test_when_somebody_stops_it_what_was_written_is_kept(services: CaptureServices) -> None:
    result = captured(on(services, Played(batches(120), ends=True)), samples=200)

    assert (result["records"], result["ended"]) == (120, "stopped")


def test_another_period_in_between_ends_it(services: CaptureServices) -> None:
    device = Played(batches(1000))
    device.after = lambda: device.page.update(period_ns=100_000)

    with pytest.raises(Conflict, match="another period"):
        captured(on(services, device), samples=1000)

    assert services.files.names("c") == []


def test_losses_and_errors_are_told_and_not_filled_in(services: CaptureServices) -> None:
    made = batches(300)
    del made[1]
    device = Played(made)

    def after() -> None:
        device.lost = 100
        device.page.update(missed=9, sensor_errors=2, sensor_reads=30)

    device.after = after
    result = captured(on(services, device), samples=200)

    assert (result["dropped"], result["lost"], result["missed"]) == (100, 100, 4)
    assert (result["sensor_errors"], result["sensor_reads"], result["sensor_overflows"]) == (2, 30, 0)
    assert np.diff(records(services).rows["period"].astype(np.int64)).tolist() == [1] * 99 + [101] + [1] * 99
    assert records(services).dropped == 100
    assert result["available"]["cycles"] == 200


@pytest.mark.parametrize(
    ("changes", "error", "field"),
    [
        ({"device": "/dev/sda"}, InvalidInput, "device"),
        ({}, DeviceUnavailable, "device"),
    ],
)
def test_a_worker_without_that_recorder_says_why(
    services: CaptureServices, tmp_path: Path, changes: dict[str, Any], error: type[DaseinError], field: str
) -> None:
    here = replace(services, device=tmp_path / "none", absent=lambda device: presence(device).absent)

    with pytest.raises(error, match="recorder") as refused:
        captured(here, **changes)

    assert refused.value.field == field
    assert refused.value.reason == ("not-this-device" if changes else "absent")


def test_a_device_that_goes_away_is_said_to(services: CaptureServices) -> None:
    device = Played(batches(1000))

    def gone() -> None:
        raise OSError(19, "No such device")

    device.after = gone
    with pytest.raises(DeviceUnavailable, match="No such device"):
        captured(on(services, device), samples=1000)

    assert services.files.names("c") == []


def test_what_is_no_recorder_is_told_from_one(tmp_path: Path) -> None:
    plain, empty = tmp_path / "plain", tmp_path / "empty"
    plain.write_bytes(bytes(8192))
    empty.touch()

    assert presence(tmp_path / "none").absent == f"there is no {tmp_path / 'none'}"
    assert presence(plain).absent == f"{plain} has magic 0, this reader knows 1162497615"
    assert (presence(empty).absent or "").startswith(f"{empty} is no recorder")
    assert (presence(Path("/dev/null")).absent or "").startswith("/dev/null is no recorder")


def test_records_become_an_artifact_that_is_ingested_afterwards(services: CaptureServices) -> None:
    outcome = captured(
        on(services, Played(batches(500))), samples=500, ingest=True, instruction="0123456789ab:08000100"
    )

    assert isinstance(outcome, Followed)
    (ingestion,) = outcome.jobs
    assert (ingestion.id, ingestion.kind) == ("c.ingest", "ingest")
    assert (ingestion.params["artifact"], ingestion.params["name"]) == (outcome.result["artifact"], "c")
    path = services.artifacts.path("default", ingestion.params["artifact"])
    assert path.read_bytes() == services.files.path("c", "records.parquet").read_bytes()
    rows = list(read_table(path, Format.PARQUET))
    assert sum(len(piece.timestamps) for piece in rows) == 500
    assert rows[0].names == ("0123456789ab:08000100",)
    assert np.allclose(rows[0].energies[:5], np.arange(5) + ENERGY / 128)  # uJ


def _many(total: int, each: int) -> Iterator[Batch]:
    stamps = np.arange(each, dtype=np.uint64) * np.uint64(PERIOD)
    flags = np.zeros(each, np.uint32)
    for first in range(0, total, each):
        yield Batch(
            number=np.arange(first, first + each, dtype=np.uint64),
            timestamp_ns=stamps + np.uint64(T + first * PERIOD),
            values=np.full((each, DIMS), float(first)),
            energy_age_ns=np.zeros(each, np.uint64),
            cpu=flags,
            flags=flags,
        )


def test_memory_does_not_grow_with_the_records(services: CaptureServices) -> None:
    def peak(samples: int) -> int:
        device = Played(_many(samples, 4096))
        tracemalloc.start()
        captured(on(services, device), samples=samples)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    few, many = peak(40_960), peak(163_840)

    assert services.files.path("c", "records.bin").stat().st_size == 72 + 163_840 * 616  # 101 MB
    # What waits to be written is bounded: 32 pieces of 4096.
    assert many < few + 110_000_000


@pytest.mark.parametrize("each", [1, 7, 64, 200])
def test_row_groups_are_as_large_as_they_should_be_however_records_come(each: int) -> None:
    out = io.BytesIO()
    writer = ParquetWriter(out, group=64)
    numbering, like = Numbering(PERIOD), Records(NO_ROWS, PERIOD, "0123456789ab", 3, Clock.MONOTONIC)
    for one in batches(200, each):
        writer.add(replace(like, rows=numbering.rows(one, 1000)))

    writer.end(like, 200, {"note": "kept"})

    data = out.getvalue()
    file = pq.ParquetFile(io.BytesIO(data))
    assert [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)] == [64, 64, 64, 8]
    read = from_parquet(data, limit=200)
    assert (read.dropped, read.firmware, read.rows["dim"][:, 0].tolist()) == (3, "0123456789ab", list(range(200)))
    assert file.metadata.metadata[b"dasein.note"] == b"kept"


def test_files_of_an_attempt_that_was_given_up_never_take_the_place_of_others(tmp_path: Path) -> None:
    numbering, like = Numbering(PERIOD), Records(NO_ROWS, PERIOD, clock=Clock.MONOTONIC)
    rows = numbering.rows(batches(100)[0], 100)
    writers = {"binary": ("records.bin", BinaryWriter)}
    with CaptureFiles(tmp_path, writers, like) as old:
        old.add(rows[:50])
        with CaptureFiles(tmp_path, writers, like) as new:
            new.add(rows)
            with pytest.raises(StoreUnavailable):
                old.finish(0, {})
            assert not (tmp_path / "records.bin").exists()
            new.finish(0, {})

    assert len(from_bytes((tmp_path / "records.bin").read_bytes()).rows) == 100
    assert [path.name for path in tmp_path.iterdir()] == ["records.bin"]
