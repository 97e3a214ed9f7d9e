"""Commands for the farm: pools, webhooks."""

from collections.abc import Mapping
from itertools import islice
from typing import Annotated, Any, Literal

import typer

from dasein.answers import understood
from dasein.commands.farm_command import Commands, signed_in
from dasein.commands.options import JsonOption, UrlOption, examples
from dasein.commands.session import session
from dasein.shown import grid, seconds, table

DeliveryState = Literal["pending", "delivered", "failed"]

pools = Commands(help="See the pools of workers; grow and shrink them.", invoke_without_command=True)
webhooks = Commands(help="See what callback URLs were told; tell them again.", invoke_without_command=True)


@pools.callback()
@signed_in
def look(context: typer.Context, url: UrlOption = None, as_json: JsonOption = False) -> None:
    """List pools, their workers and what waits for them; `scale` grows or shrinks one."""
    if context.invoked_subcommand is None:
        list_pools(url, as_json)
    elif url is not None or as_json:
        raise typer.BadParameter("give --url and --json after the subcommand")


@pools.command("list")
def list_pools(url: UrlOption = None, as_json: JsonOption = False) -> None:
    """List pools, their workers and what waits for them."""
    with session(url, as_json=as_json) as here:
        found = here.client.pools.all()
        with understood("list of pools"):
            rows = [_pool(pool) for pool in found]
            able = [_able(pool, each) for pool in found for each in pool.get("abilities", ())]
        here.answer({"pools": found}, table(("pool", "workers", "at once", "waiting", "oldest waits for"), rows), *able)


@pools.command(epilog=examples("dasein pools scale simulation --to 8", "dasein pools scale simulation --by -2"))
def scale(
    name: Annotated[str, typer.Argument(metavar="POOL", help="Such as simulation.")],
    *,
    to: Annotated[int | None, typer.Option(min=1, help="Jobs that it shall run at once.", show_default=False)] = None,
    by: Annotated[int | None, typer.Option(help="So many more, or fewer.", show_default=False)] = None,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Grow or shrink a pool. Jobs that run go on."""
    if (to is None) == (by is None):
        raise typer.BadParameter("give either --to or --by")
    with session(url, as_json=as_json) as here:
        scaled = here.client.pools.scale(name, concurrency=to, delta=by)
        facts = {key: value for key, value in scaled.items() if isinstance(value, str | int)}
        here.answer(scaled, grid(facts))


@webhooks.callback()
@signed_in
def deliveries(context: typer.Context, url: UrlOption = None, as_json: JsonOption = False) -> None:
    """List deliveries, newest first; `replay` delivers once more."""
    if context.invoked_subcommand is None:
        list_deliveries(url=url, as_json=as_json)
    elif url is not None or as_json:
        raise typer.BadParameter("give --url and --json after the subcommand")


@webhooks.command("list")
def list_deliveries(
    *,
    state: Annotated[
        DeliveryState | None, typer.Option(help="Only deliveries in this state.", show_default=False)
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many.")] = 20,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """List deliveries, newest first."""
    with session(url, as_json=as_json) as here:
        found = list(islice(here.client.webhooks.deliveries(state=state, page=min(limit, 100)), limit))
        with understood("list of deliveries"):
            rows = [
                (
                    each["id"],
                    each["state"],
                    str(each["attempts"]),
                    each["problem"] or str(each["status"] or ""),
                    each["url"],
                )
                for each in found
            ]
        names = ("delivery", "state", "attempts", "answer", "url")
        here.answer({"webhooks": found}, table(names, rows) if rows else "No callback URL was told anything yet.")


@webhooks.command(epilog=examples("dasein webhooks replay 0193f0e2-..."))
def replay(
    delivery: Annotated[str, typer.Argument(metavar="DELIVERY", help="Its id.")],
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell a callback URL once more."""
    with session(url, as_json=as_json) as here:
        again = here.client.webhooks.replay(delivery)
        here.answer(again, f"Delivery {delivery} will be tried again.")


@webhooks.command(epilog=examples("dasein webhooks secret", "dasein webhooks secret --rotate"))
def secret(
    *,
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Make a new one; the old one signs, too, for a day.")
    ] = False,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """See the secret that deliveries are signed with: receivers verify with it."""
    with session(url, as_json=as_json) as here:
        told = here.client.webhooks.rotate_secret() if rotate else here.client.webhooks.secret()
        with understood("secret"):
            shown = str(told["secret"])
        here.answer(told, shown)


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(pools, name="pools")
    app.add_typer(webhooks, name="webhooks")


def _pool(pool: Mapping[str, Any]) -> tuple[str, str, str, str, str]:
    oldest = pool["oldest_waiting"]
    return (
        pool["name"],
        str(len(pool["workers"])),
        str(pool.get("concurrency", "")),
        str(pool["queue_depth"]),
        "" if oldest is None else seconds(oldest["waited_s"]),
    )


def _able(pool: Mapping[str, Any], ability: Mapping[str, Any]) -> str:
    versions = f" ({', '.join(ability['versions'])})" if ability["versions"] else ""
    absent = f": {'; '.join(ability['absent'])}" if ability["absent"] else ""
    return (
        f"{ability['name']}: {ability['workers']} of {len(pool['workers'])} workers of {pool['name']}{versions}{absent}"
    )
