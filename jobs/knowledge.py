"""The vocabulary of knowledge: labels, relations, properties with their units, requests and answers.

Ids, unique in a tenant:
    firmware:<sha256>    function:<sha256[:12]>:<name>    <sha256[:12]>:<address, 8 hex digits>   (an instruction)
    campaign:<job id>    measurements:<name>              document:<name>                         (these name batches too)
    measurement:<batch>|<instruction>   vulnerability:<campaign job id>:<n>   pattern:<batch>:<HIGH|MEDIUM|LOW>
    mitigation:<name>    chunk:<document name>:<n>        entity:<type>:<slug of the name>
    rem:<first 32 hex digits of a file's SHA-256>         (names a batch too)
"""

from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from jobs.payloads import ArtifactId, Request, exactly_one
from jobs.report import Severity

MAX_QUESTION = 5000
MAX_NODES = 1000
MAX_TEXT_BYTES = 256 * 1024
"""Of a document that comes inside a request; larger ones come as artifacts."""


class Label(StrEnum):
    """Kinds of things. Their properties are listed in PROPERTIES; all have `id`, and `name` where they have one."""

    FIRMWARE = "Firmware"
    FUNCTION = "Function"
    INSTRUCTION = "Instruction"
    PATTERN = "EnergyPattern"
    VULNERABILITY = "SecurityVulnerability"
    MITIGATION = "Mitigation"
    CAMPAIGN = "Campaign"
    MEASUREMENT = "Measurement"
    DOCUMENT = "Document"
    CHUNK = "Chunk"
    ENTITY = "Entity"
    REM = "Rem"


class Link(StrEnum):
    """Kinds of relations, and between what."""

    PART_OF = "PART_OF"
    """Instruction -> Function -> Firmware, Campaign -> Firmware, Chunk -> Document."""
    PRECEDES = "PRECEDES"
    """Instruction -> the next one by address in the same function."""
    CORRELATES_WITH = "CORRELATES_WITH"
    """Instruction -> Instruction (from the lesser id to the greater) {weight, overlap, batch_id}: energy, r > 0.7."""
    TRIGGERS = "TRIGGERS"
    """Instruction -> EnergyPattern."""
    LEAKS = "LEAKS_INFORMATION"
    """Instruction -> SecurityVulnerability {severity}."""
    MITIGATED_BY = "MITIGATED_BY"
    """SecurityVulnerability -> Mitigation {before, after}: the statistic, measured."""
    MEASURED_IN = "MEASURED_IN"
    """Instruction -> Campaign {avg_power, max_abs_t, max_abs_rho}, Instruction -> Measurement, SecurityVulnerability -> Campaign."""
    MENTIONS = "MENTIONS"
    """Chunk or Rem -> Entity, Instruction, Function, Firmware or Campaign; Rem -> Mitigation."""
    RELATED_TO = "RELATED_TO"
    """Entity -> Entity {description, weight}."""
    DEPICTS = "DEPICTS"
    """Rem -> Entity {score}: what a picture shows or a sound is of, by a model that is at least DEPICTED sure."""


class Property(BaseModel):
    """A property of a label: what kind of value, in which unit."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["text", "number", "whole", "time"]
    unit: str | None = None


TEXT, WHOLE, NUMBER = Property(kind="text"), Property(kind="whole"), Property(kind="number")
TIME = Property(kind="time", unit="s")
"""Seconds since the epoch, UTC; of measurements: as recorded, virtual or monotonic."""

PROPERTIES: dict[Label, dict[str, Property]] = {
    Label.FIRMWARE: {"name": TEXT, "sha256": TEXT, "core": TEXT, "bytes": Property(kind="whole", unit="B")},
    Label.FUNCTION: {"name": TEXT, "firmware": TEXT, "file": TEXT},
    Label.INSTRUCTION: {
        "address": WHOLE,
        "mnemonic": TEXT,
        "operands": TEXT,
        "function": TEXT,  # its name
        "file": TEXT,
        "line": WHOLE,
        "source_line": TEXT,  # file:line
        "firmware": TEXT,  # the id of its firmware
        # Over all visible measurement batches, weighted by samples; absent where nothing was measured.
        "avg_energy": Property(kind="number", unit="uJ"),
        "energy_sd": Property(kind="number", unit="uJ"),
        "avg_temperature": Property(kind="number", unit="degC"),
        "max_latency": Property(kind="number", unit="us"),
        "sample_count": WHOLE,
        # Of the newest visible campaign that ran it.
        "avg_power": Property(kind="number", unit="a.u."),
        "max_abs_t": NUMBER,
        "max_abs_rho": NUMBER,
        "executions": WHOLE,
    },
    Label.PATTERN: {
        "pattern_type": TEXT,
        "correlation": NUMBER,
        "threshold": Property(kind="number"),
        "batch_id": TEXT,
    },
    Label.VULNERABILITY: {
        "name": TEXT,  # one sentence
        "kind": TEXT,  # tvla-1, tvla-2, cpa, control-flow, fault, budget
        "severity": TEXT,  # critical, high, medium, low
        "severity_rank": WHOLE,  # 4 critical .. 1 low
        "secret": TEXT,
        "cpa_value": NUMBER,
        "tvla_t": NUMBER,
        "tvla_p_log10": NUMBER,
        "tvla_p_value": NUMBER,
        "traces": WHOLE,
        "traces_needed": WHOLE,
        "sufficient": Property(kind="whole"),  # 1 or 0
        "campaign": TEXT,  # the id of its campaign
        "firmware": TEXT,
        "instruction": TEXT,
        "function": TEXT,
        "source_line": TEXT,
    },
    Label.MITIGATION: {"name": TEXT, "effectiveness": NUMBER, "cost": NUMBER},
    Label.CAMPAIGN: {
        "name": TEXT,
        "verdict": TEXT,
        "headline": TEXT,
        "traces": WHOLE,
        "max_abs_t": NUMBER,
        "key_bytes_recovered": WHOLE,
        "power_model": TEXT,
        "firmware": TEXT,
        "tags": TEXT,  # each between commas: ,a,b,
        "created_at": TIME,
        "digest": TEXT,
    },
    Label.MEASUREMENT: {
        "batch_id": TEXT,
        "timestamp": TIME,
        "instruction": TEXT,
        "samples": WHOLE,
        "energy_mean": Property(kind="number", unit="uJ"),
        "energy_sd": Property(kind="number", unit="uJ"),
        "temperature_mean": Property(kind="number", unit="degC"),
        "latency_max": Property(kind="number", unit="us"),
    },
    Label.DOCUMENT: {
        "name": TEXT,
        "title": TEXT,
        "media_type": TEXT,
        "language": TEXT,
        "created_at": TIME,
        "tags": TEXT,
    },
    Label.CHUNK: {"document": TEXT, "position": WHOLE, "text": TEXT},
    Label.ENTITY: {"name": TEXT, "type": TEXT, "description": TEXT},
    Label.REM: {
        "name": TEXT,  # of its file
        "modality": TEXT,
        "media_type": TEXT,
        "level": TEXT,
        "language": TEXT,
        "created_at": TIME,
        "headline": TEXT,
        "valence": NUMBER,
        "arousal": NUMBER,
        "duration": Property(kind="number", unit="s"),
        "labels": TEXT,  # those that it depicts, each between commas
        "tags": TEXT,
        "sha256": TEXT,  # of its file
        "bytes": Property(kind="whole", unit="B"),
    },
}

DEPICTED = 0.3
"""The score of a label from which on a record is said to depict what it names."""

SEVERITY_RANK = {Severity.CRITICAL: 4, Severity.HIGH: 3, Severity.MEDIUM: 2, Severity.LOW: 1}


class Space(StrEnum):
    """Spaces of vectors."""

    INSTRUCTIONS = "instruction_embeddings"
    """Texts of instruction, vulnerability and entity passages."""
    CHUNKS = "chunk_embeddings"
    MEASUREMENTS = "measurement_embeddings"
    """Standardised 72-dimension profiles of instructions; `model` is the profile's version."""
    REMS = "rem_embeddings"
    """Records of REMForge, by image models: vectors of each serve for themselves, and never mix."""


Words = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=MAX_QUESTION, strip_whitespace=True, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+$"
    ),
]
"""What somebody asks: lines and tabs, but no other control characters."""
LINE = r"^[^\x00-\x1f\x7f]*$"
BatchName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
Tag = Annotated[str, StringConstraints(pattern=r"^[^,\s\x00-\x1f\x7f][^,\x00-\x1f\x7f]{0,63}$")]


class Format(StrEnum):
    """What an artifact is to be read as."""

    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"
    PDF = "pdf"
    CSV = "csv"
    PARQUET = "parquet"


class IngestRequest(Request):
    """What to take in: a document, a measurement file, or a campaign of this farm."""

    model_config = ConfigDict(json_schema_extra=exactly_one(("artifact",), ("text",), ("campaign",)))

    name: BatchName | None = Field(
        None, description="Of a document or a measurement file: the same name again replaces it; default: its digest."
    )
    artifact: ArtifactId | None = None
    text: Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT_BYTES)] | None = None
    campaign: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=LINE)] | None = Field(
        None, description="The id of a campaign that has succeeded."
    )
    format: Format | None = Field(
        None, description="Default: by the artifact's media type and content; text for `text`."
    )
    title: Annotated[str, StringConstraints(max_length=200, pattern=LINE)] = ""
    firmware: ArtifactId | None = Field(
        None, description="Of measurements: the firmware whose instructions they name, when its name is to be kept."
    )
    tags: tuple[Tag, ...] = Field((), max_length=16)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if sum(source is not None for source in (self.artifact, self.text, self.campaign)) != 1:
            msg = "give exactly one of artifact, text and campaign"
            raise ValueError(msg)
        if self.campaign is not None and (self.name is not None or self.format is not None):
            msg = "a campaign has neither name nor format"
            raise ValueError(msg)
        return self


class IngestResult(BaseModel):
    """What was taken in."""

    model_config = ConfigDict(frozen=True)

    batch: str
    version: int = Field(description="The version of the tenant's data from which on it is seen.")
    nodes: int
    relations: int
    passages: int
    records: int = Field(description="Raw measurements, or chunks.")
    unchanged: bool = Field(description="Whether the same bytes were already there.")
    warnings: tuple[str, ...] = ()


class RemoveRequest(Request):
    """Take a batch away, with all that came with it."""

    batch: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=LINE)]


class Mode(StrEnum):
    """Where an answer is looked for."""

    NAIVE = "naive"
    """Vectors only."""
    LOCAL = "local"
    """The neighbourhood of what the question names."""
    GLOBAL = "global"
    """Relations and groups of the whole corpus."""
    HYBRID = "hybrid"
    """Local and global."""
    MIX = "mix"
    """Hybrid, and passages by words and by meaning."""


class Filters(Request):
    """What an answer may speak of."""

    severity: tuple[Severity, ...] = ()
    firmware: tuple[Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=LINE)], ...] = Field(
        (), max_length=16, description="Names, ids or digests."
    )
    tag: Tag | None = None
    since: float | None = Field(None, allow_inf_nan=False, description="Seconds since the epoch.")
    until: float | None = Field(None, allow_inf_nan=False)


class QueryRequest(Request):
    """A question and how far to look."""

    question: Words
    mode: Mode = Mode.MIX
    top_k: int = Field(10, ge=1, le=100)
    similarity_threshold: float = Field(
        0.3, ge=0, le=1, description="Cosine below which a passage counts as not found by meaning."
    )
    max_hops: int = Field(3, ge=1, le=5)
    max_nodes: int = Field(MAX_NODES, ge=1, le=MAX_NODES)
    budget_s: float = Field(5, gt=0, le=30, description="Time for retrieval; a part that is out of time says so.")
    filters: Filters = Filters()
    language: Literal["en", "es"] | None = Field(None, description="Default: the question's.")
    generate: bool = Field(
        default=True, description="Whether a language model may word the answer, where one is set up."
    )
    fresh: bool = Field(default=False, description="Whether to answer again although the answer is cached.")


class Claim(BaseModel):
    """One sentence of an answer, and what it rests on."""

    model_config = ConfigDict(frozen=True)

    text: str
    evidence: tuple[str, ...] = Field(description="Ids of things or passages; empty only where nothing was found.")
    value: float | None = None
    unit: str | None = None
    low: float | None = Field(None, description="Of the 95 % interval.")
    high: float | None = None
    samples: int | None = None
    conflicting: bool = Field(
        default=False, description="Whether measurements behind it contradict each other; all are listed."
    )
    marked: str | None = Field(
        None, description="Why it is to be doubted, such as a sentence without a valid citation."
    )


class Evidence(BaseModel):
    """A thing or a passage that an answer rests on, best first."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: str = Field(description="A label, or `Passage`.")
    title: str = Field(description="One line for a person.")
    score: float = Field(description="0 to 1, comparable within one answer.")
    found_by: tuple[Literal["plan", "graph", "words", "meaning"], ...]
    sources: tuple[str, ...] = Field(description="Batches that it comes from.")
    properties: dict[str, Any] = {}


class Spent(BaseModel):
    """How much of the budgets was used."""

    model_config = ConfigDict(frozen=True)

    hops: int
    nodes: int
    statements: int


class Answer(BaseModel):
    """The answer to a question. The same question over the same data gives the same bytes but for the last fields."""

    model_config = ConfigDict(frozen=True)

    question: str
    answer: str
    claims: tuple[Claim, ...]
    evidence: tuple[str, ...] = Field(description="Ids, best first.")
    cited: tuple[Evidence, ...] = Field(description="The same, with what is known of them.")
    confidence: float = Field(ge=0, le=1)
    abstained: bool = Field(description="Whether nothing was found that answers the question.")
    looked_for: tuple[str, ...] = Field(description="What the question was understood to ask for, step by step.")
    unknown: tuple[str, ...] = Field(description="Names in the question that nothing is known of.")
    sources: tuple[str, ...] = Field(description="Batches, and `graph`.")
    language: Literal["en", "es"]
    mode: Mode
    truncated: bool
    degraded: tuple[str, ...] = Field(description="Parts that did not answer, and why; empty when all did.")
    spent: Spent
    data_version: int
    model: str | None = Field(None, description="The language model that worded it; null: taken from the evidence.")
    cached: bool = False
    processing_time_s: float = 0
    timings: dict[str, float] = Field(
        default_factory=dict, description="Seconds: embed, vector, graph, documents, generate."
    )


class SimilarRequest(Request):
    """Find the instructions with a profile like that of this one."""

    instruction: Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=LINE)]
    limit: int = Field(10, ge=1, le=100)


class Similar(BaseModel):
    """An instruction with a similar profile."""

    model_config = ConfigDict(frozen=True)

    id: str
    score: float = Field(description="Cosine of the standardised 72-dimension profiles.")
    title: str
    sources: tuple[str, ...]


class SimilarAnswer(BaseModel):
    """Instructions with similar profiles, most similar first."""

    model_config = ConfigDict(frozen=True)

    instruction: str
    similar: tuple[Similar, ...]
    data_version: int


class RebuildRequest(Request):
    """Make graph, vectors and texts again from the documents."""

    what: tuple[Literal["graph", "vectors", "texts"], ...] = ("graph", "vectors", "texts")


class WarmRequest(Request):
    """Answer the most frequent questions before they are asked again."""

    limit: int = Field(32, ge=1, le=1000)


class ChatRequest(Request):
    """A turn of a conversation."""

    message: Words
    session: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")] | None = Field(
        None, description="A conversation to go on with; a new one begins without it."
    )
    mode: Mode = Mode.MIX
    top_k: int = Field(10, ge=1, le=100)
    generate: bool = True


class Turn(BaseModel):
    """A question of a conversation and its answer."""

    model_config = ConfigDict(frozen=True)

    position: int
    message: str
    understood: str = Field(description="The message as a question that stands alone.")
    answer: Answer
    at: float = Field(description="Seconds since the epoch.")


class ChatAnswer(BaseModel):
    """The end of a turn."""

    model_config = ConfigDict(frozen=True)

    session: str
    turn: Turn
