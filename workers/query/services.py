"""What the query pool's use cases work with."""

from collections.abc import Callable
from typing import NamedTuple

from stores.documents import Documents
from stores.graph import Graph
from stores.knowledge import Cache
from stores.ports import Artifacts, Files
from stores.vectors import Texts, Vectors
from workers.encoders.encoder import Encoder
from workers.query.language_model import LanguageModel


class QueryServices(NamedTuple):
    """The collaborators of questions and of ingestion, built once per process."""

    documents: Documents
    graph: Graph
    vectors: Vectors
    texts: Texts
    cache: Cache | None
    """None where there is none: every question is answered anew."""
    encoder: Encoder
    model: LanguageModel | None
    artifacts: Artifacts
    campaigns: Files
    """Where the reports of campaigns lie."""
    rems: Files
    """Where the records that REMForge made lie."""
    clock: Callable[[], float]
    """Seconds since the epoch."""
    timer: Callable[[], float]
    """Seconds, monotonic."""
    is_held: Callable[[str], bool] = lambda _job_id: True
    """Says whether a worker holds a job now. Who cannot know waits for a lease to lapse."""
    model_timeout_s: float = 30
    """How long a language model may take for one answer."""
    model_extracts: bool = False
    """Whether it also looks for entities in documents that are taken in."""
