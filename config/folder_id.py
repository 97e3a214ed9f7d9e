"""What tells one data folder from another: an id that lies in it, drawn by web when it first looks there.

No worker draws one, so that an empty mount point stays a folder without an id. Backups leave it out: what is restored into
another folder is another folder.
"""

import secrets
from pathlib import Path

from config.drawn import draw

FILE = "folder.id"
ID_BYTES = 16


def drawn_id(folder: Path) -> str:
    """Return the folder's id, drawn if there is none; raise OSError where nothing can be written."""
    if not (folder / FILE).exists():
        # Workers read it, perhaps under another name than web's.
        draw(folder / FILE, secrets.token_hex(ID_BYTES).encode(), mode=0o644)
    if (found := found_id(folder)) is None:
        raise ValueError(f"{folder / FILE} is no id of ours: remove it")
    return found


def found_id(folder: Path) -> str | None:
    """Return the folder's id; None where there is none, or none that can be read."""
    try:
        found = (folder / FILE).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return found if len(found) == 2 * ID_BYTES else None
