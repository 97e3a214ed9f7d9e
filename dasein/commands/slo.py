"""The command for what the farm promises."""

from collections.abc import Mapping
from typing import Any

import typer

from dasein.answers import understood
from dasein.commands.options import JsonOption, UrlOption, examples
from dasein.commands.session import session
from dasein.shown import seconds, table

NAMES = ("objective", "promised", "measured", "events", "budget left", "last hour", "over")
DAY_S = 86_400


def slo(url: UrlOption = None, as_json: JsonOption = False) -> None:
    """See what the farm promises, what was measured of it, and what is left of each error budget."""
    with session(url, as_json=as_json) as here:
        found = here.client.slo()
        with understood("list of objectives"):
            rows = [_row(each) for each in found["objectives"]]
            notes = [f"{each['name']}: {each['reason']}" for each in found["objectives"] if each["reason"]]
            source = "a Prometheus" if found["source"] == "prometheus" else "the farm itself, since its start"
            degraded = found["degraded"]
        here.answer(found, table(NAMES, rows))
        here.note(f"Counted by {source}.")
        for note in (degraded, *notes):
            if note:
                here.note(note)


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command(epilog=examples("dasein slo", "dasein slo --json"))(slo)


def _row(each: Mapping[str, Any]) -> tuple[str, ...]:
    within = "" if each["within_s"] is None else f" in {seconds(each['within_s'])}"
    burn = each["burn_rate"]
    return (
        each["name"],
        f"{each['objective'] * 100:g} %{within}",
        _percent(each["measured"], 3),
        "" if each["total"] is None else f"{each['total']:,.0f}",
        _percent(each["budget_left"], 1),
        "" if burn is None else f"{burn:.1f} x",
        _span(each["window_s"]),
    )


def _percent(share: float | None, digits: int) -> str:
    return "" if share is None else f"{share * 100:.{digits}f} %"


def _span(window_s: float | None) -> str:
    if window_s is None:
        return ""
    return seconds(window_s) if window_s < DAY_S else f"{window_s / DAY_S:.1f} d"
