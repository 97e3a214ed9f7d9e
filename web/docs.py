"""The documentation that clients and people read: OpenAPI, and a page made from it that needs nothing else."""

import base64
import json
import shlex
from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import sha256
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from web.openapi import document
from web.routing import PREFIX, Operation

GENERAL = (
    (404, "not-found", "There is no such thing, or no such path."),
    (404, "page-not-built", "The page for people was not built into this installation: `make ui` does it."),
    (405, "method-not-allowed", "The path does not serve this method; `Allow` names those that it does."),
    (416, "requested-range-not-satisfiable", "The range lies beyond the end."),
    (500, "internal", "The fault is ours and has been logged."),
)
METHODS = ("get", "post", "patch", "delete", "head")


def docs(operations: Sequence[Operation], *, version: str) -> Blueprint:
    """Serve `/api/v2/openapi.json` and `/api/docs`; both are made when they are first asked for."""
    blueprint = Blueprint("docs", __name__, template_folder="templates")
    blueprint.add_app_template_filter(_marked, "marked")

    @cache
    def described() -> tuple[dict[str, Any], str]:
        made = document(operations, version=version)
        return made, json.dumps(made)

    @blueprint.get(f"{PREFIX}/openapi.json")
    def openapi() -> ResponseReturnValue:
        _, text = described()
        response = Response(text, mimetype="application/json", headers={"Cache-Control": "no-cache"})
        response.set_etag(sha256(text.encode()).hexdigest())
        return response.make_conditional(request)

    @blueprint.get("/api/docs")
    def page() -> Response:
        made, _ = described()
        style = render_template("docs.css")
        html = render_template(
            "docs.html",
            info=made["info"],
            style=style,
            tags=[(item["name"], list(_calls(made, item["name"]))) for item in made["tags"]],
            schemas={name: json.dumps(schema, indent=2) for name, schema in made["components"]["schemas"].items()},
            problems=sorted(
                {code: (status, code, text) for status, code, text in (*_problems(made), *GENERAL)}.values()
            ),
        )
        digest = base64.b64encode(sha256(style.encode()).digest()).decode()
        policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; frame-ancestors 'none'"
        return Response(html, mimetype="text/html", headers={"Content-Security-Policy": policy})

    return blueprint


def _marked(text: str) -> Markup:
    """Return text as HTML in which what stood between backticks is code."""
    pieces = (
        Markup("<code>{}</code>").format(piece) if at % 2 else escape(piece) for at, piece in enumerate(text.split("`"))
    )
    return Markup("").join(pieces)


def _problems(described: dict[str, Any]) -> Iterator[tuple[int, str, str]]:
    """Yield status, code and meaning of the problems that calls name."""
    for example in described["components"]["examples"].values():
        yield example["value"]["status"], example["value"]["code"], example["value"]["detail"]


def _calls(described: dict[str, Any], tag: str) -> Iterator[dict[str, Any]]:
    for path, methods in described["paths"].items():
        for method in METHODS:
            if method in methods and tag in methods[method]["tags"]:
                operation = methods[method]
                yield operation | {
                    "method": method.upper(),
                    "path": path,
                    "curl": _curl(method, path, operation),
                    "example": _example(operation),
                    "schema": _schema(operation),
                }


def _body(operation: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = operation.get("requestBody", {}).get("content", {})
    return content.get("application/json", {})  # type: ignore[no-any-return]  # a document is JSON


def _example(operation: dict[str, Any]) -> str | None:
    example = _body(operation).get("example")
    return None if example is None else json.dumps(example, indent=2)


def _schema(operation: dict[str, Any]) -> str | None:
    reference = _body(operation).get("schema", {}).get("$ref")
    return None if reference is None else str(reference).rsplit("/", 1)[1]


def _curl(method: str, path: str, operation: dict[str, Any]) -> str:
    """Return a command that makes the call."""
    for parameter in operation["parameters"]:
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", str(parameter["example"]))
    words = ["curl", "-sS"]
    words += {"get": [], "head": ["-I"]}.get(method, ["-X", method.upper()])
    if "example" in _body(operation):
        words += ["--json", json.dumps(_body(operation)["example"])]
    elif "requestBody" in operation:
        words += ["-H", "Content-Type: application/octet-stream", "--data-binary", "@firmware.elf"]
    if path.endswith("/events"):
        words.append("-N")
    # Of a farm without keys the variable is empty, and curl then sends no such header.
    key = ' -H "X-API-Key: $DASEIN_API_KEY"' if "security" in operation else ""
    return f"{shlex.join(words)}{key} {shlex.quote(f'http://127.0.0.1:8080{path}')}"
