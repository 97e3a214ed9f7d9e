"""What is told of the last backup: `last.json`, from which metrics are made, and `failure.json` of the last that failed.

A failure leaves `last.json` as it is: how old the last good backup is must not be forgotten with it.
"""

import json
from datetime import datetime

from workers.backup.manifest import Manifest
from workers.backup.services import BackupServices

LAST, FAILURE = "last.json", "failure.json"


def note(services: BackupServices, *, began: datetime, kind: str, manifest: Manifest | None, problem: str) -> None:
    """Write down how a backup ended: well, if it has a manifest, else with a problem."""
    finished, ok = services.clock(), manifest is not None
    told = {
        "finished_at": finished.timestamp(),
        "bytes": 0 if manifest is None else manifest.stored_bytes,
        "seconds": round((finished - began).total_seconds(), 3),
        "ok": ok,
        "kind": kind,
        "id": None if manifest is None else manifest.id,
        "problem": None if ok else problem,
    }
    services.notes.mkdir(parents=True, exist_ok=True)
    path = services.notes / (LAST if ok else FAILURE)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(told), encoding="utf-8")
    part.replace(path)
