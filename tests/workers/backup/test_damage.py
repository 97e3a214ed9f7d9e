"""Backups that are not whole: each is refused, and nothing of it reaches a store."""

from collections.abc import Callable
from pathlib import Path

import pytest

from jobs.errors import DaseinError, NotFound
from tests.workers.backup.conftest import SmallFarm
from workers.backup.pack import Damaged
from workers.backup.restore import restore
from workers.backup.take import take
from workers.backup.verify import verify

Harm = Callable[[Path], None]


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def one(folder: Path, pattern: str) -> Path:
    """Return the first file of a kind in a vault."""
    return min(folder.glob(pattern))


OBJECTS = {
    "records": "backups/*/records/*.gz",
    "documents": "backups/*/documents/*/*.gz",
    "graph": "backups/*/graph/*/*.gz",
    "list of files": "backups/*/files/*.gz",
    "contents": "files/*/*/*",
}


@pytest.mark.parametrize(
    ("what", "harm"),
    [
        *((what, flip) for what in OBJECTS),
        ("records", cut),
        ("contents", cut),
        ("graph", Path.unlink),
        ("contents", Path.unlink),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_one_damaged_object_keeps_all_of_a_backup_out(what: str, harm: Harm, farm: SmallFarm, tmp_path: Path) -> None:
    taken = take(farm.backup)
    other = farm.moved_to(tmp_path / "other")
    harm(one(tmp_path / "vault", OBJECTS[what]))

    with pytest.raises(Damaged):
        restore(other.backup, taken.id, force=True)

    assert other.backup.records.anything() == []
    assert other.backup.files.anything() == []
    assert (other.documents.tenants(), other.graph.tenants()) == ([], [])


@pytest.mark.parametrize("harm", [flip, cut], ids=["flipped", "cut"])
def test_a_damaged_manifest_is_no_manifest(harm: Harm, farm: SmallFarm, tmp_path: Path) -> None:
    taken = take(farm.backup)
    harm(one(tmp_path / "vault", "backups/*/manifest.json"))

    with pytest.raises(Damaged, match="manifest"):
        verify(farm.backup, taken.id)


def test_a_backup_that_was_never_finished_is_none(farm: SmallFarm, tmp_path: Path) -> None:
    taken = take(farm.backup)
    one(tmp_path / "vault", "backups/*/manifest.json").unlink()

    with pytest.raises(NotFound, match="never finished"):
        verify(farm.backup, taken.id)


def test_a_place_outside_of_the_data_folder_is_never_written(farm: SmallFarm) -> None:
    with pytest.raises(DaseinError, match="no place"):
        farm.backup.files.path("artifacts/../../escaped")
    with pytest.raises(DaseinError, match="no place"):
        farm.backup.files.path("/etc/passwd")


def test_a_whole_backup_is_said_to_be(farm: SmallFarm) -> None:
    taken = take(farm.backup)

    assert verify(farm.backup, taken.id) == taken
