"""What is asked of the knowledge, and what it answers: questions, conversations, similar instructions."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from jobs.forms import Request
from jobs.ingestion import LINE, Tag
from jobs.knowledge import MAX_NODES
from jobs.report import Severity

MAX_QUESTION = 5000
Words = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=MAX_QUESTION, strip_whitespace=True, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+$"
    ),
]
"""What somebody asks: lines and tabs, but no other control characters."""


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
