"""Commands for jobs of any kind: list, look, cancel, retry, ping, dead letters."""

import time
from collections.abc import Sequence
from itertools import islice
from typing import Annotated

import typer
from rich.table import Table

from dasein.answers import DeadLetter, Job, State
from dasein.commands.farm_command import Commands, signed_in
from dasein.commands.options import JobArgument, JsonOption, UrlOption, examples
from dasein.commands.session import FAILED, job_line, session
from dasein.shown import STATE_STYLES, grid, moment, seconds, styled

PING_S = 30.0


def jobs(
    *,
    state: Annotated[State | None, typer.Option(help="Only jobs in this state.", show_default=False)] = None,
    kind: Annotated[
        str | None, typer.Option(help="Only jobs of this kind: campaign, query, ingest, ...", show_default=False)
    ] = None,
    tag: Annotated[str | None, typer.Option(help="Only jobs with this tag.", show_default=False)] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many.")] = 20,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """List jobs, newest first."""
    with session(url, as_json=as_json) as here:
        found = list(islice(here.client.jobs(kind=kind, state=state, tag=tag, page=min(limit, 100)), limit))
        here.answer({"jobs": [job.raw for job in found]}, _jobs(found) if found else "No jobs.")


def job(job_id: JobArgument, url: UrlOption = None, as_json: JsonOption = False) -> None:
    """Look at a job."""
    with session(url, as_json=as_json) as here:
        found = here.client.job(job_id)
        rows = {
            "kind": found.kind,
            "progress": _progress(found),
            "submitted": moment(found.submitted_at),
            "queued for": seconds(found.queued_s),
            "ran for": seconds(found.ran_s),
            "attempts": found.attempts or None,
            "worker": found.worker,
            "tags": ", ".join(found.tags),
            "retry of": found.retry_of,
            "verdict": (found.result or {}).get("headline"),
        }
        here.answer(found.raw, job_line(found), grid(rows))


def cancel(job_id: JobArgument, url: UrlOption = None, as_json: JsonOption = False) -> None:
    """Cancel a job.

    A queued one never runs, a running one stops within seconds, one that has ended stays as it is.
    """
    with session(url, as_json=as_json) as here:
        cancelled = here.client.cancel(job_id)
        here.answer(cancelled.raw, job_line(cancelled))


def retry(job_id: JobArgument, url: UrlOption = None, as_json: JsonOption = False) -> None:
    """Run a failed or cancelled job again."""
    with session(url, as_json=as_json) as here:
        again = here.client.retry(job_id)
        here.answer(again.raw, job_line(again))


def ping(
    timeout: Annotated[float, typer.Option("--timeout", metavar="SECONDS", min=0.001, help="Wait no longer.")] = PING_S,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """See whether the farm works, and how fast.

    Sends a job that does nothing all the way to a worker and back.

    Ends with 0 when it came back, 1 when it failed, 2 when there is no farm or no worker took it in time.
    """
    with session(url, as_json=as_json) as here:
        began = time.perf_counter()
        sent = here.client.submit("ping", {})
        ended = here.client.wait(sent.id, timeout_s=timeout)
        took_s = time.perf_counter() - began
        told = {
            "url": here.client.url,
            "job": ended.id,
            "state": ended.state.value,
            "round_trip_s": took_s,
            "queued_s": ended.queued_s,
            "ran_s": ended.ran_s,
            "worker": ended.worker,
        }
        by = f" by {ended.worker}" if ended.worker else ""
        here.answer(told, job_line(ended), styled(f"{here.client.url}: {seconds(took_s)} there and back{by}"))
        if ended.state is not State.SUCCEEDED:
            raise typer.Exit(FAILED)


letters = Commands(help="See jobs that were given up; run them again.", invoke_without_command=True)


@letters.callback()
@signed_in
def dead_letters(context: typer.Context, url: UrlOption = None, as_json: JsonOption = False) -> None:
    """List jobs that lost their worker as often as they may; `replay` runs one again."""
    if context.invoked_subcommand is None:
        list_letters(url, as_json)
    elif url is not None or as_json:
        raise typer.BadParameter("give --url and --json after the subcommand")


@letters.command("list")
def list_letters(url: UrlOption = None, as_json: JsonOption = False) -> None:
    """List the dead letters, newest first."""
    with session(url, as_json=as_json) as here:
        found = here.client.dead_letters()
        document = {"dead_letters": [letter.raw for letter in found]}
        here.answer(document, _letters(found) if found else "No dead letters.")


@letters.command(epilog=examples("dasein dead-letters replay 0193f0e2-..."))
def replay(job_id: JobArgument, url: UrlOption = None, as_json: JsonOption = False) -> None:
    """Run a dead letter's job again.

    It runs as a new job, and the letter is taken off the list.
    """
    with session(url, as_json=as_json) as here:
        again = here.client.replay(job_id)
        here.answer(again.raw, job_line(again))


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command(epilog=examples("dasein jobs --state running", "dasein jobs --kind campaign --tag nightly --json"))(
        jobs
    )
    app.command(epilog=examples("dasein job 0193f0e2-..."))(job)
    app.command(epilog=examples("dasein cancel 0193f0e2-..."))(cancel)
    app.command(epilog=examples("dasein retry 0193f0e2-..."))(retry)
    app.command(epilog=examples("dasein ping", "dasein ping --url http://farm.example:8080 --json"))(ping)
    app.add_typer(letters, name="dead-letters")


def _jobs(found: Sequence[Job]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("job", "kind", "state", "progress", "submitted", "ran", "tags", "outcome"):
        table.add_column(name, overflow="fold", no_wrap=name in {"job", "state", "submitted"})
    for one in found:
        outcome = one.error.code if one.error else (one.result or {}).get("verdict", "")
        table.add_row(
            styled(one.id),
            styled(one.kind),
            styled(one.state.value, STATE_STYLES[one.state.value]),
            styled(_progress(one)),
            moment(one.submitted_at),
            seconds(one.ran_s),
            styled(" ".join(one.tags)),
            styled(outcome),
        )
    return table


def _letters(found: Sequence[DeadLetter]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("job", "kind", "at", "attempts", "code", "message"):
        table.add_column(name, overflow="fold", no_wrap=name in {"job", "at"})
    for letter in found:
        table.add_row(
            styled(letter.job_id),
            styled(letter.kind),
            moment(letter.at),
            str(letter.attempts),
            styled(letter.code),
            styled(letter.message),
        )
    return table


def _progress(one: Job) -> str:
    if not one.progress.total:
        return one.progress.message
    return f"{one.progress.done:,}/{one.progress.total:,} {one.progress.message}".strip()
