"""Tools as this server offers them: arguments that are not known are refused, and errors say code, field and trace id."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar, cast

import anyio
from mcp.server.mcpserver.context import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase
from mcp_types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, ConfigDict, ValidationError

from dasein.errors import ApiError, DaseinError

Result = TypeVar("Result")

READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
ADDS = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False)
# What uploads is no mere reading, for hosts that let reading pass without a question.
ADDS_ONCE = ADDS.model_copy(update={"idempotent_hint": True})
DESTROYS = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False)


class Shown(BaseModel):
    """What a tool answers; of a farm's document that which has a name here."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class FarmTool(Tool):
    """A tool whose expected failures are results that a model can act on."""

    @classmethod
    def of(cls, function: Callable[..., Any], title: str, hints: ToolAnnotations) -> "FarmTool":
        """Make a tool of an async function, described by its docstring."""
        tool = cast("FarmTool", cls.from_function(function, title=title, annotations=hints))
        arguments = tool.fn_metadata.arg_model
        rules = {"model_config": ConfigDict(extra="forbid"), "__module__": __name__}
        strict = cast("type[ArgModelBase]", type(arguments.__name__, (arguments,), rules))
        tool.fn_metadata.arg_model = strict
        tool.parameters = strict.model_json_schema(by_alias=True)
        return tool

    async def run(self, arguments: dict[str, Any], context: Context[Any, Any], convert_result: bool = False) -> Any:
        """Run the tool; what a farm refuses, or is not there to answer, becomes an error with a document."""
        try:
            return await super().run(arguments, context, convert_result)
        except ToolError as error:
            if (problem := problem_of(error.__cause__)) is None:
                raise
            text = TextContent(type="text", text=told(problem))
            return CallToolResult(content=[text], structured_content={"error": dict(problem)}, is_error=True)


def problem_of(error: BaseException | None) -> Mapping[str, Any] | None:
    """Return what is known of an expected failure, as the API would say it; None for a bug."""
    if isinstance(error, DaseinError):
        hint = error.hint if isinstance(error, ApiError) else None
        retry_after_s = error.retry_after_s if isinstance(error, ApiError) else None
        more = {"hint": hint, "retry_after_s": retry_after_s}
        return error.document() | {name: value for name, value in more.items() if value is not None}
    if isinstance(error, ValidationError):
        # Not the values: they are the caller's own, and may be long.
        errors = [
            {"field": ".".join(str(part) for part in each["loc"]), "message": each["msg"]} for each in error.errors()
        ]
        message = "; ".join(f"{each['field']}: {each['message']}" for each in errors)
        return {"code": "invalid-input", "message": message, "field": errors[0]["field"], "errors": errors}
    return None


def told(problem: Mapping[str, Any]) -> str:
    """Return a failure in a few lines, for models that read text alone."""
    lines = [str(problem["message"])]
    lines += [f"{name}: {problem[name]}" for name in ("code", "field", "hint", "trace_id") if problem.get(name)]
    return "\n".join(lines)


async def aside(function: Callable[..., Result], *arguments: Any, **how: Any) -> Result:
    """Call what waits for the network in a thread; one that is cancelled is left to end by itself."""
    return await anyio.to_thread.run_sync(partial(function, *arguments, **how), abandon_on_cancel=True)
