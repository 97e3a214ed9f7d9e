"""Options and arguments that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

JobArgument = Annotated[str, typer.Argument(metavar="JOB", help="The job's id.")]
FirmwareArgument = Annotated[
    Path,
    typer.Argument(metavar="FIRMWARE", exists=True, dir_okay=False, readable=True, help="An ELF for a Cortex-M core."),
]
UrlOption = Annotated[
    str | None,
    typer.Option(
        "--url",
        metavar="URL",
        help="Where the farm is; else DASEIN_URL, else where `dasein login` was, else http://127.0.0.1:8080.",
        show_default=False,
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on standard output; all else goes to standard error.")
]
TimeoutOption = Annotated[
    float | None,
    typer.Option(
        "--timeout", metavar="SECONDS", min=0.001, help="Wait no longer; the job goes on.", show_default=False
    ),
]
PriorityOption = Annotated[
    int | None, typer.Option(min=0, max=9, help="9 is the most urgent; the farm's default is 5.", show_default=False)
]
TagOption = Annotated[
    list[str] | None, typer.Option("--tag", metavar="TAG", help="A tag to find the job by; may be repeated.")
]


def examples(*lines: str) -> str:
    """Return the end of a help text: commands to try, one a line."""
    # The backspace tells the formatter to leave the lines as they are.
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])
