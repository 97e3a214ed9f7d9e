"""Write the OpenAPI document into `docs/openapi.json`, so that clients can be made without a server: `make schema`."""

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from web.routing import PREFIX

PATH = Path(__file__).parents[1] / "docs" / "openapi.json"


def text(document: dict[str, Any]) -> str:
    """Return a document as the file has it; the version of the program is not part of it."""
    return json.dumps(document | {"info": document["info"] | {"version": "2"}}, indent=1) + "\n"


def main() -> int:
    """Ask an application for its document, and write it."""
    with tempfile.TemporaryDirectory() as folder:
        # Nothing is kept, and no store is asked: the document is made of the routes alone.
        os.environ["DASEIN_DATA_DIR"] = folder
        from web.wiring import wired  # noqa: PLC0415  # after its settings

        answer = wired().test_client().get(f"{PREFIX}/openapi.json")
    PATH.write_text(text(answer.get_json()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
