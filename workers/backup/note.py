"""What is told of the last backup: `last.json`, from which metrics are made, and `failure.json` of the last that failed.

A failure leaves `last.json` as it is: how old the last good backup is must not be forgotten with it.
"""

import json
from datetime import datetime
from pathlib import Path

from workers.backup.manifest import Manifest
from workers.backup.services import BackupServices

LAST, FAILURE = "last.json", "failure.json"


def note(
    services: BackupServices,
    *,
    ok: bool,
    began: datetime,
    kind: str,
    manifest: Manifest | None = None,
    problem: str | None = None,
) -> None:
    """Write down how a backup ended."""
    finished = services.clock()
    told = {
        "finished_at": finished.timestamp(),
        "bytes": 0 if manifest is None else manifest.stored_bytes,
        "seconds": round((finished - began).total_seconds(), 3),
        "ok": ok,
        "kind": kind,
        "id": None if manifest is None else manifest.id,
        "problem": problem,
    }
    services.notes.mkdir(parents=True, exist_ok=True)
    path = services.notes / (LAST if ok else FAILURE)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(told), encoding="utf-8")
    part.replace(path)


def last(folder: Path) -> dict[str, object] | None:
    """Return what is noted of the last backup that was made; None where there is none."""
    try:
        found: dict[str, object] = json.loads((folder / LAST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return found
