"""Where the graph is asked: `/graphql`, by GET and by POST."""

from http import HTTPMethod, HTTPStatus
from typing import Any

from flask import Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import from_json, to_json

from jobs.errors import InvalidInput, OutOfBudget, TooLarge
from jobs.forms import Request
from stores.ports import Files, Jobs
from web.api_v2.things import Knowledge
from web.graphql.answering import Asked, answer
from web.graphql.reads import Reads
from web.refusals import InvalidQuery, MalformedBody, QueryTooCostly, UnsupportedMediaType
from web.routing import Answer, Api

MAX_QUERY = 16_000
MAX_VARIABLES = 16_000
LINES = r"^[\t\n\r -~]*$"
EXAMPLE = "{ campaigns(first: 5) { nodes { id verdict report { findings(first: 3) { nodes { severity title } } } } } }"
DESCRIPTION = (
    "`data` as the query asks for it. Where a part could not be answered it is null, and `errors` says why in public words. "
    "`extensions.truncated`: some lists inside lists were cut short."
)
REFUSALS = (InvalidInput, InvalidQuery, QueryTooCostly, OutOfBudget)


class GraphBody(Request):
    """The body of POST /graphql: one operation."""

    query: str = Field(min_length=1, max_length=MAX_QUERY)
    variables: dict[str, Any] | None = None
    operation_name: str | None = Field(None, alias="operationName", max_length=200)
    extensions: dict[str, Any] | None = Field(None, description="Read by nobody here; clients send it.")


class GraphQuery(Request):
    """The parameters of GET /graphql: short enough for the first line of a request, however they are escaped."""

    query: str = Field(min_length=1, max_length=800, pattern=LINES)
    variables: str | None = Field(None, max_length=300, pattern=LINES, description="A JSON object.")
    operation_name: str | None = Field(None, alias="operationName", max_length=64, pattern=LINES)


class GraphAnswer(BaseModel):
    """What the graph answers."""

    model_config = ConfigDict(extra="forbid")

    data: dict[str, Any] | None = None
    errors: list[dict[str, Any]] | None = None
    extensions: dict[str, Any] | None = None


def graphql_api(jobs: Jobs, files: Files, knowledge: Knowledge) -> Api:
    """Serve the graph."""
    api = Api("graphql", prefix="")

    @api.on(
        HTTPMethod.POST,
        path="/graphql",
        summary="Ask the graph",
        body=GraphBody,
        answers=(Answer(HTTPStatus.OK, DESCRIPTION, GraphAnswer),),
        refusals=(*REFUSALS, TooLarge, MalformedBody, UnsupportedMediaType),
        example={"query": EXAMPLE},
    )
    def ask_graph(body: GraphBody) -> Response:
        """Read jobs, campaigns, imports and sweeps with their reports, instructions, weaknesses, documents and records at once.

        The schema describes itself (introspection). One operation a request, queries only; what a query may cost is
        counted before anything is read.
        """
        variables = body.variables or {}
        if len(to_json(variables)) > MAX_VARIABLES:
            raise TooLarge(f"Variables have at most {MAX_VARIABLES} bytes.", field="variables")
        return _answered(Asked(body.query, variables, body.operation_name), Reads(jobs, files, knowledge))

    @api.on(
        HTTPMethod.GET,
        path="/graphql",
        summary="Ask the graph, by a link",
        query=GraphQuery,
        answers=(Answer(HTTPStatus.OK, DESCRIPTION, GraphAnswer),),
        refusals=REFUSALS,
    )
    def read_graph(query: GraphQuery) -> Response:
        """Answer a query that stands in the address."""
        asked = Asked(query.query, _variables(query.variables), query.operation_name)
        return _answered(asked, Reads(jobs, files, knowledge))

    return api


def _answered(asked: Asked, reads: Reads) -> Response:
    # JSON has no infinity: in a result or a figure it is null, as in REST.
    return Response(to_json(answer(asked, reads), inf_nan_mode="null"), mimetype="application/json")


def _variables(text: str | None) -> dict[str, Any]:
    try:
        given = {} if not text else from_json(text)
    except ValueError as error:
        raise InvalidInput("This is not JSON.", field="variables") from error
    if not isinstance(given, dict):
        raise InvalidInput("Give a JSON object.", field="variables")
    return given
