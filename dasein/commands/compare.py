"""The command that holds two campaigns side by side."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import RenderableType

from dasein.answers import understood
from dasein.commands.options import JsonOption, UrlOption, examples
from dasein.commands.session import FAILED, session
from dasein.shown import styled, table

ROWS = 20
TREND_STYLES = {"better": "bold green", "worse": "bold red", "mixed": "bold yellow"}
STYLES = {"better": "green", "worse": "red"}
WORSE = frozenset({"worse", "mixed"})


def compare(
    before: Annotated[str, typer.Argument(metavar="BEFORE", help="The campaign before the change.")],
    after: Annotated[str, typer.Argument(metavar="AFTER", help="The campaign after it.")],
    *,
    patch: Annotated[
        bool, typer.Option("--patch", help="By source line: what changed in its instructions, and in what they leak.")
    ] = False,
    all_rows: Annotated[bool, typer.Option("--all", help=f"All findings or lines, not the first {ROWS}.")] = False,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say whether a change helped: which leaks are gone, new, weaker and stronger.

    Simulated campaigns, or imports of measured traces; not one with the other.

    Ends with 0 when nothing got worse, 1 when something did, 2 on an error.
    """
    with session(url, as_json=as_json) as here:
        compared = here.client.compare(before, after)
        with understood("comparison"):
            rows = None if all_rows else ROWS
            trend, shown = str(compared["trend"]), _compared(compared, rows=rows, patch=patch)
        here.answer(compared, *shown)
        if trend in WORSE:
            raise typer.Exit(FAILED)


def register(app: typer.Typer) -> None:
    """Add this command to `app`."""
    app.command(
        epilog=examples(
            "dasein compare 0193f0e2-... 0193f0e3-...",
            "dasein compare A B --patch",
            "dasein compare A B --json | jq .trend",
        )
    )(compare)


def _compared(said: Mapping[str, Any], *, rows: int | None, patch: bool) -> list[RenderableType]:
    trend, before, after = str(said["trend"]), said["before"], said["after"]
    counts = ", ".join(f"{count:,} {change}" for change, count in said["counts"].items() if count)
    leaky = "leaks" in {before["verdict"], after["verdict"]}
    nothing = "no findings that both looked for" if leaky else "no findings"
    shown: list[RenderableType] = [
        styled(f"{trend.capitalize()}: {counts or nothing}", TREND_STYLES.get(trend, "bold")),
        styled(f"before  {before['headline']}", "dim"),
        styled(f"after   {after['headline']}", "dim"),
    ]
    judged = ", ".join(f"{count:,} {judgement}" for judgement, count in said["judgements"].items() if count)
    known = said["by"] == "instruction"
    shown.append(styled(f"{'instructions' if known else 'samples'}: {judged or 'none'}", "dim"))
    if patch and not known:
        shown.append(styled("The program of these traces is not known, so there are no source lines.", "dim"))
    else:
        shown += _lines(said["lines"], rows) if patch else _findings(said["findings"], rows)
    shown += [styled(f"Note: {warning}", "yellow") for warning in said["warnings"]]
    return shown


def _lines(lines: Sequence[Mapping[str, Any]], rows: int | None) -> list[RenderableType]:
    """Show source lines, a sentence each."""
    if not lines:
        return [styled("On no source line did instructions, findings or an effect change.", "dim")]
    shown: list[RenderableType] = []
    for line in lines[:rows]:
        sentence = str(line["sentence"])
        shown.append(styled(sentence[:1].upper() + sentence[1:], STYLES.get(line["judgement"], "")))
    return [*shown, *_more(lines, shown)]


def _more(whole: Sequence[Any], shown: Sequence[Any]) -> list[RenderableType]:
    left = len(whole) - len(shown)
    return [styled(f"and {left:,} more: --all shows them", "dim")] if left > 0 else []


def _findings(findings: Sequence[Mapping[str, Any]], rows: int | None) -> list[RenderableType]:
    """Show findings that changed, as a table."""
    shown: list[RenderableType] = []
    changed = [finding for finding in findings if finding["change"] != "same"]
    if changed[:rows]:
        shown.append(
            table(("change", "severity", "where", "before", "after"), [_change(each) for each in changed[:rows]])
        )
    return [*shown, *_more(changed, changed[:rows])]


def _change(finding: Mapping[str, Any]) -> tuple[str, str, str, str, str]:
    seen = finding["after"] or finding["before"]
    return (
        finding["change"],
        seen["severity"],
        _where(seen["place"]),
        _strength(finding["before"]),
        _strength(finding["after"]),
    )


def _where(place: Mapping[str, Any]) -> str:
    if place["mnemonic"] == "samples":
        return f"samples {place['operands']}"
    return f"{place['file']}:{place['line']}" if place["file"] else place["function"] or f"{place['address']:#010x}"


def _strength(seen: Mapping[str, Any] | None) -> str:
    if seen is None:
        return ""
    value = "infinite" if seen["value"] is None else f"{abs(seen['value']):.2f}"
    return f"{seen['statistic']} {value}"
