"""The CI gate: measure a firmware as its policy says, and pass or fail."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import RenderableType

from dasein.annotations import annotations
from dasein.answers import Job, State
from dasein.commands.options import FirmwareArgument, JsonOption, TagOption, UrlOption, examples
from dasein.commands.session import Session, session
from dasein.errors import DaseinError, WaitTimeout
from dasein.gate import Judgement, Outcome, judge
from dasein.junit import junit
from dasein.policy import Policy, read_policy
from dasein.report_view import findings_table
from dasein.sarif import sarif
from dasein.shown import VERDICT_STYLES, styled

STYLES = {Outcome.CLEAN: "bold green", Outcome.LEAKS: "bold red", Outcome.ERROR: "bold magenta"}
WORDS = {Outcome.CLEAN: "PASS", Outcome.LEAKS: "FAIL", Outcome.ERROR: "ERROR"}


def check(
    firmware: FirmwareArgument,
    *,
    policy: Annotated[
        Path,
        typer.Option("--policy", "-p", exists=True, dir_okay=False, help="How to measure, and what must be fulfilled."),
    ],
    junit_file: Annotated[
        Path | None,
        typer.Option("--junit", dir_okay=False, metavar="FILE", help="Write JUnit XML.", show_default=False),
    ] = None,
    sarif_file: Annotated[
        Path | None,
        typer.Option("--sarif", dir_okay=False, metavar="FILE", help="Write SARIF 2.1.0.", show_default=False),
    ] = None,
    html_file: Annotated[
        Path | None,
        typer.Option("--html", dir_okay=False, metavar="FILE", help="Write the HTML report.", show_default=False),
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option(
            "--timeout",
            metavar="SECONDS",
            min=0.001,
            help="Cancel and end with 2 then; goes before the policy's.",
            show_default=False,
        ),
    ] = None,
    tags: TagOption = None,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Pass or fail a firmware, as a gate in CI.

    Measures the firmware as the policy says, and holds the report against the policy's gate.

    Ends with 0 when it is clean, 1 when it leaks, and 2 when that cannot be said: no farm, bad input, a fault in the
    firmware, too few traces. With GITHUB_ACTIONS=true findings are also printed as annotations.
    """
    with session(url, as_json=as_json) as here:
        began = time.monotonic()
        job: Job | None = None
        error: DaseinError | OSError | None = None
        try:
            asked = read_policy(policy)
            limit_s = timeout or asked.gate.timeout_s
            job = here.client.submit_campaign(firmware, asked.campaign, tags=tags or [], deadline_s=limit_s)
            judgement = _measure(here, job, asked, limit_s)
            if html_file is not None and judgement.facts is not None:
                html_file.write_bytes(here.client.report(job.id, "html"))
        except (DaseinError, OSError) as caught:
            error = caught
            judgement = Judgement(Outcome.ERROR, str(caught))
        named = firmware.as_posix()
        if junit_file is not None:
            junit_file.write_bytes(junit(judgement, firmware=named, seconds=time.monotonic() - began))
        if sarif_file is not None:
            sarif_file.write_bytes(sarif(judgement, firmware=named))
        here.answer(_document(judgement, job, error), *_shown(judgement, job))
        _annotate(here, judgement)
        for entry in judgement.unused:
            here.note(f"Warning: the policy ignores {entry.told}, but nothing is found there.", "yellow")
        if judgement.outcome is not Outcome.CLEAN:
            raise typer.Exit(judgement.outcome.value)


def register(app: typer.Typer) -> None:
    """Add this command to `app`."""
    app.command(
        epilog=examples(
            "dasein check build/aes.elf --policy policy.toml",
            "dasein check build/aes.elf -p policy.toml --junit leaks.xml --sarif leaks.sarif --html leaks.html",
            "dasein check build/aes.elf -p policy.toml --json | jq .outcome",
        )
    )(check)


def _measure(here: Session, job: Job, asked: Policy, limit_s: float | None) -> Judgement:
    try:
        ended = here.follow(job, timeout_s=limit_s)
    except WaitTimeout as error:
        here.client.cancel(job.id)
        return Judgement(Outcome.ERROR, f"not ended within {error.waited_s:g} s; job {job.id} is cancelled")
    if ended.state is not State.SUCCEEDED:
        why = f": {ended.error.message} [{ended.error.reason or ended.error.code}]" if ended.error else ""
        return Judgement(Outcome.ERROR, f"job {job.id} {ended.state.value}{why}")
    return judge(here.client.report(job.id), asked.gate)


def _document(judgement: Judgement, job: Job | None, error: DaseinError | OSError | None) -> dict[str, Any]:
    facts = judgement.facts
    document: dict[str, Any] = {
        "outcome": judgement.outcome.name.lower(),
        "exit_code": judgement.outcome.value,
        "reason": judgement.reason,
        "job": job.id if job else None,
        "verdict": facts.verdict if facts else None,
        "headline": facts.headline if facts else None,
        "firmware": facts.firmware if facts else None,
        "failed": [finding.document() for finding in judgement.failed],
        "unconfirmed": [finding.document() for finding in judgement.unconfirmed],
        "below": [finding.document() for finding in judgement.below],
        "ignored": [finding.document() | {"reason": entry.reason} for finding, entry in judgement.ignored],
        "faults": [finding.document() for finding in (facts.faults if facts else ())],
        "unused_ignores": [entry.told for entry in judgement.unused],
        "error": None,
    }
    if error is not None:
        known = error.document() if isinstance(error, DaseinError) else {"code": "file", "message": str(error)}
        document["error"] = known
    return document


def _shown(judgement: Judgement, job: Job | None) -> Iterator[RenderableType]:
    yield styled(f"{WORDS[judgement.outcome]}: {judgement.reason}", STYLES[judgement.outcome])
    if judgement.facts is not None:
        yield styled(judgement.facts.headline, VERDICT_STYLES[judgement.facts.verdict])
    listed = judgement.failed or judgement.unconfirmed
    if listed:
        yield findings_table(listed, rows=None)
    for finding, entry in judgement.ignored:
        yield styled(f"ignored: {finding.where} ({finding.kind}, {finding.severity.value}): {entry.reason}", "dim")
    if judgement.below:
        yield styled(f"{len(judgement.below)} less severe findings are let through", "dim")
    if job is not None and judgement.facts is not None:
        yield styled(f"Read all of it: dasein report {job.id}", "dim")


def _annotate(here: Session, judgement: Judgement) -> None:
    if os.environ.get("GITHUB_ACTIONS") != "true":
        return
    for line in annotations(judgement):
        # The runner reads both streams; with --json standard output is the document alone.
        typer.echo(line, err=here.as_json)
