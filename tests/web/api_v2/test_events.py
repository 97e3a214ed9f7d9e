"""Event streams."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from flask import Flask, g
from flask.testing import FlaskClient

from jobs.identity import LOCAL
from jobs.model import Progress
from tests.web.conftest import PATIENCE_S, Behind
from web.api_v2.events import events_api
from web.routing import JobId
from web.tenancy import TenantJobs


@dataclass
class Seen:
    """One event as a client reads it."""

    id: str
    name: str
    data: dict[str, object]


def parsed(text: str) -> list[Seen]:
    seen = []
    for block in text.strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "event" in lines:
            seen.append(Seen(lines["id"], lines["event"], json.loads(lines["data"])))
    return seen


def lived(farm: Behind) -> str:
    """Return a job that has run to its end."""
    job = farm.submit()
    farm.start(job.id)
    farm.jobs.progress(job.id, Progress(1, 2, "half"))
    farm.jobs.publish(job.id, {"max_abs_t": 12.5})
    farm.jobs.finish(job.id, {})
    return job.id


def test_the_stream_of_an_ended_job_tells_everything_and_ends(farm: Behind, client: FlaskClient) -> None:
    answer = client.get(f"/api/v2/jobs/{lived(farm)}/events")

    events = parsed(answer.text)
    assert answer.mimetype == "text/event-stream"
    assert [event.name for event in events] == ["state", "state", "progress", "partial", "progress", "state", "done"]
    assert events[2].data == {"done": 1, "total": 2, "message": "half"}
    assert events[3].data == {"max_abs_t": 12.5}
    assert events[-1].data["state"] == "succeeded"
    assert farm.hub.waiting == 0


def test_a_stream_is_neither_stored_nor_buffered_on_its_way(farm: Behind, client: FlaskClient) -> None:
    answer = client.get(f"/api/v2/jobs/{lived(farm)}/events")

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Accel-Buffering"] == "no"
    assert answer.text.startswith("retry: ")


@pytest.mark.parametrize("by_header", [True, False])
def test_a_stream_goes_on_after_the_last_event_that_was_seen(
    farm: Behind, client: FlaskClient, *, by_header: bool
) -> None:
    path = f"/api/v2/jobs/{lived(farm)}/events"
    everything = parsed(client.get(path).text)
    last = everything[2].id

    if by_header:
        rest = client.get(path, headers={"Last-Event-ID": last})
    else:
        rest = client.get(f"{path}?last_event_id={last}")

    assert parsed(rest.text) == everything[3:]


def test_a_stream_that_was_read_to_its_end_is_not_to_be_opened_again(farm: Behind, client: FlaskClient) -> None:
    path = f"/api/v2/jobs/{lived(farm)}/events"
    last = parsed(client.get(path).text)[-1].id

    answer = client.get(path, headers={"Last-Event-ID": last})

    assert (answer.status_code, answer.data) == (204, b"")


@pytest.mark.parametrize("last", ["x", "-", "1", "1-", "1-0 ", "99999999999999999999-0", "+"])
def test_an_id_that_is_none_is_refused(farm: Behind, client: FlaskClient, last: str) -> None:
    job = farm.submit()

    by_header = client.get(f"/api/v2/jobs/{job.id}/events", headers={"Last-Event-ID": last})
    by_query = client.get(f"/api/v2/jobs/{job.id}/events", query_string={"last_event_id": last})

    assert (by_header.status_code, by_query.status_code) == (422, 422)


def test_events_arrive_while_the_job_runs(farm: Behind) -> None:
    job = farm.submit()
    with ThreadPoolExecutor(1) as pool:
        stream = pool.submit(lambda: farm.client.get(f"/api/v2/jobs/{job.id}/events").text)
        farm.turnstile.wait_for(1)
        farm.start(job.id)
        farm.jobs.progress(job.id, Progress(1, 2, ""))
        farm.jobs.finish(job.id, {})
        events = parsed(stream.result(PATIENCE_S))

    assert [event.name for event in events] == ["state", "state", "progress", "progress", "state", "done"]
    assert [event.id for event in events] == sorted({event.id for event in events}, key=lambda name: int(name[:-2]))


def test_a_quiet_stream_sends_comments(farm: Behind) -> None:
    job = farm.submit()
    app = Flask(__name__)
    app.url_map.converters["job"] = JobId
    app.before_request(lambda: setattr(g, "caller", LOCAL))
    app.register_blueprint(
        events_api(TenantJobs(farm.jobs), farm.hub, lambda: lambda: True, heartbeat_s=0.01).blueprint
    )

    with app.test_client().get(f"/api/v2/jobs/{job.id}/events") as answer:
        pieces = answer.iter_encoded()

        assert [next(pieces).split(b" ")[0] for _ in range(4)] == [b"retry:", b"id:", b":", b":"]


def test_a_quiet_stream_ends_when_its_caller_is_not_allowed_any_more(farm: Behind) -> None:
    job = farm.submit()
    answers = iter([True, True, False])
    app = Flask(__name__)
    app.url_map.converters["job"] = JobId
    app.before_request(lambda: setattr(g, "caller", LOCAL))
    api = events_api(TenantJobs(farm.jobs), farm.hub, lambda: lambda: next(answers), heartbeat_s=0.01)
    app.register_blueprint(api.blueprint)

    with app.test_client().get(f"/api/v2/jobs/{job.id}/events") as answer:
        text = answer.get_data(as_text=True)

    assert text.count(": still here") == 2
    assert farm.hub.waiting == 0


def test_a_busy_stream_ends_when_its_caller_is_not_allowed_any_more(farm: Behind) -> None:
    app = Flask(__name__)
    app.url_map.converters["job"] = JobId
    app.before_request(lambda: setattr(g, "caller", LOCAL))
    app.register_blueprint(events_api(TenantJobs(farm.jobs), farm.hub, lambda: lambda: False, heartbeat_s=0).blueprint)

    text = app.test_client().get(f"/api/v2/jobs/{lived(farm)}/events").text

    assert parsed(text) == []


def test_events_that_were_dropped_before_they_were_read_are_told_as_a_gap(farm: Behind, client: FlaskClient) -> None:
    job = farm.submit()
    farm.start(job.id)
    seen = farm.jobs.events(job.id, after=None)[-1].id
    for number in range(1010):
        farm.jobs.publish(job.id, {"n": number})
    farm.jobs.finish(job.id, {})

    rest = client.get(f"/api/v2/jobs/{job.id}/events", headers={"Last-Event-ID": seen}).text
    from_the_start = client.get(f"/api/v2/jobs/{job.id}/events").text

    for text in (rest, from_the_start):
        assert text.count("event: gap") == 1
        assert text.index("event: gap") < text.index("event: partial") < text.index("event: done")
    # A gap is not a place to resume from.
    assert "id: " not in rest.split("event: gap")[0]


def test_streams_are_counted_with_the_waiters_and_refused_beyond_the_limit(farm: Behind, client: FlaskClient) -> None:
    job = farm.submit()
    held = [farm.hub.enter("some-job") for _ in range(300)]

    answer = client.get(f"/api/v2/jobs/{job.id}/events")

    assert (answer.status_code, answer.get_json(force=True)["code"]) == (503, "too-many-waiters")
    for waiter in held:
        waiter.close()


def test_a_stream_that_the_client_leaves_is_no_waiter_any_more(farm: Behind, client: FlaskClient) -> None:
    job = farm.submit()
    answer = client.get(f"/api/v2/jobs/{job.id}/events", buffered=False)
    assert farm.hub.waiting == 1

    answer.close()

    assert farm.hub.waiting == 0


def test_a_stopped_hub_ends_the_streams(farm: Behind) -> None:
    job = farm.submit()
    with ThreadPoolExecutor(1) as pool:
        stream = pool.submit(lambda: farm.client.get(f"/api/v2/jobs/{job.id}/events").text)
        farm.turnstile.wait_for(1)

        farm.hub.stop()

        assert {event.name for event in parsed(stream.result(PATIENCE_S))} <= {"state"}
