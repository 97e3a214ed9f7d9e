"""What REMForge's use cases work with."""

from collections.abc import Callable
from typing import NamedTuple

from stores.documents import Documents
from stores.ports import Artifacts, Files
from stores.vectors import Texts, Vectors
from workers.remforge.decoding import Decoder
from workers.remforge.inference import Models


class ForgeServices(NamedTuple):
    """The collaborators of forging and of searching, built once per process."""

    artifacts: Artifacts
    files: Files
    """What jobs leave: records, vectors, reports."""
    decoder: Decoder
    models: Models
    documents: Documents
    vectors: Vectors
    texts: Texts
    clock: Callable[[], float]
    """Seconds since the epoch."""
    timer: Callable[[], float]
    """Seconds, monotonic."""
    readers: int = 2
    """Files that are decoded at once."""
