"""The parameters of every kind of job."""

from jobs.knowledge import (
    ChatRequest,
    IngestRequest,
    QueryRequest,
    RebuildRequest,
    RemIngestRequest,
    RemoveRequest,
    SimilarRequest,
    WarmRequest,
)
from jobs.payloads import CampaignRequest, MergeParams, PingRequest, Request, ShardParams

PARAMS: dict[str, type[Request]] = {
    "ping": PingRequest,
    "campaign": CampaignRequest,
    "shard": ShardParams,
    "merge": MergeParams,
    "query": QueryRequest,
    "chat": ChatRequest,
    "similar": SimilarRequest,
    "warm": WarmRequest,
    "ingest": IngestRequest,
    "remove": RemoveRequest,
    "rebuild": RebuildRequest,
    "ingest-rems": RemIngestRequest,
}
