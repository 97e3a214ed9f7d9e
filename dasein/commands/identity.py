"""Commands for who we are to a farm: login, logout, whoami."""

import sys
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import RenderableType

from dasein.answers import understood
from dasein.client import Client
from dasein.commands.consoles import Consoles
from dasein.commands.farm_command import sign_in
from dasein.commands.options import JsonOption, UrlOption, examples
from dasein.commands.session import ERROR, session
from dasein.credentials import LARGEST_BYTES, Credential, FileCredential
from dasein.errors import BadCredential, DaseinError
from dasein.farm_address import farm_address
from dasein.profiles import Profile, profiles_path, read_profiles, write_profiles
from dasein.shown import grid
from dasein.transport import is_loopback


def login(
    *,
    default: Annotated[bool, typer.Option("--default", help="Mean this farm where none is named.")] = False,
    no_check: Annotated[bool, typer.Option("--no-check", help="Do not ask the farm whether it takes the key.")] = False,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keep a key for a farm, so that every command finds it.

    The key, or a JWT, is asked for, or read from standard input or from --api-key-file. It is kept in a file that only
    you can read, and sent to this farm alone.
    """
    said = Consoles(as_json=as_json)
    try:
        farm = farm_address(url, ca_file=sign_in().ca_file)
        secret = _secret(farm.url)
        who = None
        if not no_check:
            with Client(farm.url, api_key=secret, ca_file=farm.ca_file, patience_s=0) as client:
                who = client.whoami()
        ca_file = None if farm.ca_file is None else str(Path(farm.ca_file).resolve())
        path = write_profiles(read_profiles().with_farm(farm.url, Profile(secret, ca_file), default=default))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    except DaseinError as error:
        said.refused(error)
        raise typer.Exit(ERROR) from error
    parsed = httpx.URL(farm.url)
    if parsed.scheme == "http" and not is_loopback(parsed.host):
        said.note("Warning: this farm is spoken to without TLS; who listens on the way can read the key.", "yellow")
    shown = [] if who is None else _who(who)
    said.answer({"url": farm.url, "file": str(path), "me": who}, f"Signed in to {farm.url}", *shown)


def logout(
    *,
    everywhere: Annotated[bool, typer.Option("--all", help="Of every farm.")] = False,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Forget the key of a farm. It stays valid: `dasein keys revoke` ends it."""
    said = Consoles(as_json=as_json)
    try:
        before = read_profiles()
        gone = sorted(before.farms) if everywhere else [farm_address(url).url]
        after = before
        for name in gone:
            after = after.without_farm(name)
        if after != before:
            write_profiles(after)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    except DaseinError as error:
        said.refused(error)
        raise typer.Exit(ERROR) from error
    forgotten = [name for name in gone if name in before.farms]
    told = [f"Signed out of {name}" for name in forgotten] or [f"No key of {' or '.join(gone) or 'a farm'} was kept."]
    said.answer({"forgotten": forgotten, "file": str(profiles_path())}, *told)


def whoami(url: UrlOption = None, as_json: JsonOption = False) -> None:
    """Ask a farm who you are to it, and what you may do."""
    with session(url, as_json=as_json) as here:
        who = here.client.whoami()
        here.answer(who, *_who(who, url=here.client.url))


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command(
        epilog=examples(
            "dasein login --url https://farm.example",
            "dasein login --url https://farm.example --api-key-file key.txt --ca-file ca.pem",
            "printenv FARM_KEY | dasein login --url https://farm.example",
        )
    )(login)
    app.command(epilog=examples("dasein logout --url https://farm.example", "dasein logout --all"))(logout)
    app.command(epilog=examples("dasein whoami", "dasein whoami --json | jq .operations"))(whoami)


def _secret(url: str) -> str:
    """Return the key to keep: from a file, from standard input, or as it is typed, without showing it."""
    if named := sign_in().api_key_file:
        return FileCredential(Path(named)).secret()
    if sys.stdin.isatty():
        typed = typer.prompt(f"Key for {url}", hide_input=True, err=True)
    else:
        typed = sys.stdin.read(LARGEST_BYTES)
    if not typed.strip():
        raise BadCredential("No key was given: type it, pipe it in, or name its file with --api-key-file.")
    return Credential(typed, source="standard input").secret()


def _who(who: dict[str, Any], *, url: str | None = None) -> list[RenderableType]:
    with understood("identity"):
        by = {"none": "no key (the farm has none)", "key": f"API key {who['key']}", "jwt": "token"}
        rows: dict[str, object] = {
            "farm": url,
            "name": who["name"],
            "tenant": f"{who['tenant']}{' (the farm itself)' if who['home'] else ''}",
            "role": who["role"],
            "signed with": by.get(str(who["authentication"]), who["authentication"]),
            "may call": f"{len(who['operations'])} operations",
            "version": who["version"],
        }
    return [grid(rows)]
