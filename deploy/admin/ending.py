"""How a command ends that cannot do what it was asked: with a line that says why, rather than a traceback."""

from typing import NoReturn

import typer
from pydantic import ValidationError

from config.refused_settings import refused
from config.settings import Settings

REFUSED = 1


def refuse(message: str, status: int = REFUSED) -> NoReturn:
    """Say why, and end with `status`."""
    typer.echo(message, err=True)
    raise typer.Exit(status)


def read_settings() -> Settings:
    """Return the settings; end the command with what is wrong with which of them."""
    try:
        return Settings()
    except ValidationError as error:
        refuse("\n".join(refused(error)))
