"""What surrounds a command: the client, where its words go, and how an expected error ends it."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console, RenderableType

from dasein.answers import Job, State
from dasein.client import Client
from dasein.errors import ApiError, DaseinError, WaitTimeout
from dasein.following import follow
from dasein.progress import watch
from dasein.record_view import forged
from dasein.shown import STATE_STYLES, VERDICT_STYLES, plain, styled

FAILED = 1
ERROR = 2
INTERRUPTED = 130
SEQUENCE = "remforge.sequence"
FORGING = frozenset({"remforge.forge", "remforge.batch", SEQUENCE})
UNFOLDED = 180
"""Columns where there is no terminal: lines of logs are searched, not looked at."""


class Session:
    """One command's client and consoles."""

    def __init__(self, client: Client, *, as_json: bool) -> None:
        """Answer on standard output, everything else goes to standard error."""
        self.client = client
        self.as_json = as_json
        self.out = _console(stderr=False)
        self.err = _console(stderr=True)
        self.job_id: str | None = None
        """What goes on if this command is interrupted."""

    def answer(self, document: Any, *shown: RenderableType) -> None:
        """Print the document as JSON if that was asked for, else what is shown to a person."""
        if self.as_json:
            sys.stdout.write(json.dumps(document, indent=2) + "\n")
            sys.stdout.flush()
            return
        for item in shown:
            self.out.print(item)

    def note(self, text: str, style: str = "") -> None:
        """Say something beside the answer."""
        self.err.print(styled(text, style), soft_wrap=True)

    def follow(self, job: Job, *, timeout_s: float | None) -> Job:
        """Return the job once it has ended, showing its progress."""
        self.job_id = job.id
        ended = follow(self.client, job, watch(self.err, f"{job.kind} {job.id[:8]}"), timeout_s=timeout_s)
        self.job_id = None
        return ended

    def ended(self, job: Job) -> None:
        """Answer with a job that has ended; leave with 1 unless it ended well."""
        lines: list[RenderableType] = [job_line(job)]
        if job.result is not None and job.kind == "campaign":
            verdict = str(job.result.get("verdict"))
            lines.append(styled(job.result.get("headline", verdict), VERDICT_STYLES.get(verdict, "")))
            lines.append(styled(f"Read it: dasein report {job.id}", "dim"))
        if job.result is not None and job.kind in FORGING and not self.as_json:
            lines += forged(self.client.remforge.result(job))
            if job.kind == SEQUENCE:
                lines.append(styled(f"Read it: dasein report {job.id} -o report.html", "dim"))
        self.answer(job.raw, *lines)
        if job.state is not State.SUCCEEDED:
            raise typer.Exit(FAILED)

    def refused(self, error: DaseinError | OSError) -> None:
        """Say what went wrong, on standard error for a person and on standard output for a program."""
        self.note(f"Error: {error}", "bold red")
        if isinstance(error, ApiError) and error.trace_id:
            self.note(f"Trace id: {error.trace_id}", "dim")
        if isinstance(error, WaitTimeout):
            self.note(_how_to_go_on(error.job_id))
        if self.as_json:
            known = error.document() if isinstance(error, DaseinError) else {"code": "file", "message": str(error)}
            self.answer({"error": known})


@contextmanager
def session(url: str | None, *, as_json: bool) -> Iterator[Session]:
    """Yield a session. Expected errors end the command with 2, Ctrl-C ends it with 130."""
    try:
        client = Client(url)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    with client:
        here = Session(client, as_json=as_json)
        try:
            yield here
        except DaseinError as error:
            here.refused(error)
            raise typer.Exit(ERROR) from error
        except BrokenPipeError:
            raise
        except OSError as error:
            here.refused(error)
            raise typer.Exit(ERROR) from error
        except KeyboardInterrupt as error:
            going_on = f"Interrupted. {_how_to_go_on(here.job_id)}" if here.job_id else "Interrupted."
            here.note(going_on)
            raise typer.Exit(INTERRUPTED) from error


def job_line(job: Job) -> RenderableType:
    """Say in one line where a job stands."""
    told = styled(f"Job {job.id} ")
    told.append_text(styled(job.state.value, STATE_STYLES[job.state.value]))
    if job.error is not None:
        where = f"{job.error.field}: " if job.error.field else ""
        told.append(plain(f": {where}{job.error.message} [{job.error.reason or job.error.code}]"))
    elif job.cancel_requested and not job.state.final:
        told.append(" (will stop within seconds)")
    return told


def _how_to_go_on(job_id: str) -> str:
    return f"Job {job_id} goes on. Wait again: dasein wait {job_id}   Stop it: dasein cancel {job_id}"


def _console(*, stderr: bool) -> Console:
    made = Console(stderr=stderr, highlight=False, emoji=False, markup=False)
    if not made.is_terminal:
        made.width = UNFOLDED
    return made
