import hashlib
import threading
import time
from pathlib import Path

import pytest

from dasein import ApiError, BadAnswer, Client, State, Unreachable
from tests.dasein.scripted_server import JOB_ID, answers, cut, hangs_up, job, refuses, scripted, streams
from tests.servers import free_port

HELLO = answers({"dead_letters": []})
"""A first answer, after which the farm counts as reached."""


def hold(until: threading.Event) -> None:
    """Keep a client waiting."""
    assert until.wait(20)


def event(number: int, name: str = "progress", data: str = '{"done": 1}') -> str:
    return f"id: {number}-0\nevent: {name}\ndata: {data}\n\n"


def test_where_nothing_listens_the_error_names_the_url_and_the_way_out() -> None:
    url = f"http://127.0.0.1:{free_port()}"

    began = time.monotonic()

    with Client(url, patience_s=60) as client, pytest.raises(Unreachable) as error:
        client.job(JOB_ID)

    assert time.monotonic() - began < 10
    assert url in str(error.value)
    assert "make up" in str(error.value)


def test_a_busy_farm_is_asked_again_as_it_says() -> None:
    busy = refuses(503, "store-unavailable", Retry_After="1")

    with scripted(busy, refuses(429, "overloaded"), answers(job())) as farm, Client(farm.url) as client:
        began = time.monotonic()
        found = client.job(JOB_ID)

    assert found.id == JOB_ID
    assert time.monotonic() - began >= 1


def test_a_farm_that_is_busy_for_longer_than_our_patience_is_an_error_at_once() -> None:
    with scripted(refuses(429, "overloaded", Retry_After="30")) as farm, Client(farm.url, patience_s=5) as client:
        began = time.monotonic()
        with pytest.raises(ApiError) as error:
            client.submit("ping", {})

    assert time.monotonic() - began < 5
    assert error.value.code == "overloaded"
    assert error.value.retry_after_s == 30


def test_a_post_whose_answer_was_lost_is_repeated_under_the_same_key() -> None:
    with scripted(HELLO, hangs_up, answers(job(), status=202)) as farm, Client(farm.url) as client:
        client.dead_letters()
        submitted = client.submit("ping", {})

    keys = [seen.headers["Idempotency-Key"] for seen in farm.seen[1:]]
    assert submitted.id == JOB_ID
    assert len(keys) == 2
    assert keys[0] == keys[1]


def test_a_replay_whose_answer_was_lost_is_not_repeated() -> None:
    with scripted(HELLO, hangs_up, answers(job())) as farm, Client(farm.url) as client:
        client.dead_letters()
        with pytest.raises(Unreachable):
            client.replay(JOB_ID)

    assert len(farm.seen) == 2


def test_patience_with_a_farm_that_went_away_ends() -> None:
    with scripted(HELLO) as farm, Client(farm.url, patience_s=0.5) as client:
        client.dead_letters()
        with pytest.raises(Unreachable):
            client.job(JOB_ID)

    assert len(farm.seen) > 2


def test_waiting_goes_on_with_what_was_known_after_a_connection_was_cut() -> None:
    ended = job(state="succeeded", result={})
    steps = (answers(job(), ETag='"v1"'), hangs_up, answers(status=304), answers(ended, ETag='"v2"'))

    with scripted(*steps) as farm, Client(farm.url) as client:
        found = client.wait(JOB_ID)

    assert found.state is State.SUCCEEDED
    assert [seen.headers.get("If-None-Match") for seen in farm.seen] == [None, '"v1"', '"v1"', '"v1"']
    assert farm.seen[0].path.endswith("wait=0")


def test_a_stream_cut_in_the_middle_of_an_event_resumes_without_gap_or_repetition() -> None:
    first = event(1) + event(2) + 'id: 3-0\nevent: progress\ndata: {"do'
    second = ": still here\n\n" + event(3) + event(4, "done")

    with scripted(streams(first), hangs_up, streams(second)) as farm, Client(farm.url) as client:
        events = list(client.events(JOB_ID))

    assert [event.id for event in events] == ["1-0", "2-0", "3-0", "4-0"]
    assert [seen.headers.get("Last-Event-ID") for seen in farm.seen] == [None, "2-0", "2-0"]


def test_a_stream_that_was_read_to_its_end_before_is_empty() -> None:
    with scripted(answers(status=204)) as farm, Client(farm.url) as client:
        assert list(client.events(JOB_ID, after="9-0")) == []

    assert farm.seen[0].headers["Last-Event-ID"] == "9-0"


def test_a_stream_that_only_ever_ends_is_given_up() -> None:
    with scripted(*[streams("")] * 50) as farm, Client(farm.url, patience_s=0.5) as client, pytest.raises(Unreachable):
        list(client.events(JOB_ID))


def test_line_ends_that_json_may_hold_do_not_cut_an_event() -> None:
    data = '{"message": "one\u2028two\x85three"}'

    with scripted(streams(event(1, "partial", data) + event(2, "done"))) as farm, Client(farm.url) as client:
        events = list(client.events(JOB_ID))

    assert events[0].data["message"] == "one\u2028two\x85three"


@pytest.mark.parametrize("data", ["[1]", "not json"])
def test_an_event_that_is_no_object_is_a_bad_answer(data: str) -> None:
    with (
        scripted(streams(event(1, "progress", data))) as farm,
        Client(farm.url) as client,
        pytest.raises(BadAnswer, match="1-0"),
    ):
        list(client.events(JOB_ID))


def test_an_upload_cut_in_the_middle_is_sent_again_whole(tmp_path: Path) -> None:
    elf = tmp_path / "firmware.elf"
    elf.write_bytes(b"\x7fELF" * 1000)
    artifact_id = f"sha256:{hashlib.sha256(elf.read_bytes()).hexdigest()}"
    stored = answers({"artifact_id": artifact_id}, status=201)

    with scripted(refuses(404, "not-found"), hangs_up, stored) as farm, Client(farm.url) as client:
        uploaded = client.upload(elf)

    assert uploaded == artifact_id
    assert [seen.method for seen in farm.seen] == ["HEAD", "POST", "POST"]
    assert [seen.body for seen in farm.seen] == [b"", elf.read_bytes(), elf.read_bytes()]


def test_a_file_that_changed_while_it_was_sent_is_told(tmp_path: Path) -> None:
    elf = tmp_path / "firmware.elf"
    elf.write_bytes(b"\x7fELF")
    other = answers({"artifact_id": f"sha256:{'0' * 64}"}, status=201)

    with (
        scripted(refuses(404, "not-found"), other) as farm,
        Client(farm.url) as client,
        pytest.raises(BadAnswer, match="changed"),
    ):
        client.upload(elf)


def test_traces_cut_in_the_middle_are_fetched_again(tmp_path: Path) -> None:
    whole = bytes(range(256)) * 40
    steps = (cut(whole[:5000], announced=len(whole), media_type="application/octet-stream"), answers(whole))

    with scripted(*steps) as farm, Client(farm.url) as client:
        path = client.traces(JOB_ID, tmp_path / "traces.npy")

    assert path.read_bytes() == whole
    assert list(tmp_path.iterdir()) == [path]


def test_traces_that_never_arrive_whole_leave_the_old_file_alone(tmp_path: Path) -> None:
    old = tmp_path / "traces.npy"
    old.write_bytes(b"old")
    step = cut(b"new", announced=100, media_type="application/octet-stream")

    with scripted(*[step] * 50) as farm, Client(farm.url, patience_s=0.3) as client, pytest.raises(Unreachable):
        client.traces(JOB_ID, old)

    assert old.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [old]


def test_a_redirect_is_named_not_followed() -> None:
    with (
        scripted(answers(status=301, Location="https://elsewhere/")) as farm,
        Client(farm.url) as client,
        pytest.raises(BadAnswer, match="https://elsewhere/"),
    ):
        client.job(JOB_ID)


def test_another_server_than_a_farm_is_told_apart() -> None:
    page = b"<h1>It works!</h1>"

    with scripted(answers(page, media_type="text/html"), answers(page, status=404, media_type="text/html")) as farm:
        with Client(farm.url) as client, pytest.raises(BadAnswer, match="not JSON"):
            client.job(JOB_ID)
        with Client(farm.url) as client, pytest.raises(ApiError, match="not as a farm does") as refused:
            client.job(JOB_ID)

    assert refused.value.code == "http-404"


@pytest.mark.parametrize(
    "said", [[], {"id": JOB_ID}, job(state="floating"), job(timings={}), job(progress={"done": "x"})]
)
def test_a_job_of_another_shape_is_a_bad_answer(said: object) -> None:
    with scripted(answers(said)) as farm, Client(farm.url) as client, pytest.raises(BadAnswer):
        client.job(JOB_ID)


def test_a_newer_farm_may_say_more() -> None:
    with scripted(answers(job(mood="good"))) as farm, Client(farm.url) as client:
        assert client.job(JOB_ID).raw["mood"] == "good"


def test_a_key_is_sent_with_every_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASEIN_API_KEY", "secret-key\n")

    with scripted(answers(job())) as farm, Client(farm.url) as client:
        client.job(JOB_ID)

    assert farm.seen[0].headers["X-API-Key"] == "secret-key"


def test_a_farm_that_answers_slower_than_allowed_is_unreachable() -> None:
    enough = threading.Event()

    with scripted(lambda _exchange: hold(enough)) as farm, Client(farm.url, timeout_s=0.1) as client:
        with pytest.raises(Unreachable, match="timed out"):
            client.job(JOB_ID)
        enough.set()
