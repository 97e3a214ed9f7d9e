"""Backups that are encrypted: nothing of the farm can be read where they lie, and only the right key opens them."""

from pathlib import Path

import pytest

from jobs.errors import InvalidInput
from tests.workers.backup.conftest import NOTES, SmallFarm
from tests.workers.backup.test_backup import contents
from workers.backup.restore import restore
from workers.backup.seal import AgeSeal, new_key
from workers.backup.take import take
from workers.backup.verify import verify

SECRET, PUBLIC = new_key()


def stored(folder: Path) -> bytes:
    """Return all that lies in a vault, but for which contents it has."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "contents.json")


def test_what_is_encrypted_comes_back_with_the_key_and_is_not_to_be_read_without(
    farm: SmallFarm, tmp_path: Path
) -> None:
    farm.backup = farm.backup._replace(seal=AgeSeal([PUBLIC], identity=None))
    taken = take(farm.backup)
    other = farm.moved_to(tmp_path / "other", seal=AgeSeal([PUBLIC], identity=SECRET))

    restore(other.backup, taken.id)

    assert contents(take(other.backup), "documents", "files") == contents(taken, "documents", "files")
    lying = stored(tmp_path / "vault")
    assert b"ELF firmware" not in lying
    assert b"age-encryption.org" in lying
    assert not any(name.encode() in lying for name in NOTES)
    assert b"\x1f\x8b" not in lying[:2]


@pytest.mark.parametrize("identity", [None, new_key()[0]], ids=["no key", "another key"])
def test_without_the_right_key_nothing_is_restored(identity: str | None, farm: SmallFarm, tmp_path: Path) -> None:
    farm.backup = farm.backup._replace(seal=AgeSeal([PUBLIC], identity=None))
    taken = take(farm.backup)
    other = farm.moved_to(tmp_path / "other", seal=AgeSeal([], identity=identity))

    with pytest.raises(InvalidInput):
        restore(other.backup, taken.id)

    assert other.backup.records.anything() == []
    assert other.documents.tenants() == []


def test_contents_for_other_keys_are_written_anew(farm: SmallFarm) -> None:
    secret, public = new_key()
    take(farm.backup._replace(seal=AgeSeal([PUBLIC], identity=None)))
    opened = farm.backup._replace(seal=AgeSeal([public], identity=secret))

    taken = take(opened)

    assert verify(opened, taken.id) == taken


@pytest.mark.parametrize(
    ("recipients", "identity", "field"),
    [(["age1nonsense"], None, "backup_recipients"), ([], "AGE-SECRET-KEY-1NONSENSE", "backup_identity")],
)
def test_what_is_no_key_is_named_by_its_setting(recipients: list[str], identity: str | None, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        AgeSeal(recipients, identity=identity)

    assert refused.value.field == field
