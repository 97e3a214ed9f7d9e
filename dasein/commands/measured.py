"""Commands for measured traces: import, calibrate, export."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import RenderableType

from dasein.answers import understood
from dasein.campaign_file import assignments, merged, read_campaign, sound
from dasein.commands.options import JobArgument, JsonOption, TimeoutOption, UrlOption, examples
from dasein.commands.session import job_line, session
from dasein.shown import grid, table

SHOWN = 20


def import_(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, readable=True, help="NumPy, ChipWhisperer (.cwp), HDF5, ETS, CSV or Parquet."
        ),
    ],
    *,
    description: Annotated[
        Path | None,
        typer.Option(
            "--description",
            "-d",
            exists=True,
            dir_okay=False,
            help="What is in the file: JSON or TOML.",
            show_default=False,
        ),
    ] = None,
    firmware: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="The ELF that ran, so that samples belong to instructions; the description holds target and clock.",
            show_default=False,
        ),
    ] = None,
    key: Annotated[str | None, typer.Option(help="The key in hexadecimal digits.", show_default=False)] = None,
    attack: Annotated[
        str | None,
        typer.Option(
            help="The intermediate to attack by, such as aes256-last-round, or none; fields beside it by --set cpa.mask=...",
            show_default=False,
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="What to call the campaign.", show_default=False)] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="Any other field, such as values.plaintext=texts; repeatable."
        ),
    ] = None,
    wait_for_it: Annotated[bool, typer.Option("--wait", "-w", help="Wait for the verdict.")] = False,
    timeout: TimeoutOption = None,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Upload measured traces, and have them judged like simulated ones.

    Ends with 0 when the job was accepted (with --wait: has succeeded), 1 when it failed, 2 on an error.
    """
    given: dict[str, Any] = {field: value for field, value in {"key": key, "name": name}.items() if value is not None}
    if attack is not None:
        given["cpa"] = None if attack == "none" else {"intermediate": attack}
    with session(url, as_json=as_json) as here:
        wanted = merged(read_campaign(description) if description is not None else {}, given)
        wanted = sound(merged(wanted, assignments(changes or [])), where="the description with its changes")
        job = here.client.measured.take_in(file, wanted, firmware=firmware)
        if wait_for_it:
            here.ended(here.follow(job, timeout_s=timeout))
            return
        here.answer(job.raw, job_line(job))
        here.note(f"Wait for it: dasein wait {job.id}")


def calibrate(
    job_id: JobArgument,
    *,
    name: Annotated[str | None, typer.Option(help="What to call the fitted model.", show_default=False)] = None,
    traces: Annotated[int | None, typer.Option(min=64, help="Traces to use at most.", show_default=False)] = None,
    compare: Annotated[
        str | None, typer.Option(help="Judge this power model instead of the fitted one.", show_default=False)
    ] = None,
    timeout: TimeoutOption = None,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fit a power model to imported traces, and see how far simulated ones are from them.

    The import needs firmware, target and clock. Submit with --model and the model's id to use it.
    """
    given = {"name": name, "traces": traces, "compare": compare}
    with session(url, as_json=as_json) as here:
        job = here.client.measured.calibrate(
            job_id, **{field: value for field, value in given.items() if value is not None}
        )
        ended = here.follow(job, timeout_s=timeout)
        if ended.state != "succeeded":
            here.ended(ended)
            return
        found = here.client.measured.calibration(job.id)
        with understood("calibration"):
            shown = _calibration(found)
        here.answer(found, *shown)


def export(
    job_id: JobArgument,
    output: Annotated[Path, typer.Option("--output", "-o", dir_okay=False, help="Where to save them.")],
    form: Annotated[
        Literal["npz", "hdf5", "ets", "parquet"] | None,
        typer.Option("--format", "-f", help="By default told from the file's name.", show_default=False),
    ] = None,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Save the traces of a campaign, with what belongs to each, for another tool.

    hdf5 is what lascar reads, ets what scared reads. The campaign must have kept its traces, or was imported.
    """
    endings: Mapping[str, Literal["npz", "hdf5", "ets", "parquet"]] = {
        ".npz": "npz",
        ".h5": "hdf5",
        ".hdf5": "hdf5",
        ".ets": "ets",
        ".parquet": "parquet",
    }
    chosen = form or endings.get(output.suffix)
    if chosen is None:
        raise typer.BadParameter(
            "cannot tell the form from the file's name; say which with --format", param_hint="--output"
        )
    with session(url, as_json=as_json) as here:
        path = here.client.measured.export(job_id, output, chosen)
        size = path.stat().st_size
        here.answer({"file": str(path), "format": chosen, "bytes": size}, f"{path}: {size:,} bytes")


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command(
        "import",
        epilog=examples(
            "dasein import capture.npz --wait",
            "dasein import project.cwp --key 2b7e151628aed2a6abf7158809cf4f3c --wait",
            "dasein import capture.h5 --attack aes256-last-round --wait",
            "dasein import traces.h5 --set values.plaintext=texts --firmware aes128.elf -d bench.toml",
        ),
    )(import_)
    app.command(epilog=examples("dasein calibrate 0193f0e2-... --name bench-m4"))(calibrate)
    app.command(epilog=examples("dasein export 0193f0e2-... -o traces.ets", "dasein export 0193f0e2-... -o traces.h5"))(
        export
    )


def _calibration(found: Mapping[str, Any]) -> list[RenderableType]:
    verdict = found["verdict"]
    shown: list[RenderableType] = [
        grid(
            {
                "verdict": f"{verdict['calibration']}: {verdict['why']}",
                "model": f"{found['model']['name']}, {found['model']['artifact'] or 'one of the farm'}",
                "traces": f"{found['traces']:,}, {found['instructions_total']:,} instructions",
                "noise": f"{found['noise_sigma']:.4g} {found['unit']}",
            }
            # Calibrations of before it was told do not say it.
            | ({"correlations": found["rho_of"] or f"not compared: {found['rho_absent']}"} if "rho_of" in found else {})
        )
    ]
    fitted = [
        (
            each["kind"],
            f"{each['instructions']:,}",
            _number(each["r2"]),
            "" if each["absent"] is None else each["absent"],
        )
        for each in found["classes"]
    ]
    shown.append(table(("class", "instructions", "R2, held out", ""), fitted))
    shown.append(table(("instruction", "rho", "simulated", "p", "simulated", "agrees"), _rows(found["rows"])))
    return shown


def _rows(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """Return the instructions that agree least, first."""
    worst = sorted(rows, key=lambda row: -(row["rho_difference"] or 0.0))[:SHOWN]
    words = {True: "yes", False: "no", None: "not told"}
    return [
        (
            f"{row['place']['address']:#010x} {row['place']['mnemonic']} {row['place']['operands']}",
            *(_number(row[name]) for name in ("rho_measured", "rho_simulated", "p_measured", "p_simulated")),
            words[row["agrees"]],
        )
        for row in worst
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"
