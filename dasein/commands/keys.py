"""Commands for keys: list, create, rotate, revoke."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from dasein.administration import Role
from dasein.answers import understood
from dasein.commands.farm_command import Commands
from dasein.commands.options import JsonOption, UrlOption, examples
from dasein.commands.session import Session, session
from dasein.shown import grid, moment, table

PrefixArgument = Annotated[str, typer.Argument(metavar="PREFIX", help="The eight letters after dsn_ of the key.")]
TenantOption = Annotated[str | None, typer.Option("--tenant", help="Of this tenant, else yours.", show_default=False)]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", dir_okay=False, help="Write the key to this new file, for you alone, and do not show it."
    ),
]

keys = Commands(help="Make keys for people and programs; end them.", no_args_is_help=True)


@keys.command("list", epilog=examples("dasein keys list", "dasein keys list --tenant acme --json"))
def list_keys(tenant: TenantOption = None, url: UrlOption = None, as_json: JsonOption = False) -> None:
    """List keys. The keys themselves are known to nobody but who holds them."""
    with session(url, as_json=as_json) as here:
        found = here.client.admin.keys(tenant=tenant)
        with understood("list of keys"):
            rows = [
                (
                    key["prefix"],
                    key["name"],
                    key["role"],
                    key["tenant"],
                    _moment(key["created_at"]),
                    _moment(key["expires_at"]),
                    _moment(key["last_used_at"]),
                )
                for key in found
            ]
        names = ("prefix", "name", "role", "tenant", "created", "expires", "last used")
        here.answer({"keys": found}, table(names, rows) if rows else "There are no keys yet.")


@keys.command(
    epilog=examples(
        "dasein keys create ci --role submitter --expires-in-days 90",
        "dasein keys create ada --role admin --tenant acme -o ada.key",
    )
)
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose it is, for people.")],
    *,
    role: Annotated[Role, typer.Option(help="What it may do.")] = "submitter",
    expires_in_days: Annotated[float | None, typer.Option(min=0.001, help="Else never.", show_default=False)] = None,
    tenant: TenantOption = None,
    output: OutputOption = None,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key. It is shown this once."""
    with session(url, as_json=as_json) as here, _kept(output) as keep:
        expires_in_s = None if expires_in_days is None else round(expires_in_days * 86_400)
        _made(here, here.client.admin.create_key(name, role, tenant=tenant, expires_in_s=expires_in_s), keep)


@keys.command(epilog=examples("dasein keys rotate abcd1234 --grace-s 3600"))
def rotate(
    prefix: PrefixArgument,
    *,
    grace_s: Annotated[
        int | None,
        typer.Option(min=0, metavar="SECONDS", help="The old one is good for so long; else a day.", show_default=False),
    ] = None,
    output: OutputOption = None,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key that takes another one's place."""
    with session(url, as_json=as_json) as here, _kept(output) as keep:
        _made(here, here.client.admin.rotate_key(prefix, grace_s=grace_s), keep)


@keys.command(epilog=examples("dasein keys revoke abcd1234"))
def revoke(prefix: PrefixArgument, url: UrlOption = None, as_json: JsonOption = False) -> None:
    """End a key, at once and for good."""
    with session(url, as_json=as_json) as here:
        here.client.admin.revoke_key(prefix)
        here.answer({"revoked": prefix}, f"The key {prefix} is revoked.")


@contextmanager
def _kept(path: Path | None) -> Iterator[IO[str] | None]:
    """Yield a new file that nobody else can read, made before there is a key that could be lost; raise OSError."""
    if path is None:
        yield None
        return
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        try:
            yield file
        except BaseException:
            path.unlink()
            raise


def _made(here: Session, made: dict[str, Any], keep: IO[str] | None) -> None:
    """Show a key that was made: the key itself only where no file has it."""
    with understood("key"):
        secret = str(made["key"])
        facts = {
            "prefix": made["prefix"],
            "name": made["name"],
            "role": made["role"],
            "tenant": made["tenant"],
            "expires": _moment(made["expires_at"]),
        }
    if keep is None:
        here.answer(made, secret, grid(facts))
        here.note("It is not shown again; keep it now.", "yellow")
        return
    keep.write(f"{secret}\n")
    here.answer({name: value for name, value in made.items() if name != "key"}, grid(facts))
    here.note("The key is in the file that was named.")


def _moment(said: str | None) -> str:
    return "" if said is None else moment(datetime.fromisoformat(said))


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(keys, name="keys")
