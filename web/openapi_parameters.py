"""Parameters of paths, queries and headers, as the OpenAPI document has them."""

import re
from collections.abc import Iterator
from typing import Any

from web.routing import CONVERTERS, Operation

REFERENCE = "#/components/schemas/{model}"
PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
PATH_EXAMPLES = {
    "prefix": "k3x9qa7d",
    "tenant_id": "acme",
    "instruction_id": "5e5e5e5e5e5e:08000123",
    "thing_id": "5e5e5e5e5e5e:08000123",
    "batch": "document:lab-notes",
    "name": "simulation",
    "batch_id": "0193b1f0-5a1c-7c3e-9d2f-2b1a4c5d6e7f",
    "rem_id": f"rem:{'5e' * 16}",
    "session": "0193b1f0-5a1c-7c3e-9d2f-2b1a4c5d6e7f",
    "artifact_id": f"sha256:{'5e' * 32}",
    "job_id": "0193b1f0-5a1c-7c3e-9d2f-2b1a4c5d6e7f",
    "recording_id": "0193b1f0-5a1c-7c3e-9d2f-2b1a4c5d6e7f",
    "campaign_id": "0193b1f0-5a1c-7c3e-9d2f-2b1a4c5d6e7f",
}
PATTERNS = {"artifact_id": "sha256:[0-9a-f]{64}"}
"""Of parameters that the path does not restrict; what does not match is not there."""


def template(operation: Operation) -> str:
    """Return the path of an operation with its parameters in braces."""
    return operation.prefix + PARAMETER.sub(r"{\2}", operation.path)


def parameters(operation: Operation) -> Iterator[dict[str, Any]]:
    """Yield what an operation can be told beside its body."""
    for converter, name in PARAMETER.findall(operation.path):
        pattern = CONVERTERS[converter].regex if converter else PATTERNS[name]
        text = {"type": "string", "pattern": f"^{pattern}$"}
        yield {"name": name, "in": "path", "required": True, "schema": text, "example": PATH_EXAMPLES[name]}
    if operation.query is not None:
        schema = operation.query.model_json_schema(ref_template=REFERENCE)
        definitions = schema.get("$defs", {})
        for name, part in schema["properties"].items():
            yield _query(name, part, definitions, required=name in schema.get("required", ()))
    for header in operation.headers:
        yield {
            "name": header.name,
            "in": "header",
            "description": header.description,
            "schema": {"type": "string"} | ({} if header.pattern is None else {"pattern": header.pattern}),
            "example": header.example,
        }


def _query(name: str, part: dict[str, Any], definitions: dict[str, Any], *, required: bool) -> dict[str, Any]:
    """Describe a query parameter: there is no null in a query, so an optional one is one that may be left out."""
    branches = [branch for branch in part.get("anyOf", [part]) if branch.get("type") != "null"]
    kept = {
        key: value for key, value in part.items() if key not in {"anyOf", "title", "description"} and value is not None
    }
    inner = branches[0]
    if "$ref" in inner:
        inner = definitions[inner["$ref"].rsplit("/", 1)[1]]
    merged = kept | inner
    schema = {key: value for key, value in merged.items() if key not in {"title", "description", "$ref"}}
    described = {"name": name, "in": "query", "required": required, "schema": schema}
    return described | ({"description": part["description"]} if "description" in part else {})
