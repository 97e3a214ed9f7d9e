"""Commands that look at firmware before it is measured: inspect, estimate."""

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


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command(epilog=examples("dasein inspect aes128.elf", "dasein inspect aes128.elf --contains key --json"))(
        inspect
    )
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
