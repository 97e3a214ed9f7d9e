"""Requests into models: every refusal names its fields."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, TypeVar

from flask import Request
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, from_json, to_json
from werkzeug.datastructures import MultiDict

from jobs.errors import InvalidInput
from jobs.forms import Misfit
from web import json_limits
from web.bodies import whole
from web.refusals import FieldError, InvalidFields, MalformedBody, UnsupportedMediaType

Model = TypeVar("Model", bound=BaseModel)

JSON = "application/json"
MAX_ERRORS = 20
MAX_FIELD = 200
MAX_MESSAGE = 500
UNKNOWN_KIND = "unknown-kind"
"""The error of a union whose branches are told apart by `kind`."""
WHOLE = re.compile(rb"\d\.0|\d[eE]")
"""Perhaps a whole number that is written as a fraction."""
EXACT = 2.0**53
KEY = re.compile(r"[!-~]{1,255}")
PREFER_WAIT = re.compile(r"wait\s*=\s*\"?(\d{1,6})\"?\s*$", re.IGNORECASE)
LONGEST_WAIT_S = 60


def body(model: type[Model], request: Request, *, most: int = MAX_ERRORS) -> Model:
    """Return the JSON body as a model; of more than `most` faults the first ones of each item of a list are named.

    Raise UnsupportedMediaType, IncompleteBody, TooSlow, TooComplex, MalformedBody or InvalidFields.
    """
    if request.mimetype != JSON:
        raise UnsupportedMediaType(f"Send {JSON}.", field="Content-Type")
    text = whole(request)
    json_limits.check(text)
    try:
        value = from_json(text)
    except ValueError as error:
        raise MalformedBody(f"The body is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise InvalidInput("The body must be a JSON object.")
    if WHOLE.search(text):
        text = to_json(_whole(value))
    return strict(model, text, most=most)


def strict(model: type[Model], text: bytes, *, most: int = MAX_ERRORS) -> Model:
    """Return JSON text as a model, types as they are; raise InvalidFields."""
    try:
        return model.model_validate_json(text, strict=True)
    except ValidationError as error:
        raise InvalidFields(_fields(error.errors(include_url=False, include_input=False), most)) from error


def _whole(value: Any) -> Any:
    """Return a JSON value in which 5.0 is 5, as it is to JSON Schema and to most who write JSON."""
    if isinstance(value, dict):
        return {name: _whole(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and abs(value) < EXACT and value.is_integer() else value


def query(model: type[Model], arguments: MultiDict[str, str]) -> Model:
    """Return query parameters as a model; raise InvalidFields."""
    if repeated := [name for name, values in arguments.lists() if len(values) > 1]:
        raise InvalidFields([FieldError(name[:MAX_FIELD], "Given more than once.") for name in repeated[:MAX_ERRORS]])
    try:
        return model.model_validate(arguments.to_dict())
    except ValidationError as error:
        raise InvalidFields(_fields(error.errors(include_url=False, include_input=False), MAX_ERRORS)) from error


def idempotency_key(request: Request) -> str | None:
    """Return the Idempotency-Key header; raise InvalidInput unless it is 1 to 255 visible ASCII characters."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not KEY.fullmatch(key):
        raise InvalidInput("Give 1 to 255 visible ASCII characters.", field="Idempotency-Key")
    return key


def preferred_wait_s(request: Request) -> int | None:
    """Return the seconds of `Prefer: wait=N` (RFC 7240), at most 60; None when there is no such preference.

    What cannot be understood of a preference is ignored, as the standard asks.
    """
    for preference in ",".join(request.headers.getlist("Prefer")).split(","):
        if match := PREFER_WAIT.match(preference.strip()):
            return min(int(match[1]), LONGEST_WAIT_S)
    return None


def _fields(errors: Sequence[ErrorDetails], most: int) -> list[FieldError]:
    errors = [item for item in errors if not _consequent(item, errors)]
    if len(errors) > most:
        # The first fault of every item before the second one of any.
        nth: Counter[tuple[int | str, ...]] = Counter()
        ranks = [nth.update([item["loc"][:2]]) or nth[item["loc"][:2]] for item in errors]
        errors = [errors[at] for at in sorted(sorted(range(len(errors)), key=ranks.__getitem__)[:most])]
    return [FieldError(_name(item), item["msg"].removeprefix("Value error, ")[:MAX_MESSAGE]) for item in errors]


def _consequent(item: ErrorDetails, errors: Sequence[ErrorDetails]) -> bool:
    """Say whether a list only counts as too short because what is in it is wrong."""
    if item["type"] != "too_short":
        return False
    place = item["loc"]
    return any(len(other["loc"]) > len(place) and other["loc"][: len(place)] == place for other in errors)


def _name(item: ErrorDetails) -> str:
    *path, last = item["loc"] or ("",)
    # The branches of a union appear as names of classes; our fields are lower case.
    steps = [str(step) for step in path if not str(step)[:1].isupper()]
    if not str(last)[:1].isupper() or item["type"] == "extra_forbidden":
        steps.append(str(last))
    if item["type"] == UNKNOWN_KIND:
        steps.append("kind")
    error = item.get("ctx", {}).get("error")
    if isinstance(error, Misfit):
        steps.append(error.field)
    return ".".join(steps).strip(".")[:MAX_FIELD]
