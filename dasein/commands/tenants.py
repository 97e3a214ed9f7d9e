"""Commands for tenants, what they may use, their data, and the audit trail."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import RenderableType

from dasein.answers import State, understood
from dasein.campaign_file import assignments
from dasein.commands.farm_command import Commands
from dasein.commands.options import JsonOption, TimeoutOption, UrlOption, examples
from dasein.commands.session import FAILED, job_line, session
from dasein.errors import BadCampaign
from dasein.shown import grid, moment, table

QUOTAS = ("jobs_in_flight", "traces_per_day", "storage_bytes")
TenantArgument = Annotated[str, typer.Argument(metavar="TENANT", help="Its id.")]
ChangesArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="NAME=VALUE...",
        help="title, suspended, weight, quotas.jobs_in_flight, quotas.traces_per_day, quotas.storage_bytes, retention.job_days, "
        "retention.audit_days, retention.artifact_days, retention.chat_days; null: as the farm's settings say.",
        show_default=False,
    ),
]

tenants = Commands(help="See who shares the farm, and how much of it each may use.", no_args_is_help=True)


@tenants.command("list", epilog=examples("dasein tenants list --json"))
def list_tenants(url: UrlOption = None, as_json: JsonOption = False) -> None:
    """List tenants, with what they use of what they may."""
    with session(url, as_json=as_json) as here:
        found = here.client.admin.tenants()
        with understood("list of tenants"):
            rows = [(each["id"], each["title"], *(_used(each, name) for name in QUOTAS)) for each in found]
        here.answer({"tenants": found}, table(("tenant", "title", "jobs in flight", "traces today", "bytes"), rows))


@tenants.command(epilog=examples("dasein tenants show acme"))
def show(tenant: TenantArgument, url: UrlOption = None, as_json: JsonOption = False) -> None:
    """Look at a tenant."""
    with session(url, as_json=as_json) as here:
        found = here.client.admin.tenant(tenant)
        here.answer(found, *_shown(found))


@tenants.command(epilog=examples('dasein tenants create acme "title=ACME Locks" quotas.traces_per_day=10000000'))
def create(
    tenant: TenantArgument, changes: ChangesArgument = None, url: UrlOption = None, as_json: JsonOption = False
) -> None:
    """Make a tenant. Then make a key for its first admin: dasein keys create NAME --role admin --tenant TENANT."""
    with session(url, as_json=as_json) as here:
        made = here.client.admin.create_tenant(tenant, **_changes(changes))
        here.answer(made, *_shown(made))


@tenants.command(
    "set",
    epilog=examples(
        "dasein tenants set acme quotas.jobs_in_flight=50 retention.job_days=30",
        "dasein tenants set acme suspended=true",
    ),
)
def change(
    tenant: TenantArgument, changes: ChangesArgument = None, url: UrlOption = None, as_json: JsonOption = False
) -> None:
    """Change a tenant; what is not named stays."""
    if not changes:
        raise typer.BadParameter("name what is to change, such as quotas.jobs_in_flight=50", param_hint="NAME=VALUE")
    with session(url, as_json=as_json) as here:
        changed = here.client.admin.change_tenant(tenant, **_changes(changes))
        here.answer(changed, *_shown(changed))


@tenants.command(epilog=examples("dasein tenants export acme -o acme.zip"))
def export(
    tenant: TenantArgument,
    output: Annotated[Path, typer.Option("--output", "-o", dir_okay=False, help="Where to save the zip.")],
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Save all data of a tenant: one file of JSON lines per store, and its artifacts."""
    with session(url, as_json=as_json) as here:
        path = here.client.admin.export_tenant(tenant, output)
        size = path.stat().st_size
        here.answer({"file": str(path), "bytes": size}, f"{path}: {size:,} bytes")


@tenants.command(epilog=examples("dasein tenants erase acme", "dasein tenants erase acme --confirm acme --keep --json"))
def erase(
    tenant: TenantArgument,
    *,
    confirm: Annotated[
        str | None, typer.Option(metavar="TENANT", help="Its id once more; else it is asked for.", show_default=False)
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the tenant itself, with its quotas and no data.")] = False,
    timeout: TimeoutOption = None,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Erase all data of a tenant from every store, for good.

    Ends with 0 when every store is empty of it, 1 when that failed, 2 on an error.
    """
    if confirm is None:
        confirm = typer.prompt(f"Everything of {tenant} will be gone. Type its id to go on", default="", err=True)
    # The home tenant takes more words than its id; which, the farm says.
    if not confirm.endswith(tenant):
        raise typer.BadParameter(f"that is not {tenant}; nothing was erased", param_hint="--confirm")
    with session(url, as_json=as_json) as here:
        ended = here.follow(here.client.admin.erase_tenant(tenant, confirm=confirm, keep=keep), timeout_s=timeout)
        here.answer(ended.raw, job_line(ended), *_left(ended.result or {}))
        if ended.state is not State.SUCCEEDED:
            raise typer.Exit(FAILED)


def audit(
    *,
    tenant: Annotated[str | None, typer.Option(help="Only of this tenant.", show_default=False)] = None,
    outcome: Annotated[
        Literal["succeeded", "denied", "failed"] | None,
        typer.Option(help="denied: nobody known, not allowed, or over a limit; failed: wrong.", show_default=False),
    ] = None,
    unknown: Annotated[bool, typer.Option("--unknown", help="Calls of nobody that the farm knows.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many.")] = 50,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """See who changed what, and whom the farm refused, newest first."""
    with session(url, as_json=as_json) as here:
        pages = here.client.admin.audit(tenant=tenant, outcome=outcome, unknown=unknown, page=min(limit, 100))
        found = list(islice(pages, limit))
        with understood("audit trail"):
            rows = [
                (
                    moment(datetime.fromisoformat(entry["at"])),
                    entry["tenant"] or "",
                    entry["name"] or "",
                    entry["role"] or "",
                    entry["operation"] or f"{entry['method']} {entry['path']}",
                    str(entry["status"]),
                    entry["code"] or "",
                    entry["address"] or "",
                )
                for entry in found
            ]
        names = ("at", "tenant", "who", "role", "what", "status", "code", "from")
        here.answer({"entries": found}, table(names, rows) if rows else "Nothing was written or refused yet.")


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(tenants, name="tenants")
    app.command(epilog=examples("dasein audit --outcome denied", "dasein audit --tenant acme -n 500 --json"))(audit)


def _changes(settings: Sequence[str] | None) -> dict[str, Any]:
    try:
        return assignments(settings or ())
    except BadCampaign as error:
        raise typer.BadParameter(str(error), param_hint="NAME=VALUE") from error


def _left(result: Mapping[str, Any]) -> list[RenderableType]:
    """Show what every store had, and still has, of a tenant."""
    if not result:
        return []
    with understood("erasure"):
        rows = [(name, f"{count:,}", f"{result['holds'][name]:,}") for name, count in result["removed"].items()]
    return [table(("store", "removed", "left"), rows)]


def _used(tenant: Mapping[str, Any], name: str) -> str:
    quota = tenant["quotas"][name]
    return f"{tenant['usage'][name]:,}{'' if quota is None else f' of {quota:,}'}"


def _shown(tenant: Mapping[str, Any]) -> list[RenderableType]:
    with understood("tenant"):
        facts: dict[str, object] = {
            "tenant": tenant["id"],
            "title": tenant["title"],
            "created": tenant["created_at"] and moment(datetime.fromisoformat(tenant["created_at"])),
            "suspended": "yes: its keys and tokens are refused" if tenant["suspended"] else None,
            "jobs in flight": _used(tenant, "jobs_in_flight"),
            "traces today": _used(tenant, "traces_per_day"),
            "bytes": _used(tenant, "storage_bytes"),
            "weight": f"{tenant.get('weight', 1):g}",
            "kept for": ", ".join(
                f"{name.removesuffix('_days')} {days} days"
                for name, days in tenant["retention"].items()
                if days is not None
            ),
        }
    return [grid(facts)]
