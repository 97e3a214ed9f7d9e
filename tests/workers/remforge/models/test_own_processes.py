import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.servers import eventually
from workers.remforge.models.nvml import Gpu, NoGpu
from workers.remforge.models.own_processes import (
    HostRecord,
    Identity,
    clean,
    end,
    identity,
    is_alive,
    keep_record,
    orphans,
    records,
)

HOST, OTHER, SUPERVISOR = (Identity(pid, 7 * pid, "boot") for pid in (100, 200, 300))


@dataclass(frozen=True)
class OnGpu:
    """A driver that names these processes."""

    pids: Sequence[int] | None

    def gpus(self) -> Sequence[Gpu]:
        return []

    def processes(self) -> Sequence[int]:
        if self.pids is None:
            raise NoGpu("there is no NVIDIA driver")
        return self.pids


class Sleeper:
    """A real process."""

    def __init__(self) -> None:
        self.process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        found = identity(self.process.pid)
        assert found is not None
        self.identity = found


@pytest.fixture
def sleeper() -> Iterator[Sleeper]:
    one = Sleeper()
    yield one
    one.process.kill()
    one.process.wait()
    assert one.process.stdin is not None
    one.process.stdin.close()


@pytest.fixture
def gone() -> Identity:
    one = Sleeper()
    one.process.kill()
    one.process.wait()
    assert one.process.stdin is not None
    one.process.stdin.close()
    return one.identity


def myself() -> Identity:
    found = identity(os.getpid())
    assert found is not None
    return found


def test_a_process_is_known_by_its_start_as_well_as_by_its_id(sleeper: Sleeper) -> None:
    assert is_alive(sleeper.identity)
    assert not is_alive(replace(sleeper.identity, started=sleeper.identity.started - 1))
    assert not is_alive(replace(sleeper.identity, boot="another"))


def test_the_start_is_read_after_a_name_that_looks_like_fields(tmp_path: Path) -> None:
    program = tmp_path / "a) S 1 (b"
    program.symlink_to("/bin/sleep")
    process = subprocess.Popen([program, "60"])
    eventually(lambda: "a) S 1" in Path(f"/proc/{process.pid}/comm").read_text(), what="it has its name")

    found = identity(process.pid)
    process.kill()
    process.wait()

    assert found is not None
    assert found.started >= myself().started


def test_a_process_that_is_gone_or_only_waits_to_be_reaped_is_nobody() -> None:
    one = Sleeper()
    one.process.kill()
    eventually(lambda: identity(one.process.pid) is None, what="it is a zombie, and nobody")
    one.process.wait()
    assert one.process.stdin is not None
    one.process.stdin.close()

    assert identity(one.process.pid) is None
    assert not is_alive(one.identity)
    assert end(one.identity)


@pytest.mark.parametrize(
    ("on_gpu", "alive", "expected"),
    [
        ({100}, {HOST}, [HOST]),
        ({100}, {HOST, SUPERVISOR}, []),
        ({200}, {HOST, OTHER}, []),
        ({100}, {replace(HOST, started=1)}, []),
        ({100}, {HOST, replace(SUPERVISOR, started=1)}, [HOST]),
    ],
    ids=["orphan", "looked after", "another's", "its id was used again", "its supervisor's id was used again"],
)
def test_an_orphan_is_ours_on_a_gpu_and_looked_after_by_nobody(
    on_gpu: set[int], alive: set[Identity], expected: list[Identity]
) -> None:
    known = [HostRecord(HOST, SUPERVISOR)]

    assert orphans(known, on_gpu, alive=lambda process: process in alive) == expected


def test_records_of_processes_that_are_gone_are_cleared_away(tmp_path: Path, sleeper: Sleeper, gone: Identity) -> None:
    here = HostRecord(sleeper.identity, myself())
    keep_record(tmp_path, "a", here)
    keep_record(tmp_path, "b", HostRecord(gone, myself()))
    (tmp_path / "models-c-1.pid").write_text('{"host": {"pid": 1}}')
    (tmp_path / "models-d-2.pid").write_text("no record")

    assert records(tmp_path) == [here]
    assert [path.name for path in tmp_path.iterdir()] == [f"models-a-{sleeper.identity.pid}.pid"]


def test_orphans_are_ended_where_that_is_allowed_and_nobody_else(
    tmp_path: Path, sleeper: Sleeper, gone: Identity
) -> None:
    bystander = Sleeper()
    keep_record(tmp_path, "a", HostRecord(sleeper.identity, gone))
    pids = OnGpu([sleeper.identity.pid, bystander.identity.pid])

    with capture_logs() as logs:
        found = clean(tmp_path, pids, may_end=True)

    assert found == [sleeper.identity]
    assert sleeper.process.wait() == -9
    assert bystander.process.poll() is None
    assert [(line["event"], line.get("pid")) for line in logs] == [
        ("orphan_ended", sleeper.identity.pid),
        ("gpu_processes_seen", None),
    ]
    assert logs[0]["gone"]
    bystander.process.communicate(b"\n")


@pytest.mark.parametrize("why", ["not allowed", "supervised", "not on a GPU", "no GPU"])
def test_what_must_not_be_ended_is_not(tmp_path: Path, sleeper: Sleeper, gone: Identity, why: str) -> None:
    keep_record(tmp_path, "a", HostRecord(sleeper.identity, myself() if why == "supervised" else gone))
    pids = OnGpu({"not on a GPU": [], "no GPU": None}.get(why, [sleeper.identity.pid]))

    with capture_logs() as logs:
        clean(tmp_path, pids, may_end=why != "not allowed")

    assert is_alive(sleeper.identity)
    assert ("orphan_left" in [line["event"] for line in logs]) == (why == "not allowed")


def test_a_process_that_took_over_an_id_is_not_ended(sleeper: Sleeper) -> None:
    assert end(replace(sleeper.identity, started=sleeper.identity.started - 1))

    assert is_alive(sleeper.identity)
