"""Commands for REMForge: forge, records, search, models."""

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from dasein.answers import Job, Progress, State
from dasein.commands.options import JsonOption, PriorityOption, TagOption, TimeoutOption, UrlOption, examples
from dasein.commands.session import FAILED, Session, job_line, session
from dasein.progress import watch
from dasein.record_view import forged, found_lines, models_lines, record_lines, records_table
from dasein.remforge import MAX_FILES, MAX_SEQUENCE, Level, Modality
from dasein.report_forms import MEDIA_TYPES, ReportFormat
from dasein.shown import styled

ModalityOption = Annotated[Modality | None, typer.Option(help="Only records of these files.", show_default=False)]


def forge(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", exists=True, readable=True, help="Texts, pictures, sound, videos."),
    ],
    *,
    level: Annotated[Level, typer.Option(help="lite needs no model to be set up; full uses those that are.")] = "lite",
    labels: Annotated[
        list[str] | None,
        typer.Option("--label", metavar="LABEL", help="What pictures may show (level full); repeatable."),
    ] = None,
    sequence: Annotated[bool, typer.Option("--sequence", help="The files belong together, in their order.")] = False,
    title: Annotated[str, typer.Option(help="Of the sequence.", show_default=False)] = "",
    reports: Annotated[
        list[Path] | None,
        typer.Option(
            "--report",
            dir_okay=False,
            metavar="FILE",
            help="Write the sequence's report: .html, .csv, .json or .png; repeatable.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", dir_okay=False, help="Write the records, one a line.", show_default=False),
    ] = None,
    recursive: Annotated[bool, typer.Option("--recursive", "-r", help="Take the files in folders, too.")] = False,
    no_ingest: Annotated[
        bool, typer.Option("--no-ingest", help="Do not make the records part of the knowledge.")
    ] = False,
    priority: PriorityOption = None,
    tags: TagOption = None,
    timeout: TimeoutOption = None,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make records of files: what is said, seen and heard in them.

    Ends with 0 when all files became records, 1 when some were refused or the job failed, 2 on an error.
    """
    if not sequence and (title or reports):
        raise typer.BadParameter("belongs to a --sequence", param_hint="--title" if title else "--report")
    wanted = [(path, _form(path)) for path in reports or ()]
    files = list(_files(paths, recursive=recursive))
    if len(files) > (most := MAX_SEQUENCE if sequence else MAX_FILES):
        raise typer.BadParameter(f"{len(files):,} files are more than the {most:,} of one job", param_hint="FILE")
    with session(url, as_json=as_json) as here:
        with watch(here.err, "upload") as shown:
            job = here.client.remforge.submit(
                files,
                level=level,
                labels=labels or (),
                sequence=sequence,
                title=title,
                tags=tags or (),
                ingest=not no_ingest,
                priority=priority,
                on_upload=lambda done, of: shown.progress(Progress(done, of, "files")),
            )
        ended = here.follow(job, timeout_s=timeout)
        if ended.state is not State.SUCCEEDED:
            here.answer(ended.raw, job_line(ended))
            raise typer.Exit(FAILED)
        _answer(here, ended, wanted, output)


def records(
    record: Annotated[str | None, typer.Argument(metavar="ID", help="Show this record.", show_default=False)] = None,
    *,
    modality: ModalityOption = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many.")] = 20,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """List records, newest first, or show one."""
    if record is not None and modality is not None:
        raise typer.BadParameter("is for lists", param_hint="--modality")
    with session(url, as_json=as_json) as here:
        remforge = here.client.remforge
        if record is not None:
            found = remforge.record(record)
            here.answer(found, *([] if here.as_json else record_lines(found)))
            return
        listed = list(islice(remforge.records(modality=modality, page=min(limit, 100)), limit))
        here.answer({"records": listed}, records_table(listed) if listed else "There are no records yet.")


def search(
    query: Annotated[str | None, typer.Argument(metavar="WORDS", help="What to look for.", show_default=False)] = None,
    *,
    image: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, readable=True, help="A picture to look for.", show_default=False),
    ] = None,
    modality: ModalityOption = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100, help="At most so many.")] = 10,
    timeout: TimeoutOption = None,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find records by words, or by a picture.

    Words find pictures, too, where an image model is set up.

    Ends with 0 when something was found, 1 when nothing was, 2 on an error.
    """
    wanted = query if image is None else image
    if wanted is None or (query is not None and image is not None):
        raise typer.BadParameter("give either WORDS or --image")
    with session(url, as_json=as_json) as here:
        answer = here.client.remforge.search_records(wanted, modality=modality, limit=limit, timeout_s=timeout)
        here.answer(answer, *found_lines(answer))
        if not answer["found"]:
            raise typer.Exit(FAILED)


def models(url: UrlOption = None, as_json: JsonOption = False) -> None:
    """List the models of the farm's machines, and how they are doing."""
    with session(url, as_json=as_json) as here:
        machines = here.client.remforge.models()
        here.answer({"machines": machines}, *models_lines(machines))


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command(
        epilog=examples(
            "dasein forge photo.jpg diary.txt --level lite",
            'dasein forge --recursive holiday/ --sequence --title "A week" --report week.html --report week.png',
            'dasein forge shot.png --level full --label "an oscilloscope" --label "a circuit board"',
        )
    )(forge)
    app.command(epilog=examples("dasein records --modality image", "dasein records rem:5e5e... --json"))(records)
    app.command(
        epilog=examples('dasein search "oscilloscope screenshot with two bursts"', "dasein search --image photo.jpg")
    )(search)
    app.command(epilog=examples("dasein models --json"))(models)


def _files(paths: Sequence[Path], *, recursive: bool) -> Iterator[Path]:
    """Yield the files that are meant: those of folders by name, without hidden ones."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        if not recursive:
            raise typer.BadParameter(f"{path} is a folder; --recursive takes what is in it", param_hint="FILE")
        found = [file for file in sorted(path.rglob("*")) if file.is_file() and not _hidden(file.relative_to(path))]
        if not found:
            raise typer.BadParameter(f"there is no file in {path}", param_hint="FILE")
        yield from found


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _form(path: Path) -> ReportFormat:
    form = next((known for known in MEDIA_TYPES if path.suffix == f".{known}"), None)
    if form is None:
        raise typer.BadParameter(f"{path} does not end with .html, .csv, .json or .png", param_hint="--report")
    return form


def _answer(here: Session, ended: Job, wanted: Sequence[tuple[Path, ReportFormat]], output: Path | None) -> None:
    """Say what became of the files and write what is wanted; leave with FAILED unless all became records."""
    remforge = here.client.remforge
    result = remforge.result(ended)
    shown = forged(result)
    for path, form in wanted:
        content = remforge.report(ended.id, form)
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content, indent=2).encode() + b"\n")
        shown.append(styled(f"{path}: {path.stat().st_size:,} bytes", "dim"))
    if output is not None:
        remforge.save_records(ended.id, output)
        shown.append(styled(f"{output}: {output.stat().st_size:,} bytes", "dim"))
    here.answer({**ended.raw, "result": result}, job_line(ended), *shown)
    if result["failed"]:
        raise typer.Exit(FAILED)
