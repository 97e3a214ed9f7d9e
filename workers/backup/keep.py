"""Which backups stay, and that one is made at a time."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

import structlog

from jobs.errors import Conflict, NotFound
from workers.backup.services import BackupServices
from workers.backup.store import BackupStore

LOCK = "lock.json"
ABANDONED = timedelta(hours=12)
"""After which a lock is that of somebody who died."""

log = structlog.get_logger(__name__)


@contextmanager
def locked(services: BackupServices) -> Iterator[None]:
    """Hold the vault's lock; raise Conflict while another holds it."""
    now = services.clock()
    told = json.dumps({"at": now.isoformat(), "by": services.new_id(now)}).encode()
    if not services.vault.claim(LOCK, told):
        _take_over(services, now)
        if not services.vault.claim(LOCK, told):
            raise Conflict("Another backup is being made.")
    try:
        yield
    finally:
        services.vault.delete([LOCK])


def _take_over(services: BackupServices, now: datetime) -> None:
    with suppress(NotFound):
        held = json.loads(b"".join(services.vault.get(LOCK)))
        since = datetime.fromisoformat(held["at"])
        if now - since < ABANDONED:
            raise Conflict(
                f"Another backup is being made since {since:%Y-%m-%d %H:%M} UTC. If it was killed, remove {LOCK}."
            )
        log.warning("backup_lock_abandoned", since=held["at"])
        services.vault.delete([LOCK])


def finished(services: BackupServices) -> list[str]:
    """Return the backups that are whole by their manifest, oldest first."""
    store = BackupStore(services.vault, services.seal)
    return [name for name in store.every() if store.is_finished(name)]


def prune(services: BackupServices) -> list[str]:
    """Remove what was never finished and all but the newest backups, with the contents that no other one needs.

    Held under the lock.
    """
    store = BackupStore(services.vault, services.seal)
    whole = [name for name in store.every() if store.is_finished(name)]
    kept = whole[-services.keep :] if services.keep else whole
    gone = [name for name in store.every() if name not in kept]
    for name in gone:
        store.remove(name)
    if gone:
        _remove_contents(store, kept)
        log.info("backups_removed", backups=gone)
    return gone


def _remove_contents(store: BackupStore, kept: list[str]) -> None:
    needed = [store.contents(name) for name in kept]
    for under in store.file_folders():
        wanted = frozenset[str]().union(*(digests for folder, digests in needed if folder == under))
        store.remove_files(under, store.known_files(under) - wanted)
