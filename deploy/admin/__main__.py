"""The command line: one module of this folder a command, each with a `register`."""

import typer

from config.version import VERSION
from deploy.admin import autoscale, backup, doctor, key

app = typer.Typer(
    name="dasein-admin",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def admin() -> None:
    """Look after a farm: commands read the same settings as the farm's processes (DASEIN_*)."""


@app.command()
def version() -> None:
    """Print the version of what is installed here."""
    typer.echo(VERSION)


for command in (autoscale, backup, doctor, key):
    command.register(app)

if __name__ == "__main__":
    app(prog_name="dasein-admin")
