"""Putting a backup back: all of it is checked before anything is written, and what was written is read back.

Records come last: a worker that is started too early finds no job before all is there that jobs name.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO

import structlog

from jobs.errors import Conflict, StoreUnavailable
from jobs.model import NewJob
from jobs.queue import BACKUP, REBUILD
from stores.copying import Adopted, Kept
from workers.backup.manifest import COMPONENTS, Component, Manifest
from workers.backup.pack import lines_of
from workers.backup.put_knowledge import put_documents, put_graph, tenants_of
from workers.backup.services import BackupServices
from workers.backup.store import PIECE, BackupStore
from workers.backup.verify import parts_of, verify

VECTORS_IN_DOCUMENTS = "exact"
"""The engine of vectors that keeps them among the documents."""

log = structlog.get_logger(__name__)


@dataclass
class Restored:
    """What a restore has done."""

    manifest: Manifest
    components: tuple[Component, ...]
    jobs: Adopted = field(default_factory=Adopted)
    documents: int = 0
    graph: int = 0
    files: int = 0
    rebuilds: tuple[str, ...] = ()
    """Jobs that make again what could not be taken over."""
    cache_emptied: bool = True
    """False: it did not answer. Empty it before the farm is started."""


def restore(
    services: BackupServices,
    backup: str,
    *,
    only: Collection[Component] = COMPONENTS,
    force: bool = False,
    check: Callable[[], None] = lambda: None,
) -> Restored:
    """Put a backup's components into empty stores; with `force` what is in them is removed first.

    Raise Conflict while workers are alive or stores hold something, and what `verify` raises: before anything is written.
    """
    components = tuple(component for component in COMPONENTS if component in only)
    manifest = verify(services, backup, check=check)
    _refuse(services, components, force=force)
    store = BackupStore(services.vault, services.seal)
    done = Restored(manifest, components)
    if force:
        _erase(services, components)
    if "documents" in components:
        services.documents.migrate()
        skipped = () if services.engines["vectors"] == VECTORS_IN_DOCUMENTS else ("vectors",)
        done.documents = put_documents(services, store, manifest, skipped=skipped, check=check)
    if "graph" in components:
        services.graph.migrate()
        done.graph = put_graph(services, store, manifest, check=check)
    if "files" in components:
        done.files = _files(services, store, manifest, check)
    if "records" in components:
        lines = lines_of(store, manifest.id, parts_of(manifest, "records", "keys"))
        # The farm that is restored need not be backed up by a job of the one that was.
        done.jobs = services.records.load(lines, unwanted=[BACKUP.name])
    done.cache_emptied = _empty_cache(services, manifest)
    done.rebuilds = tuple(_rebuilds(services, manifest, components))
    log.info("backup_restored", backup=manifest.id, components=components)
    return done


def _refuse(services: BackupServices, components: Sequence[Component], *, force: bool) -> None:
    alive = services.records.workers()
    if alive:
        raise Conflict(f"Stop the farm first: {', '.join(alive[:3])} {'is' if len(alive) == 1 else 'are'} alive.")
    if force:
        return
    there = {
        "records": services.records.anything,
        "documents": services.documents.tenants,
        "graph": services.graph.tenants,
        "files": services.files.anything,
    }
    if "documents" in components:
        # An embedded file has no tables before somebody makes them.
        services.documents.migrate()
    for component in components:
        if found := there[component]():
            told = ", ".join(found[:3])
            raise Conflict(f"The store of {component} is not empty ({told}); --force removes what is there.")


def _erase(services: BackupServices, components: Sequence[Component]) -> None:
    if "records" in components:
        services.records.erase()
    if "documents" in components:
        services.documents.migrate()
        for tenant in services.documents.tenants():
            services.documents.erase(tenant)
    if "graph" in components:
        for tenant in services.graph.tenants():
            services.graph.erase(tenant)
    if "files" in components:
        services.files.erase()


def _files(services: BackupServices, store: BackupStore, manifest: Manifest, check: Callable[[], None]) -> int:
    count = 0
    for line in lines_of(store, manifest.id, parts_of(manifest, "files", "list")):
        check()
        kept = Kept(line["place"], line["bytes"], line["changed_ns"], line["mode"])
        with store.read_file(line["sha256"], manifest.files_under) as file:
            services.files.put(kept, _pieces(file))
        count += 1
    return count


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


def _empty_cache(services: BackupServices, manifest: Manifest) -> bool:
    """Forget answers that were given about versions of the data that will come again with other contents."""
    if services.cache is None:
        return True
    try:
        for tenant in tenants_of(manifest):
            services.cache.erase(tenant)
    except StoreUnavailable as error:
        log.warning("cache_not_emptied", error=error.message)
        return False
    return True


def _rebuilds(services: BackupServices, manifest: Manifest, components: Sequence[Component]) -> Iterator[str]:
    """Record the jobs that make again what the copy lacks, and return their ids; workers find them."""
    if "documents" not in components:
        return
    engines = (manifest.engines.get("vectors"), services.engines["vectors"])
    vectors = set(engines) != {VECTORS_IN_DOCUMENTS}
    for tenant in tenants_of(manifest):
        what = [*(["graph"] if tenant in manifest.cut.unsettled else []), *(["vectors"] if vectors else [])]
        if what:
            job = NewJob(f"rebuild-{manifest.id}-{tenant}", REBUILD.name, {"what": what}, tenant)
            services.jobs.submit(job)
            yield job.id
