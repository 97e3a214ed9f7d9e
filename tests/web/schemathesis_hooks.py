"""What schemathesis checks besides: a refusal is a problem that the document names for its status, and says what is wrong."""

import os
import re
from http import HTTPStatus
from typing import Any

import schemathesis

GENERAL = {"not-found", "method-not-allowed", "request-uri-too-long", "requested-range-not-satisfiable"}
"""Problems of paths, methods, lengths and ranges, which the document tells once for all calls."""
PROBLEM = "application/problem+json"

ARTIFACT = os.environ.get("DASEIN_FUZZ_ARTIFACT", "")
"""Bytes that are there: a digest that is drawn never is one of them."""
ID = re.compile(r"sha256:[0-9a-f]{64}")


@schemathesis.hook
def map_body(_context: Any, body: Any) -> Any:
    """Let requests name bytes that are there."""
    if isinstance(body, dict):
        return {name: map_body(_context, value) for name, value in body.items()}
    if isinstance(body, list):
        return [map_body(_context, item) for item in body]
    return ARTIFACT if isinstance(body, str) and ID.fullmatch(body) and ARTIFACT else body


@schemathesis.check
def refusals_are_named(_context: Any, response: Any, case: Any) -> None:
    """Fail for a problem whose code the operation does not name, or whose fields nobody can find."""
    if response.status_code < HTTPStatus.BAD_REQUEST or case.method == "HEAD" or not response.content:
        return
    problem = response.json()
    if problem["code"] not in GENERAL:
        described = case.operation.definition.raw["responses"].get(str(response.status_code), {})
        examples = described.get("content", {}).get(PROBLEM, {}).get("examples", {})
        assert problem["code"] in examples, f"{problem['code']} is not among {sorted(examples)}"
    if response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
        assert problem["errors"], "no field is named"
        assert all(error["message"] for error in problem["errors"]), "a field is named without a reason"
