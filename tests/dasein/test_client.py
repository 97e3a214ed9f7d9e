from pathlib import Path

import pytest

from dasein import ApiError, Client, Job, State, WaitTimeout
from tests.dasein.conftest import CAMPAIGN, Served, fail, give_up, measure, succeed
from tests.servers import eventually


def test_an_upload_is_named_by_its_digest_and_sent_once(served: Served, client: Client, elf: Path) -> None:
    first = client.upload(elf)
    elf.touch()
    second = client.upload(elf)

    assert first == second
    assert served.behind.artifacts.stat("default", first).bytes == elf.stat().st_size


def test_an_empty_file_is_refused(client: Client, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()

    with pytest.raises(ApiError, match="empty"):
        client.upload(empty)


def test_an_upload_over_the_limit_is_refused_with_the_farms_words(client: Client, tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(bytes(3 * 2**20))

    with pytest.raises(ApiError) as refused:
        client.upload(large)

    assert refused.value.code == "too-large"
    assert refused.value.status == 413
    assert refused.value.trace_id


def test_a_submitted_job_is_queued_as_asked(client: Client) -> None:
    job = client.submit("ping", {"echo": "hello"}, priority=9, tags=["a", "b"], deadline_s=60)

    assert job == client.job(job.id)
    assert (job.kind, job.state, job.priority, job.tags) == ("ping", State.QUEUED, 9, ("a", "b"))
    assert job.raw["params"]["echo"] == "hello"
    assert job.raw["deadline_at"] is not None


def test_the_same_key_makes_one_job_and_no_key_makes_two(client: Client) -> None:
    keyed = {client.submit("ping", {}, idempotency_key="build-1").id for _ in range(2)}
    free = {client.submit("ping", {}).id for _ in range(2)}

    assert len(keyed) == 1
    assert len(free) == 2


def test_a_key_that_no_header_can_hold_is_refused_before_it_is_sent(client: Client) -> None:
    with pytest.raises(ValueError, match="visible ASCII"):
        client.submit("ping", {}, idempotency_key="two words")


def test_a_refusal_names_every_field(client: Client) -> None:
    with pytest.raises(ApiError) as refused:
        client.submit("ping", {"echo": 1, "duration": 2})

    assert refused.value.code == "invalid-input"
    assert {field for field, _ in refused.value.fields} == {"params.echo", "params.duration"}
    assert "params.duration" in str(refused.value)


def test_an_unknown_job_is_not_found(client: Client) -> None:
    with pytest.raises(ApiError, match="not-found"):
        client.job("0193f0e2-7c1e-7000-8000-000000000001")


def test_an_id_with_slashes_stays_one_part_of_the_path(client: Client) -> None:
    with pytest.raises(ApiError) as refused:
        client.job("../artifacts?x=1")

    assert refused.value.status == 404


def test_a_campaign_uploads_its_firmware_or_names_it(served: Served, client: Client, elf: Path) -> None:
    by_path = client.submit_campaign(elf, CAMPAIGN)
    by_id = client.submit_campaign(client.upload(elf), CAMPAIGN, tags=["nightly"])

    assert by_path.raw["params"]["firmware"] == by_id.raw["params"]["firmware"]
    assert by_id.tags == ("nightly",)
    assert [kind for kind, _, _ in served.behind.queue.sent] == ["campaign", "campaign"]


def test_waiting_shows_every_change_and_returns_the_end(served: Served, client: Client, elf: Path) -> None:
    seen: list[Job] = []
    job = client.submit_campaign(elf, CAMPAIGN)
    served.work(measure())

    ended = client.wait(job.id, on_change=seen.append, timeout_s=20)

    assert ended.state is State.SUCCEEDED
    assert seen[-1] == ended
    assert ended.result is not None
    assert ended.result["verdict"] == "leaks"


def test_waiting_for_a_failed_job_returns_why(served: Served, client: Client) -> None:
    served.work(fail)

    ended = client.wait(client.submit("ping", {}).id, timeout_s=20)

    assert ended.state is State.FAILED
    assert ended.error is not None
    assert (ended.error.code, ended.error.field, ended.error.reason) == ("invalid-firmware", "firmware", "machine")


def test_waiting_ends_in_time_and_names_the_job(client: Client) -> None:
    job = client.submit("ping", {})

    with pytest.raises(WaitTimeout) as late:
        client.wait(job.id, timeout_s=0.05)

    assert late.value.job_id == job.id
    assert client.job(job.id).state is State.QUEUED


def test_events_come_in_order_and_end_with_done(served: Served, client: Client, elf: Path) -> None:
    served.work(measure())

    events = list(client.events(client.submit_campaign(elf, CAMPAIGN).id, timeout_s=20))

    told = [event.name for event in events if event.name != "state"]
    assert told == ["progress", "partial", "progress", "done"]
    assert events[-1].name == "done"
    assert next(event.data["max_abs_t"] for event in events if event.name == "partial") == 17.25
    assert len({event.id for event in events}) == len(events)


def test_events_resume_after_an_id_and_an_ended_stream_is_empty(served: Served, client: Client) -> None:
    served.work(succeed)
    job = client.submit("ping", {})
    events = list(client.events(job.id, timeout_s=20))

    rest = list(client.events(job.id, after=events[0].id))
    nothing = list(client.events(job.id, after=events[-1].id))

    assert rest == events[1:]
    assert nothing == []


def test_events_of_a_job_that_does_not_move_end_in_time(client: Client) -> None:
    job = client.submit("ping", {})

    with pytest.raises(WaitTimeout):
        list(client.events(job.id, timeout_s=0.2))


def test_jobs_are_listed_newest_first_over_all_pages(client: Client) -> None:
    made = [client.submit("ping", {}, tags=["odd" if index % 2 else "even"]).id for index in range(7)]

    listed = [job.id for job in client.jobs(page=3)]
    odd = [job.id for job in client.jobs(tag="odd", state=State.QUEUED, kind="ping", page=2)]

    assert listed == made[::-1]
    assert odd == made[1::2][::-1]


def test_a_queued_job_is_cancelled_at_once_and_can_be_retried(client: Client) -> None:
    job = client.submit("ping", {"echo": "again"})

    cancelled = client.cancel(job.id)
    again = client.retry(job.id)

    assert cancelled.state is State.CANCELLED
    assert again.retry_of == job.id
    assert again.raw["params"]["echo"] == "again"


def test_a_report_is_read_in_every_form(served: Served, client: Client, elf: Path) -> None:
    served.work(measure())
    job = client.wait(client.submit_campaign(elf, CAMPAIGN).id, timeout_s=20)

    assert client.report(job.id)["campaign"] == job.id
    assert client.report(job.id, "html") == b"<!doctype html>"
    assert client.report(job.id, "csv") == b"a,b\r\n"
    assert client.report(job.id, "png") == b"\x89PNG"


def test_the_report_of_a_campaign_that_runs_is_not_ready(client: Client, elf: Path) -> None:
    job = client.submit_campaign(elf, CAMPAIGN)

    with pytest.raises(ApiError, match="not-ready"):
        client.report(job.id)


def test_kept_traces_are_saved_whole(served: Served, client: Client, elf: Path, tmp_path: Path) -> None:
    served.work(measure())
    job = client.wait(client.submit_campaign(elf, {**CAMPAIGN, "keep_traces": True}).id, timeout_s=20)

    path = client.traces(job.id, tmp_path / "traces.npy")

    assert path.read_bytes() == b"\x93NUMPY traces"


def test_traces_that_were_not_kept_leave_no_file(served: Served, client: Client, elf: Path, tmp_path: Path) -> None:
    served.work(measure())
    job = client.wait(client.submit_campaign(elf, CAMPAIGN).id, timeout_s=20)

    with pytest.raises(ApiError, match="traces-not-kept"):
        client.traces(job.id, tmp_path / "traces.npy")

    assert not list(tmp_path.glob("*traces*"))


def test_a_dead_letter_is_listed_and_replayed(served: Served, client: Client) -> None:
    served.work(give_up)
    job = client.submit("ping", {})
    eventually(lambda: client.job(job.id).state.final)

    letters = client.dead_letters()
    again = client.replay(job.id)

    assert [(letter.job_id, letter.code) for letter in letters] == [(job.id, "worker-lost")]
    assert again.retry_of == job.id


@pytest.mark.parametrize("url", ["ftp://farm", "farm:8080", "http://", "http://[::1", ""])
def test_a_url_that_is_none_is_refused_at_once(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASEIN_URL", "not a url")

    with pytest.raises(ValueError, match="URL"):
        Client(url)


def test_the_farm_is_found_by_the_environment(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASEIN_URL", served.url + "/")

    with Client() as client:
        assert client.url == served.url
        assert client.dead_letters() == ()


def test_a_proxy_is_not_asked_for_this_machines_own_addresses(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")

    with Client(served.url) as client:
        assert list(client.jobs()) == []
