"""Where a command's words go: its answer to standard output, everything else to standard error."""

import json
import sys
from typing import Any

from rich.console import Console, RenderableType

from dasein.errors import ApiError, DaseinError, WaitTimeout
from dasein.shown import styled

UNFOLDED = 180
"""Columns where there is no terminal: lines of logs are searched, not looked at."""


class Consoles:
    """What a command says."""

    def __init__(self, *, as_json: bool) -> None:
        """Answer with one JSON document, or for a person."""
        self.as_json = as_json
        self.out = _console(stderr=False)
        self.err = _console(stderr=True)

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

    def refused(self, error: DaseinError | OSError) -> None:
        """Say what went wrong, on standard error for a person and on standard output for a program."""
        self.note(f"Error: {error}", "bold red")
        if isinstance(error, ApiError):
            if error.hint:
                self.note(error.hint)
            if error.trace_id:
                self.note(f"Trace id: {error.trace_id}", "dim")
        if isinstance(error, WaitTimeout):
            self.note(how_to_go_on(error.job_id))
        if self.as_json:
            known = error.document() if isinstance(error, DaseinError) else {"code": "file", "message": str(error)}
            self.answer({"error": known})


def how_to_go_on(job_id: str) -> str:
    """Say what may be done about a job that goes on."""
    return f"Job {job_id} goes on. Wait again: dasein wait {job_id}   Stop it: dasein cancel {job_id}"


def _console(*, stderr: bool) -> Console:
    made = Console(stderr=stderr, highlight=False, emoji=False, markup=False)
    if not made.is_terminal:
        made.width = UNFOLDED
    return made
