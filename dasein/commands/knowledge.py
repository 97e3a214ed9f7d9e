"""Commands for what the farm knows: ask, chat, ingest, documents, remove, similar, graph."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import RenderableType

from dasein.answers import Job, State, understood
from dasein.commands.options import JsonOption, TagOption, TimeoutOption, UrlOption, examples
from dasein.commands.session import FAILED, Session, job_line, session
from dasein.findings import Severity
from dasein.shown import seconds, styled, table

SHOWN = 10
Mode = Literal["naive", "local", "global", "hybrid", "mix"]
Format = Literal["text", "markdown", "html", "pdf", "csv", "parquet"]
ThingArgument = Annotated[str, typer.Argument(metavar="ID", help="The id of a thing, as answers show them.")]


def ask(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="In English or Spanish.")],
    *,
    mode: Annotated[Mode, typer.Option(help="Where to look.")] = "mix",
    top_k: Annotated[int, typer.Option("--top-k", "-k", min=1, max=100, help="Passages to look at.")] = 10,
    firmware: Annotated[
        list[str] | None, typer.Option(help="Only this firmware: a name or a digest; repeatable.", show_default=False)
    ] = None,
    severity: Annotated[
        list[Severity] | None, typer.Option(help="Only findings so severe; repeatable.", show_default=False)
    ] = None,
    language: Annotated[
        Literal["en", "es"] | None, typer.Option(help="Of the answer; else the question's.", show_default=False)
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Answer again although the answer is cached.")] = False,
    evidence: Annotated[bool, typer.Option("--evidence", "-e", help="Show all evidence, not the first few.")] = False,
    timeout: TimeoutOption = None,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask what is known; every sentence of the answer names its evidence.

    Ends with 0 when there is an answer, 1 when nothing is known that answers the question, 2 on an error.
    """
    filters = {"firmware": firmware, "severity": [str(name) for name in severity or ()]}
    how: dict[str, Any] = {"mode": mode, "top_k": top_k, "fresh": fresh}
    if given := {name: value for name, value in filters.items() if value}:
        how["filters"] = given
    if language is not None:
        how["language"] = language
    with session(url, as_json=as_json) as here:
        answer = here.client.knowledge.ask(question, timeout_s=timeout, **how)
        with understood("answer"):
            shown, abstained = _answer(answer, all_evidence=evidence), bool(answer["abstained"])
        here.answer(answer, *shown)
        if abstained:
            raise typer.Exit(FAILED)


def chat(
    message: Annotated[str, typer.Argument(metavar="MESSAGE", help="In English or Spanish.")],
    conversation: Annotated[
        str | None, typer.Option("--session", "-s", help="Go on with this conversation.", show_default=False)
    ] = None,
    timeout: TimeoutOption = None,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a turn in a conversation: a question may refer to what was said before."""
    with session(url, as_json=as_json) as here:
        said = here.client.knowledge.chat(message, session=conversation, timeout_s=timeout)
        with understood("turn"):
            shown, going_on = _answer(said["turn"]["answer"], all_evidence=False), str(said["session"])
        here.answer(said, *shown)
        here.note(f"Go on: dasein chat --session {going_on} ...")


def ingest(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE...",
            exists=True,
            dir_okay=False,
            readable=True,
            help="Documents (txt, md, html, pdf) or measurements (csv, parquet).",
            show_default=False,
        ),
    ] = None,
    *,
    campaign: Annotated[
        list[str] | None, typer.Option(help="Take in this campaign's report; repeatable.", show_default=False)
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(help="What to call it; the same name again replaces it. Else the file's.", show_default=False),
    ] = None,
    title: Annotated[str, typer.Option(help="A line for people; else its own.", show_default=False)] = "",
    form: Annotated[Format | None, typer.Option("--format", help="Else by content.", show_default=False)] = None,
    firmware: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, readable=True, help="The ELF that was measured.", show_default=False),
    ] = None,
    tags: TagOption = None,
    timeout: TimeoutOption = None,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Have files or campaigns become part of what the farm knows.

    Ends with 0 when all of them are, 1 when one failed, 2 on an error.
    """
    files, campaigns = files or [], campaign or []
    if not files and not campaigns:
        raise typer.BadParameter("give a FILE or --campaign")
    if name is not None and len(files) != 1:
        raise typer.BadParameter("--name is for one file")
    names = [name or _name(file) for file in files]
    if repeated := next((each for each in names if each is not None and names.count(each) > 1), None):
        raise typer.BadParameter(f"two files would be called {repeated}; give them one by one, with --name")
    with session(url, as_json=as_json) as here:
        known = here.client.knowledge
        jobs = [
            known.ingest(
                file,
                name=called,
                title=title,
                tags=tags or (),
                format=form,
                firmware=firmware,
            )
            for file, called in zip(files, names, strict=True)
        ]
        jobs += [known.ingest_campaign(job_id) for job_id in campaigns]
        _ended(here, [here.follow(job, timeout_s=timeout) for job in jobs])


def documents(
    kind: Annotated[
        Literal["document", "measurements", "campaign", "rem"] | None,
        typer.Option(help="Only these.", show_default=False),
    ] = None,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the documents, measurements and campaigns that the farm knows."""
    with session(url, as_json=as_json) as here:
        found = list(here.client.knowledge.documents(kind=kind))
        with understood("page of documents"):
            rows = [(item["batch"], item["state"], item["title"]) for item in found]
        shown = table(("batch", "state", "title"), rows)
        here.answer({"documents": found}, shown if found else "Nothing was taken in yet.")


def remove(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of a document, or the id of a batch.")],
    timeout: TimeoutOption = None,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a document, measurements or a campaign out of what the farm knows, from every store."""
    with session(url, as_json=as_json) as here:
        _ended(here, [here.follow(here.client.knowledge.remove(name), timeout_s=timeout)])


def similar(
    instruction: ThingArgument,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100, help="At most so many.")] = SHOWN,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find instructions that were measured with a similar profile."""
    with session(url, as_json=as_json) as here:
        found = here.client.knowledge.similar(instruction, limit=limit)
        with understood("list of similar instructions"):
            rows = [(f"{item['score']:.3f}", item["id"], item["title"]) for item in found["similar"]]
        here.answer(found, table(("cosine", "instruction", ""), rows) if rows else "There is no other one.")


def graph(
    thing: ThingArgument,
    *,
    hops: Annotated[int, typer.Option(min=1, max=5, help="How far to look.")] = 1,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="At most so many things.")] = 50,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look around a thing: an instruction, a function, a campaign, an entity."""
    with session(url, as_json=as_json) as here:
        found = here.client.knowledge.graph(thing, hops=hops, limit=limit)
        with understood("neighbourhood"):
            rows = [(str(item["distance"]), item["label"], item["id"], _title(item)) for item in found["things"]]
            truncated = bool(found["truncated"])
        shown: list[RenderableType] = [table(("hops", "kind", "id", ""), rows)]
        if truncated:
            shown.append(styled("There is more; ask for it with --limit.", "yellow"))
        here.answer(found, *shown)


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command(
        epilog=examples(
            'dasein ask "Which instructions leak the key in aes128 build 7?"',
            'dasein ask "¿Qué función consume más energía?" --firmware "aes128 build 7"',
        )
    )(ask)
    app.command(epilog=examples('dasein chat "And in build 8?" --session 0193f0e2-...'))(chat)
    app.command(
        epilog=examples("dasein ingest notes.md datasheet.pdf --tag lab", "dasein ingest run7.csv --firmware aes.elf")
    )(ingest)
    app.command(epilog=examples("dasein documents --kind measurements --json"))(documents)
    app.command(epilog=examples("dasein remove notes"))(remove)
    app.command(epilog=examples("dasein similar 5e5e5e5e5e5e:08000123"))(similar)
    app.command(epilog=examples("dasein graph campaign:0193f0e2-... --hops 2"))(graph)


def _answer(answer: Mapping[str, Any], *, all_evidence: bool) -> list[RenderableType]:
    """Show an answer: its text, what it rests on, and what is to be doubted of it."""
    shown: list[RenderableType] = [*(styled(line) for line in str(answer["answer"]).splitlines())]
    cited = answer["cited"] if all_evidence else answer["cited"][:SHOWN]
    if cited:
        rows = [(f"{item['score']:.2f}", item["id"], item["title"]) for item in cited]
        shown += ["", table(("score", "evidence", ""), rows)]
    if (more := len(answer["cited"]) - len(cited)) > 0:
        shown.append(styled(f"and {more} more: --evidence shows all", "dim"))
    for claim in answer["claims"]:
        if claim.get("marked"):
            shown.append(styled(f"Doubtful ({claim['marked']}): {claim['text']}", "yellow"))
        if claim.get("conflicting"):
            shown.append(styled(f"Measurements contradict each other: {claim['text']}", "yellow"))
    shown += [styled(f"Degraded: {part}", "yellow") for part in answer["degraded"]]
    if answer["truncated"]:
        shown.append(styled("A limit cut the search short.", "yellow"))
    how = f"confidence {answer['confidence']:.2f}, {seconds(answer['processing_time_s'])}"
    shown.append(styled(f"{how}{', cached' if answer['cached'] else ''}", "dim"))
    return shown


def _ended(here: Session, jobs: Sequence[Job]) -> None:
    """Answer with jobs that have ended; leave with FAILED unless all ended well."""
    lines: list[RenderableType] = []
    with understood("result"):
        for job in jobs:
            lines.append(job_line(job))
            if job.result is not None:
                told = [f"{name} {value}" for name, value in job.result.items() if isinstance(value, int | str)]
                lines.append(styled("  " + ", ".join(told), "dim"))
                lines += [styled(f"  {warning}", "yellow") for warning in job.result.get("warnings", ())]
    here.answer({"jobs": [job.raw for job in jobs]} if len(jobs) > 1 else jobs[0].raw, *lines)
    if any(job.state is not State.SUCCEEDED for job in jobs):
        raise typer.Exit(FAILED)


def _name(file: Path) -> str | None:
    """Return a name for a file, if its own can be one."""
    name = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in "._-") else "-" for letter in file.name
    )
    return name.lstrip("._-")[:100] or None


def _title(thing: Mapping[str, Any]) -> str:
    shown = thing["properties"]
    words = shown.get("name") or f"{shown.get('mnemonic', '')} {shown.get('operands', '')}".strip()
    return str(words or shown.get("text", ""))[:80]
