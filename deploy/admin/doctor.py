"""`dasein-admin doctor`: looks at everything a farm stands on and says what to do. It changes nothing."""

import json
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Annotated

import typer
from pydantic import ValidationError

from config.refused_settings import refused
from config.settings import Settings
from config.version import VERSION
from deploy.admin.finding import Finding, fail, ok
from deploy.admin.look_farm import look_at_farm
from deploy.admin.look_knowledge import look_at_knowledge
from deploy.admin.look_machine import look_at_machine
from deploy.admin.look_redis import look_at_cache, look_at_jobs
from deploy.admin.look_settings import look_at_settings

SIGNS = {"ok": "ok  ", "warn": "WARN", "fail": "FAIL"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    strict: Annotated[bool, typer.Option(help="Exit with 1 for warnings, too.")] = False,
) -> None:
    """Look at settings, stores, workers, clocks and the disk, and say what to do. Exit 1 if something is wrong."""
    found = list(examined(os.environ))
    counts = Counter(each.grade for each in found)
    if as_json:
        typer.echo(json.dumps({"version": VERSION, "counts": counts, "findings": [asdict(each) for each in found]}))
    else:
        for each in found:
            typer.echo(f"{SIGNS[each.grade]} {each.about}: {each.said}")
            if each.advice:
                typer.echo(f"       {each.advice}")
        typer.echo(f"{counts['ok']} well, {counts['warn']} to look at, {counts['fail']} to mend.")
    raise typer.Exit(1 if counts["fail"] or (strict and counts["warn"]) else 0)


def examined(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Yield all findings; without settings that are taken there is nothing else to look at."""
    try:
        settings = Settings()
    except ValidationError as error:
        for line in refused(error):
            yield fail("settings", line, "Mend it: no process of the farm starts with it.")
        return
    yield ok("version", f"Dasein {VERSION}.")
    yield from look_at_settings(settings, environment)
    yield from look_at_machine(settings)
    yield from look_at_jobs(settings, time.time)
    yield from look_at_cache(settings)
    yield from look_at_knowledge(settings)
    yield from look_at_farm(settings)
