"""Commands for many jobs in one call."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import RenderableType

from dasein.answers import Progress, State, understood
from dasein.batches import LARGEST, has_ended
from dasein.commands.farm_command import Commands
from dasein.commands.options import JsonOption, TimeoutOption, UrlOption, examples
from dasein.commands.session import FAILED, Session, session
from dasein.progress import watch
from dasein.shown import styled, table

ROWS = 20
BatchArgument = Annotated[str, typer.Argument(metavar="BATCH", help="Its id.")]

batch = Commands(help="Submit up to 1,000 jobs in one call; follow all of them.", no_args_is_help=True)


@batch.command(
    epilog=examples("dasein batch submit jobs.jsonl --wait", "generate-jobs | dasein batch submit - --json | jq .jobs")
)
def submit(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="Jobs as JSON, one a line or in one list, as POST /api/v2/jobs takes them; - is standard input.",
        ),
    ],
    *,
    wait: Annotated[bool, typer.Option("--wait", "-w", help="Wait until all have ended.")] = False,
    timeout: TimeoutOption = None,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Submit jobs: all of them, or none.

    Ends with 0 when they were accepted (with --wait: have all succeeded), 1 when one failed, 2 on an error.
    """
    jobs = _jobs(file)
    with session(url, as_json=as_json) as here:
        made = here.client.batches.submit(jobs)
        if wait:
            _ended(here, _followed(here, made, timeout))
            return
        here.answer(made, *_shown(made))
        here.note(f"Wait for all of them: dasein batch show {made['id']} --wait")


@batch.command(epilog=examples("dasein batch show 0193f0e2-...", "dasein batch show 0193f0e2-... --wait --timeout 600"))
def show(
    batch_id: BatchArgument,
    *,
    wait: Annotated[bool, typer.Option("--wait", "-w", help="Wait until all have ended.")] = False,
    timeout: TimeoutOption = None,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look at a batch, and which of its jobs failed.

    With --wait it ends with 0 when all have succeeded, 1 when one has not, 2 on an error.
    """
    with session(url, as_json=as_json) as here:
        found = here.client.batches.show(batch_id)
        if wait:
            _ended(here, _followed(here, found, timeout))
            return
        here.answer(found, *_shown(found))


@batch.command(epilog=examples("dasein batch cancel 0193f0e2-..."))
def cancel(batch_id: BatchArgument, url: UrlOption = None, as_json: JsonOption = False) -> None:
    """Cancel every job of a batch that has not ended."""
    with session(url, as_json=as_json) as here:
        cancelled = here.client.batches.cancel(batch_id)
        here.answer(cancelled, *_shown(cancelled))


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(batch, name="batch")


def _jobs(file: Path) -> list[dict[str, Any]]:
    """Return the jobs in a file: a list, an object with `jobs`, or one a line."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        try:
            said = json.loads(text)
        except ValueError:
            said = [json.loads(line) for line in text.split("\n") if line.strip()]
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"{file} holds no jobs as JSON: {error}", param_hint="FILE") from error
    jobs = said.get("jobs", [said]) if isinstance(said, dict) else said
    if not isinstance(jobs, list) or not all(isinstance(job, dict) for job in jobs):
        raise typer.BadParameter(f"{file} holds no list of jobs", param_hint="FILE")
    if not 1 <= len(jobs) <= LARGEST:
        raise typer.BadParameter(f"{len(jobs):,} jobs are not 1 to {LARGEST:,}", param_hint="FILE")
    return jobs


def _followed(here: Session, made: Mapping[str, Any], timeout_s: float | None) -> dict[str, Any]:
    with watch(here.err, f"batch {str(made['id'])[:8]}") as shown:

        def note(seen: Mapping[str, Any]) -> None:
            with understood("batch"):
                shown.progress(Progress(int(seen["progress"]["done"]), int(seen["progress"]["total"]), "jobs"))

        return here.client.batches.wait(made["id"], on_change=note, timeout_s=timeout_s)


def _ended(here: Session, ended: Mapping[str, Any]) -> None:
    here.answer(ended, *_shown(ended))
    with understood("batch"):
        well = ended["states"].get(State.SUCCEEDED.value, 0)
        if not has_ended(ended) or well != len(ended["jobs"]):
            raise typer.Exit(FAILED)


def _shown(said: Mapping[str, Any]) -> list[RenderableType]:
    with understood("batch"):
        states = ", ".join(f"{count:,} {state}" for state, count in said["states"].items() if count)
        bad = [member for member in said["members"] if member["state"] in {"failed", "cancelled"}]
        rows = [(member["id"], member["kind"] or "", member["state"], member["code"] or "") for member in bad[:ROWS]]
        shown: list[RenderableType] = [styled(f"Batch {said['id']} {said['state']}: {states}")]
    if rows:
        shown.append(table(("job", "kind", "state", "code"), rows))
    if len(bad) > len(rows):
        shown.append(styled(f"and {len(bad) - len(rows):,} more: --json shows all", "dim"))
    return shown
