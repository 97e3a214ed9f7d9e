import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jobs.errors import SimulatorLost, SimulatorUnavailable
from renode.driver.process import Process, version_of
from tests.renode.driver.conftest import ROOT, VERSION
from tests.servers import demand, eventually

PATIENT_S = 60.0
Peer = Callable[..., str]


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()


def test_a_version_is_asked_for_and_what_has_none_says_why(peer: Peer, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho no runtime >&2\nexit 5\n")
    broken.chmod(0o755)

    assert version_of(peer()) == VERSION
    with pytest.raises(SimulatorUnavailable, match="there is no program /nowhere/renode"):
        version_of("/nowhere/renode")
    with pytest.raises(SimulatorUnavailable, match="ended with 5: no runtime"):
        version_of(str(broken))


def test_a_process_has_a_folder_for_itself_and_knows_none_of_our_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASEIN_GRAPH_PASSWORD", "hunter2")
    program = tmp_path / "renode"
    port = "Monitor available in telnet mode on port 4711"
    program.write_text(f'#!/bin/sh\nenv > "$TMPDIR/environment"\necho "{port}"\nsleep 600 & sleep 600\n')
    program.chmod(0o755)
    process = Process(str(program))

    assert process.port(within_s=PATIENT_S) == 4711
    folder, told = process.folder, (process.folder / "environment").read_text()
    process.end()
    process.end()

    assert "hunter2" not in told
    assert f"TMPDIR={folder}" in told
    assert not folder.exists()


def test_a_folder_is_closed_to_others_and_an_end_is_one_of_the_whole_group(tmp_path: Path) -> None:
    program = tmp_path / "renode"
    program.write_text(
        '#!/bin/sh\nsleep 600 &\necho $! > child\necho "Monitor available in telnet mode on port 1"\nwait\n'
    )
    program.chmod(0o755)
    process = Process(str(program))
    process.port(within_s=PATIENT_S)
    child = int((process.folder / "child").read_text())

    mode = stat.S_IMODE(process.folder.stat().st_mode)
    was_running = is_running(child)
    process.end()

    assert (mode, was_running) == (0o700, True)
    eventually(lambda: not is_running(child), what="the child is gone")


def test_folders_of_workers_that_were_killed_are_removed_and_those_in_use_are_not(
    peer: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    killed, young, others = (tmp_path / f"dasein-renode-{name}" for name in ("killed", "young", "linked"))
    elsewhere = tmp_path / "elsewhere"
    for folder in (killed, young, elsewhere):
        folder.mkdir()
        (folder / "input-0.bin").write_bytes(b"key")
    others.symlink_to(elsewhere)
    used = Process(peer())
    for folder in (killed, elsewhere, used.folder):
        os.utime(folder, (0, 0))

    Process(peer()).end()

    assert not killed.exists()
    assert used.folder.is_dir()
    assert (young / "input-0.bin").exists()
    assert (elsewhere / "input-0.bin").exists()
    used.end()
    assert not used.folder.exists()


def test_one_that_quits_or_stays_mute_is_lost(peer: Peer) -> None:
    for mode, within_s, why in (("quits", PATIENT_S, "ended with 3 as it started"), ("mute", 0.3, "within 0.3 s")):
        process = Process(peer(mode))
        with pytest.raises(SimulatorLost, match=why):
            process.port(within_s=within_s)
        process.end()


def test_what_cannot_be_started_is_unavailable(tmp_path: Path) -> None:
    text = tmp_path / "renode"
    text.write_text("no program")
    text.chmod(0o755)

    with pytest.raises(SimulatorUnavailable) as refusal:
        version_of(str(text))
    assert refusal.value.reason == "broken"
    with pytest.raises(SimulatorUnavailable, match="there is no program"):
        Process(str(tmp_path / "absent"))


def test_a_renode_ends_with_the_worker_that_started_it_however_that_ends(peer: Peer, tmp_path: Path) -> None:
    demand("setpriv", present=shutil.which("setpriv") is not None)
    said = tmp_path / "said"
    program = f"""
import subprocess, time
from renode.driver.process import Process
process = Process({peer("mute")!r})
print(process._process.pid, flush=True)
time.sleep(600)
"""
    with said.open("wb") as out:
        worker = subprocess.Popen(
            [sys.executable, "-c", program],
            stdout=out,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)},
        )
    eventually(lambda: said.read_text().endswith("\n"), what="it has started")
    pid = int(said.read_text())

    was_running = is_running(pid)
    worker.kill()
    worker.wait()

    assert was_running
    eventually(lambda: not is_running(pid), what="Renode is gone")
