"""What changes the knowledge: requests to take in, to take away, to make anew, and their results."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from jobs.forms import ArtifactId, Misfit, Request, exactly_one

MAX_TEXT_BYTES = 256 * 1024
"""Of a document that comes inside a request; larger ones come as artifacts."""
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
            raise Misfit("format" if self.name is None else "name", "a campaign has neither name nor format")
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


class RebuildRequest(Request):
    """Make graph, vectors and texts again from the documents."""

    what: tuple[Literal["graph", "vectors", "texts"], ...] = ("graph", "vectors", "texts")
