"""Backups whose digests are right and whose contents are not ours: refused whole, before anything is written."""

import json
from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from tests.workers.backup.conftest import SmallFarm
from workers.backup.manifest import Component, Manifest, text_of
from workers.backup.pack import Damaged, Packer, texts_of
from workers.backup.restore import restore
from workers.backup.store import MANIFEST, BackupStore
from workers.backup.take import take
from workers.backup.verify import parts_of

FILE: dict[str, Any] = {"place": "artifacts/a", "bytes": 1, "changed_ns": 1, "mode": 0o644, "sha256": "0" * 64}


def forged(
    farm: SmallFarm, component: Component, group: str, *lines: Mapping[str, Any], grouped: bool = True
) -> Manifest:
    """Return a backup of a farm in which a group has been replaced."""
    taken = take(farm.backup)
    store = BackupStore(farm.backup.vault, None)
    packer = Packer(store, taken.id, component, group)
    for line in lines:
        packer.add(line)
    whole = packer.finish()
    parts = [part for part in taken.parts if (part.component, part.group) != (component, group)]
    groups = [one for one in taken.groups if (one.component, one.name) != (component, group)]
    changed = taken.model_copy(
        update={"parts": (*parts, *packer.parts), "groups": (*groups, whole) if grouped else tuple(groups)}
    )
    store.write_bytes(taken.id, MANIFEST, changed.sealed())
    return changed


def refused(farm: SmallFarm, folder: Path, manifest: Manifest) -> str:
    """Return why a backup is refused, having seen that nothing of it was written."""
    other = farm.moved_to(folder)
    with pytest.raises(Damaged) as caught:
        restore(other.backup, manifest.id, force=True)
    assert other.redis.keys() == []
    assert other.backup.files.anything() == []
    assert (other.documents.tenants(), other.graph.tenants()) == ([], [])
    return str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        {"key": "simulation", "type": "list", "value": ["a message for a worker"]},
        {"key": "workers:alive", "type": "zset", "value": [["simulation x", 1e18]]},
        {"key": "somebody:elses", "type": "string", "value": "1"},
        {"key": "jobs:messages", "type": "hash", "value": {"a": "b"}},
        {"key": "job:a", "type": "string", "value": "no hash"},
        {"key": "job:a", "type": "hash", "value": {"seq": "1", "state": "succeeded"}},
        {"key": "job:a", "type": "hash", "value": {"seq": 1}},
        {"key": "audit:acme", "type": "stream", "value": [["1-0", []]]},
        {"key": "audit:acme", "type": "module", "value": "x"},
        {"type": "string", "value": "no key"},
    ],
)
def test_keys_that_are_no_records_are_not_written(line: Mapping[str, Any], farm: SmallFarm, tmp_path: Path) -> None:
    manifest = forged(farm, "records", "keys", line)

    assert "records/keys: line 1" in refused(farm, tmp_path / "other", manifest)


@pytest.mark.parametrize(
    "changes",
    [
        {"place": "../../etc/cron.d/x"},
        {"place": "/etc/passwd"},
        {"sha256": "../../../../etc/passwd"},
        {"mode": "0644"},
        {"changed_ns": 2**70},
    ],
)
def test_files_have_a_place_and_contents_of_ours(changes: dict[str, Any], farm: SmallFarm, tmp_path: Path) -> None:
    manifest = forged(farm, "files", "list", FILE | changes)

    assert "files/list: line 1" in refused(farm, tmp_path / "other", manifest)


@pytest.mark.parametrize(
    ("component", "group", "line"),
    [
        ("documents", "default/nothing", {"id": "a", "body": {}}),
        ("documents", "no tenant/documents", {"id": "a", "body": {}}),
        ("documents", "default/documents", {"id": 1, "body": {}}),
        ("documents", "default/documents", {"id": "a", "body": {}, "blob": "A"}),
        ("graph", "default/edges", {}),
        ("graph", "default/nodes", {"label": "A) DETACH DELETE (n", "id": "a", "own": {}, "batches": ["b"]}),
        ("graph", "default/nodes", {"label": "A", "id": "a", "own": {}}),
    ],
)
def test_knowledge_is_that_of_a_tenant_on_a_shelf(
    component: Component, group: str, line: Mapping[str, Any], farm: SmallFarm, tmp_path: Path
) -> None:
    manifest = forged(farm, component, group, line)

    assert f"{component}/{group}" in refused(farm, tmp_path / "other", manifest)


def test_objects_that_nothing_counts_are_not_read(farm: SmallFarm, tmp_path: Path) -> None:
    line = {"key": "webhook:a", "type": "hash", "value": {"state": "sent"}}
    manifest = forged(farm, "records", "keys", line, grouped=False)

    assert "belongs to no group" in refused(farm, tmp_path / "other", manifest)


def test_an_object_outside_of_the_backup_is_not_there(farm: SmallFarm, tmp_path: Path) -> None:
    taken = take(farm.backup)
    parts = tuple(part.model_copy(update={"name": f"../../../{part.name}"}) for part in taken.parts)
    changed = taken.model_copy(update={"parts": parts})
    BackupStore(farm.backup.vault, None).write_bytes(taken.id, MANIFEST, changed.sealed())

    assert "../../../" in refused(farm, tmp_path / "other", changed)


def test_a_small_object_does_not_become_a_line_without_end(farm: SmallFarm) -> None:
    manifest = forged(farm, "records", "keys", {"key": "webhook:a", "type": "string", "value": " " * 10_000})
    store, parts = BackupStore(farm.backup.vault, None), parts_of(manifest, "records", "keys")

    with pytest.raises(Damaged, match="longer than any"):
        list(texts_of(store, manifest.id, parts, longest=1000))


def test_what_is_not_packed_is_damaged(farm: SmallFarm, tmp_path: Path) -> None:
    taken = take(farm.backup)
    store = BackupStore(farm.backup.vault, None)
    [part] = parts_of(taken, "records", "keys")
    with store.read(taken.id, part.name) as file:
        data = file.read()
    cut = part.model_copy(update={"bytes": len(data) - 20, "sha256": sha256(data[:-20]).hexdigest()})
    store.write(taken.id, part.name, BytesIO(data[:-20]))
    changed = taken.model_copy(update={"parts": tuple(cut if one == part else one for one in taken.parts)})
    store.write_bytes(taken.id, MANIFEST, changed.sealed())

    assert "cannot be unpacked" in refused(farm, tmp_path / "other", changed)


def test_a_restored_file_runs_under_nobodys_name(farm: SmallFarm, tmp_path: Path) -> None:
    (path,) = [one for one in (farm.folder / "artifacts").rglob("*") if one.is_file()][:1]
    path.chmod(0o6755)
    taken = take(farm.backup)
    other = farm.moved_to(tmp_path / "other")

    restore(other.backup, taken.id)

    assert (other.folder / path.relative_to(farm.folder)).stat().st_mode & 0o7777 == 0o755


@pytest.mark.parametrize("told", [[], None, "x"])
def test_a_manifest_is_an_object(told: object, farm: SmallFarm, tmp_path: Path) -> None:
    taken = take(farm.backup)
    digest = sha256(json.dumps(told).encode()).hexdigest()
    data = text_of({"sha256": digest, "manifest": told})
    BackupStore(farm.backup.vault, None).write_bytes(taken.id, MANIFEST, data)

    assert "manifest is damaged" in refused(farm, tmp_path / "other", taken)


def test_vectors_of_which_nothing_is_said_are_made_again(farm: SmallFarm, tmp_path: Path) -> None:
    taken = take(farm.backup)
    changed = taken.model_copy(update={"engines": {}})
    BackupStore(farm.backup.vault, None).write_bytes(taken.id, MANIFEST, changed.sealed())
    other = farm.moved_to(tmp_path / "other")

    done = restore(other.backup, taken.id)

    assert done.rebuilds == tuple(f"rebuild-{taken.id}-{tenant}" for tenant in ("acme", "default"))
