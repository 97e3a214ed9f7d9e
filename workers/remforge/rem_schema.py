"""Write the JSON Schemas of records and of sequences' reports: `python -m workers.remforge.rem_schema [FOLDER]`."""

import json
import sys
from pathlib import Path

from pydantic import BaseModel

from jobs.rem import Rem
from jobs.rem_sequence import SequenceReport

PUBLISHED = Path(__file__).resolve().parents[2] / "docs"
SCHEMAS: dict[str, tuple[str, type[BaseModel]]] = {
    "rem.schema.json": ("urn:dasein:rem:1", Rem),
    "rem-sequence.schema.json": ("urn:dasein:rem-sequence:1", SequenceReport),
}


def schema(name: str) -> str:
    """Return a JSON Schema (draft 2020-12), as text. What it cannot say, `workers.remforge.validate` checks."""
    urn, model = SCHEMAS[name]
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": urn}
    return json.dumps(head | model.model_json_schema(mode="serialization"), indent=2, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> None:
    """Write the schemas into the folder named, or to where they are published."""
    folder = Path(arguments[0]) if arguments else PUBLISHED
    for name in SCHEMAS:
        (folder / name).write_text(schema(name), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
