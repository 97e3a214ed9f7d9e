"""Whether this worker counts, decided once by its parent process; all of its processes ask here."""

import atexit
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from config.metrics_folder import make_folder

if TYPE_CHECKING:
    from workers.metering.exposition import Exposition
    from workers.metering.meter import Meter

_metered: "list[Meter]" = []


def begin(*, version: str, pools: Sequence[str]) -> "Exposition":
    """Have all processes of this worker count from now on, and return who exports that; before any of them is forked."""
    folder = make_folder()
    from stores.shared_numbers import share
    from workers.metering.exposition import Exposition
    from workers.metering.meter import Meter

    share()
    _metered[:] = [Meter(pools)]
    atexit.register(_leave, folder, os.getpid())
    return Exposition(folder, version=version, role="+".join(pools))


def meter() -> "Meter | None":
    """Return what the processes of this worker count with, if they do."""
    return _metered[0] if _metered else None


def _leave(folder: Path, owner: int) -> None:
    """Leave no numbers behind; processes that were forked leave that to their parent."""
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)
