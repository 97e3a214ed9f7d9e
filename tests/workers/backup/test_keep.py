"""Backups one after the other: only what is new is written, the oldest go, one is made at a time, and the last is noted."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from jobs.errors import Conflict, StoreUnavailable
from stores.artifacts import FileArtifacts
from stores.copying import Kept
from stores.data_folder import DataFolder
from tests.workers.backup.conftest import NOW, TENANT, Clock, SmallFarm
from web.backup_note import read_note
from workers.backup.keep import ABANDONED, LOCK, finished, locked
from workers.backup.note import FAILURE, LAST
from workers.backup.seal import AgeSeal, new_key
from workers.backup.take import take
from workers.backup.verify import verify


def add(farm: SmallFarm, data: bytes) -> str:
    """Upload an artifact and return its id."""
    return FileArtifacts(farm.folder).put(TENANT, [data], media_type="x/elf", limit_bytes=10**7)[0].id


def lying(folder: Path) -> set[str]:
    """Return the digests of contents in a vault."""
    return {path.name.removesuffix(".age") for path in (folder / "files").rglob("*") if path.is_file()}


def test_a_second_backup_writes_only_the_contents_that_are_new(farm: SmallFarm, tmp_path: Path) -> None:
    add(farm, b"first" * 100_000)
    first = take(farm.backup)
    before = lying(tmp_path / "vault")
    added = add(farm, b"second" * 100_000)

    second = take(farm.backup)

    assert lying(tmp_path / "vault") - before == {added.removeprefix("sha256:")}
    assert 600_000 < second.stored_bytes < first.stored_bytes + 150_000
    assert second.files == first.files + 2
    assert take(farm.backup, full=True).stored_bytes > 1_100_000


def test_the_oldest_go_with_the_contents_that_only_they_need(farm: SmallFarm, tmp_path: Path) -> None:
    gone = add(farm, b"only in the first")
    _, public = new_key()
    # No secret key is needed to tidy up.
    backup = farm.backup._replace(keep=2, seal=AgeSeal([public], identity=None))
    first = take(backup)
    FileArtifacts(farm.folder).delete(TENANT, gone)
    kept = add(farm, b"since the second")

    later = [take(backup).id for _ in range(2)]

    assert finished(backup) == later
    assert first.id not in later
    assert gone.removeprefix("sha256:") not in lying(tmp_path / "vault")
    assert kept.removeprefix("sha256:") in lying(tmp_path / "vault")


def test_what_was_never_finished_is_removed_by_the_next_one(farm: SmallFarm, tmp_path: Path) -> None:
    broken = take(farm.backup).id
    (tmp_path / "vault" / "backups" / broken / "manifest.json").unlink()

    whole = take(farm.backup)

    assert [path.name for path in (tmp_path / "vault" / "backups").iterdir()] == [whole.id]
    assert verify(farm.backup, whole.id) == whole


def test_one_backup_is_made_at_a_time(farm: SmallFarm) -> None:
    with locked(farm.backup), pytest.raises(Conflict, match="Another backup is being made since"):
        take(farm.backup)

    assert take(farm.backup).id in finished(farm.backup)


def test_the_lock_of_one_that_died_is_taken_over(farm: SmallFarm) -> None:
    since = (NOW - ABANDONED - timedelta(minutes=1)).isoformat()
    farm.backup.vault.claim(LOCK, json.dumps({"at": since, "by": "dead"}).encode())

    take(farm.backup)

    assert farm.backup.vault.claim(LOCK, b"{}")


def test_the_last_good_backup_stays_noted_when_a_later_one_fails(farm: SmallFarm) -> None:
    class Away(DataFolder):
        def every(self) -> Iterator[Kept]:
            raise StoreUnavailable("The disk went away.")

    taken = take(farm.backup)
    noted = (farm.backup.notes / LAST).read_text()
    with pytest.raises(StoreUnavailable):
        take(farm.backup._replace(files=Away(farm.folder), clock=Clock()))

    told = json.loads((farm.backup.notes / FAILURE).read_text())
    assert {"ok": True, "kind": "incremental", "id": taken.id}.items() <= json.loads(noted).items()
    assert (farm.backup.notes / LAST).read_text() == noted
    # As web reads it for Prometheus.
    read = read_note(farm.backup.notes / LAST)
    assert read is not None
    assert read.bytes == taken.stored_bytes
    assert (told["ok"], told["problem"]) == (False, "The disk went away.")
    # What was begun is no backup, and the next one is made.
    assert finished(farm.backup) == [taken.id]
    later = take(farm.backup)
    assert set(finished(farm.backup)) == {taken.id, later.id}
