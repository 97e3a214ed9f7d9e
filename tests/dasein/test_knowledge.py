"""The Python API of the knowledge, against the real web application."""

from pathlib import Path
from typing import Any

import pytest

from dasein import ApiError, BadAnswer, Client, JobFailed, WaitTimeout
from jobs.model import Failure
from jobs.questions import SimilarAnswer
from tests.dasein.conftest import Served, Work, fail
from tests.dasein.scripted_server import answers, scripted
from tests.web.knowledge import FIRMWARE, answer, fill, instruction, said


def ends(result: dict[str, Any]) -> Work:
    """Return hands that end every job with this result."""

    def work(served: Served, job_id: str) -> None:
        served.behind.jobs.finish(job_id, result)

    return work


def talk(served: Served, job_id: str) -> None:
    """Answer a turn."""
    jobs = served.behind.jobs
    jobs.finish(job_id, said(jobs.get(job_id)).model_dump(mode="json"))


def params(served: Served, index: int = -1) -> dict[str, Any]:
    """Return what the farm was asked."""
    return dict(served.behind.jobs.get(served.behind.queue.sent[index][1]).params)


def test_a_question_is_answered(served: Served, client: Client) -> None:
    served.work(ends(answer().model_dump(mode="json")))

    found = client.knowledge.ask("¿Qué filtra?", mode="local", filters={"severity": ["critical"]}, fresh=True)

    assert found["answer"] == "ldrb leaks."
    assert found["claims"][0]["evidence"] == [instruction(0)]
    asked = params(served)
    assert (asked["question"], asked["mode"], asked["fresh"]) == ("¿Qué filtra?", "local", True)
    assert asked["filters"]["severity"] == ["critical"]
    assert served.behind.queue.sent[0][2] == 7


def test_a_question_that_fails_raises_what_went_wrong(served: Served, client: Client) -> None:
    served.work(fail)

    with pytest.raises(JobFailed) as raised:
        client.knowledge.ask("?")

    assert (raised.value.code, raised.value.job_id) == ("machine", served.behind.queue.sent[0][1])
    assert "It is for another machine." in str(raised.value)
    assert raised.value.document()["job"] == raised.value.job_id


def test_a_question_that_is_cancelled_has_failed(served: Served, client: Client) -> None:
    served.work(lambda served, job_id: served.behind.jobs.fail(job_id, Failure("cancelled", "It was cancelled.")))

    with pytest.raises(JobFailed) as raised:
        client.knowledge.ask("?")

    assert raised.value.code == "cancelled"


def test_a_question_that_takes_too_long_goes_on(client: Client) -> None:
    with pytest.raises(WaitTimeout):
        client.knowledge.ask("?", timeout_s=0.1)


def test_a_wrong_question_is_refused_by_its_field(client: Client) -> None:
    with pytest.raises(ApiError) as raised:
        client.knowledge.ask("?", top_k=0)

    assert (raised.value.status, raised.value.field) == (422, "params.top_k")


def test_a_conversation_goes_on_under_its_name(served: Served, client: Client) -> None:
    served.work(talk)

    first = client.knowledge.chat("Which instructions leak?")
    client.knowledge.chat("Why?", session=first["session"])

    assert params(served, 0)["session"] is None
    assert params(served, 1)["session"] == first["session"] == served.behind.queue.sent[0][1]


def test_a_file_is_uploaded_and_taken_in(served: Served, client: Client, tmp_path: Path, elf: Path) -> None:
    run = tmp_path / "run7.csv"
    run.write_text("a,b\n1,2\n")

    job = client.knowledge.ingest(run, name="run7", title="Run 7", tags=["lab"], format="csv", firmware=elf)

    asked = params(served)
    assert (job.kind, job.state.value) == ("ingest", "queued")
    assert (asked["name"], asked["title"], asked["tags"], asked["format"]) == ("run7", "Run 7", ["lab"], "csv")
    stored = served.behind.artifacts.stat("default", asked["artifact"])
    assert (stored.bytes, stored.media_type) == (8, "text/csv")
    assert served.behind.artifacts.stat("default", asked["firmware"]).bytes == elf.stat().st_size


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.TXT", "text/plain"),
        ("a.md", "text/markdown"),
        ("a.pdf", "application/pdf"),
        ("a", "application/octet-stream"),
    ],
)
def test_a_file_says_what_it_is_by_its_name(
    served: Served, client: Client, tmp_path: Path, name: str, media_type: str
) -> None:
    (tmp_path / name).write_text("text")

    client.knowledge.ingest(tmp_path / name)

    assert served.behind.artifacts.stat("default", params(served)["artifact"]).media_type == media_type


def test_a_campaign_is_taken_in_by_its_id(served: Served, client: Client) -> None:
    client.knowledge.ingest_campaign("0193b1f0")

    assert params(served)["campaign"] == "0193b1f0"


def test_all_pages_of_documents_are_read(served: Served, client: Client) -> None:
    fill(served.behind)

    all_of_them = [item["batch"] for item in client.knowledge.documents(page=2)]
    documents = [item["batch"] for item in client.knowledge.documents(kind="document", page=1)]

    assert all_of_them == ["campaign:c", "document:notes", "measurements:half", "document:twin", "campaign:twin"]
    assert documents == ["document:notes", "document:twin"]


def test_a_document_is_removed_by_its_name(served: Served, client: Client) -> None:
    fill(served.behind)

    job = client.knowledge.remove("notes")

    assert (job.kind, params(served)) == ("remove", {"batch": "document:notes"})
    for name in ("nobody", "../artifacts", "a/b", "a\x00b", "..", "?limit=1"):
        with pytest.raises(ApiError) as raised:
            client.knowledge.remove(name)
        assert raised.value.status in {404, 405}


def test_an_instruction_and_what_lies_around_it_are_read(served: Served, client: Client) -> None:
    fill(served.behind)

    shown = client.knowledge.instruction(instruction(0))
    around = client.knowledge.graph(instruction(0), hops=2, limit=2)

    assert shown["instruction"]["properties"]["firmware"] == FIRMWARE
    assert (len(around["things"]), around["truncated"]) == (2, True)
    with pytest.raises(ApiError):
        client.knowledge.instruction("nobody")


def test_similar_instructions_are_found(served: Served, client: Client) -> None:
    found = SimilarAnswer(instruction=instruction(0), similar=(), data_version=7).model_dump(mode="json")
    served.work(ends(found))

    assert client.knowledge.similar(instruction(0), limit=3) == found
    assert params(served) == {"instruction": instruction(0), "limit": 3}


@pytest.mark.parametrize("page", [{}, {"documents": 7, "cursor": None}, {"documents": []}])
def test_a_farm_that_answers_something_else_is_named_so(page: dict[str, Any]) -> None:
    with scripted(answers(page)) as farm, Client(farm.url, patience_s=0) as client, pytest.raises(BadAnswer):
        list(client.knowledge.documents())
