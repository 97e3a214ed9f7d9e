"""The command that holds two campaigns side by side."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import RenderableType

from dasein.answers import understood
from dasein.commands.options import JsonOption, UrlOption, examples
from dasein.commands.session import FAILED, session
from dasein.shown import styled, table

ROWS = 20
TREND_STYLES = {"better": "bold green", "worse": "bold red", "mixed": "bold yellow"}
WORSE = frozenset({"worse", "mixed"})


def compare(
    before: Annotated[str, typer.Argument(metavar="BEFORE", help="The campaign before the change.")],
    after: Annotated[str, typer.Argument(metavar="AFTER", help="The campaign after it.")],
    *,
    all_rows: Annotated[bool, typer.Option("--all", help=f"All findings, not the first {ROWS}.")] = False,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say whether a change helped: which leaks are gone, new, weaker and stronger.

    Ends with 0 when nothing got worse, 1 when something did, 2 on an error.
    """
    with session(url, as_json=as_json) as here:
        compared = here.client.compare(before, after)
        with understood("comparison"):
            trend, shown = str(compared["trend"]), _compared(compared, rows=None if all_rows else ROWS)
        here.answer(compared, *shown)
        if trend in WORSE:
            raise typer.Exit(FAILED)


def register(app: typer.Typer) -> None:
    """Add this command to `app`."""
    app.command(epilog=examples("dasein compare 0193f0e2-... 0193f0e3-...", "dasein compare A B --json | jq .trend"))(
        compare
    )


def _compared(said: Mapping[str, Any], *, rows: int | None) -> list[RenderableType]:
    trend, before, after = str(said["trend"]), said["before"], said["after"]
    counts = ", ".join(f"{count:,} {change}" for change, count in said["counts"].items() if count)
    shown: list[RenderableType] = [
        styled(f"{trend.capitalize()}: {counts or 'no findings'}", TREND_STYLES.get(trend, "bold")),
        styled(f"before  {before['headline']}", "dim"),
        styled(f"after   {after['headline']}", "dim"),
    ]
    changed = [finding for finding in said["findings"] if finding["change"] != "same"]
    if changed[:rows]:
        shown.append(
            table(("change", "severity", "where", "before", "after"), [_change(each) for each in changed[:rows]])
        )
    if len(changed) > len(changed[:rows]):
        shown.append(styled(f"and {len(changed) - len(changed[:rows]):,} more: --all shows them", "dim"))
    shown += [styled(f"Note: {warning}", "yellow") for warning in said["warnings"]]
    return shown


def _change(finding: Mapping[str, Any]) -> tuple[str, str, str, str, str]:
    seen = finding["after"] or finding["before"]
    place = seen["place"]
    where = f"{place['file']}:{place['line']}" if place["file"] else place["function"] or f"{place['address']:#010x}"
    return finding["change"], seen["severity"], where, _strength(finding["before"]), _strength(finding["after"])


def _strength(seen: Mapping[str, Any] | None) -> str:
    if seen is None:
        return ""
    value = "infinite" if seen["value"] is None else f"{abs(seen['value']):.2f}"
    return f"{seen['statistic']} {value}"
