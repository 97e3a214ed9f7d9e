"""Commands that speak to a farm: each takes the options that say who we are to it, without naming them in its signature."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

import typer
from typer.core import TyperCommand, TyperOption


@dataclass(frozen=True, slots=True)
class SignIn:
    """What the options of the present command say."""

    api_key_file: str | None = None
    ca_file: str | None = None


NOTHING = SignIn()
_said: ContextVar[SignIn] = ContextVar("sign_in", default=NOTHING)


def sign_in() -> SignIn:
    """Return what the present command was told."""
    return _said.get()


class FarmCommand(TyperCommand):
    """A command with `--api-key-file` and `--ca-file`. The key itself has no option: others can read command lines."""

    def __init__(self, *arguments: Any, **how: Any) -> None:
        """Take what a command takes."""
        super().__init__(*arguments, **how)
        self.params += [
            _file("--api-key-file", "Where the key or token is; else DASEIN_API_KEY, else what `dasein login` kept."),
            _file("--ca-file", "Trust these certificates (PEM) instead of the system's; else DASEIN_CA_FILE."),
        ]


class Commands(typer.Typer):
    """A set of commands that speak to a farm."""

    def __init__(self, **how: Any) -> None:
        """Show plain help: it reads the same in a log, a pipe and a terminal."""
        super().__init__(rich_markup_mode=None, **how)

    def command(  # type: ignore[override]  # takes all that its base takes
        self, name: str | None = None, *, cls: type[TyperCommand] | None = FarmCommand, **how: Any
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Add a command."""
        return super().command(name, cls=cls, **how)


def _file(name: str, told: str) -> TyperOption:
    field = name.strip("-").replace("-", "_")

    def take(_context: Any, _option: Any, value: str | None) -> None:
        # Every command sets every option, so that none is left from a command before.
        _said.set(replace(_said.get(), **{field: value}))

    return TyperOption(param_decls=[name], metavar="FILE", help=told, callback=take, expose_value=False)
