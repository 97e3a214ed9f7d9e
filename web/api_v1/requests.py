"""What the first API accepts and answers. Unknown fields are ignored here: its clients were never told of them."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from jobs.ingestion import MAX_TEXT_BYTES
from jobs.questions import Mode, Words


class Old(BaseModel):
    """A request of the first API."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class QueryV1(Old):
    """A question, under any of its three names."""

    query: Words | None = None
    prompt: Words | None = None
    question: Words | None = None
    mode: Mode = Mode.MIX
    top_k: int = Field(10, ge=1, le=100)

    @model_validator(mode="after")
    def _one_question(self) -> Self:
        if sum(text is not None for text in (self.query, self.prompt, self.question)) != 1:
            msg = "give exactly one of query, prompt and question"
            raise ValueError(msg)
        return self

    @property
    def text(self) -> str:
        """Return the question."""
        return self.query or self.prompt or self.question or ""


class DocumentsV1(Old):
    """Texts to take in, each as a document of its own."""

    documents: tuple[Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT_BYTES)], ...] = Field(
        min_length=1, max_length=100
    )
    doc_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$")] | None = None
    """Of several documents `<doc_id>-<n>`."""


class ChatV1(Old):
    """Something said."""

    message: Words
    session: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")] | None = None


class EntitiesV1(Old):
    """Which entities."""

    entity_type: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,100}$")] | None = None
    limit: int = Field(50, ge=1, le=1000)


class HistoryV1(Old):
    """Which turns."""

    offset: int = Field(0, ge=0, le=1_000_000)
    limit: int = Field(20, ge=1, le=100)
