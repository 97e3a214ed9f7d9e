"""Taking a backup: records first, then what they refer to, so that nothing that is named is missing.

Jobs are copied as they were at the beginning; whatever was in flight begins anew after a restore, and files are copied of
jobs that had ended. Documents are the truth of the knowledge, and the graph is copied after them, tenant by tenant.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import structlog

from jobs.errors import DaseinError
from stores.copying import Kept
from stores.documents import Shelf
from workers.backup.keep import locked, prune
from workers.backup.knowledge import Standing, copy_graph, every, last_records, line_of, shelves, standing
from workers.backup.manifest import COMPONENTS, Component, Cut, Group, Manifest, Part
from workers.backup.note import note
from workers.backup.pack import Packer
from workers.backup.seal import PLAIN
from workers.backup.services import BackupServices
from workers.backup.store import MANIFEST, BackupStore, copy

TRIES = 2
"""Of the knowledge of a tenant: what changes both times is hidden in the copy."""
LOOKED_AFTER = 1000
"""Lines after which a job is asked whether to go on."""
OF_JOBS = ("campaigns", "rems")

log = structlog.get_logger(__name__)


@dataclass
class _Taking:
    """A backup that is being made."""

    id: str
    store: BackupStore
    services: BackupServices
    check: Callable[[], None]
    parts: list[Part] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    unsettled: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    contents: set[str] = field(default_factory=set)

    def packer(self, component: Component, group: str) -> Packer:
        return Packer(self.store, self.id, component, group)

    def keep(self, *packers: Packer) -> None:
        """Write what is left of groups, and take them into the manifest."""
        for packer in packers:
            group = packer.finish()
            if group.lines:
                self.groups.append(group)
            self.parts += packer.parts


def take(services: BackupServices, *, full: bool = False, check: Callable[[], None] = lambda: None) -> Manifest:
    """Make a backup, and remove those that are too old; `full` also writes contents that are there already.

    `check` is asked often, and raises to give up.
    """
    began = services.clock()
    manifest, problem = None, "It was broken off."
    try:
        with locked(services):
            manifest = _taken(services, began, full=full, check=check)
            prune(services)
    except DaseinError as error:
        problem = error.message
        raise
    finally:
        kind = "full" if full else "incremental"
        note(services, began=began, kind=kind, manifest=manifest, problem=problem)
    log.info(
        "backup_taken",
        backup=manifest.id,
        bytes=manifest.stored_bytes,
        files=manifest.files,
        left_out=manifest.left_out,
    )
    return manifest


def _taken(services: BackupServices, began: datetime, *, full: bool, check: Callable[[], None]) -> Manifest:
    """Copy everything, and write the manifest."""
    clock = services.clock
    taking = _Taking(services.new_id(began), BackupStore(services.vault, services.seal), services, check)
    _records(taking)
    knowledge = clock()
    # An embedded file has no tables before somebody makes them.
    services.documents.migrate()
    for tenant in sorted({*services.documents.tenants(), *services.graph.tenants()}):
        _tenant(taking, tenant)
    files_began = clock()
    files, file_bytes = _files(taking, full=full)
    finished = clock()
    manifest = Manifest(
        id=taking.id,
        version=services.version,
        began_at=began,
        finished_at=finished,
        engines=services.engines,
        files_under=taking.store.files_under,
        cut=Cut(
            records=(began, knowledge),
            knowledge=(knowledge, files_began),
            files=(files_began, finished),
            unsettled=taking.unsettled,
        ),
        parts=tuple(taking.parts),
        groups=tuple(taking.groups),
        files=files,
        file_bytes=file_bytes,
        stored_bytes=taking.store.stored,
        left_out=services.records.left_out(),
    )
    _seal(taking, manifest)
    return manifest


def _seal(taking: _Taking, manifest: Manifest) -> None:
    """Write the manifest when everything else lies there for good."""
    taking.store.write_contents(taking.id, taking.contents)
    taking.services.vault.settle()
    taking.store.write_bytes(taking.id, MANIFEST, manifest.sealed())
    taking.services.vault.settle()


def _records(taking: _Taking) -> None:
    packer = taking.packer("records", "keys")
    for number, line in enumerate(taking.services.records.copy(taking.ended.add)):
        if number % LOOKED_AFTER == 0:
            taking.check()
        packer.add(line)
    taking.keep(packer)


def _tenant(taking: _Taking, tenant: str) -> None:
    """Copy a tenant's knowledge, once more if it changed meanwhile."""
    documents = taking.services.documents
    for attempt in range(1, TRIES + 1):
        before = standing(documents, tenant)
        packers = [*_documents(taking, tenant), *_graph(taking, tenant)]
        later = standing(documents, tenant)
        if before.settled(later) or attempt == TRIES:
            break
        log.info("backup_repeated", tenant=tenant, changed=len(before.moved(later)))
    if not before.settled(later):
        taking.unsettled[tenant] = tuple(sorted(before.moved(later)))
    taking.keep(*packers, *_last(taking, tenant, before, later))


def _documents(taking: _Taking, tenant: str) -> list[Packer]:
    packers = []
    for shelf in shelves():
        packer = taking.packer("documents", f"{tenant}/{shelf}")
        for number, record in enumerate(every(taking.services.documents, tenant, shelf)):
            if number % LOOKED_AFTER == 0:
                taking.check()
            packer.add(line_of(record))
        packers.append(packer)
    return packers


def _last(taking: _Taking, tenant: str, before: Standing, later: Standing) -> list[Packer]:
    packers = []
    for shelf, records in last_records(before, later).items():
        packer = taking.packer("documents", f"{tenant}/{Shelf(shelf)}")
        for record in records:
            packer.add(line_of(record))
        packers.append(packer)
    return packers


def _graph(taking: _Taking, tenant: str) -> list[Packer]:
    nodes, relations = (taking.packer("graph", f"{tenant}/{what}") for what in ("nodes", "relations"))
    copy_graph(taking.services.graph, tenant, nodes=nodes.add, relations=relations.add, check=taking.check)
    return [nodes, relations]


def _files(taking: _Taking, *, full: bool) -> tuple[int, int]:
    """Copy files whose contents are not there yet; return how many files there are, and their bytes."""
    store, services = taking.store, taking.services
    known = set() if full else set(store.known_files(store.files_under))
    packer, size = taking.packer("files", "list"), 0
    for kept in services.files.every():
        folder, _, rest = kept.place.partition("/")
        if folder in OF_JOBS and rest.partition("/")[0] not in taking.ended:
            continue
        taking.check()
        # Its job may expire meanwhile, or somebody delete it.
        with suppress(FileNotFoundError):
            digest = _digest(services.files.path(kept.place))
            if digest not in known:
                with services.files.path(kept.place).open("rb") as file:
                    store.write_file(digest, file)
            known.add(digest)
            taking.contents.add(digest)
            packer.add(_file_line(kept, digest))
            size += kept.bytes
    taking.keep(packer)
    return sum(group.lines for group in taking.groups if group.component == "files"), size


def _file_line(kept: Kept, digest: str) -> dict[str, object]:
    told = {"place": kept.place, "bytes": kept.bytes, "changed_ns": kept.changed_ns, "mode": kept.mode}
    return told | {"sha256": digest}


def _digest(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        copy(file, digest.update)
    return digest.hexdigest()


def told_of(manifest: Manifest) -> dict[str, object]:
    """Return what a person wants to know of a backup."""
    took_s = (manifest.finished_at - manifest.began_at).total_seconds()
    return {
        "id": manifest.id,
        "began_at": manifest.began_at.isoformat(),
        "took_s": round(took_s, 3),
        "stored_bytes": manifest.stored_bytes,
        "file_bytes": manifest.file_bytes,
        **{component: manifest.count(component) for component in COMPONENTS},
        "unsettled": {tenant: list(batches) for tenant, batches in manifest.cut.unsettled.items()},
        "left_out": dict(manifest.left_out),
        "encrypted": manifest.files_under != PLAIN,
    }


def new_id(now: datetime, drawn: str) -> str:
    """Return an id that sorts by time; `drawn` tells two of one second apart."""
    return f"{now:%Y%m%dT%H%M%SZ}-{drawn}"
