"""The OpenAPI document, where tests are made of it before there is a fixture."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.web.conftest import make_farm


@cache
def described() -> dict[str, Any]:
    """Return the document, as an application serves it."""
    with TemporaryDirectory() as folder:
        farm = make_farm(Path(folder))
        answer: dict[str, Any] = farm.client.get("/api/v2/openapi.json").get_json()
        farm.hub.stop()
    return answer
