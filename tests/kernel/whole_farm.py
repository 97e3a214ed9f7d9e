"""Captures from the request to the knowledge: the farm runs here, its worker and the recorder on a board, which may die.

It takes minutes, so it is only run when it is named: `make test-capture`.
"""

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from jobs.measurement import CHANNELS, DIMENSIONS, ENERGY, HEADER, LATENCY
from stores.documents import Shelf
from tests.kernel.board import MONJE, Board
from tests.kernel.debian import Parts
from tests.kernel.lab import SLOW_S, Lab, running
from tests.kernel.machine import BAD, build
from tests.web.server import ROOT
from workers.query.raw_records import raw_of

MS = 1_000_000
UNMEASURED = ("cycles", "instructions", "temperature", "l1d_misses", "branch_misses")
"""QEMU's x86 has no counters, and no thermal zone."""
DEVICE = "/dev/monje_virtual"
STATE = "cat /sys/class/misc/monje_virtual/state"


@pytest.fixture(scope="module")
def laboratory(amd64: Parts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    modules = tmp_path_factory.mktemp("modules")
    build(amd64, modules)
    with running(amd64, modules, tmp_path_factory) as lab:
        yield lab


@pytest.fixture
def lab(laboratory: Lab) -> Lab:
    """Have a farm with one board, which has nothing to do."""
    laboratory.join(1)
    return laboratory


@pytest.fixture
def pair(laboratory: Lab) -> Lab:
    """Have a farm with two boards, which have nothing to do."""
    laboratory.join(2)
    return laboratory


def test_the_pool_tells_of_the_boards_recorder(lab: Lab) -> None:
    (board,) = lab.boards

    assert lab.pool()["abilities"] == [{"name": "monje_virtual", "workers": 1, "versions": ["1"], "absent": []}]
    # The device is its group's, and who records with it is not root.
    assert board.tell(f"stat -c '%u %g %a' {DEVICE}") == f"0 {MONJE} 660"
    assert board.tell("for p in $(pidof celery); do stat -c %u /proc/$p; done | sort -u") == str(board.user)


@pytest.mark.parametrize(
    ("bus_mv", "shunt_uv", "watt", "place"),
    [(12_000, 10_000, 1.2, "08000124"), (5_000, -20_000, -1.0, "08000200")],
    ids=["drawn", "fed-back"],
)
def test_records_of_the_board_come_with_sign_and_scale_and_become_knowledge(
    lab: Lab, bus_mv: int, shunt_uv: int, watt: float, place: str
) -> None:
    instruction = f"3f1c9a0b77d2:{place}"
    lab.boards[0].sense(bus_mv=bus_mv, shunt_uv=shunt_uv)
    lab.boards[0].tell("echo 1 > /sys/module/monje_fake_pps/parameters/pulse")

    capture = lab.submit(samples=500, period_ns=MS, ingest=True, instruction=instruction)
    result = lab.succeeded(capture)["result"]

    binary = lab.download(capture, "binary").raise_for_status().content
    parquet = pq.ParquetFile(io.BytesIO(lab.download(capture, "parquet").raise_for_status().content))
    table, said = parquet.read(), parquet.metadata.metadata
    stamps = table["timestamp_ns"].to_numpy().astype(np.int64)
    dims = np.array([table[f"dim_{number}"].to_numpy() for number in range(DIMENSIONS)]).T
    steps = np.diff(table["period"].to_numpy().astype(np.int64))
    assert (len(table), result["records"], result["ended"], result["started"]) == (500, 500, "samples", True)
    assert sha256(binary[HEADER.size :]).hexdigest() == result["digest"]
    assert np.array_equal(dims, lab.records(capture).rows["dim"], equal_nan=True)
    assert (steps >= 1).all()
    assert np.array_equal(np.diff(stamps), steps * MS)
    # Each period without a record is counted, and somebody says why it has none.
    assert result["dropped"] == (steps - 1).sum() == int(said[b"dasein.dropped"])
    assert result["dropped"] <= result["missed"] + result["lost"]
    check_clocks(result, json.loads(said[b"dasein.clocks"]))
    check_energies(dims, stamps, watt)
    for number, channel in enumerate(CHANNELS):
        assert np.isfinite(dims[:, number]).sum() == result["available"][channel.name]
        assert (channel.name in UNMEASURED) == (result["available"][channel.name] == 0), channel
    # Nothing lies before the first record.
    assert np.isnan(dims[0, len(CHANNELS) :]).all()
    assert set(table["instruction_id"].to_pylist()) == {instruction}
    check_knowledge(lab, capture, instruction, dims)


def check_clocks(result: dict[str, Any], of_file: dict[str, Any]) -> None:
    """See that a capture tells where its records lie in real time, and the pulse before them, as docs/kernel.md computes it."""
    clocks = result["clocks"]
    start, end = clocks["start"], clocks["end"]
    (pulse,) = start["pps"]
    assert (of_file, clocks["stepped"], end["pps"]) == (clocks, False, [pulse])
    assert (pulse["source"], pulse["name"], pulse["absent"]) == ("pps0", "monje_fake", None)
    first, last = (
        Decimal(start["realtime"]) + Decimal(result[name] - start["monotonic_ns"]) / 10**9
        for name in ("first_ns", "last_ns")
    )
    assert Decimal(pulse["at"]) < first < last < Decimal(end["realtime"])


def check_energies(dims: np.ndarray, stamps: np.ndarray, watt: float) -> None:
    """See that each energy is the sensor's power times the time since the record before, which latencies tell of."""
    energy, at_us = dims[1:, ENERGY], stamps / 1e3 + dims[:, LATENCY]
    known = np.isfinite(energy)
    assert known.mean() > 0.5
    assert (np.sign(energy[known]) == np.sign(watt)).all()
    of_ideal = energy[known] / (watt * np.diff(at_us)[known])
    assert abs(np.median(of_ideal) - 1) < 0.01, np.median(of_ideal)
    assert np.quantile(np.abs(of_ideal - 1), 0.9) < 0.1, np.quantile(of_ideal, [0.05, 0.95])


def check_knowledge(lab: Lab, capture: str, instruction: str, dims: np.ndarray) -> None:
    """See that the capture is a batch whose records and figures are those of its file."""
    batch = f"measurements:{capture}"
    energy = dims[:, ENERGY]
    assert lab.succeeded(f"{capture}.ingest")["result"]["batch"] == batch
    (block,) = lab.farm.stores.documents.find("default", Shelf.MEASUREMENTS, batch=batch)
    raw = raw_of(block)
    assert raw.instructions == (instruction,) * len(dims)
    assert np.array_equal(raw.values[:, -DIMENSIONS:], dims.astype(np.float32), equal_nan=True)
    told = lab.client.get(f"/api/v2/instructions/{instruction}").raise_for_status().json()
    assert [measured["batch"] for measured in told["measured"]] == [batch]
    figures = told["instruction"]["properties"]
    assert figures["sample_count"] == np.isfinite(energy).sum()
    assert np.isclose(figures["avg_energy"], np.nanmean(energy), rtol=1e-6)


def test_the_command_line_saves_what_the_board_recorded(lab: Lab, tmp_path: Path) -> None:
    out = tmp_path / "board.parquet"
    command = [sys.executable, "-m", "dasein", "record", "--device", DEVICE, "--url", lab.url]
    command += ["--period", "1ms", "--samples", "100", "-o", str(out), "--json"]

    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SLOW_S, check=False)

    assert ran.returncode == 0, ran.stderr
    result = json.loads(ran.stdout)
    assert out.read_bytes() == lab.download(result["recording"], "parquet").content
    assert pq.read_metadata(out).num_rows == result["records"] == 100


def test_a_capture_that_is_cancelled_leaves_nothing_and_the_recorder_stopped(lab: Lab) -> None:
    capture = lab.submit(samples=60_000, period_ns=MS)
    lab.under_way(capture)

    lab.client.delete(f"/api/v2/jobs/{capture}").raise_for_status()

    assert lab.ended(capture)["state"] == "cancelled"
    lab.until(lambda: lab.boards[0].tell(STATE) == "stopped", what="the recorder is stopped")
    lab.until(lambda: lab.files(capture) == [], what="nothing is left")


def test_when_its_process_is_killed_the_capture_begins_anew_on_the_same_board(lab: Lab) -> None:
    (board,) = lab.boards
    capture = lab.submit(samples=4_000, period_ns=MS)
    process = lab.under_way(capture)["worker"].rpartition(":")[2]

    board.tell(f"kill -9 {process}")

    assert board.tell(STATE) == "running"
    assert lab.download(capture, "binary").json()["code"] == "not-ready"
    assert check_second_attempt(lab, capture, samples=4_000) is board
    assert board.tell(STATE) == "stopped"


def test_when_the_board_falls_asleep_another_one_captures_and_the_first_spoils_nothing_when_it_wakes(lab: Lab) -> None:
    (sleeper,) = lab.boards
    capture = lab.submit(samples=4_000, period_ns=MS)
    lab.under_way(capture)

    sleeper.freeze()

    lab.until(lambda: lab.recorders() == 0, what="the board is missed")
    refused = lab.client.post("/api/v2/jobs", json={"kind": "simulation.capture", "params": {}})
    assert refused.json()["code"] == "device-unavailable"
    assert refused.json()["detail"] == "No worker of the pool capture is alive to say that it has a recorder."
    # Boards without a battery do not know what day it is.
    other = lab.switch_on("-rtc", "base=2000-01-01T00:00:00")
    assert check_second_attempt(lab, capture, samples=4_000) is other
    told = lab.job(capture)["result"]["clocks"]["start"]["realtime"]
    assert datetime.fromtimestamp(int(Decimal(told)), UTC).year == 2000
    sleeper.thaw()
    lab.until(lambda: lab.recorders() == 2, what="it wakes")
    lab.until(lambda: sleeper.tell(STATE) == "stopped", what="it has given up")
    assert check_second_attempt(lab, capture, samples=4_000) is other


def test_when_a_board_dies_another_one_captures(pair: Lab) -> None:
    capture = pair.submit(samples=4_000, period_ns=MS)
    dead = pair.board_of(pair.under_way(capture))

    dead.kill()

    assert pair.download(capture, "binary").json()["code"] == "not-ready"
    assert [check_second_attempt(pair, capture, samples=4_000)] == pair.boards


def check_second_attempt(lab: Lab, capture: str, *, samples: int) -> Board:
    """See that a capture ended with the records of its second attempt, and nothing of its first; return on which board."""
    job = lab.succeeded(capture)
    assert (job["attempts"], job["result"]["records"], job["result"]["started"]) == (2, samples, True)
    assert lab.files(capture) == ["records.bin", "records.parquet"]
    records = lab.records(capture)
    steps = np.diff(records.rows["period"].astype(np.int64))
    assert records.rows["period"][0] == 0
    assert (steps >= 1).all()
    assert np.array_equal(np.diff(records.rows["timestamp_ns"].astype(np.int64)), steps * MS)
    assert (records.dropped, job["result"]["restarts"]) == (int((steps - 1).sum()), 0)
    assert sha256(records.rows.tobytes()).hexdigest() == job["result"]["digest"]
    board = lab.board_of(job)
    assert not BAD.search(board.console.read_text(errors="replace")), board.said()
    return board
