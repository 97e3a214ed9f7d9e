"""Where the processes of one server count together (prometheus_client's multiprocess mode): a folder of its own, in memory.

In memory, as a process that counts into a file on a full disk is killed for it. The folder's owner and its children hold
a lock; what nobody holds any more was left by one that was killed.
"""

import os
import shutil
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock
from pathlib import Path
from tempfile import gettempdir, mkdtemp

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Read by prometheus_client at its import, and at every fork."""
MEMORY = Path("/dev/shm")  # noqa: S108  # the folders in it are ours alone
PREFIX = "dasein-metrics-"
LOCK = "lock"
_held: list[int] = []


def make_folder() -> Path:
    """Make this server's folder and name it in the environment: before prometheus_client is imported and before any fork."""
    root = MEMORY if os.access(MEMORY, os.W_OK) else Path(gettempdir())
    for old in root.glob(f"{PREFIX}*"):
        if _is_left(old):
            shutil.rmtree(old, ignore_errors=True)
    folder = Path(mkdtemp(prefix=PREFIX, dir=root))
    # It is seen once it is held: nobody takes a folder away that is just being made.
    unseen = folder / f"{LOCK}.part"
    lock = os.open(unseen, os.O_CREAT | os.O_RDWR, 0o600)
    flock(lock, LOCK_SH)
    unseen.rename(folder / LOCK)
    # Children hold it with us: it is given back when the last of us has ended.
    _held.append(lock)
    os.environ[VARIABLE] = str(folder)
    return folder


def _is_left(folder: Path) -> bool:
    """Say whether nobody holds a folder that is ours to remove."""
    try:
        lock = os.open(folder / LOCK, os.O_RDWR)
    except OSError:
        # Another user's, or one that is just being made.
        return False
    try:
        flock(lock, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True
