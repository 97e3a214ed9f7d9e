"""The id of a data folder: drawn once, by whoever is first, and never by who only looks."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from config.folder_id import FILE, drawn_id, found_id

ROOT = Path(__file__).parents[2]
FOLDERS = 200
DRAW = f"""
import sys
from pathlib import Path
from config.folder_id import drawn_id
print("ready", flush=True)
sys.stdin.readline()
for number in range({FOLDERS}):
    print(drawn_id(Path(sys.argv[1]) / str(number)))
"""


def test_an_id_is_drawn_once_and_differs_from_folder_to_folder(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"

    drawn = drawn_id(one)

    assert (drawn_id(one), found_id(one)) == (drawn, drawn)
    assert drawn_id(other) != drawn
    assert [path.name for path in one.iterdir()] == [FILE]
    # A worker may run under another name than web.
    assert stat.S_IMODE((one / FILE).stat().st_mode) & 0o444 == 0o444


def test_processes_that_are_first_at_once_agree(tmp_path: Path) -> None:
    command = [sys.executable, "-c", DRAW, str(tmp_path)]
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    drawn = [process.communicate(timeout=60)[0].split() for process in processes]

    assert drawn == [drawn[0]] * 4
    assert len(set(drawn[0])) == FOLDERS


def test_who_looks_draws_none(tmp_path: Path) -> None:
    assert found_id(tmp_path) is None
    assert found_id(tmp_path / "nowhere") is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("written", [b"", b"short", b"\xff" * 32], ids=["nothing", "too-little", "no-text"])
def test_what_is_no_id_of_ours_is_not_taken_for_one(tmp_path: Path, written: bytes) -> None:
    (tmp_path / FILE).write_bytes(written)

    assert found_id(tmp_path) is None
    with pytest.raises(ValueError, match="remove it"):
        drawn_id(tmp_path)
