"""How a campaign is described, as the farm's API says it: the limits and units of the tool are those of the API."""

import json
from importlib.resources import files
from typing import Any

from dasein.mcp.tool import FarmTool

NAME = "Campaign"


def describe(tool: FarmTool, argument: str) -> None:
    """Have a tool say that an argument is a campaign without its firmware; whether it is one the farm decides."""
    schema: dict[str, Any] = json.loads(files("dasein.mcp").joinpath("campaign.schema.json").read_text("utf-8"))
    definitions = schema.pop("$defs")
    tool.parameters["$defs"] = {**tool.parameters.get("$defs", {}), **definitions, NAME: schema}
    tool.parameters["properties"][argument] = {"$ref": f"#/$defs/{NAME}"}
