"""Commands that speak to a farm: each takes the options that say who we are to it, without naming them in its signature."""

import inspect
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from inspect import Parameter
from typing import Annotated, Any, TypeVar

import typer

Command = TypeVar("Command", bound=Callable[..., Any])
KeyFileOption = Annotated[
    str | None,
    typer.Option(
        "--api-key-file",
        metavar="FILE",
        help="Where the key or token is; else DASEIN_API_KEY, else what `dasein login` kept.",
        show_default=False,
    ),
]
CaFileOption = Annotated[
    str | None,
    typer.Option(
        "--ca-file",
        metavar="FILE",
        help="Trust these certificates (PEM) instead of the system's; else DASEIN_CA_FILE.",
        show_default=False,
    ),
]
OPTIONS = {"api_key_file": KeyFileOption, "ca_file": CaFileOption}


@dataclass(frozen=True, slots=True)
class SignIn:
    """What the options of the present command say. The key itself has no option: others can read command lines."""

    api_key_file: str | None = None
    ca_file: str | None = None


NOTHING = SignIn()
_said: ContextVar[SignIn] = ContextVar("sign_in", default=NOTHING)


def sign_in() -> SignIn:
    """Return what the present command was told."""
    return _said.get()


def signed_in(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a command with `--api-key-file` and `--ca-file` beside its own options."""

    @wraps(function)
    def command(*arguments: Any, api_key_file: str | None = None, ca_file: str | None = None, **how: Any) -> Any:
        _said.set(SignIn(api_key_file, ca_file))
        return function(*arguments, **how)

    signature = inspect.signature(function, eval_str=True)
    more = [Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=kind) for name, kind in OPTIONS.items()]
    # What the command line is made from.
    command.__dict__["__signature__"] = signature.replace(parameters=[*signature.parameters.values(), *more])
    command.__annotations__ = {**function.__annotations__, **OPTIONS}
    return command


class Commands(typer.Typer):
    """A set of commands that speak to a farm."""

    def __init__(self, **how: Any) -> None:
        """Show plain help: it reads the same in a log, a pipe and a terminal."""
        super().__init__(rich_markup_mode=None, **how)

    def command(self, name: str | None = None, **how: Any) -> Callable[[Command], Command]:
        """Add a command; the function stays as it is."""
        add = super().command(name, **how)

        def added(function: Command) -> Command:
            add(signed_in(function))
            return function

        return added
