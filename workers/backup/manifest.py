"""What a backup says of itself. It is written last: a backup without a manifest is none."""

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from jobs.errors import InvalidInput

FORMAT: Literal[1] = 1
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
Component = Literal["records", "documents", "graph", "files"]
COMPONENTS: tuple[Component, ...] = ("records", "documents", "graph", "files")


class Part(BaseModel):
    """An object of lines."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    """Below the backup's folder."""
    component: Component
    group: str
    """`<tenant>/<shelf>` of documents, `<tenant>/nodes` and `<tenant>/relations` of a graph."""
    lines: int
    bytes: int
    """As they are before they are encrypted, compressed."""
    sha256: str
    """Of these."""


class Group(BaseModel):
    """What all lines of a component's group come to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    component: Component
    name: str
    lines: int
    content: str
    """A sum over the digests of lines: equal for equal lines in any order."""


class Cut(BaseModel):
    """Between which moments what was copied, UTC."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    records: tuple[datetime, datetime]
    knowledge: tuple[datetime, datetime]
    files: tuple[datetime, datetime]
    unsettled: Mapping[str, tuple[str, ...]]
    """Tenants whose knowledge changed while it was copied, and the batches that did: those are hidden in the copy."""


class Manifest(BaseModel):
    """A backup."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = FORMAT
    id: str
    version: str
    """Of the farm that made it."""
    began_at: datetime
    finished_at: datetime
    engines: Mapping[str, str]
    """What each store was."""
    files_under: str
    """The folder of the contents of files, which backups share."""
    cut: Cut
    parts: tuple[Part, ...]
    groups: tuple[Group, ...]
    files: int
    file_bytes: int
    stored_bytes: int
    """What this backup has added."""
    left_out: Mapping[str, int]
    """Keys that nobody knew what to do with, by how they begin."""

    def count(self, component: Component) -> int:
        """Return how many lines a component has."""
        return sum(group.lines for group in self.groups if group.component == component)

    def sealed(self) -> bytes:
        """Return it as JSON that says its own digest."""
        told = self.model_dump(mode="json")
        return json.dumps({"sha256": _digest(told), "manifest": told}, indent=1).encode()

    @classmethod
    def opened(cls, data: bytes) -> Self:
        """Read what `sealed` wrote; raise InvalidInput for anything else."""
        try:
            whole = json.loads(data)
            told = whole["manifest"]
            intact, shape = whole["sha256"] == _digest(told), told.get("format")
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise InvalidInput("The backup's manifest is damaged: it is no JSON of ours.") from error
        if not intact:
            raise InvalidInput("The backup's manifest is damaged: its digest is another one.")
        if shape != FORMAT:
            raise InvalidInput(f"The backup has format {shape}; this version reads {FORMAT}.")
        try:
            return cls.model_validate(told)
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors(include_url=False, include_input=False)[0]["loc"])
            raise InvalidInput(f"The backup's manifest cannot be read: {where}.") from error


def _digest(told: object) -> str:
    return sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


class Sum:
    """A digest of lines in any order: the sum of the digests of each."""

    def __init__(self) -> None:
        self._sum = 0
        self.lines = 0

    def add(self, line: Mapping[str, Any]) -> None:
        """Count a line."""
        self.add_text(text_of(line))

    def add_text(self, text: bytes) -> None:
        """Count a line, given as `text_of` returns it."""
        self._sum = (self._sum + int.from_bytes(sha256(text).digest())) % 2**256
        self.lines += 1

    @property
    def content(self) -> str:
        """Return the digest of the lines so far."""
        return f"{self._sum:064x}"


def text_of(line: Mapping[str, Any]) -> bytes:
    """Return the one text of a line, in UTF-8: what is equal is written equally."""
    return _ENCODER.encode(line).encode()
