"""The command that records a run with the 72-dimension recorder."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from dasein.campaign_file import assignments, merged, read_campaign, sound
from dasein.commands.capturing import captured, recorded
from dasein.commands.options import JsonOption, TimeoutOption, UrlOption, examples
from dasein.commands.session import session
from dasein.recording import SUFFIXES, nanoseconds

_INPUT = re.compile(r"([a-z][a-z0-9_]{0,31}):([0-9]{1,4})(?:@(.+))?")
_OF_BOTH = ("target", "power", "seed")
"""What a campaign's file says that a recording can use."""
_OF_POWER = ("model", "noise_sigma")


def _time(text: str, option: str) -> int:
    try:
        return nanoseconds(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from error


def record(
    firmware: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FIRMWARE]",
            exists=True,
            dir_okay=False,
            readable=True,
            help="An ELF for a Cortex-M core; none with --device.",
            show_default=False,
        ),
    ] = None,
    *,
    device: Annotated[
        str | None,
        typer.Option(
            help="Capture what a kernel's recorder says instead: its path on the worker that has it, such as "
            "/dev/monje_virtual.",
            show_default=False,
        ),
    ] = None,
    entry: Annotated[str | None, typer.Option(help="The function to call.", show_default=False)] = None,
    campaign: Annotated[
        Path | None,
        typer.Option(
            "--campaign",
            "-c",
            exists=True,
            dir_okay=False,
            help="Take target, power model and seed from a campaign's file.",
            show_default=False,
        ),
    ] = None,
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            metavar="NAME:BYTES[@SYMBOL]",
            help="A random input in the buffer at SYMBOL, else an argument; repeatable.",
        ),
    ] = None,
    core: Annotated[
        str | None,
        typer.Option(help="cortex-m0, -m3 or -m4; else what the firmware was built for.", show_default=False),
    ] = None,
    period: Annotated[
        str, typer.Option(help="Of one record, such as 50us or 1ms; in virtual time, but for --device.")
    ] = "50us",
    samples: Annotated[int, typer.Option(min=1, help="Records wanted.")] = 1000,
    probe: Annotated[Literal["ideal", "ina219"], typer.Option(help="What measures the energy.")] = "ideal",
    averaging: Annotated[
        int, typer.Option(help="Conversions that the INA219 averages, or periods: 1, 2, 4 to 128.")
    ] = 1,
    clock: Annotated[float | None, typer.Option(help="Of the core, in MHz.", show_default=False)] = None,
    rest: Annotated[str | None, typer.Option(help="Sleep between calls, such as 10us.", show_default=False)] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="The same seed gives the same records.", show_default=False)
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Any other field, such as cache.ways=2; repeatable."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            dir_okay=False,
            help="Save them: .parquet, .csv or .bin, as docs/recorder.md has it.",
            show_default=False,
        ),
    ] = None,
    timeout: TimeoutOption = None,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run a function again and again, and record 72 dimensions of it each period of virtual time.

    With --device: capture what the recorder in a worker's kernel says of its machine.
    """
    if out is not None and out.suffix not in SUFFIXES:
        raise typer.BadParameter(f"must end with one of {', '.join(SUFFIXES)}", param_hint="--out")
    if device is not None:
        of_simulations = {
            "FIRMWARE": firmware is None,
            "--entry": entry is None,
            "--campaign": campaign is None,
            "--input": not inputs,
            "--core": core is None,
            "--probe": probe == "ideal",
            "--averaging": averaging == 1,
            "--clock": clock is None,
            "--rest": rest is None,
            "--seed": seed is None,
        }
        for name, fits in of_simulations.items():
            if not fits:
                raise typer.BadParameter("a device is captured as it is: this is for firmware", param_hint=name)
        asked = {"device": device, "period_ns": _time(period, "--period"), "samples": samples}
        with session(url, as_json=as_json) as here:
            captured(here, merged(asked, assignments(changes or [])), out, timeout_s=timeout)
        return
    if firmware is None:
        raise typer.BadParameter("name an ELF, or with --device a recorder", param_hint="FIRMWARE")
    target = {
        "entry": entry,
        "core": core,
        **_inputs(inputs or []),
    }
    given: dict[str, Any] = {
        "target": {name: value for name, value in target.items() if value is not None},
        "period_ns": _time(period, "--period"),
        "samples": samples,
        "probe": {"kind": probe, "averaging": averaging},
        **({} if clock is None else {"clock_hz": round(clock * 1e6)}),
        **({} if rest is None else {"rest_ns": _time(rest, "--rest")}),
        **({} if seed is None else {"seed": seed}),
    }
    with session(url, as_json=as_json) as here:
        described = {} if campaign is None else _of_campaign(read_campaign(campaign))
        description = sound(merged(merged(described, given), assignments(changes or [])), where="the recording")
        if "entry" not in description["target"]:
            raise typer.BadParameter("name a function, or a campaign's file that does", param_hint="--entry")
        job = here.follow(here.client.recordings.submit(firmware, description), timeout_s=timeout)
        recorded(here, job, out, summary=_summary)


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command(
        epilog=examples(
            "dasein record aes128.elf --entry aes128_encrypt --input key:16@key --input plaintext:16@plaintext",
            "dasein record --device /dev/monje_virtual --period 50us --samples 100000 -o board.parquet",
            "dasein record aes128.elf -c aes128.json --period 50us --samples 1000 --probe ina219 -o run.parquet",
        )
    )(record)


def _inputs(given: list[str]) -> dict[str, Any]:
    """Return the inputs of a target, and the arguments for those that have no symbol."""
    if not given:
        return {}
    found = []
    for text in given:
        match = _INPUT.fullmatch(text)
        if match is None:
            raise typer.BadParameter(f"{text!r} is not NAME:BYTES[@SYMBOL]", param_hint="--input")
        name, length, symbol = match.groups()
        found.append({"name": name, "role": "other", "varies": "random", "length": int(length), "symbol": symbol})
    passed = [{"input": item["name"]} for item in found if item["symbol"] is None]
    return {"inputs": found, "arguments": passed}


def _of_campaign(description: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a campaign's description says how to record."""
    taken = {name: description[name] for name in _OF_BOTH if name in description}
    if "power" in taken:
        taken["power"] = {name: value for name, value in dict(taken["power"]).items() if name in _OF_POWER}
    if description.get("plan") == "fixed":
        taken["plan"] = "fixed"
    return taken


def _summary(result: Mapping[str, Any]) -> dict[str, str]:
    absent = [f"{name}: {why}" for name, why in result["absent"].items()]
    assumed = result["scale"]["assumed"]
    beyond, cut = result["probe_overflows"], result["calls_ended_by_budget"]
    return {
        "records": f"{result['records']:,}, {result['dropped']:,} dropped",
        "covers": f"{result['virtual_s'] * 1e3:,.3f} ms of virtual time, {result['calls']:,} calls of {result['entry']}",
        **({"out of range": f"{beyond:,} periods: the probe was at the end of its range"} if beyond else {}),
        **({"cut short": f"{cut:,} calls, by target.max_cycles"} if cut else {}),
        "ran": f"{result['instructions']:,} instructions in {result['cycles']:,} cycles",
        "missed": f"{result['l1d_misses']:,} lines of data, {result['branch_misses']:,} branches",
        "energy": f"{result['energy_uj']:,.3f} uJ, {result['temperature_c']:.3f} degC at the end",
        "scale": f"assumed: {', '.join(assumed)}" if assumed else "as requested",
        "not there": "; ".join(absent) or "nothing",
        "digest": result["digest"],
    }
