"""Kinds of jobs, and the queue that web and workers send them through."""

from dataclasses import dataclass
from typing import Protocol

SIMULATION = "simulation"
QUERY = "query"
INGEST = "ingest"
"""What changes the knowledge waits apart from questions, so that a question never waits for a file."""
REMFORGE = "remforge"
CAPTURE = "capture"
"""Its workers stand beside a recorder, wherever that is: more of them would not record more."""
ELASTIC = (SIMULATION, QUERY, INGEST, REMFORGE)
"""Pools whose workers may be anywhere, and as many as what waits asks for."""
QUEUES = (*ELASTIC, CAPTURE)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job: its public name, its Celery task, the pool that runs it."""

    name: str
    task: str
    queue: str
    public: bool = True
    """Whether a client may submit it; the parts of a job are not public."""


PING = Kind("ping", "simulation.ping", SIMULATION)
INSPECTION = Kind("inspect", "simulation.inspect", SIMULATION)
ESTIMATE = Kind("estimate", "simulation.estimate", SIMULATION)
CAMPAIGN = Kind("campaign", "simulation.campaign", SIMULATION)
SHARD = Kind("shard", "simulation.shard", SIMULATION, public=False)
MERGE = Kind("merge", "simulation.merge", SIMULATION, public=False)
MEASURED = Kind("simulation.import", "simulation.import_traces", SIMULATION)
RECORDING = Kind("simulation.record", "simulation.record", SIMULATION)
CAPTURING = Kind("simulation.capture", "simulation.capture", CAPTURE)
CROSSCHECK = Kind("simulation.crosscheck", "simulation.crosscheck", SIMULATION)
PROFILE = Kind("simulation.profile", "simulation.profile", SIMULATION)
CALIBRATION = Kind("simulation.calibrate", "simulation.calibrate", SIMULATION)
QUESTION = Kind("query", "query.question", QUERY)
CHAT = Kind("chat", "query.chat", QUERY)
SIMILAR = Kind("similar", "query.similar", QUERY)
WARM = Kind("warm", "query.warm", QUERY, public=False)
INGESTION = Kind("ingest", "ingest.ingest", INGEST)
REMOVAL = Kind("remove", "ingest.remove", INGEST)
REBUILD = Kind("rebuild", "ingest.rebuild", INGEST)
REM_INGESTION = Kind("ingest-rems", "ingest.rems", INGEST, public=False)
ERASURE = Kind("erase", "ingest.erase", INGEST, public=False)
RETENTION = Kind("retain", "ingest.retain", INGEST, public=False)
BACKUP = Kind("backup", "ingest.backup", INGEST, public=False)
FORGE = Kind("remforge.forge", "remforge.forge", REMFORGE)
FORGE_BATCH = Kind("remforge.batch", "remforge.batch", REMFORGE)
FORGE_SEQUENCE = Kind("remforge.sequence", "remforge.sequence", REMFORGE)
FORGE_CHUNK = Kind("remforge.chunk", "remforge.chunk", REMFORGE, public=False)
FORGE_FINISH = Kind("remforge.finish", "remforge.finish", REMFORGE, public=False)
REM_SEARCH = Kind("remforge.search", "remforge.search", REMFORGE)
KINDS = {
    kind.name: kind
    for kind in (
        *(PING, INSPECTION, ESTIMATE, CAMPAIGN, SHARD, MERGE),
        *(MEASURED, RECORDING, CAPTURING, CROSSCHECK, PROFILE, CALIBRATION),
        *(QUESTION, CHAT, SIMILAR, WARM, INGESTION, REMOVAL, REBUILD, REM_INGESTION),
        *(ERASURE, RETENTION, BACKUP),
        *(FORGE, FORGE_BATCH, FORGE_SEQUENCE, FORGE_CHUNK, FORGE_FINISH, REM_SEARCH),
    )
}
REPORTED = frozenset({CAMPAIGN.name, MEASURED.name})
"""Kinds whose jobs are campaigns: simulated or measured, they end with the same report."""


def kinds_of(pool: str) -> list[str]:
    """Return the names of the kinds that a pool runs."""
    return [kind.name for kind in KINDS.values() if kind.queue == pool]


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message as it lies in the queue."""

    place: str
    """The list that it belongs into."""
    text: str


class JobQueue(Protocol):
    """Carries the ids of recorded jobs to their pool; a message may arrive twice."""

    def send(self, kind: Kind, job_id: str, *, priority: int) -> None:
        """Enqueue `job_id` (0 least to 9 most urgent); raise StoreUnavailable if that is uncertain."""

    def envelope(self, kind: Kind, job_id: str, *, priority: int) -> Envelope | None:
        """Return what `send` would enqueue, for a store that can record a job and enqueue it in one step.

        None where the store of jobs does not reach this queue: then it is to be sent.
        """

    def depth(self, queue: str) -> int:
        """Return how many messages wait in `queue`, all priorities summed."""
