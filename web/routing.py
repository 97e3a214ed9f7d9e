"""Routes that say what they mean: declared once, they are parsed, served and documented from the same lines."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from http import HTTPMethod, HTTPStatus

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel
from werkzeug.routing import BaseConverter

from jobs.errors import DaseinError
from web import parsing

PREFIX = "/api/v2"
View = Callable[..., ResponseReturnValue]


@dataclass(frozen=True, slots=True)
class Answer:
    """One way in which a call succeeds."""

    status: HTTPStatus
    description: str
    model: type[BaseModel] | None = None
    media_types: tuple[str, ...] = ("application/json",)
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names and meanings."""
    example: object = None


@dataclass(frozen=True, slots=True)
class Header:
    """A request header that a call reads."""

    name: str
    description: str
    example: str
    pattern: str | None = None
    """What its values match; others are refused."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What a route does."""

    name: str
    tag: str
    methods: tuple[HTTPMethod, ...]
    prefix: str
    path: str
    """Below the prefix, with `<name>` or `<converter:name>` for its parameters."""
    summary: str
    description: str
    answers: Sequence[Answer]
    refusals: Sequence[type[DaseinError]]
    query: type[BaseModel] | None
    body: type[BaseModel] | None
    upload: tuple[str, ...]
    """Media types of a body that is stored rather than parsed."""
    headers: Sequence[Header]
    example: object
    """Of the body."""


class JobId(BaseConverter):
    """What can be the id of a job or of a part of one: anything else is not even looked for."""

    regex = r"[0-9A-Za-z._-]{1,100}"


class Name(BaseConverter):
    """What can be the name or the id of something known: never a control character, and of a bounded length."""

    regex = r"[^/\x00-\x1f\x7f]{1,300}"


class RemId(BaseConverter):
    """The id of a record: nothing else is below `/rems` by that name."""

    regex = r"rem:[^/\x00-\x1f\x7f]{1,200}"


class ThingId(BaseConverter):
    """The id of a thing: as a name, but names from firmware may contain slashes."""

    regex = r"[^\x00-\x1f\x7f]{1,300}"
    part_isolating = False


CONVERTERS: dict[str, type[BaseConverter]] = {"job": JobId, "name": Name, "rem": RemId, "thing": ThingId}
"""What the parameters of paths can be, by the names that paths give them."""


class Api:
    """The routes of one resource."""

    def __init__(self, tag: str, *, prefix: str = PREFIX) -> None:
        """Collect routes under the name `tag`."""
        self.tag = tag
        self.prefix = prefix
        self.blueprint = Blueprint(tag, __name__, url_prefix=prefix or None)
        self.operations: list[Operation] = []

    def on(
        self,
        *methods: HTTPMethod,
        path: str,
        summary: str,
        answers: Sequence[Answer],
        refusals: Sequence[type[DaseinError]] = (),
        query: type[BaseModel] | None = None,
        body: type[BaseModel] | None = None,
        upload: tuple[str, ...] = (),
        headers: Sequence[Header] = (),
        example: object = None,
        most_errors: int = parsing.MAX_ERRORS,
    ) -> Callable[[View], View]:
        """Serve a view, which is called with the path's parameters and the parsed `query` and `body`.

        Of a body with more faults than `most_errors`, so many are named.
        """

        def register(view: View) -> View:
            self.operations.append(
                Operation(
                    name=view.__name__,
                    tag=self.tag,
                    methods=methods,
                    prefix=self.prefix,
                    path=path,
                    summary=summary,
                    description=" ".join((view.__doc__ or "").split()),
                    answers=answers,
                    refusals=refusals,
                    query=query,
                    body=body,
                    upload=upload,
                    headers=headers,
                    example=example,
                )
            )

            @wraps(view)
            def serve(**given: object) -> ResponseReturnValue:
                if query is not None:
                    given["query"] = parsing.query(query, request.args)
                if body is not None:
                    given["body"] = parsing.body(body, request, most=most_errors)
                return view(**given)

            self.blueprint.add_url_rule(path, view_func=serve, methods=[str(method) for method in methods])
            return view

        return register
