"""Commands for campaigns: submit, wait, report, traces."""

import json
import sys
import tempfile
import webbrowser
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import RenderableType

from dasein.campaign_file import assignments, merged, read_campaign, sound
from dasein.commands.options import (
    FirmwareArgument,
    JobArgument,
    JsonOption,
    PriorityOption,
    TagOption,
    TimeoutOption,
    UrlOption,
    examples,
)
from dasein.commands.session import PROFILE, Session, job_line, session
from dasein.errors import ApiError
from dasein.report_forms import MEDIA_TYPES, ReportFormat
from dasein.report_view import ROWS, summary
from dasein.transport import fits_header


def _key(value: str | None) -> str | None:
    if value is not None and not fits_header(value):
        raise typer.BadParameter("give 1 to 255 visible ASCII characters")
    return value


def submit(
    firmware: FirmwareArgument,
    *,
    campaign: Annotated[
        Path,
        typer.Option(
            "--campaign", "-c", exists=True, dir_okay=False, help="How to measure: JSON or TOML, without the firmware."
        ),
    ],
    traces: Annotated[int | None, typer.Option(min=8, help="Number of executions.", show_default=False)] = None,
    noise: Annotated[
        float | None, typer.Option(min=0, help="Sigma of the noise, in the model's unit.", show_default=False)
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="The same seed gives the same result.", show_default=False)
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Power model: identity, hw, hd, hw+hd, elmo-like-linear.", show_default=False)
    ] = None,
    name: Annotated[str | None, typer.Option(help="What to call the campaign.", show_default=False)] = None,
    shards: Annotated[
        int | None,
        typer.Option(min=1, help="Into how many parts to cut; never changes the result.", show_default=False),
    ] = None,
    keep_traces: Annotated[
        bool | None, typer.Option("--keep-traces/--no-keep-traces", help="Keep the traces.", show_default=False)
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Any other field, such as power.sampling=cycle; repeatable."),
    ] = None,
    priority: PriorityOption = None,
    tags: TagOption = None,
    deadline: Annotated[
        float | None,
        typer.Option(min=0.001, metavar="SECONDS", help="Fail it if it has not ended then.", show_default=False),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            "--idempotency-key", callback=_key, help="The same key never makes a second job.", show_default=False
        ),
    ] = None,
    wait_for_it: Annotated[bool, typer.Option("--wait", "-w", help="Wait for the verdict.")] = False,
    timeout: TimeoutOption = None,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Upload a firmware and measure it.

    Ends with 0 when the job was accepted (with --wait: has succeeded), 1 when it failed, 2 on an error.
    """
    given: dict[str, Any] = {
        "name": name,
        "traces": traces,
        "seed": seed,
        "shards": shards,
        "keep_traces": keep_traces,
        "power": {key: value for key, value in {"model": model, "noise_sigma": noise}.items() if value is not None}
        or None,
    }
    with session(url, as_json=as_json) as here:
        description = merged(read_campaign(campaign), {key: value for key, value in given.items() if value is not None})
        description = sound(merged(description, assignments(changes or [])), where="the campaign with its changes")
        job = here.client.submit_campaign(
            firmware, description, priority=priority, tags=tags or [], deadline_s=deadline, idempotency_key=key
        )
        if wait_for_it:
            here.ended(here.follow(job, timeout_s=timeout))
            return
        here.answer(job.raw, job_line(job))
        here.note(f"Wait for it: dasein wait {job.id}")


def wait(
    job_id: JobArgument, timeout: TimeoutOption = None, url: UrlOption = None, as_json: JsonOption = False
) -> None:
    """Wait for a job, and show its progress.

    A campaign shows the verdict so far while it runs.

    Ends with 0 when the job has succeeded, 1 when it failed or was cancelled, 2 on an error.
    """
    with session(url, as_json=as_json) as here:
        here.ended(here.follow(here.client.job(job_id), timeout_s=timeout))


def report(
    job_id: JobArgument,
    *,
    form: Annotated[
        ReportFormat | None,
        typer.Option("--format", "-f", help="As the farm's file, instead of a summary.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", dir_okay=False, help="Write to a file.", show_default=False)
    ] = None,
    open_it: Annotated[bool, typer.Option("--open", help="Show the HTML page in the browser.")] = False,
    all_rows: Annotated[
        bool, typer.Option("--all", help=f"All findings in the summary, not the first {ROWS}.")
    ] = False,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read a report: a summary, or a file.

    With a file's form it is also read of a profiled attack and of a sequence of files.
    """
    form = _form(form, output, open_it=open_it, as_json=as_json)
    with session(url, as_json=as_json) as here:
        if form is None or (form == "json" and output is None):
            document = here.client.report(job_id)
            here.as_json = here.as_json or form == "json"
            here.answer(
                document, *([] if here.as_json else _spaced(summary(document, rows=None if all_rows else ROWS)))
            )
            return
        content = _content(here, job_id, form)
        if output is None and open_it:
            output = Path(tempfile.mkdtemp(prefix="dasein-")) / f"{job_id}.html"
        if output is None:
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()
            return
        _write(here, output, content, form)
        if open_it and not webbrowser.open(output.resolve().as_uri()):
            here.note(f"No browser here; open {output} in one.")


def traces(
    job_id: JobArgument,
    output: Annotated[Path, typer.Option("--output", "-o", dir_okay=False, help="Where to save them (NumPy .npy).")],
    part: Annotated[
        Literal["traces", "inputs", "groups"],
        typer.Option(help="The traces, or what each belongs to: its inputs, its group (set + 2 * half)."),
    ] = "traces",
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Save the traces of a campaign.

    It must have been submitted with --keep-traces. The file is NumPy's, float32, one row a trace.
    """
    with session(url, as_json=as_json) as here:
        path = here.client.traces(job_id, output, part=part)
        size = path.stat().st_size
        here.answer({"file": str(path), "bytes": size}, f"{path}: {size:,} bytes")


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command(
        epilog=examples(
            "dasein submit aes128.elf --campaign aes128.json --wait",
            "dasein submit aes128.elf -c aes128.json --traces 20000 --noise 2 --model hd",
            "dasein submit aes128.elf -c aes128.toml --set power.sampling=cycle --set assess_order=1",
        )
    )(submit)
    app.command(epilog=examples("dasein wait 0193f0e2-...", "dasein wait 0193f0e2-... --timeout 60 --json"))(wait)
    app.command(
        epilog=examples(
            "dasein report 0193f0e2-...",
            "dasein report 0193f0e2-... --open",
            "dasein report 0193f0e2-... -o report.html",
            "dasein report 0193f0e2-... --json | jq .verdict",
        )
    )(report)
    app.command(epilog=examples("dasein traces 0193f0e2-... -o traces.npy"))(traces)


def _form(form: ReportFormat | None, output: Path | None, *, open_it: bool, as_json: bool) -> ReportFormat | None:
    """Return the form that the options ask for together, None for the summary."""
    if open_it:
        if form not in {None, "html"} or as_json:
            raise typer.BadParameter("shows the HTML page; leave --format and --json out", param_hint="--open")
        return "html"
    if form is None and output is not None:
        named = next((known for known in MEDIA_TYPES if output.suffix == f".{known}"), None)
        if named is None:
            raise typer.BadParameter(
                "cannot tell the form from the file's name; say which with --format", param_hint="--output"
            )
        return named
    if output is None and as_json and form not in {None, "json"}:
        raise typer.BadParameter(f"with --json, write {form} to a file with --output", param_hint="--format")
    if output is None and form == "png" and sys.stdout.isatty():
        raise typer.BadParameter("a terminal shows no PNG; write it to a file with --output", param_hint="--format")
    return form


def _content(here: Session, job_id: str, form: ReportFormat) -> bytes:
    try:
        content = here.client.report(job_id, form)
    except ApiError as error:
        if error.code != "not-found":
            raise
        # Not a campaign, then: a profiled attack and a sequence of files have reports in the same forms.
        if here.client.job(job_id).kind == PROFILE:
            content = here.client.profiles.report(job_id, form)
        else:
            content = here.client.remforge.report(job_id, form)
    return content if isinstance(content, bytes) else json.dumps(content, indent=2).encode() + b"\n"


def _write(here: Session, output: Path, content: bytes, form: ReportFormat) -> None:
    output.write_bytes(content)
    told = {"file": str(output), "format": form, "bytes": len(content)}
    here.answer(told, f"{output}: {len(content):,} bytes")


def _spaced(items: Any) -> list[RenderableType]:
    spaced: list[RenderableType] = []
    for item in items:
        spaced += [item, ""]
    return spaced[:-1]
