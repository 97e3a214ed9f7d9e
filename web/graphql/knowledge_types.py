"""What is known, as the graph shows it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import strawberry
from strawberry.scalars import JSON

from jobs.queue import CAMPAIGN
from stores.documents import Record
from stores.graph import Node
from web.api_v2.rems import RecordView
from web.api_v2.things import BatchView
from web.graphql.job_types import Campaign
from web.graphql.paging import Context, First, field


@strawberry.type(description="A weakness of an instruction, as a campaign measured it.")
class Vulnerability:
    """A weakness."""

    node: strawberry.Private[Node]
    id: strawberry.ID

    @classmethod
    def of(cls, node: Node) -> "Vulnerability":
        """Show a node."""
        return cls(node=node, id=strawberry.ID(node.id))

    @field
    def name(self) -> str | None:
        """What leaks, where, how strongly, in one sentence."""
        return _text(self.node, "name")

    @field
    def kind(self) -> str | None:
        """`tvla-1`, `tvla-2`, `bivariate`, `cpa`, `control-flow`, `secret-address`, `cycles`, `fault` or `budget`."""
        return _text(self.node, "kind")

    @field
    def severity(self) -> str | None:
        """From `critical` to `low`."""
        return _text(self.node, "severity")

    @field
    def function(self) -> str | None:
        """The name of the function that it is in."""
        return _text(self.node, "function")

    @field
    def source_line(self) -> str | None:
        """The file and the line."""
        return _text(self.node, "source_line")

    @field
    def properties(self) -> JSON:
        """All that is known of it."""
        return JSON(dict(self.node.properties))

    @field
    def instruction(self, info: Context) -> "Instruction | None":
        """Where it is."""
        found = info.context.nodes.get(str(self.node.properties.get("instruction")))
        return None if found is None else Instruction.of(found.id, found.properties)

    @field
    def campaign(self, info: Context) -> Campaign | None:
        """What found it; null once the record of its job has expired."""
        job_id = str(self.node.properties.get("campaign") or "").removeprefix(f"{CAMPAIGN.name}:")
        found = info.context.jobs.get(job_id) if job_id else None
        return None if found is None or found.kind != CAMPAIGN.name else Campaign.of(found)


@strawberry.type
class Measured:
    """What one batch says of an instruction."""

    batch: str
    figures: JSON


@strawberry.type(description="An instruction of a firmware.")
class Instruction:
    """An instruction."""

    told: strawberry.Private[Mapping[str, Any]]
    id: strawberry.ID

    @classmethod
    def of(cls, name: str, properties: Mapping[str, Any]) -> "Instruction":
        """Show an instruction of the graph."""
        return cls(told=properties, id=strawberry.ID(name))

    @field
    def mnemonic(self) -> str | None:
        """What it does."""
        return self.told.get("mnemonic")

    @field
    def operands(self) -> str | None:
        """With what."""
        return self.told.get("operands")

    @field
    def function(self) -> str | None:
        """The name of the function that it is in."""
        return self.told.get("function")

    @field
    def firmware(self) -> str | None:
        """The id of its firmware."""
        return self.told.get("firmware")

    @field
    def properties(self) -> JSON:
        """All that is known of it."""
        return JSON(dict(self.told))

    @field
    def vulnerabilities(self, info: Context, first: First = 20) -> list[Vulnerability]:
        """Its weaknesses, worst first."""
        return [Vulnerability.of(node) for node in (info.context.weaknesses.get(self.id) or ())[:first]]

    @field
    def measured(self, info: Context, first: First = 20) -> list[Measured]:
        """What each batch says of it; they may contradict each other."""
        records = (info.context.figures.get(self.id) or ())[:first]
        return [Measured(batch=record.batch, figures=JSON(dict(record.body))) for record in records]


@strawberry.type(description="Something that was taken in.")
class Document:
    """Something that was taken in."""

    batch: strawberry.ID
    kind: str
    title: str
    state: str
    created_at: datetime | None
    details: JSON

    @classmethod
    def of(cls, record: Record) -> "Document":
        """Show a batch's record."""
        view = BatchView.of(record.id, record.body)
        at = None if view.created_at is None else datetime.fromtimestamp(view.created_at, UTC)
        return cls(
            batch=strawberry.ID(view.batch),
            kind=view.kind,
            title=view.title,
            state=view.state,
            created_at=at,
            details=JSON(view.details),
        )


@strawberry.type(description="A record that REMForge made of a file.")
class Rem:
    """A record of a file."""

    whole: strawberry.Private[Mapping[str, Any]]
    id: strawberry.ID
    name: str
    modality: str
    level: str
    media_type: str
    bytes: float = strawberry.field(description="More than an Int holds.")
    created_at: datetime
    language: str | None
    completeness: float
    headline: str
    warnings: list[str]

    @classmethod
    def of(cls, record: Record) -> "Rem":
        """Show a record."""
        view = RecordView.of(record.body)
        return cls(
            whole=record.body,
            id=strawberry.ID(view.rem_id),
            name=view.name,
            modality=view.modality.value,
            level=view.level.value,
            media_type=view.media_type,
            bytes=view.bytes,
            created_at=view.created_at,
            language=view.language,
            completeness=view.completeness,
            headline=view.headline,
            warnings=list(view.warnings),
        )

    @field
    def record(self) -> JSON:
        """All of it, as its schema says."""
        return JSON(dict(self.whole))


def _text(node: Node, name: str) -> str | None:
    value = node.properties.get(name)
    return None if value is None else str(value)
