"""Write the report's JSON Schema: `python -m workers.simulation.report_schema [FILE]`."""

import json
import sys
from pathlib import Path

from jobs.report import Report

PUBLISHED = Path(__file__).resolve().parents[2] / "docs" / "report.schema.json"


def schema() -> str:
    """Return the JSON Schema (draft 2020-12) of what `report.json` holds, as text."""
    described = Report.model_json_schema(mode="serialization")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:dasein:report:1"}
    return json.dumps(head | described, indent=2, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> None:
    """Write the schema to the file named, or to where it is published."""
    target = Path(arguments[0]) if arguments else PUBLISHED
    target.write_text(schema(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
