"""The commands of the knowledge against the real web application."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from dasein.cli import app
from jobs.model import Failure
from jobs.questions import Claim, Similar, SimilarAnswer
from tests.dasein.conftest import Served, fail
from tests.dasein.scripted_server import answers, job, scripted, streams
from tests.dasein.test_knowledge import ends, params, talk
from tests.web.knowledge import answer, fill, instruction

Cli = Callable[..., Result]
HOSTILE = "\x1b]0;owned\x07\x1b[2J[bold]\u202egnp.exe"


@pytest.fixture
def cli(served: Served) -> Cli:
    def invoke(*arguments: object, **env: str) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"DASEIN_URL": served.url, **env})

    return invoke


def said(result: Result) -> Any:
    """Return the one document on standard output."""
    return json.loads(result.stdout)


def know(served: Served, **changes: Any) -> None:
    """Answer every question so."""
    served.work(ends(answer(**changes).model_dump(mode="json")))


def inert(result: Result) -> bool:
    return not any(letter in result.output for letter in "\x1b\x07\u202e")


def test_ask_shows_the_answer_its_evidence_and_how_sure_it_is(served: Served, cli: Cli) -> None:
    know(served)

    result = cli("ask", "Which instruction leaks?")

    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "ldrb leaks."
    assert any(f"0.93   {instruction(0)}" in line for line in lines)
    assert lines[-1] == "confidence 0.75, 12 ms"


def test_ask_passes_on_how_to_look(served: Served, cli: Cli) -> None:
    know(served, cached=True)
    options = ("--mode", "local", "-k", "3", "--language", "es", "--fresh")
    filters = ("--firmware", "aes128 build 7", "--firmware", "b", "--severity", "critical", "--severity", "high")

    result = cli("ask", "¿Qué filtra?", *options, *filters)

    assert "cached" in result.stdout
    asked = params(served)
    assert (asked["question"], asked["mode"], asked["top_k"], asked["language"], asked["fresh"]) == (
        "¿Qué filtra?",
        "local",
        3,
        "es",
        True,
    )
    assert asked["filters"]["firmware"] == ["aes128 build 7", "b"]
    assert asked["filters"]["severity"] == ["critical", "high"]


def test_ask_answers_a_program_with_the_farms_document(served: Served, cli: Cli) -> None:
    know(served)

    result = cli("ask", "?", "--json")

    assert said(result) == answer().model_dump(mode="json")


def test_ask_ends_with_1_when_nothing_is_known(served: Served, cli: Cli) -> None:
    know(served, abstained=True, answer="Nothing is known.", claims=(), cited=(), evidence=(), confidence=0)

    plain, as_json = cli("ask", "?"), cli("ask", "?", "--json")

    assert (plain.exit_code, as_json.exit_code) == (1, 1)
    assert plain.stdout.startswith("Nothing is known.")
    assert said(as_json)["abstained"] is True


def test_ask_ends_with_2_when_the_question_failed(served: Served, cli: Cli) -> None:
    served.work(lambda served, job_id: served.behind.jobs.fail(job_id, Failure("store-unavailable", HOSTILE)))

    plain, as_json = cli("ask", "?"), cli("ask", "?", "--json")

    assert (plain.exit_code, as_json.exit_code) == (2, 2)
    assert said(as_json)["error"]["code"] == "store-unavailable"
    assert inert(plain)


def test_ask_gives_up_in_time_and_says_how_to_go_on(cli: Cli) -> None:
    result = cli("ask", "?", "--timeout", "0.1", "--json")

    assert result.exit_code == 2
    assert said(result)["error"]["code"] == "wait-timeout"
    assert "dasein wait" in result.stderr


def test_what_is_to_be_doubted_is_said(served: Served, cli: Cli) -> None:
    claims = (
        Claim(text="It is safe.", evidence=(), marked="cites no evidence"),
        Claim(text="2.5 uJ, or 3.5 uJ.", evidence=(instruction(0),), conflicting=True),
    )
    know(served, claims=claims, degraded=("vectors: the store did not answer",), truncated=True)

    shown = cli("ask", "?").stdout

    assert "Doubtful (cites no evidence): It is safe." in shown
    assert "Measurements contradict each other: 2.5 uJ, or 3.5 uJ." in shown
    assert "Degraded: vectors: the store did not answer" in shown
    assert "A limit cut the search short." in shown


def test_a_long_list_of_evidence_is_cut_unless_all_is_asked_for(served: Served, cli: Cli) -> None:
    one = answer().cited[0]
    many = tuple(one.model_copy(update={"id": instruction(number)}) for number in range(14))
    know(served, cited=many)

    first, everything = cli("ask", "?").stdout, cli("ask", "?", "--evidence").stdout

    assert "and 4 more" in first
    assert instruction(13) not in first
    assert instruction(13) in everything


def test_an_answer_does_not_speak_to_the_terminal(served: Served, cli: Cli) -> None:
    one = answer().cited[0].model_copy(update={"title": HOSTILE, "id": HOSTILE})
    doubtful = Claim(text=HOSTILE, evidence=(), marked=HOSTILE)
    know(served, answer=f"{HOSTILE}\n{HOSTILE}", cited=(one,), claims=(doubtful,), degraded=(HOSTILE,))

    result = cli("ask", "?", "--evidence")

    assert result.exit_code == 0
    assert inert(result)
    assert "[bold]" in result.stdout


def test_chat_answers_and_says_how_to_go_on(served: Served, cli: Cli) -> None:
    served.work(talk)

    first = cli("chat", "Which instructions leak?")
    session = params(served)["session"] or served.behind.queue.sent[0][1]
    second = cli("chat", "Why?", "--session", session, "--json")

    assert first.exit_code == 0
    assert first.stdout.startswith("ldrb leaks.")
    assert f"dasein chat --session {session}" in first.stderr
    assert said(second)["session"] == session
    assert cli("chat", "Why?", "--session", "no such name").exit_code == 2


def test_ingest_takes_files_in_and_waits(served: Served, cli: Cli, tmp_path: Path, elf: Path) -> None:
    notes, run = tmp_path / "Año 7 (notes).md", tmp_path / "run7.csv"
    notes.write_text("# Notes")
    run.write_text("a,b")
    served.work(ends({"batch": "document:x", "version": 3, "records": 1, "unchanged": False, "warnings": [HOSTILE]}))

    one = cli("ingest", notes, "--title", "T", "--tag", "lab", "--format", "markdown", "--json")
    two = cli("ingest", notes, run, "--firmware", elf)

    assert (one.exit_code, two.exit_code) == (0, 0)
    assert said(one)["result"]["version"] == 3
    first = params(served, 0)
    assert (first["name"], first["title"], first["tags"], first["format"]) == (
        "A-o-7--notes-.md",
        "T",
        ["lab"],
        "markdown",
    )
    # What a document calls itself is better than what its file is called.
    assert [params(served, index)["title"] for index in (1, 2)] == ["", ""]
    assert two.stdout.count("succeeded") == 2
    assert "batch document:x, version 3" in two.stdout
    assert inert(two)


def test_ingest_takes_campaigns_in(served: Served, cli: Cli) -> None:
    served.work(ends({"batch": "campaign:a", "warnings": []}))

    result = cli("ingest", "--campaign", "a", "--campaign", "b", "--json")

    assert result.exit_code == 0
    assert [params(served, index)["campaign"] for index in (0, 1)] == ["a", "b"]
    assert [job["state"] for job in said(result)["jobs"]] == ["succeeded", "succeeded"]


def test_ingest_ends_with_1_when_one_failed(served: Served, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("a")
    served.work(fail)

    result = cli("ingest", tmp_path / "a.md")

    assert result.exit_code == 1
    assert "It is for another machine." in result.stdout


def test_ingest_is_used_with_a_source_and_names_that_differ(served: Served, cli: Cli, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "notes.md").write_text(folder)
    notes = [tmp_path / folder / "notes.md" for folder in ("a", "b")]

    wrong = [cli("ingest"), cli("ingest", "absent.md"), cli("ingest", *notes), cli("ingest", *notes, "--name", "n")]
    wrong += [cli("ingest", "--campaign", "c", "--name", "n"), cli("ingest", notes[0], "--format", "docx")]

    assert [result.exit_code for result in wrong] == [2] * len(wrong)
    assert all("Usage: " in result.stderr for result in wrong)
    assert served.behind.queue.sent == []


def test_documents_are_listed(served: Served, cli: Cli) -> None:
    assert cli("documents").stdout == "Nothing was taken in yet.\n"
    fill(served.behind)

    table, document = cli("documents").stdout, said(cli("documents", "--kind", "document", "--json"))

    assert "document:notes     visible  <document:notes>" in table
    assert [item["batch"] for item in document["documents"]] == ["document:notes", "document:twin"]


def test_remove_waits_for_its_end(served: Served, cli: Cli) -> None:
    fill(served.behind)
    served.work(ends({"batch": "document:notes", "removed": 4}))

    gone, absent = cli("remove", "notes"), cli("remove", "nobody", "--json")

    assert (gone.exit_code, absent.exit_code) == (0, 2)
    assert "batch document:notes, removed 4" in gone.stdout
    assert said(absent)["error"]["code"] == "not-found"


def test_similar_instructions_are_shown_with_their_cosines(served: Served, cli: Cli) -> None:
    one = Similar(id=instruction(3), score=0.98765, title=f"ldrb {HOSTILE}", sources=("measurements:m",))
    found = SimilarAnswer(instruction=instruction(0), similar=(one,), data_version=7)
    served.work(ends(found.model_dump(mode="json")))

    shown, document = cli("similar", instruction(0), "-n", "3"), cli("similar", instruction(0), "--json")

    assert f"0.988   {instruction(3)}" in shown.stdout
    assert inert(shown)
    assert SimilarAnswer.model_validate(said(document)) == found


def test_nothing_similar_is_said(served: Served, cli: Cli) -> None:
    served.work(ends(SimilarAnswer(instruction="a", similar=(), data_version=7).model_dump(mode="json")))

    assert cli("similar", "a").stdout == "There is no other one.\n"


def test_graph_shows_what_lies_around(served: Served, cli: Cli) -> None:
    fill(served.behind)

    shown, cut = cli("graph", instruction(0)), cli("graph", instruction(0), "-n", "1", "--json")
    absent = cli("graph", "nobody")

    assert f"0     Instruction            {instruction(0)}" in shown.stdout
    assert "ldrb r3, [r2]" in shown.stdout
    assert "There is more" not in shown.stdout
    assert (len(said(cut)["things"]), said(cut)["truncated"]) == (1, True)
    assert "There is more" in cli("graph", instruction(0), "-n", "1").stdout
    assert absent.exit_code == 2


@pytest.mark.parametrize(
    ("command", "result"),
    [
        (("ask", "?"), {}),
        (("ask", "?"), {"answer": "a", "cited": 7}),
        (("ask", "?"), answer().model_dump(mode="json") | {"confidence": "high"}),
        (("chat", "?"), {"session": "s"}),
        (("ingest", "--campaign", "c"), {"warnings": 7}),
    ],
)
def test_a_result_that_is_none_is_an_error(command: tuple[str, ...], result: dict[str, Any]) -> None:
    ended = job(state="succeeded", result=result)
    done = 'id: 1-0\nevent: done\ndata: {"state": "succeeded", "error": null}\n\n'
    middle = (streams(done),) if command[0] == "ingest" else ()

    with scripted(answers(job(), status=202), *middle, answers(ended)) as farm:
        shown = CliRunner().invoke(app, [*command, "--url", farm.url, "--json"])

    assert shown.exit_code == 2
    assert said(shown)["error"]["code"] == "bad-answer"


@pytest.mark.parametrize(
    ("command", "body"),
    [("similar", {}), ("graph", {"things": [{}]}), ("documents", {"documents": [7], "cursor": None})],
)
def test_an_answer_that_is_none_is_an_error(command: str, body: dict[str, Any]) -> None:
    with scripted(answers(body)) as farm:
        arguments = [command, "a"] if command != "documents" else [command]
        shown = CliRunner().invoke(app, [*arguments, "--url", farm.url, "--json"])

    assert shown.exit_code == 2
    assert said(shown)["error"]["code"] == "bad-answer"


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask"],
        ["ask", "?", "--mode", "deep"],
        ["ask", "?", "-k", "0"],
        ["ask", "?", "--severity", "severe"],
        ["ask", "?", "--language", "fr"],
        ["documents", "--kind", "book"],
        ["similar"],
        ["similar", "a", "-n", "101"],
        ["graph", "a", "--hops", "6"],
        ["remove"],
    ],
)
def test_a_wrong_usage_ends_with_2_and_a_hint(cli: Cli, arguments: list[str]) -> None:
    result = cli(*arguments)

    assert result.exit_code == 2
    assert "Usage: " in result.stderr


def test_the_help_names_the_commands_of_the_knowledge(cli: Cli) -> None:
    shown = cli("--help").stdout

    for command in ("ask", "chat", "ingest", "documents", "remove", "similar", "graph"):
        assert f" {command} " in shown
