"""What backups work with."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from stores.copying import CopiedDocuments, CopiedGraph, DataFiles, Records, Vault
from stores.knowledge import Cache
from stores.ports import Jobs
from workers.backup.seal import Seal


class BackupServices(NamedTuple):
    """The collaborators."""

    jobs: Jobs
    records: Records
    documents: CopiedDocuments
    graph: CopiedGraph
    files: DataFiles
    cache: Cache | None
    """Emptied by a restore: answers in it may be of a future that is gone."""
    vault: Vault
    seal: Seal | None
    """None: backups are not encrypted."""
    engines: Mapping[str, str]
    """What the stores are: records, documents, graph, vectors."""
    keep: int
    """Backups that are kept, the newest; 0: all."""
    notes: Path
    """The folder in which the last backup is noted."""
    version: str
    clock: Callable[[], datetime]
    new_id: Callable[[datetime], str]
