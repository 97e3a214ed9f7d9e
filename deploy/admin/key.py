"""`dasein-admin key`: make a key, or see to it that a service has one that is good.

It needs the farm's Redis and the secret that keys are hashed under (DASEIN_SECRET, or the data folder), and no web server.
"""

import os
import secrets
from pathlib import Path
from typing import Annotated

import typer

from deploy.admin.ending import read_settings, refuse
from jobs.errors import StoreUnavailable
from jobs.identity import HOME, Role
from web import api_keys
from web.accounts import Accounts
from web.wiring_accounts import connected_accounts

BY = "dasein-admin"
READABLE = 0o644
"""Whoever mounts the folder is to read it: the folder is what keeps others out."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("key")(key)


def key(
    role: Annotated[Role, typer.Option(help="What it may do.")] = Role.VIEWER,
    name: Annotated[str, typer.Option(help="Whose it is.")] = "operator",
    file: Annotated[
        Path | None, typer.Option(help="Keep it in this file, and make none while the one in there is good.")
    ] = None,
) -> None:
    """Make a key of the home tenant and print it, or keep it in a file for a service."""
    settings = read_settings()
    try:
        with connected_accounts(settings) as accounts:
            if file is None:
                typer.echo(made(accounts, role, name))
            else:
                typer.echo(kept(accounts, role, name, file), err=True)
            if not accounts.has_admin():
                typer.echo("Nobody has an admin key yet; make one: dasein-admin key --role admin --name YOU", err=True)
    except StoreUnavailable as error:
        refuse(f"No key was made: {error.message} Redis must run (DASEIN_REDIS_URL).")


def made(accounts: Accounts, role: Role, name: str) -> str:
    """Make a key; return it whole, this once."""
    return accounts.make_key(tenant=HOME, role=role, name=name, created_by=BY, lasts=None)[1]


def kept(accounts: Accounts, role: Role, name: str, file: Path) -> str:
    """See to it that a file holds a key that is good for the role; return what was done, without the key."""
    if is_good(accounts, role, file):
        return f"{file} holds a key that is good; none was made."
    text = made(accounts, role, name)
    file.parent.mkdir(parents=True, exist_ok=True)
    # Whole or not there: whoever reads it may do so at any moment.
    drawn = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(drawn, os.O_WRONLY | os.O_CREAT | os.O_EXCL, READABLE), "w") as out:
        out.write(text)
    drawn.replace(file)
    return f"{file} holds a new key of the role {role.value}."


def is_good(accounts: Accounts, role: Role, file: Path) -> bool:
    """Say whether a file holds a key of the role that the farm would take now."""
    parsed = api_keys.parsed(file.read_text().strip()) if file.is_file() else None
    known = None if parsed is None else accounts.keys.find(parsed.prefix)
    if parsed is None or known is None or not api_keys.is_of(parsed, known.digest, accounts.secret):
        return False
    ends = known.key.expires_at
    return known.key.role is role and known.key.tenant == HOME and (ends is None or ends > accounts.clock())
