"""The command that learns how a device leaks, and attacks it with that."""

import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import RenderableType

from dasein.answers import State, understood
from dasein.campaign_file import assignments, merged
from dasein.commands.options import JsonOption, TimeoutOption, UrlOption, examples
from dasein.commands.session import session
from dasein.report_forms import MEDIA_TYPES
from dasein.shown import grid, styled, table


class Method(StrEnum):
    """Ways to learn."""

    TEMPLATES = "templates"
    STOCHASTIC = "stochastic"


def profile(
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="A campaign that kept its traces.")],
    *,
    attack: Annotated[
        str | None,
        typer.Option(
            metavar="CAMPAIGN", help="Attack the traces of this one, best with another key.", show_default=False
        ),
    ] = None,
    methods: Annotated[
        list[Method] | None,
        typer.Option("--method", help="templates, stochastic; repeatable, both by default.", show_default=False),
    ] = None,
    profiling: Annotated[
        int | None,
        typer.Option(
            min=32, metavar="TRACES", help="Traces to learn from; half of them by default.", show_default=False
        ),
    ] = None,
    order: Annotated[
        int | None, typer.Option(min=2, max=256, help="Order of the second success rate.", show_default=False)
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="The same seed gives the same result.", show_default=False)
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Any other field, such as points=64; repeatable."),
    ] = None,
    outputs: Annotated[
        list[Path] | None,
        typer.Option(
            "--output", "-o", dir_okay=False, help="Write the report: .json, .html, .csv or .png; repeatable."
        ),
    ] = None,
    timeout: TimeoutOption = None,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Learn a device from some of a campaign's traces, and see how many others it takes to find the key.

    Ends with 0 when the attack was made, whatever it found, 1 when the job failed, 2 on an error.
    """
    forms = [(output, _form(output)) for output in outputs or ()]
    given: dict[str, Any] = {"profiling": profiling, "order": order, "seed": seed}
    with session(url, as_json=as_json) as here:
        other = merged({name: value for name, value in given.items() if value is not None}, assignments(changes or []))
        names = None if not methods else [method.value for method in methods]
        job = here.client.profiles.submit(campaign, attack=attack, methods=names, **other)
        ended = here.follow(job, timeout_s=timeout)
        if ended.state is not State.SUCCEEDED:
            here.ended(ended)
        report = here.client.profiles.report(job.id)
        for output, form in forms:
            content = here.client.profiles.report(job.id, form)
            output.write_bytes(content if isinstance(content, bytes) else _text(content))
            here.note(f"{output} written")
        with understood("report"):
            shown = list(_profiled(report))
        here.answer(report, *shown)


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command(
        epilog=examples(
            "dasein profile 0193f0e2-... --attack 0193f0e3-... -o profile.html",
            "dasein profile 0193f0e2-... --method stochastic --set basis=pairs --json | jq .headline",
        )
    )(profile)


def _form(output: Path) -> Any:
    named = next((known for known in MEDIA_TYPES if output.suffix == f".{known}"), None)
    if named is None:
        raise typer.BadParameter("name it .json, .html, .csv or .png", param_hint="--output")
    return named


def _text(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, indent=2).encode() + b"\n"


def _profiled(report: Mapping[str, Any]) -> Iterator[RenderableType]:
    yield styled(report["headline"], "bold")
    attacked = f"{report['traces_attack']:,}{' of another campaign' if report['request']['attack'] else ''}"
    yield grid(
        {
            "learnt from": f"{report['traces_profiling']:,} traces",
            "attacked": attacked,
            "samples": f"{report['samples_considered']:,} of {report['samples']:,} considered",
            "report": f"profile {report['profile']}, digest {report['digest'][:12]}",
        }
    )
    for one in report["methods"]:
        yield styled(f"{one['method']}: {one['model']}", "bold")
        if one["key"] is not None:
            yield styled(f"key {one['key']}")
        rows = [
            (
                f"{point['traces']:,}",
                str(point["attacks"]),
                *(_share(point[name]) for name in ("success", "success_order", "guessing_entropy")),
                f"{point['mean_rank']:.1f}",
            )
            for point in one["curve"]
        ]
        names = ("traces", "attacks", "success", f"order {report['request']['order']}", "entropy, bits", "mean rank")
        yield table(names, rows) if rows else styled(f"No curve: {one['curve_absent']}", "dim")
    for warning in report["warnings"]:
        yield styled(f"Note: {warning}", "yellow")


def _share(estimate: Mapping[str, Any]) -> str:
    if estimate["low"] is None:
        return f"{estimate['value']:.2f}"
    return f"{estimate['value']:.2f} ({estimate['low']:.2f} to {estimate['high']:.2f})"
