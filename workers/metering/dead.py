"""What processes have counted that are gone: kept in one pair of files, however many there were.

A pool replaces the processes that it loses, and every one of them leaves files that each scrape would read for ever.
"""

import os
from collections.abc import Callable
from pathlib import Path

from prometheus_client.mmap_dict import MmapedDict

KEPT = ("counter", "histogram")
"""Numbers that only grow outlive who has counted them; what was true of a process (`gauge_live*`) ends with it."""
ALL = 0
"""Stands for the processes that are gone where the id of one would: none has this id."""


def gather(folder: Path, *, is_alive: Callable[[int], bool]) -> None:
    """Add up what the processes left that are gone."""
    for path in sorted(folder.glob("*.db")):
        kind, _, pid = path.stem.rpartition("_")
        if int(pid) == ALL or is_alive(int(pid)):
            continue
        # One that was killed before it had counted anything may have left a file without a beginning.
        if kind in KEPT and path.stat().st_size:
            _add(path, folder / f"{kind}_{ALL}.db")
        path.unlink()


def is_running(pid: int) -> bool:
    """Say whether there is such a process: one that came by the id of one that is gone keeps its files for a while."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _add(path: Path, to: Path) -> None:
    total = MmapedDict(os.fspath(to))  # type: ignore[no-untyped-call]  # the library has no types
    try:
        for key, value, _, _ in MmapedDict.read_all_values_from_file(os.fspath(path)):  # type: ignore[no-untyped-call]  # the library's
            before, _ = total.read_value(key)  # type: ignore[no-untyped-call]  # the library's
            total.write_value(key, before + value, 0.0)  # type: ignore[no-untyped-call]  # the library's
    finally:
        total.close()  # type: ignore[no-untyped-call]  # the library's
