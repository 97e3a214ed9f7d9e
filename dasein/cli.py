"""The `dasein` command line."""

import io
import sys
from typing import Annotated

import typer

from dasein.commands import (
    batches,
    campaigns,
    check,
    compare,
    consttime,
    farm,
    firmware,
    identity,
    jobs,
    keys,
    knowledge,
    mcp,
    measured,
    profile,
    recording,
    records,
    slo,
    sweep,
    tenants,
)
from dasein.commands.farm_command import Commands
from dasein.version import VERSION

app = Commands(
    name="dasein",
    help="Ask a Dasein farm whether a firmware leaks its secrets, what is known of it, and what files show.",
    epilog="Without a farm at hand: `make up` in Dasein's repository starts one on this machine.",
    no_args_is_help=True,
    add_completion=True,
    # So do plain errors.
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"dasein {VERSION}")
        raise typer.Exit


@app.callback()
def dasein(
    _version_wanted: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Ask a Dasein farm whether a firmware leaks its secrets.

    Every command takes --json and --url. Sign in once with `dasein login`, or name a key with DASEIN_API_KEY.
    """


identity.register(app)
firmware.register(app)
campaigns.register(app)
check.register(app)
consttime.register(app)
jobs.register(app)
knowledge.register(app)
records.register(app)
measured.register(app)
recording.register(app)
batches.register(app)
compare.register(app)
profile.register(app)
sweep.register(app)
farm.register(app)
slo.register(app)
keys.register(app)
tenants.register(app)
mcp.register(app)


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal without Unicode shows question marks rather than a stack trace.
            stream.reconfigure(errors="replace")
    app(prog_name="dasein")


if __name__ == "__main__":
    main()
