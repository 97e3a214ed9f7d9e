"""What can be asked of the graph."""

from typing import Annotated, Any

import strawberry
from pydantic import ValidationError
from strawberry.schema.config import StrawberryConfig

from jobs.errors import InvalidInput
from jobs.knowledge import Label
from jobs.model import State
from jobs.queue import CAMPAIGN, MEASURED, REPORTED
from jobs.rem import Modality as RemModality
from web.api_v2.documents import DocumentsQuery, position
from web.api_v2.knowledge import InstructionsQuery
from web.api_v2.rems import RecordsQuery
from web.graphql.job_types import Campaign, Job, Sweep, sweep_of
from web.graphql.knowledge_types import Document, Instruction, Rem, Vulnerability
from web.graphql.paging import After, Connection, Context, First, connection, field
from web.graphql.place_types import ADDRESS, Address
from web.graphql.reads import BatchesAsked, JobsAsked, SweepsAsked, WeaknessesAsked
from web.graphql.report_types import Severity
from web.graphql.state_types import JobState

Modality = strawberry.enum(RemModality, description="What kind of file a record is of.")
Tag = Annotated[str | None, strawberry.argument(description="Those that carry this tag.")]


@strawberry.type(description="What the caller's tenant may see.")
class Query:
    """What can be asked."""

    @field
    def job(self, info: Context, id: strawberry.ID) -> Job | None:  # noqa: A002  # as the graph calls it
        """A job."""
        found = info.context.jobs.get(id)
        return None if found is None else Job.of(found)

    @field
    def jobs(
        self,
        info: Context,
        first: First = 20,
        after: After = None,
        kind: str | None = None,
        state: JobState | None = None,  # type: ignore[valid-type]  # strawberry makes enums of ours
        tag: Tag = None,
    ) -> Connection[Job]:
        """Jobs, newest first; the parts of jobs are not listed."""
        page = info.context.job_pages.get(JobsAsked(kind, _state(state), tag, after, first))
        return connection([], None) if page is None else connection([Job.of(job) for job in page.jobs], page.cursor)

    @field
    def campaign(self, info: Context, id: strawberry.ID) -> Campaign | None:  # noqa: A002  # as the graph calls it
        """A campaign, simulated or measured."""
        found = info.context.jobs.get(id)
        return None if found is None or found.kind not in REPORTED else Campaign.of(found)

    @field
    def campaigns(
        self,
        info: Context,
        first: First = 20,
        after: After = None,
        state: JobState | None = None,  # type: ignore[valid-type]  # strawberry makes enums of ours
        tag: Tag = None,
    ) -> Connection[Campaign]:
        """Simulated campaigns, newest first."""
        return _campaigns(info, JobsAsked(CAMPAIGN.name, _state(state), tag, after, first))

    @field
    def imports(
        self,
        info: Context,
        first: First = 20,
        after: After = None,
        state: JobState | None = None,  # type: ignore[valid-type]  # strawberry makes enums of ours
        tag: Tag = None,
    ) -> Connection[Campaign]:
        """Imports of measured traces, newest first: campaigns, too."""
        return _campaigns(info, JobsAsked(MEASURED.name, _state(state), tag, after, first))

    @field
    def sweep(self, info: Context, id: strawberry.ID) -> Sweep | None:  # noqa: A002  # as the graph calls it
        """A sweep of noise, by the batch that it is; null once a level has expired."""
        return sweep_of(info, id)

    @field
    def sweeps(self, info: Context, first: First = 20, after: After = None) -> Connection[Sweep]:
        """Sweeps among batches, newest first, as many batches on a page: it may show fewer, and yet not be the last."""
        page = info.context.batch_id_pages.get(SweepsAsked(after, first))
        if page is None:
            return connection([], None)
        found = [sweep_of(info, batch) for batch in page.ids]
        return connection([sweep for sweep in found if sweep is not None], page.cursor)

    @field
    def instruction(self, info: Context, id: strawberry.ID) -> Instruction | None:  # noqa: A002  # as the graph calls it
        """An instruction."""
        found = info.context.nodes.get(id)
        known = found is not None and found.label == Label.INSTRUCTION.value
        return Instruction.of(found.id, found.properties) if found is not None and known else None

    @field
    def instructions(
        self,
        info: Context,
        first: First = 20,
        after: After = None,
        severity: Severity | None = None,  # type: ignore[valid-type]  # strawberry makes enums of ours
        firmware: str | None = None,
        function: str | None = None,
    ) -> Connection[Instruction]:
        """Instructions, by id: all, or those of a severity, a firmware (name, digest or id) or a function."""
        asked = _asked(
            InstructionsQuery, cursor=after, limit=first, severity=severity, firmware=firmware, function=function
        )
        page = info.context.instruction_pages.get(asked)
        if page is None:
            return connection([], None)
        return connection([Instruction.of(thing.id, thing.properties) for thing in page.items], page.cursor)

    @field
    def vulnerabilities(
        self,
        info: Context,
        first: First = 20,
        after: After = None,
        severity: Severity | None = None,  # type: ignore[valid-type]  # strawberry makes enums of ours
        campaign: strawberry.ID | None = None,
        function: str | None = None,
    ) -> Connection[Vulnerability]:
        """Weaknesses, by id: all, or those of a severity, a campaign or a function."""
        whole = None if campaign is None else f"{CAMPAIGN.name}:{campaign.removeprefix(f'{CAMPAIGN.name}:')}"
        asked = WeaknessesAsked(None if severity is None else severity.value, whole, function, after, first)
        page = info.context.weakness_pages.get(asked)
        if page is None:
            return connection([], None)
        return connection([Vulnerability.of(node) for node in page.items], page.cursor)

    @field
    def documents(
        self, info: Context, first: First = 20, after: After = None, kind: str | None = None
    ) -> Connection[Document]:
        """What was taken in, oldest first: all, or what is a `document`, `measurements`, a `campaign` or a `rem`."""
        asked = _asked(DocumentsQuery, cursor=after, limit=first, kind=kind)
        position(asked.cursor)
        page = info.context.batch_pages.get(BatchesAsked(asked.kind, asked.cursor, asked.limit))
        if page is None:
            return connection([], None)
        return connection([Document.of(record) for record in page.items], page.cursor)

    @field
    def rem(self, info: Context, id: strawberry.ID) -> Rem | None:  # noqa: A002  # as the graph calls it
        """A record of a file."""
        found = info.context.rems.get(id)
        return None if found is None else Rem.of(found)

    @field
    def rems(
        self,
        info: Context,
        first: First = 20,
        after: After = None,
        modality: Modality | None = None,  # type: ignore[valid-type]  # strawberry makes enums of ours
    ) -> Connection[Rem]:
        """Records of files, newest first."""
        asked = _asked(RecordsQuery, cursor=after, limit=first, modality=modality)
        position(asked.cursor)
        page = info.context.rem_pages.get(asked)
        if page is None:
            return connection([], None)
        return connection([Rem.of(record) for record in page.items], page.cursor)

    @field
    def data_version(self, info: Context) -> int:
        """Grows with every change of the knowledge."""
        return info.context.versions.get("") or 0


def _campaigns(info: Context, asked: JobsAsked) -> Connection[Campaign]:
    page = info.context.job_pages.get(asked)
    return connection([], None) if page is None else connection([Campaign.of(job) for job in page.jobs], page.cursor)


def _state(state: State | None) -> State | None:
    return None if state is None else State(state)


def _asked(model: Any, **given: Any) -> Any:
    """Return what is asked for in the words of the REST API, which states its limits; raise InvalidInput."""
    try:
        return model(**given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        names = {"cursor": "after", "limit": "first"}
        field = str(first["loc"][0])
        raise InvalidInput(f"{names.get(field, field)}: {first['msg']}", field="query") from error


CONFIG = StrawberryConfig(disable_field_suggestions=True, scalar_map={Address: ADDRESS})
SCHEMA = strawberry.Schema(query=Query, config=CONFIG)
