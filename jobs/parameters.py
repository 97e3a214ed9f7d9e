"""The parameters of every kind of job."""

from jobs.capturing import CaptureRequest
from jobs.crosschecking import CrosscheckRequest
from jobs.forging import (
    BatchRequest,
    ChunkParams,
    FinishParams,
    ForgeRequest,
    RemIngestRequest,
    SearchRequest,
    SequenceRequest,
)
from jobs.forms import Request
from jobs.ingestion import IngestRequest, RebuildRequest, RemoveRequest
from jobs.measuring import CalibrateRequest, ImportRequest
from jobs.payloads import CampaignRequest, InspectRequest, MergeParams, PingRequest, ShardParams
from jobs.profiling import ProfileRequest
from jobs.questions import ChatRequest, QueryRequest, SimilarRequest, WarmRequest
from jobs.recording import RecordRequest
from jobs.tenancy import BackupRequest, EraseRequest, RetainRequest

PARAMS: dict[str, type[Request]] = {
    "ping": PingRequest,
    "inspect": InspectRequest,
    "estimate": CampaignRequest,
    "campaign": CampaignRequest,
    "shard": ShardParams,
    "merge": MergeParams,
    "simulation.import": ImportRequest,
    "simulation.record": RecordRequest,
    "simulation.capture": CaptureRequest,
    "simulation.crosscheck": CrosscheckRequest,
    "simulation.profile": ProfileRequest,
    "simulation.calibrate": CalibrateRequest,
    "query": QueryRequest,
    "chat": ChatRequest,
    "similar": SimilarRequest,
    "warm": WarmRequest,
    "ingest": IngestRequest,
    "remove": RemoveRequest,
    "rebuild": RebuildRequest,
    "ingest-rems": RemIngestRequest,
    "erase": EraseRequest,
    "retain": RetainRequest,
    "backup": BackupRequest,
    "remforge.forge": ForgeRequest,
    "remforge.batch": BatchRequest,
    "remforge.sequence": SequenceRequest,
    "remforge.chunk": ChunkParams,
    "remforge.finish": FinishParams,
    "remforge.search": SearchRequest,
}
