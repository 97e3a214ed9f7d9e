"""The commands of REMForge against the real web application."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from dasein.cli import app
from jobs.model import Failure
from tests.dasein.conftest import Served, fail
from tests.dasein.forging import REPORTS, forges
from tests.dasein.scripted_server import answers, job, scripted, streams
from tests.dasein.test_knowledge import ends, params
from tests.dasein.test_knowledge_cli import HOSTILE, inert, said
from tests.web.rems import found, known, machine, rem

Cli = Callable[..., Result]


@pytest.fixture
def cli(served: Served) -> Cli:
    def invoke(*arguments: object, **env: str) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"DASEIN_URL": served.url, **env})

    return invoke


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    photo, diary = tmp_path / "photo.jpg", tmp_path / "diary.txt"
    photo.write_bytes(b"\xff\xd8\xff a photo")
    diary.write_text("I saw two bursts.")
    return photo, diary


def line(shown: str, name: str) -> str:
    """Return the line that begins with a name."""
    return next(each.rstrip() for each in shown.splitlines() if each.startswith(name))


def test_forge_makes_records_of_files_and_shows_them(served: Served, cli: Cli, files: tuple[Path, Path]) -> None:
    served.work(forges(ingestion="0193f0e2"))

    result = cli("forge", *files, "--level", "lite", "--tag", "lab")

    assert result.exit_code == 0
    told = line(result.stdout, "photo.jpg").split(maxsplit=3)
    assert told[1:] == ["text", rem("photo.jpg").header.rem_id, "A text: I saw two bursts."]
    assert "2 records, 0 refused, 1.5 s" in result.stdout
    assert "dasein wait 0193f0e2" in result.stdout
    assert "upload: 2/2 files" in result.stderr
    assert "2/2 files" in result.stderr.replace("upload: 2/2 files", "")
    asked = params(served)
    assert (served.behind.queue.sent[0][0], asked["level"], asked["tags"]) == ("remforge.batch", "lite", ["lab"])
    assert (asked["ingest"], [file["name"] for file in asked["files"]]) == (True, ["photo.jpg", "diary.txt"])


def test_forge_of_one_file_passes_on_how_to_look(served: Served, cli: Cli, files: tuple[Path, Path]) -> None:
    served.work(forges())
    options = ("--level", "full", "--label", "a cat", "--label", "a dog", "--no-ingest", "--priority", "9")

    document = said(cli("forge", files[0], *options, "--json"))

    assert (document["kind"], document["priority"], document["result"]["records"]) == ("remforge.forge", 9, 1)
    asked = params(served)
    assert (asked["level"], asked["labels"], asked["ingest"]) == ("full", ["a cat", "a dog"], False)


def test_forge_ends_with_1_when_a_file_was_refused_and_says_why(
    served: Served, cli: Cli, files: tuple[Path, Path]
) -> None:
    served.work(forges(refused=("photo.jpg",), shown=1, degraded=("speech: no model is set up",)))

    plain, as_json = cli("forge", *files), cli("forge", *files, "--json")

    assert (plain.exit_code, as_json.exit_code) == (1, 1)
    assert line(plain.stdout, "photo.jpg").endswith("The picture ends early. [truncated]")
    assert line(plain.stdout, "diary.txt").endswith("A text: I saw two bursts.")
    assert "Degraded: speech: no model is set up" in plain.stdout
    assert len(said(as_json)["result"]["files"]) == 2


def test_forge_ends_with_1_when_the_job_failed(served: Served, cli: Cli, files: tuple[Path, Path]) -> None:
    served.work(fail)

    plain, as_json = cli("forge", files[0]), cli("forge", files[0], "--json")

    assert (plain.exit_code, as_json.exit_code) == (1, 1)
    assert "It is for another machine." in plain.stdout
    assert said(as_json)["error"]["reason"] == "machine"


def test_forge_of_a_sequence_writes_its_reports_and_records(
    served: Served, cli: Cli, files: tuple[Path, Path], tmp_path: Path
) -> None:
    served.work(forges())
    reports = [tmp_path / f"day.{form}" for form in ("html", "csv", "png", "json")]
    options = [word for path in reports for word in ("--report", path)]

    result = cli("forge", *files, "--sequence", "--title", "A day", *options, "-o", tmp_path / "records.jsonl")

    assert result.exit_code == 0
    assert (served.behind.queue.sent[0][0], params(served)["title"]) == ("remforge.sequence", "A day")
    assert [path.read_bytes() for path in reports[:3]] == [REPORTS["html"], REPORTS["csv"], REPORTS["png"]]
    assert json.loads(reports[3].read_text()) == {"title": "A day"}
    names = [
        json.loads(text)["header"]["source"]["name"] for text in (tmp_path / "records.jsonl").read_text().splitlines()
    ]
    assert names == ["photo.jpg", "diary.txt"]


def test_a_sequence_that_was_not_waited_for_is_read_later(
    served: Served, cli: Cli, files: tuple[Path, Path], tmp_path: Path
) -> None:
    given_up = cli("forge", *files, "--sequence", "--timeout", "0.1")
    served.work(forges(refused=("photo.jpg",)))
    job_id = served.behind.queue.sent[0][1]

    waited = cli("wait", job_id)
    report = cli("report", job_id, "-o", tmp_path / "day.html")
    absent = cli("report", "nobody", "-o", tmp_path / "other.html")

    assert (given_up.exit_code, f"dasein wait {job_id}" in given_up.stderr) == (2, True)
    assert waited.exit_code == 0
    assert "The picture ends early." in waited.stdout
    assert f"dasein report {job_id} -o report.html" in waited.stdout
    assert (report.exit_code, (tmp_path / "day.html").read_bytes()) == (0, REPORTS["html"])
    assert absent.exit_code == 2


def test_forge_takes_the_files_of_folders_when_it_is_asked_to(served: Served, cli: Cli, tmp_path: Path) -> None:
    served.work(forges())
    names = ("b.txt", "a/z.txt", "a/a.txt", ".hidden", ".git/config", "a/.x")
    for name in names:
        (tmp_path / "folder" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "folder" / name).write_text(name)

    taken, refused = cli("forge", "--recursive", tmp_path / "folder"), cli("forge", tmp_path / "folder")

    assert taken.exit_code == 0
    assert [file["name"] for file in params(served)["files"]] == ["a.txt", "z.txt", "b.txt"]
    assert (refused.exit_code, len(served.behind.queue.sent)) == (2, 1)
    assert "--recursive" in refused.stderr


def test_a_long_list_of_records_is_cut_but_never_what_was_refused(served: Served, cli: Cli, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number:03}.txt" for number in range(105)]
    for path in paths:
        path.write_text("the same text")
    served.work(forges(refused=("002.txt", "104.txt")))

    result = cli("forge", *paths)

    assert "and 5 more records" in result.stdout
    assert line(result.stdout, "104.txt").endswith("[truncated]")
    assert "098.txt" in result.stdout
    assert "099.txt" not in result.stdout


@pytest.mark.parametrize(
    "options",
    [
        ("--level", "deep"),
        ("--title", "T"),
        ("--report", "day.html"),
        ("--sequence", "--report", "day.pdf"),
        ("--priority", "10"),
    ],
)
def test_forge_is_used_as_its_help_says(
    served: Served, cli: Cli, files: tuple[Path, Path], options: tuple[str, ...]
) -> None:
    result = cli("forge", *files, *options)

    assert result.exit_code == 2
    assert "Usage: " in result.stderr
    assert served.behind.queue.sent == []


def test_forge_names_a_file_that_cannot_be_sent(served: Served, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.txt").touch()

    absent, nothing = cli("forge", tmp_path / "absent.jpg"), cli("forge", "-r", tmp_path / "folder")
    empty = cli("forge", tmp_path / "empty.txt", "--json")

    assert (absent.exit_code, nothing.exit_code, empty.exit_code) == (2, 2, 2)
    assert "no file in" in nothing.stderr
    error = said(empty)["error"]
    assert (error["code"], Path(error["file"]).name) == ("bad-file", "empty.txt")
    assert served.behind.queue.sent == []


def test_records_are_listed_and_shown(served: Served, cli: Cli) -> None:
    assert cli("records").stdout == "There are no records yet.\n"
    (id_,) = known(served.behind, "diary.txt")

    listed, shown = cli("records"), cli("records", id_)
    as_json, whole = cli("records", "--modality", "text", "-n", "1", "--json"), cli("records", id_, "--json")
    absent = cli("records", "rem:0", "--json")

    assert line(listed.stdout, id_).split(maxsplit=3)[1:] == ["text", "diary.txt", "A text: I saw two bursts."]
    assert shown.stdout.startswith("A text: I saw two bursts.\n")
    assert line(shown.stdout, "qualia.text.entropy_bits").split()[1:] == ["2", "read", "1.00"]
    assert "sensorial.valence" not in shown.stdout
    assert "Note: nothing was looked at" in shown.stdout
    assert [record["rem_id"] for record in said(as_json)["records"]] == [id_]
    assert said(whole) == rem("diary.txt").model_dump(mode="json")
    assert (absent.exit_code, said(absent)["error"]["code"]) == (2, "not-found")


def test_search_shows_what_was_found_and_by_what(served: Served, cli: Cli, files: tuple[Path, Path]) -> None:
    served.work(ends(found("scope.png", degraded=("words: the store did not answer",)).model_dump(mode="json")))

    words, picture = cli("search", "two bursts", "--modality", "image"), cli("search", "--image", files[0], "--json")

    assert words.exit_code == 0
    assert "Two bursts on an oscilloscope." in line(words.stdout, "1.00")
    assert line(words.stdout, "1.00").endswith("image model (cosine 0.31)")
    assert "Degraded: words: the store did not answer" in words.stdout
    assert (params(served, 0)["query"], params(served, 0)["modality"]) == ("two bursts", "image")
    assert said(picture)["found"][0]["name"] == "scope.png"
    assert params(served, 1)["artifact"]


def test_search_ends_with_1_when_nothing_was_found_and_2_when_it_failed(served: Served, cli: Cli) -> None:
    served.work(ends(found().model_dump(mode="json")))
    nothing = cli("search", "a unicorn")
    wrong = [cli("search"), cli("search", "a", "--image", __file__), cli("search", "a", "-n", "101")]

    assert (nothing.exit_code, nothing.stdout) == (1, "No record was found.\n")
    assert [result.exit_code for result in wrong] == [2, 2, 2]
    assert all("Usage: " in result.stderr for result in wrong)


def test_a_search_that_failed_is_an_error(served: Served, cli: Cli) -> None:
    served.work(lambda served, job_id: served.behind.jobs.fail(job_id, Failure("store-unavailable", HOSTILE)))

    result = cli("search", "two bursts", "--json")

    assert (result.exit_code, said(result)["error"]["code"]) == (2, "store-unavailable")
    assert inert(result)


def test_models_are_listed_by_machine(served: Served, cli: Cli) -> None:
    assert cli("models").stdout == "No machine holds models.\n"
    served.behind.models.write(machine("one", at=served.behind.clock().timestamp()))

    shown, document = cli("models"), said(cli("models", "--json"))

    assert shown.stdout.startswith("one: cuda:0, 572 of 8,192 MiB, 75% of 40 embeddings from the cache\n")
    assert line(shown.stdout, "image").split() == [
        "image",
        "clip",
        "1",
        "loaded",
        "cuda:0",
        "float16",
        "572",
        "40",
        "MIT",
    ]
    assert line(shown.stdout, "speech").endswith("There is no such folder.")
    assert document["machines"][0]["node"] == "one"


def test_what_files_and_models_say_does_not_speak_to_the_terminal(
    served: Served, cli: Cli, files: tuple[Path, Path]
) -> None:
    (id_,) = known(served.behind, "diary.txt", text=HOSTILE)
    served.behind.models.write(machine(HOSTILE, at=served.behind.clock().timestamp(), device=HOSTILE))
    served.work(forges(refused=("photo.jpg",), degraded=(HOSTILE,)))

    results = [cli("records"), cli("records", id_), cli("models"), cli("forge", *files)]

    assert all(inert(result) for result in results)
    assert all("[bold]" in result.stdout for result in results)


@pytest.mark.parametrize(
    ("command", "body"),
    [
        (("records",), {"records": [7], "cursor": None}),
        (("records", "rem:0"), {"header": {}}),
        (("models",), {"machines": [{}]}),
    ],
)
def test_an_answer_that_is_none_is_an_error(command: tuple[str, ...], body: dict[str, Any]) -> None:
    with scripted(answers(body)) as farm:
        shown = CliRunner().invoke(app, [*command, "--url", farm.url])

    assert shown.exit_code == 2
    assert "that this client knows" in shown.stderr


@pytest.mark.parametrize("result", [{}, {"records": 1, "failed": 0, "more": 0, "files": [{}]}])
def test_a_result_that_is_none_is_an_error(tmp_path: Path, result: dict[str, Any]) -> None:
    path = tmp_path / "a.txt"
    path.write_text("a")
    ended = job(kind="remforge.forge", state="succeeded", result=result)
    done = 'id: 1-0\nevent: done\ndata: {"state": "succeeded", "error": null}\n\n'

    with scripted(answers(), answers(job(), status=202), streams(done), answers(ended)) as farm:
        shown = CliRunner().invoke(app, ["forge", str(path), "--url", farm.url, "--json"])

    assert (shown.exit_code, said(shown)["error"]["code"]) == (2, "bad-answer")
