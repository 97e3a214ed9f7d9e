"""The command that measures the same under several levels of noise."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import RenderableType

from dasein.answers import Progress, State, understood
from dasein.campaign_file import assignments, merged, read_campaign, sound
from dasein.commands.options import FirmwareArgument, JsonOption, TagOption, TimeoutOption, UrlOption, examples
from dasein.commands.session import FAILED, Session, session
from dasein.progress import watch
from dasein.shown import VERDICT_STYLES, styled, table
from dasein.sweep import Level, sweep, to_csv

LOUDEST = 1000


def sweep_noise(
    firmware: FirmwareArgument,
    *,
    campaign: Annotated[
        Path,
        typer.Option(
            "--campaign", "-c", exists=True, dir_okay=False, help="How to measure: JSON or TOML, as for submit."
        ),
    ],
    sigmas: Annotated[
        str, typer.Option("--sigma", metavar="S,S,...", help="Levels of noise, in the power model's unit.")
    ],
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Any other field, such as traces=100000; repeatable."),
    ] = None,
    tags: TagOption = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", dir_okay=False, help="Write the table: .csv or .json.", show_default=False),
    ] = None,
    timeout: TimeoutOption = None,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure the same under several levels of noise, as one batch: where a leak drowns, where a key is still found.

    Ends with 0 when all campaigns have succeeded, 1 when one has not, 2 on an error.
    """
    levels = _sigmas(sigmas)
    if output is not None and output.suffix not in {".csv", ".json"}:
        raise typer.BadParameter("cannot tell the form from the file's name: .csv or .json", param_hint="--output")
    with session(url, as_json=as_json) as here:
        description = sound(merged(read_campaign(campaign), assignments(changes or [])), where="the campaign")
        batch_id, found = _swept(here, firmware, description, levels, tags=tags or [], timeout_s=timeout)
        document = {"batch": batch_id, "levels": [level.document() for level in found]}
        if output is not None:
            output.write_bytes(
                to_csv(found).encode() if output.suffix == ".csv" else json.dumps(document, indent=2).encode() + b"\n"
            )
            here.note(f"{output} written")
        here.answer(document, _levels(found), *_errors(found))
        if any(level.state != State.SUCCEEDED.value for level in found):
            raise typer.Exit(FAILED)


def register(app: typer.Typer) -> None:
    """Add this command to `app`."""
    app.command(
        "sweep",
        epilog=examples(
            "dasein sweep aes128.elf -c aes128.json --sigma 0.5,1,2,4,8",
            "dasein sweep aes128.elf -c aes128.json --sigma 1,10 --set traces=20000 -o noise.csv",
        ),
    )(sweep_noise)


def _sigmas(text: str) -> list[float]:
    try:
        found = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise typer.BadParameter("give numbers with commas between them", param_hint="--sigma") from error
    if len(set(found)) != len(found) or not all(0 <= sigma <= LOUDEST for sigma in found):
        raise typer.BadParameter(f"give each level once, from 0 to {LOUDEST}", param_hint="--sigma")
    return found


def _swept(
    here: Session,
    firmware: Path,
    description: Mapping[str, Any],
    sigmas: Sequence[float],
    *,
    tags: Sequence[str],
    timeout_s: float | None,
) -> tuple[str, tuple[Level, ...]]:
    with watch(here.err, f"{len(sigmas)} levels of noise") as shown:

        def note(seen: Mapping[str, Any]) -> None:
            with understood("batch"):
                shown.progress(Progress(int(seen["progress"]["done"]), int(seen["progress"]["total"]), "campaigns"))

        return sweep(here.client, firmware, description, sigmas, tags=tags, on_change=note, timeout_s=timeout_s)


def _levels(levels: Sequence[Level]) -> RenderableType:
    shown = table(
        ("sigma", "verdict", "|t| order 1", "order 2", "findings", "key bytes", "traces to recover", "campaign"), ()
    )
    for one in levels:
        found = "" if one.key_bytes is None else f"{_or_unknown(one.key_bytes_recovered)} of {one.key_bytes}"
        shown.add_row(
            styled(f"{one.noise_sigma:g}"),
            styled(one.verdict or one.state, VERDICT_STYLES.get(one.verdict or "", "")),
            *(styled("" if value is None else f"{value:.1f}") for value in (one.max_abs_t1, one.max_abs_t2)),
            *(styled(value) for value in ("" if one.findings is None else one.findings, found)),
            styled("" if one.traces_to_recover is None else f"{one.traces_to_recover:,}"),
            styled(one.campaign),
        )
    return shown


def _errors(levels: Sequence[Level]) -> Iterator[RenderableType]:
    for one in levels:
        if one.error is not None:
            yield styled(f"sigma {one.noise_sigma:g}: {one.error}", "red")


def _or_unknown(value: int | None) -> str:
    return "?" if value is None else str(value)
