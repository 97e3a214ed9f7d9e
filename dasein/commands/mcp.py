"""The command that serves the Model Context Protocol."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dasein.client import Client
from dasein.commands.consoles import Consoles
from dasein.commands.farm_command import sign_in
from dasein.commands.options import UrlOption, examples
from dasein.commands.session import ERROR
from dasein.errors import DaseinError

PATIENCE_S = 10.0
"""A model is better told soon that a farm is busy than kept waiting."""


class Power(StrEnum):
    """What a model may do only if its user says so."""

    CANCEL = "cancel"
    SCALE = "scale"


def mcp(
    *,
    files: Annotated[
        list[Path] | None,
        typer.Option(
            "--files",
            metavar="FOLDER",
            file_okay=False,
            exists=True,
            help="Files below may be uploaded; repeatable. Else the working directory, unless that is a home or the root.",
            show_default=False,
        ),
    ] = None,
    allow: Annotated[
        list[Power] | None, typer.Option("--allow", help="Also let the model do this; repeatable.", show_default=False)
    ] = None,
    http: Annotated[
        int | None,
        typer.Option(
            "--http",
            metavar="PORT",
            min=1,
            max=65535,
            help="Serve streamable HTTP on this port of loopback instead of standard input and output; clients send the "
            "token in DASEIN_MCP_TOKEN, or the one that is made and shown.",
            show_default=False,
        ),
    ] = None,
    url: UrlOption = None,
) -> None:
    """Serve the farm to a model, as a server of the Model Context Protocol.

    A host (an editor, an assistant) starts this and speaks to it over standard input and output. The farm and the key
    are those of every other command: `dasein login` once, and no host needs to know the key.
    """
    said = Consoles(as_json=False)
    try:
        # The extra is not there for everybody, and takes a second to load.
        from dasein.mcp.folders import Folders  # noqa: PLC0415
        from dasein.mcp.server import Allowed, farm_server, serve_http, serve_stdio  # noqa: PLC0415
    except ModuleNotFoundError as error:
        said.note(f"Error: this needs more than the client has ({error.name}): pip install 'dasein[mcp]'", "bold red")
        raise typer.Exit(ERROR) from error
    options = sign_in()
    try:
        folders = Folders(files) if files else Folders.here()
        farm = Client(url, patience_s=PATIENCE_S, api_key_file=options.api_key_file, ca_file=options.ca_file)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    except DaseinError as error:
        said.refused(error)
        raise typer.Exit(ERROR) from error
    with farm:
        server = farm_server(farm, folders, Allowed(**{power.value: True for power in allow or ()}))
        if http is None:
            serve_stdio(server)
        else:
            serve_http(server, http, os.environ.get("DASEIN_MCP_TOKEN"))


def register(app: typer.Typer) -> None:
    """Add this command to `app`."""
    app.command(
        epilog=examples(
            "dasein mcp",
            "dasein mcp --url https://farm.example --files ~/firmware --allow cancel",
            "dasein mcp --http 8765",
        )
    )(mcp)
