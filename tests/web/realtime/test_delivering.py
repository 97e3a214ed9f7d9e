"""Webhooks from the end of a job to a receiver that verifies them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from dasein.webhooks import BadSignature, verify
from jobs.identity import Principal, Role
from jobs.model import Failure, NewJob
from stores.webhooks import DeliveryState
from tests.web.conftest import Behind, campaign, make_farm
from tests.web.realtime.receivers import Receiver, receiving
from web.realtime.addresses import networks
from web.realtime.calling import Callbacks
from web.realtime.delivering import ATTEMPTS, LEASE_S, Deliverer, Hooks, pause_s
from web.realtime.signing import signature

SECRET = "whsec_of-a-test"


@pytest.fixture
def farm(tmp_path: Path) -> Behind:
    return make_farm(tmp_path, callback_networks="127.0.0.1")


@pytest.fixture
def deliverer(farm: Behind) -> Deliverer:
    found: Deliverer = farm.app.extensions["deliverer"]
    return found


def ended(farm: Behind, receiver: Receiver, **body: Any) -> str:
    """Submit a ping over HTTP that is to be told to a receiver, and end it."""
    asked = {"kind": "ping", "params": {}, "callback_url": f"http://127.0.0.1:{receiver.port}/hook"} | body
    answer = farm.client.post("/api/v2/jobs", json=asked)
    assert answer.status_code == 202, answer.text
    job_id = str(answer.get_json()["id"])
    farm.start(job_id)
    farm.jobs.finish(job_id, {"echo": "x"})
    return job_id


def listed(client: FlaskClient, query: str = "") -> list[dict[str, Any]]:
    answer = client.get(f"/api/v2/webhooks{query}")
    assert answer.status_code == 200, answer.text
    return list(answer.get_json()["webhooks"])


def test_a_job_that_ends_is_told_as_it_is_shown_and_signed(farm: Behind, deliverer: Deliverer) -> None:
    with receiving() as receiver:
        job_id = ended(farm, receiver)

        assert deliverer.step()
        assert not deliverer.step()

    [call] = receiver.heard
    told = verify(call.body, call.headers["X-Dasein-Signature"], SECRET, now=farm.clock().timestamp())
    assert told == farm.client.get(f"/api/v2/jobs/{job_id}").get_json()
    assert (told["state"], told["result"]) == ("succeeded", {"echo": "x"})
    assert (call.headers["X-Dasein-Delivery"], call.headers["X-Dasein-Attempt"]) == (job_id, "1")
    assert (call.headers["Content-Type"], call.headers["User-Agent"]) == ("application/json", "dasein-webhooks/1.2.3")
    [delivery] = listed(farm.client)
    assert (delivery["job"], delivery["state"], delivery["status"]) == (job_id, "delivered", 204)


@pytest.mark.parametrize("end", ["cancel", "fail"])
def test_bad_ends_are_told_as_well(farm: Behind, deliverer: Deliverer, end: str) -> None:
    ends: dict[str, Callable[[str], object]] = {
        "cancel": farm.jobs.cancel,
        "fail": lambda job_id: farm.jobs.fail(job_id, Failure("broken", "It broke.")),
    }
    with receiving() as receiver:
        farm.jobs.submit(NewJob("a", "ping", {}, callback_url=f"http://127.0.0.1:{receiver.port}/"))
        ends[end]("a")

        deliverer.step()

    assert verify(
        receiver.heard[0].body, receiver.heard[0].headers["X-Dasein-Signature"], SECRET, now=farm.clock().timestamp()
    )["error"]


def test_campaigns_and_batches_carry_callbacks_too(farm: Behind, deliverer: Deliverer) -> None:
    with receiving() as receiver:
        url = f"http://127.0.0.1:{receiver.port}/hook"
        one = farm.client.post("/api/v2/campaigns", json=campaign(farm.firmware(), callback_url=url)).get_json()["id"]
        ping = {"kind": "ping", "params": {}, "callback_url": url}
        two = farm.client.post("/api/v2/batches", json={"jobs": [ping]}).get_json()["jobs"][0]
        for job_id in (one, two):
            farm.client.delete(f"/api/v2/jobs/{job_id}")
            assert deliverer.step()

    assert [call.headers["X-Dasein-Delivery"] for call in receiver.heard] == [one, two]


def test_a_retried_job_is_told_like_the_first(farm: Behind) -> None:
    with receiving() as receiver:
        first = farm.client.post(
            "/api/v2/jobs", json={"kind": "ping", "params": {}, "callback_url": f"http://127.0.0.1:{receiver.port}/"}
        ).get_json()["id"]
        farm.client.delete(f"/api/v2/jobs/{first}")

        again = farm.client.post(f"/api/v2/jobs/{first}/retry").get_json()["id"]

    assert farm.jobs.get(again).callback_url == f"http://127.0.0.1:{receiver.port}/"


@pytest.mark.parametrize(
    "url",
    [
        *("http://10.0.0.1/", "http://169.254.169.254/latest/meta-data", "http://[::1]:8080/", "https://[fe80::1]/"),
        *("ftp://ci.example/", "https://user:word@ci.example/", "https://ci.example/#x", "ci.example", ""),
        *("http://ci.example:22/", "http://ci.example:99999/", "https://" + "a" * 3000),
    ],
)
def test_an_address_that_can_never_be_called_is_refused_with_the_job(farm: Behind, url: str) -> None:
    one = farm.client.post("/api/v2/jobs", json={"kind": "ping", "params": {}, "callback_url": url})
    two = farm.client.post("/api/v2/campaigns", json=campaign(farm.firmware(), callback_url=url))
    many = farm.client.post("/api/v2/batches", json={"jobs": [{"kind": "ping", "params": {}, "callback_url": url}]})

    assert (one.status_code, one.get_json(force=True)["field"]) == (422, "callback_url")
    assert (two.status_code, two.get_json(force=True)["field"]) == (422, "callback_url")
    assert (many.status_code, many.get_json(force=True)["field"]) == (422, "jobs.0.callback_url")
    assert farm.queue.sent == []


def test_another_callback_is_another_request(farm: Behind) -> None:
    asked = {"kind": "ping", "params": {}, "callback_url": "https://ci.example/a"}
    key = {"Idempotency-Key": "one"}
    farm.client.post("/api/v2/jobs", json=asked, headers=key)

    same = farm.client.post("/api/v2/jobs", json=asked, headers=key)
    other = farm.client.post("/api/v2/jobs", json=asked | {"callback_url": "https://ci.example/b"}, headers=key)

    assert (same.status_code, other.status_code) == (202, 409)


def test_a_receiver_that_is_busy_is_told_later_and_later(farm: Behind, deliverer: Deliverer) -> None:
    with receiving(503, 500, 200) as receiver:
        ended(farm, receiver)

        deliverer.step()
        [first] = listed(farm.client)
        assert not deliverer.step()
        farm.clock.advance(15)
        deliverer.step()
        [second] = listed(farm.client)
        farm.clock.advance(45)
        deliverer.step()

    [third] = listed(farm.client)
    assert (first["state"], first["status"], first["problem"]) == ("pending", 503, "The receiver answered 503.")
    assert (second["attempts"], second["status"]) == (2, 500)
    assert (third["state"], third["attempts"], third["problem"]) == ("delivered", 3, None)
    assert {call.headers["X-Dasein-Delivery"] for call in receiver.heard} == {third["id"]}
    assert [call.headers["X-Dasein-Attempt"] for call in receiver.heard] == ["1", "2", "3"]


def test_pauses_grow_threefold_to_an_hour_and_differ_by_chance() -> None:
    assert [pause_s(attempt, 0.5) for attempt in (1, 2, 3, 8)] == [10, 30, 90, 3600]
    assert pause_s(1, 0) == 7.5
    assert pause_s(1, 0.999) == pytest.approx(12.495)


def test_after_the_last_attempt_it_is_given_up_and_can_be_replayed(farm: Behind, deliverer: Deliverer) -> None:
    with receiving(500) as receiver:
        job_id = ended(farm, receiver)
        for _ in range(ATTEMPTS):
            assert deliverer.step()
            farm.clock.advance(2 * 3600)
        assert not deliverer.step()
        [failed] = listed(farm.client, "?state=failed")
        receiver.statuses[:] = [200]

        replayed = farm.client.post(f"/api/v2/webhooks/{job_id}/replay")
        deliverer.step()

    assert (failed["attempts"], failed["status"], failed["due_at"]) == (ATTEMPTS, 500, None)
    assert (replayed.status_code, replayed.get_json()["state"], replayed.get_json()["attempts"]) == (202, "pending", 0)
    assert len(receiver.heard) == ATTEMPTS + 1
    assert listed(farm.client, "?state=failed") == []


def test_a_receiver_that_is_gone_is_not_asked_again(farm: Behind, deliverer: Deliverer) -> None:
    with receiving(410) as receiver:
        ended(farm, receiver)
        deliverer.step()

    assert listed(farm.client)[0]["state"] == "failed"


def test_a_name_that_leads_inside_is_given_up_at_once(farm: Behind) -> None:
    farm.jobs.submit(NewJob("a", "ping", {}, callback_url="http://ci.example/"))
    farm.jobs.cancel("a")
    inside = Callbacks(networks("127.0.0.1"), resolve=lambda _host, _port: ["10.0.0.1"])
    hooks = Hooks(farm.jobs.deliveries, farm.jobs.deliveries, new_secret=lambda: SECRET)

    Deliverer(farm.jobs, hooks, inside, clock=farm.clock, version="1").step()

    [delivery] = listed(farm.client)
    assert (delivery["state"], delivery["attempts"], delivery["status"]) == ("failed", 1, None)
    assert delivery["problem"] == "The address is not one that callbacks may go to."


def test_a_process_that_dies_while_it_calls_leaves_the_delivery_to_another(farm: Behind, deliverer: Deliverer) -> None:
    with receiving() as receiver:
        job_id = ended(farm, receiver)
        dead = farm.jobs.deliveries.claim(lease_s=LEASE_S)
        assert dead is not None
        assert not deliverer.step()

        farm.clock.advance(LEASE_S + 1)
        deliverer.step()

    assert [call.headers["X-Dasein-Delivery"] for call in receiver.heard] == [job_id]
    assert receiver.heard[0].headers["X-Dasein-Attempt"] == "2"


def test_one_that_kills_whoever_calls_is_given_up(farm: Behind, deliverer: Deliverer) -> None:
    with receiving() as receiver:
        ended(farm, receiver)
        for _ in range(ATTEMPTS):
            farm.jobs.deliveries.claim(lease_s=LEASE_S)
            farm.clock.advance(LEASE_S + 1)
        deliverer.step()

    assert receiver.heard == []
    assert listed(farm.client)[0]["state"] == DeliveryState.FAILED


def test_started_it_delivers_by_itself_and_counts(farm: Behind, deliverer: Deliverer) -> None:
    deliverer.start()
    with receiving() as receiver:
        for _ in range(12):
            ended(farm, receiver)
        receiver.wait_for(12)
    farm.hub.stop()

    assert len({call.headers["X-Dasein-Delivery"] for call in receiver.heard}) == 12
    shown = farm.client.get("/metrics").text
    assert "dasein_webhooks_due" in shown
    assert 'dasein_webhook_attempts_total{outcome="delivered"}' in shown


class TestSecret:
    def test_it_is_made_once_and_changed_on_demand(self, farm: Behind) -> None:
        shown = farm.client.get("/api/v2/webhooks/secret").get_json()
        rotated = farm.client.post("/api/v2/webhooks/secret")

        assert (shown["secret"], shown["previous_until"]) == (SECRET, None)
        assert rotated.status_code == 201
        assert rotated.get_json()["previous_until"] is not None

    def test_for_a_day_both_sign(self, farm: Behind, deliverer: Deliverer) -> None:
        secrets = farm.jobs.deliveries
        secrets.rotate("default", "old", grace_s=1)
        secrets.rotate("default", "new", grace_s=86_400)
        with receiving() as receiver:
            ended(farm, receiver)
            deliverer.step()
            farm.clock.advance(86_401)
            ended(farm, receiver)
            deliverer.step()

        first, then = receiver.heard
        now = farm.clock().timestamp()
        for secret in ("old", "new"):
            verify(first.body, first.headers["X-Dasein-Signature"], secret, now=now - 86_401)
        verify(then.body, then.headers["X-Dasein-Signature"], "new", now=now)
        with pytest.raises(BadSignature):
            verify(then.body, then.headers["X-Dasein-Signature"], "old", now=now)


def test_tenants_see_their_own_deliveries_and_sign_with_their_own_secrets(tmp_path: Path) -> None:
    who = {"now": Principal("acme", Role.ADMIN, "admin", "k")}
    farm = make_farm(tmp_path, authenticate=lambda _request: who["now"])
    farm.jobs.submit(NewJob("theirs", "ping", {}, tenant="default", callback_url="https://ci.example/"))
    farm.jobs.submit(NewJob("ours", "ping", {}, tenant="acme", callback_url="https://ci.example/"))
    for job_id in ("ours", "theirs"):
        farm.jobs.cancel(job_id)

    assert [delivery["id"] for delivery in listed(farm.client)] == ["ours"]
    assert farm.client.post("/api/v2/webhooks/theirs/replay").status_code == 404
    who["now"] = Principal("acme", Role.OPERATOR, "operator", "k")
    assert farm.client.get("/api/v2/webhooks").status_code == 200
    assert farm.client.get("/api/v2/webhooks/secret").status_code == 403
    who["now"] = Principal("acme", Role.SUBMITTER, "submitter", "k")
    assert farm.client.get("/api/v2/webhooks").status_code == 403
    farm.hub.stop()


class TestVectors:
    BODY = b'{"id":"0193b1f0","state":"succeeded"}'
    SIGNED = "t=1735787045,v1=2274a2d926c21fe43604ea58ccf9992e1e23e2d8a52362779d7c28cffb00267f"

    def test_a_signature_is_the_same_everywhere(self) -> None:
        assert signature(self.BODY, ["whsec_example"], at=1735787045) == self.SIGNED
        assert verify(self.BODY, self.SIGNED, "whsec_example", now=1735787045)["state"] == "succeeded"

    def test_several_secrets_sign_one_after_another(self) -> None:
        both = signature(self.BODY, ["other", "whsec_example"], at=1735787045)

        assert both.count("v1=") == 2
        assert both.endswith(self.SIGNED.partition(",")[2])
        verify(self.BODY, both, "whsec_example", now=1735787045)

    @pytest.mark.parametrize("now", [1735787045 - 301, 1735787045 + 301])
    def test_what_is_old_or_of_the_future_is_refused(self, now: int) -> None:
        with pytest.raises(BadSignature, match="old"):
            verify(self.BODY, self.SIGNED, "whsec_example", now=now)
        verify(self.BODY, self.SIGNED, "whsec_example", now=now, tolerance_s=400)

    @pytest.mark.parametrize(
        "changed",
        [
            {"body": BODY + b" "},
            {"secret": "whsec_exampl"},
            {"signature": SIGNED.replace("1735787045", "1735787046")},
            {"signature": SIGNED[:-1]},
            {"signature": SIGNED.replace("v1", "v0")},
            {"signature": "v1=00"},
            {"signature": "t=x,v1=00"},
            {"signature": "t=1,t=2,v1=00"},
            {"signature": "t=1735787045,v1=é"},
            {"signature": ""},
            {"signature": None},
        ],
    )
    def test_whatever_was_changed_is_refused(self, changed: dict[str, Any]) -> None:
        given: dict[str, Any] = {"body": self.BODY, "signature": self.SIGNED, "secret": "whsec_example"} | changed

        with pytest.raises(BadSignature):
            verify(given["body"], given["signature"], given["secret"], now=1735787045)

    @pytest.mark.parametrize("body", [b"[]", b"{", b"\xff"])
    def test_what_is_signed_but_no_job_is_refused(self, body: bytes) -> None:
        with pytest.raises(BadSignature):
            verify(body, signature(body, ["s"], at=5), "s", now=5)
