"""Resources: reports, instructions and records of files, by the ids that answers name."""

import json
from collections.abc import Callable
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError

from dasein.client import Client
from dasein.errors import ApiError, DaseinError
from dasein.mcp.clipping import clipped
from dasein.mcp.report_sections import section_of
from dasein.mcp.tool import aside, problem_of, told

NOT_FOUND = 404
JSON = "application/json"


def add_resources(server: MCPServer, farm: Client) -> None:
    """Have a server offer what can be read of a farm."""

    def summary(campaign: str) -> dict[str, Any]:
        content, _ = section_of(farm.report(campaign), "summary", offset=0, limit=1)
        return {"campaign": campaign, **content}

    @server.resource(
        "dasein://campaigns/{campaign}/report",
        title="Report of a campaign",
        description="The verdict and what it rests on; the tool read_report has the sections.",
        mime_type=JSON,
    )
    async def report(campaign: str) -> str:
        return await _read(summary, campaign)

    @server.resource(
        "dasein://instructions/{instruction}",
        title="Instruction",
        description="What is known of an instruction: its place, and what was measured at it.",
        mime_type=JSON,
    )
    async def instruction(instruction: str) -> str:
        return await _read(farm.knowledge.instruction, instruction)

    @server.resource(
        "dasein://records/{record}",
        title="Record of a file",
        description="What is said, seen and heard in a file, every figure with its method.",
        mime_type=JSON,
    )
    async def record(record: str) -> str:
        return await _read(farm.remforge.record, record)


async def _read(read: Callable[[str], dict[str, Any]], name: str) -> str:
    """Return a document as text, cut to a size that can be read; raise ResourceError with the problem's words."""
    try:
        found, was_clipped = clipped(await aside(read, name))
    except ApiError as error:
        refusal = ResourceNotFoundError if error.status == NOT_FOUND else ResourceError
        raise refusal(told(problem_of(error) or {})) from error
    except DaseinError as error:
        raise ResourceError(told(problem_of(error) or {})) from error
    return json.dumps(found | {"clipped": was_clipped}, indent=1)
