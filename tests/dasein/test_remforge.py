"""The Python API of REMForge, against the real web application."""

import json
from pathlib import Path
from typing import Any

import pytest

from dasein import ApiError, BadAnswer, BadFile, Client, JobFailed, State, Unreachable, WaitTimeout
from jobs.rem import Modality
from tests.dasein.conftest import Served, fail
from tests.dasein.forging import REPORTS, forges
from tests.dasein.scripted_server import answers, cut, scripted
from tests.dasein.test_knowledge import ends, params
from tests.web.rems import found, known, machine, rem

JPEG = b"\xff\xd8\xff\xe0 a photo"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(JPEG)
    return path


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    path = tmp_path / "diary.txt"
    path.write_text("I saw two bursts.")
    return path


def test_one_file_becomes_a_record(served: Served, client: Client, photo: Path) -> None:
    served.work(forges())

    result = client.remforge.forge(photo, level="full", labels=["a cat"], tags=["lab"], ingest=False, priority=7)

    assert (result["records"], result["files"][0]["name"]) == (1, "photo.jpg")
    (kind, job_id, priority) = served.behind.queue.sent[0]
    assert (kind, priority, client.job(job_id).tags) == ("remforge.forge", 7, ("lab",))
    asked = params(served)
    told = (asked["name"], asked["level"], asked["labels"], asked["tags"], asked["ingest"])
    assert told == ("photo.jpg", "full", ["a cat"], ["lab"], False)
    assert served.behind.artifacts.stat("default", asked["artifact"]).media_type == "image/jpeg"


def test_many_files_are_one_job_in_their_order(served: Served, client: Client, photo: Path, diary: Path) -> None:
    served.work(forges())
    seen: list[tuple[int, int]] = []
    states: list[State] = []

    result = client.remforge.forge(
        [photo, str(diary), photo],
        on_upload=lambda done, of: seen.append((done, of)),
        on_change=lambda job: states.append(job.state),
    )

    assert [file["name"] for file in result["files"]] == ["photo.jpg", "diary.txt", "photo.jpg"]
    assert [kind for kind, _, _ in served.behind.queue.sent] == ["remforge.batch"]
    assert [file["artifact"] for file in params(served)["files"]] == [
        client.upload(path) for path in (photo, diary, photo)
    ]
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert states[-1] is State.SUCCEEDED


def test_a_sequence_has_a_title_and_a_report(served: Served, client: Client, photo: Path) -> None:
    served.work(forges())

    result = client.remforge.forge(photo, sequence=True, title="A day")

    job_id = result["job"]
    assert (client.job(job_id).kind, params(served)["title"]) == ("remforge.sequence", "A day")
    assert client.remforge.report(job_id) == {"title": "A day"}
    assert client.remforge.report(job_id, "png") == REPORTS["png"]


def test_a_file_that_is_refused_does_the_others_no_harm(
    served: Served, client: Client, photo: Path, diary: Path
) -> None:
    served.work(forges(refused=("photo.jpg",)))

    result = client.remforge.forge([photo, diary])

    assert (result["records"], result["failed"]) == (1, 1)
    refused, _ = result["files"]
    assert (refused["rem_id"], refused["code"], refused["reason"]) == (None, "invalid-file", "truncated")


def test_a_result_of_which_the_job_shows_a_part_is_read_whole(
    served: Served, client: Client, photo: Path, diary: Path
) -> None:
    served.work(forges(shown=0))

    result = client.remforge.forge([photo, diary])

    assert client.job(result["job"]).result == result | {"files": [], "more": 2}
    assert [file["name"] for file in result["files"]] == ["photo.jpg", "diary.txt"]


def test_a_job_that_fails_raises_what_went_wrong(served: Served, client: Client, photo: Path) -> None:
    served.work(fail)

    with pytest.raises(JobFailed) as raised:
        client.remforge.forge(photo)

    assert raised.value.code == "machine"


def test_files_that_take_too_long_go_on(client: Client, photo: Path) -> None:
    with pytest.raises(WaitTimeout):
        client.remforge.forge(photo, timeout_s=0.1)


def test_a_file_that_is_empty_or_too_large_is_named_before_anything_is_submitted(
    served: Served, client: Client, photo: Path, tmp_path: Path
) -> None:
    empty, large = tmp_path / "empty.txt", tmp_path / "large.wav"
    empty.touch()
    large.write_bytes(b"RIFF" + bytes(2**20))

    for path in (empty, large):
        with pytest.raises(BadFile, match=path.name) as raised:
            client.remforge.submit([photo, path])
        assert raised.value.document()["file"] == str(path)
    assert served.behind.queue.sent == []


def test_no_file_and_too_many_are_no_job(client: Client, photo: Path) -> None:
    for files, sequence, most in (([], False, 5000), ([photo] * 5001, False, 5000), ([photo] * 1001, True, 1000)):
        with pytest.raises(ValueError, match=f"1 to {most} files"):
            client.remforge.submit(files, sequence=sequence)


@pytest.mark.parametrize(
    ("name", "called"),
    [("a\nb.txt", "a_b.txt"), ("a\\b.txt", "a_b.txt"), ("ñ😀.txt", "ñ😀.txt"), ("\udcff.txt", "?.txt")],
)
def test_a_file_may_be_called_what_no_farm_takes(
    served: Served, client: Client, tmp_path: Path, name: str, called: str
) -> None:
    (tmp_path / name).write_text("text")

    client.remforge.submit(tmp_path / name)

    assert params(served)["name"] == called


def test_what_the_farm_refuses_is_named_by_its_field(client: Client, photo: Path) -> None:
    with pytest.raises(ApiError) as raised:
        client.remforge.submit(photo, labels=[""])

    assert (raised.value.status, raised.value.field) == (422, "params.labels.0")


def test_the_records_of_a_job_are_read_one_by_one_and_saved(
    served: Served, client: Client, photo: Path, diary: Path, tmp_path: Path
) -> None:
    served.work(forges())
    job_id = client.remforge.forge([diary, photo])["job"]

    records = list(client.remforge.records_of(job_id))
    saved = client.remforge.save_records(job_id, tmp_path / "records.jsonl")

    assert [record["header"]["source"]["name"] for record in records] == ["diary.txt", "photo.jpg"]
    assert [json.loads(line) for line in saved.read_bytes().split(b"\n")[:-1]] == records


def test_records_are_cut_at_line_feeds_alone_and_the_last_may_have_none() -> None:
    lines = b'{"a": "\xe2\x80\xa8\xc2\x85"}\n{"a": 2}'

    with scripted(answers(lines, media_type="application/x-ndjson")) as farm, Client(farm.url) as client:
        assert list(client.remforge.records_of("a")) == [{"a": "\u2028\x85"}, {"a": 2}]


def test_records_that_break_off_are_an_error() -> None:
    broken = cut(b'{"a": 1}\n', announced=100, media_type="application/x-ndjson")

    with scripted(broken) as farm, Client(farm.url, patience_s=0) as client, pytest.raises(Unreachable):
        list(client.remforge.records_of("a"))


def test_all_pages_of_records_are_read(served: Served, client: Client) -> None:
    texts = known(served.behind, *(f"{number}.txt" for number in range(5)))
    (photo,) = known(served.behind, "photo.jpg", modality=Modality.IMAGE)

    records = list(client.remforge.records(page=2))
    pictures = list(client.remforge.records(modality="image"))

    assert {record["rem_id"] for record in records} == {*texts, photo}
    assert len(records) == 6
    assert [record["rem_id"] for record in pictures] == [photo]


def test_a_record_is_read_and_taken_away_by_its_id(served: Served, client: Client) -> None:
    (id_,) = known(served.behind, "diary.txt")

    record, job = client.remforge.record(id_), client.remforge.remove(id_)

    assert record == rem("diary.txt").model_dump(mode="json")
    assert (job.kind, params(served)) == ("remove", {"batch": id_})
    for name in ("nobody", "../jobs", "a/b", ""):
        with pytest.raises((ApiError, BadAnswer)):
            client.remforge.record(name)["header"]


def test_words_and_pictures_find_records(served: Served, client: Client, photo: Path) -> None:
    served.work(ends(found("scope.png").model_dump(mode="json")))

    by_words = client.remforge.search_records("two bursts", modality="image", limit=3)
    by_picture = client.remforge.search_records(photo)

    assert by_words["found"][0]["name"] == by_picture["found"][0]["name"] == "scope.png"
    asked = params(served, 0)
    assert (asked["query"], asked["modality"], asked["limit"]) == ("two bursts", "image", 3)
    assert served.behind.artifacts.stat("default", params(served, 1)["artifact"]).bytes == len(JPEG)


def test_the_models_of_the_machines_are_read(served: Served, client: Client) -> None:
    assert client.remforge.models() == []
    served.behind.models.write(machine("one", at=served.behind.clock().timestamp()))

    (told,) = client.remforge.models()

    assert (told["node"], [model["role"] for model in told["models"]]) == ("one", ["image", "speech"])


@pytest.mark.parametrize("body", [{}, {"records": 7, "cursor": None}, {"records": []}])
def test_a_farm_that_answers_something_else_is_named_so(body: dict[str, Any]) -> None:
    with scripted(answers(body)) as farm, Client(farm.url, patience_s=0) as client, pytest.raises(BadAnswer):
        list(client.remforge.records())
    with scripted(answers(body)) as farm, Client(farm.url, patience_s=0) as client, pytest.raises(BadAnswer):
        client.remforge.models()
