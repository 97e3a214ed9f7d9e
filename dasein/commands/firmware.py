"""Commands that look at firmware before it is measured: inspect, estimate, crosscheck."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import RenderableType

from dasein.answers import understood
from dasein.campaign_file import assignments, merged, read_campaign, sound
from dasein.commands.options import FirmwareArgument, JsonOption, TimeoutOption, UrlOption, examples
from dasein.commands.session import session
from dasein.shown import grid, seconds, styled, table


def inspect(
    firmware: FirmwareArgument,
    *,
    contains: Annotated[
        str | None, typer.Option(help="Only names that hold this, whatever the case.", show_default=False)
    ] = None,
    timeout: TimeoutOption = None,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """See what an ELF offers to a campaign: its core, functions to call, buffers to fill."""
    with session(url, as_json=as_json) as here:
        found = here.client.firmware.inspect(firmware, contains=contains, timeout_s=timeout)
        with understood("inspection"):
            shown = _offers(found)
        here.answer(found, *shown)


def estimate(
    firmware: FirmwareArgument,
    *,
    campaign: Annotated[
        Path,
        typer.Option(
            "--campaign", "-c", exists=True, dir_okay=False, help="How to measure: JSON or TOML, as for submit."
        ),
    ],
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Any other field, such as traces=100000; repeatable."),
    ] = None,
    timeout: TimeoutOption = None,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """See how long a campaign will take and how much it will store, before it is submitted: one worker tries it."""
    with session(url, as_json=as_json) as here:
        description = sound(merged(read_campaign(campaign), assignments(changes or [])), where="the campaign")
        told = here.client.firmware.estimate(firmware, description, timeout_s=timeout)
        with understood("estimate"):
            rows = {
                "takes": f"{seconds(told['seconds'])} with the {told['workers']} workers that are alive",
                "traces": f"{told['traces']:,}, {told['traces_per_s']:,.0f} a second per worker",
                "a trace": f"{told['instructions']:,} instructions, {told['samples']:,} samples",
                "stores": f"{told['stored_bytes']:,} bytes of traces",
            }
        here.answer(told, grid(rows))


def crosscheck(
    firmware: FirmwareArgument,
    *,
    campaign: Annotated[
        Path,
        typer.Option(
            "--campaign", "-c", exists=True, dir_okay=False, help="What to execute: JSON or TOML, as for submit."
        ),
    ],
    executions: Annotated[
        int | None, typer.Option("--executions", "-n", min=1, max=64, help="How many.", show_default="4")
    ] = None,
    platform: Annotated[
        str | None,
        typer.Option(help="Of Renode, such as stm32f4; default: the bare core.", show_default=False),
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Any other field, such as seed=2; repeatable."),
    ] = None,
    timeout: TimeoutOption = None,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Execute the same on the embedded simulator and on Renode; exit with 1 if they differ, and say where first."""
    with session(url, as_json=as_json) as here:
        description = sound(merged(read_campaign(campaign), assignments(changes or [])), where="the campaign")
        found = here.client.firmware.crosscheck(
            firmware, description, executions=executions, platform=platform, timeout_s=timeout
        )
        with understood("crosscheck"):
            shown, agree = _compared(found), bool(found["agree"])
        here.answer(found, *shown)
    if not agree:
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command(epilog=examples("dasein inspect aes128.elf", "dasein inspect aes128.elf --contains key --json"))(
        inspect
    )
    app.command(
        epilog=examples(
            "dasein crosscheck aes128.elf -c aes128.json",
            "dasein crosscheck app.elf -c app.json --platform stm32f4 -n 16",
        )
    )(crosscheck)
    app.command(epilog=examples("dasein estimate aes128.elf -c aes128.json --set traces=1000000"))(estimate)


def _offers(found: Mapping[str, Any]) -> list[RenderableType]:
    lines = "with source lines" if found["has_lines"] else "without source lines"
    shown: list[RenderableType] = [
        grid(
            {
                "core": f"{found['core'] or 'not known'} ({found['architecture'] or 'architecture not known'})",
                "code": f"{found['code_bytes']:,} bytes, {lines}",
            }
        )
    ]
    functions = [(f["name"], f"{f['address']:#010x}", str(f["size"]), _place(f)) for f in found["functions"]]
    objects = [
        (each["name"], f"{each['address']:#010x}", str(each["size"]), "" if each["writable"] else "read only")
        for each in found["objects"]
    ]
    shown.append(table(("function", "address", "bytes", ""), functions))
    shown.append(table(("object", "address", "bytes", ""), objects))
    if found["truncated"]:
        total = found["functions_total"] + found["objects_total"]
        shown.append(styled(f"There are {total:,} names in all; --contains finds the others.", "yellow"))
    return shown


def _place(function: Mapping[str, Any]) -> str:
    return f"{function['file']}:{function['line']}" if function["file"] else ""


def _compared(found: Mapping[str, Any]) -> list[RenderableType]:
    names = " and ".join(f"{engine['name']} {engine['version']}" for engine in found["engines"])
    head = {
        "compared": f"{names}, on {found['platform']}",
        "executions": f"{found['equal']} of {found['executions']} the same, {found['instructions']:,} instructions the first",
    }
    if found["refused"] is not None:
        return [grid(head), styled(found["refused"]["message"], "red")]
    rows = [
        (
            str(each["execution"]),
            each["kind"],
            f"{each['instruction']:,}",
            _side(each["embedded"]),
            _side(each["renode"]),
        )
        for each in found["differences"]
    ]
    if not rows:
        return [grid(head)]
    return [grid(head), table(("execution", "differs in", "instruction", "embedded", "renode"), rows)]


def _side(side: Mapping[str, Any]) -> str:
    """Return where an execution was, and what differs there."""
    if side["pc"] is None:
        return f"ended: {side['ended']}"
    line = f" {side['file']}:{side['line']}" if side.get("file") else ""
    more = ", ".join(f"{name} {side[name]}" for name in ("activity", "stop", "cycles", "output") if name in side)
    return f"{side['pc']:#010x} {side.get('text') or ''}{line} {more}".strip()
