"""What may be asked of REMForge, and what it answers."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from jobs.forms import ArtifactId, Request, exactly_one
from jobs.ingestion import LINE, Tag
from jobs.rem import Level, Modality, Model, RemId

MAX_FILES = 5000
"""Of one job: a body of a mebibyte holds about so many."""
MAX_SEQUENCE = 1000
"""Of a sequence, whose report is made of all records at once."""
MAX_LABELS = 64
FileName = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f/\\]+$")]
ZeroShotLabel = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=LINE)]


class Options(Request):
    """How files are looked at."""

    level: Level = Level.LITE
    labels: tuple[ZeroShotLabel, ...] = Field(
        (),
        max_length=MAX_LABELS,
        description="Of pictures: what they may show, decided by the image model (level full).",
    )
    tags: tuple[Tag, ...] = Field((), max_length=16)
    ingest: bool = Field(default=True, description="Whether the records become part of what can be asked.")


class FileSource(Request):
    """A file that was uploaded, and what it was called."""

    artifact: ArtifactId
    name: FileName = "file"


class ForgeRequest(Options):
    """One file becomes a record."""

    artifact: ArtifactId
    name: FileName = "file"


class BatchRequest(Options):
    """Many files become records, in the order in which they are given."""

    files: tuple[FileSource, ...] = Field(min_length=1, max_length=MAX_FILES)


class SequenceRequest(BatchRequest):
    """Files that belong together, in their order; a report of all of them is made."""

    files: tuple[FileSource, ...] = Field(min_length=1, max_length=MAX_SEQUENCE)
    title: Annotated[str, StringConstraints(max_length=200, pattern=LINE)] = ""


class ChunkParams(Request):
    """Part of a batch: files [first, last) of the job `batch`."""

    batch: str
    index: int = Field(ge=0)
    first: int = Field(ge=0)
    last: int = Field(gt=0)


class FinishParams(Request):
    """The last part of a batch."""

    batch: str


class Outcome(BaseModel):
    """What became of a file: its record's id, or why there is none."""

    model_config = ConfigDict(frozen=True)

    name: str
    artifact: str
    rem_id: RemId | None = None
    modality: Modality | None = None
    headline: str | None = None
    code: str | None = None
    reason: str | None = None
    message: str | None = None


class BatchResult(BaseModel):
    """The end of a job of REMForge, files in the order in which they were given."""

    model_config = ConfigDict(frozen=True)

    job: str
    records: int
    failed: int
    files: tuple[Outcome, ...]
    more: int = Field(0, description="Files that are not listed here, but in the job's records.")
    models: tuple[Model, ...]
    degraded: tuple[str, ...] = Field((), description="What was left out or ran elsewhere than wished, and why.")
    seconds: float
    ingestion: str | None = Field(None, description="The job that takes the records into the knowledge.")


class RemIngestRequest(Request):
    """Take in the records that a job of REMForge made."""

    job: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=LINE)]
    tags: tuple[Tag, ...] = Field((), max_length=16)


class RemIngestResult(BaseModel):
    """What was taken in, each record as a batch named by its id."""

    model_config = ConfigDict(frozen=True)

    job: str
    records: int = Field(description="Records of the job that are known now.")
    unchanged: int = Field(description="Of these, such as were there already with the same content.")
    replaced: int = Field(description="Of these, such as took the place of another record of the same file.")
    version: int = Field(description="The version of the tenant's data from which on all of them are seen.")
    warnings: tuple[str, ...] = ()


class SearchRequest(Request):
    """Find records by words, or by a picture that was uploaded."""

    model_config = ConfigDict(json_schema_extra=exactly_one(("query",), ("artifact",)))

    query: Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=LINE)] | None = None
    artifact: ArtifactId | None = None
    modality: Modality | None = None
    limit: int = Field(10, ge=1, le=100)

    @model_validator(mode="after")
    def _one_question(self) -> Self:
        if (self.query is None) == (self.artifact is None):
            msg = "give either query or artifact"
            raise ValueError(msg)
        return self


class FoundRecord(BaseModel):
    """A record that was found."""

    model_config = ConfigDict(frozen=True)

    rem_id: RemId
    name: str
    modality: Modality
    headline: str
    score: float = Field(description="0 to 1, comparable within one answer.")
    cosine: float | None = Field(None, description="In the space of the image model.")
    found_by: tuple[str, ...] = Field(description="`words`, `image model`.")


class SearchAnswer(BaseModel):
    """Records, best first."""

    model_config = ConfigDict(frozen=True)

    found: tuple[FoundRecord, ...]
    degraded: tuple[str, ...] = ()
    data_version: int


class ModelState(BaseModel):
    """A model that is set up on a machine, and how it is doing."""

    model_config = ConfigDict(frozen=True)

    role: str
    source: str = Field(description="What was set up: `wheel:<name>`, a folder, or a hub id.")
    model: Model | None = Field(None, description="Null where it was not looked at yet, or cannot be.")
    state: Literal["known", "loading", "loaded", "unavailable"]
    pinned: bool = False
    bytes: int = Field(0, description="Of memory, while it is loaded.")
    leases: int = Field(0, description="Who uses it right now.")
    safe_batch: int | None = Field(None, description="The largest batch that fitted, after one that did not.")
    batches: int = 0
    items: int = 0
    reason: str | None = Field(None, description="Why it is unavailable, or on another device than wished.")


class NodeModels(BaseModel):
    """The models of one machine."""

    model_config = ConfigDict(frozen=True)

    node: str
    at: float = Field(description="Seconds since the epoch.")
    pid: int
    device: str
    budget_bytes: int
    used_bytes: int
    cache_hits: int
    cache_misses: int
    models: tuple[ModelState, ...]
