"""From the text of a query to its answer, in levels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import structlog
from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    Visitor,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
    visit,
)

from jobs.errors import DaseinError, InvalidInput
from web.graphql.limits import MAX_ALIASES, MAX_TOKENS, weigh
from web.graphql.loading import LEVELS
from web.graphql.reads import Reads
from web.graphql.schema import SCHEMA
from web.refusals import FieldError, InvalidQuery, QueryTooCostly

SHOWN_ERRORS = 5
KNOWN_TEXTS = 128
GRAPH = SCHEMA._schema  # noqa: SLF001  # strawberry's own way would execute it once, as a whole

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as it came."""

    query: str
    variables: Mapping[str, Any]
    operation: str | None


def answer(asked: Asked, reads: Reads) -> dict[str, Any]:
    """Return `data`, and `errors` where a part failed.

    Raise InvalidQuery for what cannot be executed, QueryTooCostly for what will not be, and what the stores raise.
    """
    document = understood(asked.query)
    operation = _operation(document, asked.operation)
    weigh(GRAPH, document, operation, asked.variables)
    for _ in range(LEVELS):
        result = execute_sync(
            GRAPH, document, context_value=reads, variable_values=dict(asked.variables), operation_name=asked.operation
        )
        if not _settled(reads):
            return _shown(result, reads)
    raise QueryTooCostly(f"The query needs more than {LEVELS} levels of reading.", field="query")


def _settled(reads: Reads) -> bool:
    try:
        return reads.settle()
    except InvalidInput as error:
        raise InvalidInput(_worded(error), field="query", reason=error.reason) from error


def _worded(error: DaseinError) -> str:
    """Return what an error says, in the words of the graph: what a store calls a cursor is its argument `after`."""
    return f"after: {error.message}" if error.field == "cursor" else error.message


@lru_cache(maxsize=KNOWN_TEXTS)
def understood(query: str) -> DocumentNode:
    """Return the document; raise InvalidQuery or QueryTooCostly. The same text is looked at once."""
    try:
        document = parse(query, max_tokens=MAX_TOKENS)
    except GraphQLError as error:
        if "token" in error.message and str(MAX_TOKENS) in error.message:
            raise QueryTooCostly(f"The query has more than {MAX_TOKENS} tokens.", field="query") from error
        raise InvalidQuery(_told([error])) from error
    except RecursionError as error:
        raise QueryTooCostly("The query is too deep to be read.", field="query") from error
    # Before it is validated, which compares fields of one name with each other.
    aliases = _Aliases()
    visit(document, aliases)
    if aliases.count > MAX_ALIASES:
        raise QueryTooCostly(
            f"The query has {aliases.count} aliases; at most {MAX_ALIASES} are answered.", field="query"
        )
    if errors := validate(GRAPH, document, max_errors=SHOWN_ERRORS):
        raise InvalidQuery(_told(errors[:SHOWN_ERRORS]))
    return document


class _Aliases(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        self.count += node.alias is not None


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operation = get_operation_ast(document, name)
    if operation is None:
        raise InvalidQuery([FieldError("operationName", "Name one of the operations of the query.")])
    if operation.operation is not OperationType.QUERY:
        raise InvalidQuery([FieldError("query", "Only queries are answered: the graph is there to be read.")])
    return operation


def _told(errors: Sequence[GraphQLError]) -> list[FieldError]:
    return [FieldError("query", f"{error.message}{_where(error)}"[:500]) for error in errors]


def _where(error: GraphQLError) -> str:
    places = error.locations or ()
    return f" (line {places[0].line}, column {places[0].column})" if places else ""


def _shown(result: ExecutionResult, reads: Reads) -> dict[str, Any]:
    errors = result.errors or ()
    if result.data is None and errors and all(error.path is None for error in errors):
        # Nothing was executed: the variables do not fit.
        raise InvalidQuery([FieldError("variables", f"{error.message}"[:500]) for error in errors[:SHOWN_ERRORS]])
    shown: dict[str, Any] = {"data": result.data}
    if errors:
        shown["errors"] = [_masked(error) for error in errors]
    if reads.truncated:
        shown["extensions"] = {"truncated": True}
    return shown


def _masked(error: GraphQLError) -> dict[str, Any]:
    """Say what went wrong in public words: what was not expected is ours to read."""
    cause = error.original_error
    if isinstance(cause, DaseinError):
        message, code = _worded(cause), cause.code
    elif cause is None:
        message, code = error.message, "invalid-query"
    else:
        log.error("resolver_failed", path=error.path, exc_info=cause)
        message, code = "The fault is ours and has been logged.", "internal"
    places = [{"line": place.line, "column": place.column} for place in error.locations or ()]
    return {"message": message, "path": error.path, "locations": places, "extensions": {"code": code}}
