"""`dasein-admin backup`, `backups`, `verify`, `restore` and `backup-key`: docs/backup.md says how they are meant."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Annotated

import typer

from config.logs import configure_logs
from deploy.admin.ending import REFUSED, read_settings, refuse
from jobs.errors import DaseinError
from workers.backup.keep import finished
from workers.backup.manifest import COMPONENTS, Component
from workers.backup.restore import restore
from workers.backup.seal import new_key
from workers.backup.services import BackupServices
from workers.backup.take import take, told_of
from workers.backup.verify import verify
from workers.wiring_backup import backup_services

DAMAGED = 3
UrlOption = Annotated[
    str | None,
    typer.Option(
        "--url", help="A path, file:// or s3://bucket/prefix; default: DASEIN_BACKUP_URL.", show_default=False
    ),
]
IdArgument = Annotated[str | None, typer.Argument(help="Default: the newest.", show_default=False)]
OnlyOption = Annotated[
    list[str] | None,
    typer.Option(help=f"One of {', '.join(COMPONENTS)}; may be repeated. Default: all.", show_default=False),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("backup")(backup)
    app.command("backups")(backups)
    app.command("verify")(check)
    app.command("restore")(put_back)
    app.command("backup-key")(key)


def backup(
    url: UrlOption = None,
    *,
    full: Annotated[bool, typer.Option(help="Also write contents of files that are there already.")] = False,
) -> None:
    """Make a backup of the whole farm, which goes on working, and remove those that are too old."""
    with _farm(url) as services:
        told = told_of(take(services, full=full))
    if not told["encrypted"]:
        typer.echo("Not encrypted: it holds the farm's secrets (DASEIN_BACKUP_RECIPIENTS).", err=True)
    _say(told)


def backups(url: UrlOption = None) -> None:
    """List the backups, oldest first."""
    with _farm(url) as services:
        for name in finished(services):
            typer.echo(name)


def check(backup_id: IdArgument = None, url: UrlOption = None) -> None:
    """Read a backup whole and compare every object with its manifest; exit 3 if it is damaged."""
    with _farm(url) as services:
        manifest = verify(services, backup_id or _newest(services))
    _say({"whole": True, **told_of(manifest)})


def put_back(
    backup_id: IdArgument = None,
    url: UrlOption = None,
    only: OnlyOption = None,
    *,
    force: Annotated[bool, typer.Option(help="Remove what the stores hold first.")] = False,
) -> None:
    """Put a backup back into the stores that the settings name; they are empty, and the farm is stopped."""
    chosen = tuple(dict.fromkeys(_component(name) for name in only or COMPONENTS))
    with _farm(url) as services:
        done = restore(services, backup_id or _newest(services), only=chosen, force=force)
    _say(
        {
            "id": done.manifest.id,
            "components": done.components,
            "jobs": asdict(done.jobs),
            "documents": done.documents,
            "graph": done.graph,
            "files": done.files,
            "rebuilds": done.rebuilds,
            "cache_emptied": done.cache_emptied,
        }
    )
    if not done.cache_emptied:
        typer.echo("The cache did not answer: empty it before the farm is started.", err=True)


def key() -> None:
    """Draw a key: keep the secret one far from the farm, and name the public one in DASEIN_BACKUP_RECIPIENTS."""
    secret, public = new_key()
    typer.echo(f"secret  {secret}\npublic  {public}")


@contextmanager
def _farm(url: str | None) -> Iterator[BackupServices]:
    """Lend the farm's stores, and end with a line rather than a traceback where something is refused."""
    settings = read_settings()
    configure_logs(replace(settings.logs, file=None))
    try:
        yield backup_services(settings, url)
    except DaseinError as error:
        setting = f"DASEIN_{error.field.upper()}: " if error.field else ""
        refuse(f"{setting}{error.message}", DAMAGED if error.code == "backup-damaged" else REFUSED)


def _newest(services: BackupServices) -> str:
    found = finished(services)
    if not found:
        refuse("There is no backup.")
    return found[-1]


def _component(name: str) -> Component:
    if name not in COMPONENTS:
        refuse(f"--only is one of {', '.join(COMPONENTS)}.")
    return name


def _say(told: object) -> None:
    typer.echo(json.dumps(told, indent=2))
