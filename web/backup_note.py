"""What the data folder says of the last backup that was made: `<data>/backup/last.json`."""

from pathlib import Path

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

log = structlog.get_logger(__name__)


class BackupNote(BaseModel):
    """The last backup that was made."""

    model_config = ConfigDict(frozen=True)

    finished_at: float
    """Seconds since the epoch."""
    bytes: int
    seconds: float


def read_note(path: Path) -> BackupNote | None:
    """Return what is noted; None where there is nothing, or nothing that we understand."""
    try:
        return BackupNote.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        log.warning("backup_note_not_read", error=str(error))
        return None
