"""A lock that is free in every process that a fork makes.

A worker's parent counts in a thread while its pool forks: a lock of prometheus_client's that the thread holds at that
moment would never be given back in the child. Whoever counts holds this one around all of them.
"""

import os
from threading import Lock

GUARD = Lock()

os.register_at_fork(before=GUARD.acquire, after_in_parent=GUARD.release, after_in_child=GUARD.release)
