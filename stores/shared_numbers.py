"""Numbers of prometheus_client that several processes share (its multiprocess mode), safe and cheap around forks.

A worker's parent counts in a thread while its pool forks: a lock of the library's that the thread holds at that moment
would never be given back in the child. Whoever counts there holds GUARD around all of them.
"""

import os
from threading import Lock

from prometheus_client import values

GUARD = Lock()
"""Free in every process that a fork makes."""
_own = {"pid": os.getpid()}


def _note_own() -> None:
    _own["pid"] = os.getpid()


os.register_at_fork(before=GUARD.acquire, after_in_parent=GUARD.release, after_in_child=GUARD.release)
os.register_at_fork(after_in_child=_note_own)


def share() -> None:
    """Have numbers that are made from now on be shared, through the folder that PROMETHEUS_MULTIPROC_DIR names.

    The library decides that at its import, which may be over: Flower, a plugin of Celery's command line, imports it. And
    it asks the system for the process's id at every count, which takes longer than counting.
    """
    values.ValueClass = values.MultiProcessValue(process_identifier=lambda: _own["pid"])  # type: ignore[no-untyped-call]  # the library has no types
