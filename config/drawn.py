"""Small files of the data folder that whichever process is first draws, and all others find."""

import os
import secrets
from contextlib import suppress
from pathlib import Path


def draw(path: Path, content: bytes, *, mode: int) -> None:
    """Make a file of `content`, unless there is one: whole or not there, and the first one wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    drawn = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(drawn, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # Another process may be at it, too.
        with suppress(FileExistsError):
            path.hardlink_to(drawn)
    finally:
        drawn.unlink(missing_ok=True)
