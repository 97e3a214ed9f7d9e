"""The knowledge graph: instructions, entities, neighbourhoods. Read from the stores; only similarity asks a worker."""

from http import HTTPMethod, HTTPStatus
from typing import Annotated

from flask import Response
from pydantic import Field, StringConstraints

from jobs.errors import InvalidInput, NotFound, OutOfBudget
from jobs.forms import Request
from jobs.knowledge import MAX_NODES, Label, Link
from jobs.questions import SimilarAnswer, SimilarRequest
from jobs.queue import SIMILAR
from jobs.report import Severity
from stores.documents import Shelf
from stores.graph import Condition, Hop, Selection
from web.api_v2.answers import answered
from web.api_v2.things import (
    GraphView,
    InstructionView,
    Knowledge,
    MeasuredView,
    NeighbourView,
    RelationView,
    ThingsView,
    ThingView,
)
from web.asking import REFUSALS, Asking
from web.caller import caller
from web.routing import Answer, Api

MANY = 100
BUDGET_S = 5.0
Text = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""Of a query: no control characters, as in ids of a path."""


class InstructionsQuery(Request):
    """Which instructions."""

    severity: Severity | None = Field(None, description="Those with a finding of this severity.")
    firmware: Text | None = Field(None, description="A name, a digest (12 digits of it at least) or an id.")
    function: Text | None = Field(None, description="Its name.")
    cursor: Text | None = Field(None, description="From the page before.")
    limit: int = Field(50, ge=1, le=MAX_NODES)


class EntitiesQuery(Request):
    """Which entities."""

    type: Text | None = None
    cursor: Text | None = Field(None, description="From the page before.")
    limit: int = Field(50, ge=1, le=MAX_NODES)


class GraphQuery(Request):
    """How far to look."""

    hops: int = Field(1, ge=1, le=5)
    limit: int = Field(200, ge=1, le=MAX_NODES)


class SimilarQuery(Request):
    """How many."""

    limit: int = Field(10, ge=1, le=100)


def knowledge_api(knowledge: Knowledge, asking: Asking) -> Api:
    """Serve what is known."""
    api = Api("knowledge")

    @api.on(
        HTTPMethod.GET,
        path="/instructions",
        summary="List instructions",
        query=InstructionsQuery,
        answers=(Answer(HTTPStatus.OK, "A page of instructions, by id.", ThingsView),),
        refusals=(InvalidInput, OutOfBudget),
    )
    def list_instructions(query: InstructionsQuery) -> Response:
        """List the instructions that are known, all or those of a firmware, a function or a severity."""
        return answered(found_instructions(knowledge, query))

    @api.on(
        HTTPMethod.GET,
        path="/instructions/<name:instruction_id>",
        summary="Look at an instruction",
        answers=(Answer(HTTPStatus.OK, "What is known of it.", InstructionView),),
        refusals=(NotFound, OutOfBudget),
    )
    def show_instruction(instruction_id: str) -> Response:
        """Show an instruction, its weaknesses, and what each batch has measured of it."""
        return answered(_instruction(knowledge, instruction_id))

    @api.on(
        HTTPMethod.GET,
        path="/instructions/<name:instruction_id>/similar",
        summary="Find similar instructions",
        query=SimilarQuery,
        answers=(Answer(HTTPStatus.OK, "Instructions by the likeness of their 72-dimension profiles.", SimilarAnswer),),
        refusals=(NotFound, InvalidInput, *REFUSALS),
    )
    def find_similar(instruction_id: str, query: SimilarQuery) -> Response:
        """Ask the query pool which instructions were measured with a profile like this one's."""
        found = asking.ask(SIMILAR, SimilarRequest(instruction=instruction_id, limit=query.limit))
        return answered(SimilarAnswer.model_validate(found))

    @api.on(
        HTTPMethod.GET,
        path="/graph/<thing:thing_id>",
        summary="Look around a thing",
        query=GraphQuery,
        answers=(Answer(HTTPStatus.OK, "Its neighbourhood.", GraphView),),
        refusals=(NotFound, InvalidInput, OutOfBudget),
    )
    def show_neighbourhood(thing_id: str, query: GraphQuery) -> Response:
        """Show what lies within some hops of a thing: an instruction, a campaign, a function, an entity ..."""
        corpus = knowledge.corpus()
        if thing_id not in knowledge.graph.nodes(caller().tenant, [thing_id], hidden=corpus.hidden):
            raise NotFound("There is no such thing.")
        around = knowledge.graph.neighbourhood(
            caller().tenant, [thing_id], hops=query.hops, limit=query.limit, hidden=corpus.hidden, budget_s=BUDGET_S
        )
        return answered(
            GraphView(
                things=tuple(
                    NeighbourView(
                        id=node.id,
                        label=node.label,
                        properties=dict(node.properties),
                        distance=around.distances[node.id],
                    )
                    for node in around.nodes
                ),
                relations=tuple(map(RelationView.of, around.relations)),
                truncated=around.truncated,
                data_version=corpus.version,
            )
        )

    @api.on(
        HTTPMethod.GET,
        path="/entities",
        summary="List entities",
        query=EntitiesQuery,
        answers=(Answer(HTTPStatus.OK, "A page of entities, by id.", ThingsView),),
        refusals=(InvalidInput, OutOfBudget),
    )
    def list_entities(query: EntitiesQuery) -> Response:
        """List what documents speak of, all or of one type."""
        corpus = knowledge.corpus()
        where = _after(query.cursor)
        if query.type is not None:
            where += (Condition("type", "=", query.type),)
        selection = Selection(Label.ENTITY.value, where, limit=query.limit + 1)
        nodes = knowledge.graph.select(caller().tenant, selection, hidden=corpus.hidden, budget_s=BUDGET_S)
        return answered(ThingsView.page(nodes, limit=query.limit, version=corpus.version))

    return api


def found_instructions(knowledge: Knowledge, query: InstructionsQuery) -> ThingsView:
    """Return a page of instructions."""
    corpus = knowledge.corpus()
    where = _after(query.cursor)
    if query.function is not None:
        where += (Condition("function", "=", query.function),)
    if query.firmware is not None:
        firmware = _firmware_ids(knowledge, query.firmware, corpus.hidden)
        if not firmware:
            return ThingsView(things=(), cursor=None, data_version=corpus.version)
        where += (Condition("firmware", "in", tuple(firmware)),)
    hops: tuple[Hop, ...] = ()
    if query.severity is not None:
        weak = (Condition("severity", "=", query.severity.value),)
        hops = (Hop(Link.LEAKS.value, Label.VULNERABILITY.value, where=weak),)
    selection = Selection(Label.INSTRUCTION.value, where, hops, limit=query.limit + 1)
    nodes = knowledge.graph.select(caller().tenant, selection, hidden=corpus.hidden, budget_s=BUDGET_S)
    return ThingsView.page(nodes, limit=query.limit, version=corpus.version)


def _instruction(knowledge: Knowledge, instruction_id: str) -> InstructionView:
    corpus = knowledge.corpus()
    node = knowledge.graph.nodes(caller().tenant, [instruction_id], hidden=corpus.hidden).get(instruction_id)
    if node is None or node.label != Label.INSTRUCTION.value:
        raise NotFound("There is no such instruction.")
    weak = Selection(
        Label.INSTRUCTION.value,
        (Condition("id", "=", instruction_id),),
        (Hop(Link.LEAKS.value, Label.VULNERABILITY.value),),
        take=1,
        order_by="severity_rank",
        descending=True,
        limit=MANY,
    )
    found = knowledge.graph.select(caller().tenant, weak, hidden=corpus.hidden, budget_s=BUDGET_S)
    records = knowledge.documents.find(caller().tenant, Shelf.PROFILES, groups=[instruction_id], limit=MANY)
    return InstructionView(
        instruction=ThingView.of(node),
        vulnerabilities=tuple(map(ThingView.of, found)),
        measured=tuple(
            MeasuredView(batch=record.batch, figures=dict(record.body))
            for record in records
            if record.batch not in corpus.hidden
        ),
        data_version=corpus.version,
    )


def _firmware_ids(knowledge: Knowledge, named: str, hidden: frozenset[str]) -> list[str]:
    """Return the ids of the firmware with this name, this digest (or its first 12 digits at least), or this id."""
    digest = named.removeprefix("firmware:").removeprefix("sha256:").lower()
    found: set[str] = set()
    for condition in (Condition("name", "=", named), Condition("sha256", "starts", digest)):
        if condition.property == "sha256" and len(digest) < 12:
            continue
        selection = Selection(Label.FIRMWARE.value, (condition,), limit=MANY)
        found |= {
            node.id for node in knowledge.graph.select(caller().tenant, selection, hidden=hidden, budget_s=BUDGET_S)
        }
    return sorted(found)


def _after(cursor: str | None) -> tuple[Condition, ...]:
    return () if cursor is None else (Condition("id", ">", cursor),)
