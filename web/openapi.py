"""The OpenAPI 3.1 document, made from the routes and the models that serve them."""

from collections.abc import Collection, Mapping, Sequence
from http import HTTPMethod, HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from jobs.errors import DaseinError, InvalidInput, StoreUnavailable, TooLarge
from web import permissions
from web.openapi_links import links
from web.openapi_parameters import REFERENCE, parameters, template
from web.problems import PROBLEM, status_of
from web.refusals import (
    CrossSite,
    Forbidden,
    IncompleteBody,
    MalformedBody,
    Misdirected,
    RateLimited,
    TooComplex,
    TooSlow,
    Unauthenticated,
    UnsupportedMediaType,
)
from web.routing import Answer, Operation

VERSION = "3.1.0"
JSON = "application/json"
EVENTS = "text/event-stream"
BYTES = "application/octet-stream"
BINARY = {"type": "string", "format": "binary", "contentMediaType": BYTES}
"""`format` is what generators of clients look at."""
EVERYWHERE: tuple[type[DaseinError], ...] = (Misdirected, StoreUnavailable)
WRITES: tuple[type[DaseinError], ...] = (CrossSite,)
BODIES: tuple[type[DaseinError], ...] = (
    *(InvalidInput, TooComplex, TooLarge),
    *(MalformedBody, IncompleteBody, TooSlow, UnsupportedMediaType),
)
KNOWN: tuple[type[DaseinError], ...] = (Unauthenticated, Forbidden, RateLimited)
SCHEMES = {
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "A key; also taken as a bearer."},
    "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
}
SECURITY: list[dict[str, list[str]]] = [{"key": []}, {"token": []}, {}]
"""The last one is that of a farm without keys, which only its own machine reaches."""

HEADERS = {
    "X-Request-Id": "The id of the request: the client's own, if it sent a reasonable one.",
    "RateLimit-Policy": "The limits that the request counted against: `q` requests in `w` seconds.",
    "RateLimit": "How each of them stands: `r` requests are left, all are back in `t` seconds.",
    "RateLimit-Limit": "Of the limit that is nearest: its requests.",
    "RateLimit-Remaining": "How many of them are left.",
    "RateLimit-Reset": "In how many seconds all are back.",
    "Retry-After": "Seconds to wait before trying again.",
    "WWW-Authenticate": "How to say who one is.",
}
"""Of many answers."""
ALWAYS = ("X-Request-Id",)
LIMITED = ("RateLimit-Policy", "RateLimit", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
REFUSED = {
    HTTPStatus.UNAUTHORIZED: ("WWW-Authenticate",),
    HTTPStatus.TOO_MANY_REQUESTS: ("Retry-After",),
    HTTPStatus.SERVICE_UNAVAILABLE: ("Retry-After",),
}


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    field: str
    message: str


class Problem(BaseModel):
    """A refusal or a fault (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable: what a program should look at.")
    trace_id: str = Field(description="The trace that the request belongs to: that of its `traceparent`, or a new one.")
    field: str | None = Field(None, description="The first field or header that is wrong.")
    errors: list[FieldProblem] = Field([], description="Every field that is wrong.")
    reason: str | None = Field(None, description="A finer code.")


def document(operations: Sequence[Operation], *, version: str) -> dict[str, Any]:
    """Return the document."""
    references, schemas = _schemas(operations)
    known = {operation.name for operation in operations}
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        for method in operation.methods:
            path = paths.setdefault(template(operation), {})
            path[method.lower()] = _operation(operation, method, references, known)
    return {
        "openapi": VERSION,
        "info": {
            "title": "Dasein",
            "version": version,
            "summary": "Firmware in, leakage verdict out.",
            "description": "Errors are RFC 9457 problems with a stable `code`. Times are RFC 3339, UTC.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in dict.fromkeys(operation.tag for operation in operations)],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": SCHEMES,
            "examples": _examples(operations),
            "headers": {
                name: {"description": meaning, "schema": {"type": "string"}} for name, meaning in HEADERS.items()
            },
        },
    }


Reference = tuple[type[BaseModel], JsonSchemaMode]
References = Mapping[Any, dict[str, Any]]
"""By Reference; pydantic's own key is wider."""


def _schemas(operations: Sequence[Operation]) -> tuple[References, dict[str, Any]]:
    wanted: dict[Reference, None] = {(Problem, "serialization"): None}
    for operation in operations:
        if operation.body is not None:
            wanted[operation.body, "validation"] = None
        for answer in operation.answers:
            if answer.model is not None:
                wanted[answer.model, "serialization"] = None
    references, schemas = models_json_schema(list(wanted), ref_template=REFERENCE)
    return references, schemas["$defs"]


def _operation(
    operation: Operation, method: HTTPMethod, references: References, known: Collection[str]
) -> dict[str, Any]:
    head = method is HTTPMethod.HEAD
    described: dict[str, Any] = {
        "operationId": f"{operation.name}_head" if head else operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
        "parameters": list(parameters(operation)),
        "responses": _responses(operation, references, known, head=head),
    }
    if not permissions.is_public(operation.name):
        described["security"] = SECURITY
        permission = permissions.permission_of(operation.name)
        described["x-role"] = permission.role.value
        described["x-home"] = permission.home
    if operation.body is not None:
        content: dict[str, Any] = {"schema": references[operation.body, "validation"]}
        if operation.example is not None:
            content["example"] = operation.example
        described["requestBody"] = {"required": True, "content": {JSON: content}}
    if operation.upload:
        described["requestBody"] = {"required": True, "content": {name: _stored(name) for name in operation.upload}}
    return described


def _stored(media_type: str) -> dict[str, Any]:
    if media_type.startswith("multipart/"):
        return {"schema": {"type": "object", "properties": {"file": BINARY}, "required": ["file"]}}
    return {"schema": BINARY}


def _responses(operation: Operation, references: References, known: Collection[str], *, head: bool) -> dict[str, Any]:
    often = ALWAYS if permissions.is_public(operation.name) else (*ALWAYS, *LIMITED)
    responses = {
        str(answer.status.value): _answer(answer, references, often, head=head)
        | ({} if head else links(operation, answer, known))
        for answer in operation.answers
    }
    by_status: dict[HTTPStatus, list[type[DaseinError]]] = {}
    for refusal in _refusals(operation):
        by_status.setdefault(status_of(refusal), []).append(refusal)
    for status, classes in sorted(by_status.items()):
        responses[str(status.value)] = {
            "description": " ".join(_meaning(refusal) for refusal in classes),
            "headers": _headers(*ALWAYS, *REFUSED.get(status, ())),
        } | ({} if head else {"content": {PROBLEM: _problem(classes, references)}})
    responses["default"] = {"description": "A fault of ours, or a request that is not HTTP as we know it."} | (
        {} if head else {"content": {PROBLEM: {"schema": references[Problem, "serialization"]}}}
    )
    return responses


def _meaning(refusal: type[DaseinError]) -> str:
    return f"`{refusal.code}`: {(refusal.__doc__ or '').splitlines()[0]}"


def _problem(classes: Sequence[type[DaseinError]], references: References) -> dict[str, Any]:
    examples = {refusal.code: {"$ref": f"#/components/examples/{refusal.code}"} for refusal in classes}
    return {"schema": references[Problem, "serialization"], "examples": examples}


def _examples(operations: Sequence[Operation]) -> dict[str, Any]:
    """Return an example of every problem that an operation names, by its code."""
    named = {refusal for operation in operations for refusal in _refusals(operation)}
    return {
        refusal.code: {
            "value": {
                "type": f"/api/docs#problem-{refusal.code}",
                "title": status_of(refusal).phrase,
                "status": status_of(refusal).value,
                "detail": (refusal.__doc__ or "").splitlines()[0],
                "code": refusal.code,
                "trace_id": "4f0c2b9e8d7a4c61b5e3f2a1908d7c6b",
            }
        }
        # Classes may share a code: the order of a set of classes differs from one process to the next.
        for refusal in sorted(named, key=lambda refusal: (refusal.code, refusal.__name__))
    }


def _refusals(operation: Operation) -> Sequence[type[DaseinError]]:
    safe = set(operation.methods) <= {HTTPMethod.GET, HTTPMethod.HEAD}
    asked = () if operation.query is None else (InvalidInput,)
    sent = () if operation.body is None else BODIES
    found = (*operation.refusals, *asked, *sent, *EVERYWHERE, *KNOWN, *(() if safe else WRITES))
    return tuple(dict.fromkeys(found))


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _answer(answer: Answer, references: References, often: Sequence[str], *, head: bool) -> dict[str, Any]:
    own = {name: {"description": meaning, "schema": {"type": "string"}} for name, meaning in answer.headers.items()}
    described: dict[str, Any] = {"description": answer.description, "headers": {**_headers(*often), **own}}
    empty = answer.status in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}
    if head or empty:
        return described
    described["content"] = {name: _content(answer, name, references) for name in answer.media_types}
    return described


def _content(answer: Answer, media_type: str, references: References) -> dict[str, Any]:
    content: dict[str, Any] = {}
    if answer.model is not None and media_type == JSON:
        content["schema"] = references[answer.model, "serialization"]
    elif media_type == BYTES:
        content["schema"] = BINARY
    elif media_type.startswith("text/") and media_type != EVENTS:
        # A stream has no whole: what its events hold is said in words.
        content["schema"] = {"type": "string"}
    if answer.example is not None:
        content["example"] = answer.example
    return content
