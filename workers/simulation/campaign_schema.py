"""Write how a campaign is described, for the client's tools: `python -m workers.simulation.campaign_schema`."""

import json
from pathlib import Path

from jobs.payloads import CampaignRequest

PUBLISHED = Path(__file__).resolve().parents[2] / "dasein" / "mcp" / "campaign.schema.json"


def schema() -> str:
    """Return the JSON Schema of a campaign without its firmware, which comes apart, as text."""
    described = CampaignRequest.model_json_schema()
    del described["properties"]["firmware"]
    described["required"].remove("firmware")
    return json.dumps(described, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the schema to where it is published."""
    PUBLISHED.write_text(schema(), encoding="utf-8")


if __name__ == "__main__":
    main()
