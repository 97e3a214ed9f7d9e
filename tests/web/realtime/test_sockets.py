"""The WebSocket's protocol, spoken by a client library over real connections."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from socket import SO_RCVBUF, SOL_SOCKET, socket
from threading import Event

import httpx
import pytest
from simple_websocket import ConnectionClosed

from jobs.identity import LOCAL, Principal, Role
from jobs.knowledge import Label
from jobs.model import NewJob, Progress
from stores.corpus import CORPUS
from stores.documents import Record, Shelf
from stores.graph import Node, Value
from stores.memory import MemoryJobs
from stores.ports import Look
from tests.servers import eventually
from tests.web.conftest import PATIENCE_S, Behind, make_farm
from tests.web.knowledge import fill
from tests.web.realtime.sockets import Keys, Server, serving
from web.realtime.outbox import Outbox
from web.realtime.session import SUBSCRIPTIONS
from web.realtime.terms import Patience

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
HASTE = Patience(tick_s=0.02, auth_s=0.1, ping_s=60, idle_s=60, look_s=60)


@pytest.fixture
def server(farm: Behind) -> Iterator[Server]:
    with serving(farm) as server:
        yield server


def submit(farm: Behind, job_id: str, kind: str = "ping", tenant: str = "default", **more: object) -> None:
    farm.jobs.submit(NewJob(job_id, kind, {"n": 1}, tenant=tenant, **more))  # type: ignore[arg-type]  # as tests say


class Noting(MemoryJobs):
    """Jobs that note which of them are looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []

    def looks(self, after: Mapping[str, str | None], *, limit: int = 1000) -> Mapping[str, Look]:
        self.read.extend(after)
        return super().looks(after, limit=limit)


class TestComingIn:
    def test_the_first_message_says_who_one_is(self, server: Server) -> None:
        with server.client() as socket:
            socket.say(type="auth", key="theirs")

            assert socket.hear() == {"type": "ready", "tenant": "acme"}

    def test_a_token_is_taken_as_a_bearers(self, server: Server) -> None:
        with server.client() as socket:
            socket.say(type="auth", token="theirs")

            assert socket.hear() == {"type": "ready", "tenant": "acme"}

    @pytest.mark.parametrize("header", [{"X-API-Key": "ours"}, {"Authorization": "Bearer ours"}])
    def test_a_header_of_the_upgrade_says_it_as_well(self, server: Server, header: dict[str, str]) -> None:
        with server.client(**header) as socket:
            assert socket.hear() == {"type": "ready", "tenant": "default"}

    def test_without_keys_an_empty_introduction_is_enough(self, farm: Behind) -> None:
        with serving(farm, lambda _request: LOCAL) as server, server.client() as socket:
            socket.say(type="auth")

            assert socket.hear() == {"type": "ready", "tenant": "default"}

    @pytest.mark.parametrize(
        "first", [{"type": "auth", "key": "wrong"}, {"type": "auth"}, {"type": "ping"}, {"type": "subscribe"}, {}]
    )
    def test_strangers_are_told_so_and_sent_away(self, server: Server, first: dict[str, str]) -> None:
        with server.client() as socket:
            socket.say(**first)

            error = socket.hear()
            assert error["type"] == "error"
            assert error["code"] in {"unauthenticated", "invalid-input"}
            assert socket.closed() in {4401, 1008}

    def test_a_key_is_not_repeated_in_what_is_said_of_it(self, server: Server) -> None:
        with server.client() as socket:
            socket.say(type="auth", key="secret with spaces", more=1)

            assert "secret" not in str(socket.hear())

    def test_whoever_says_nothing_is_sent_away(self, farm: Behind) -> None:
        with serving(farm, patience=HASTE) as server, server.client() as socket:
            assert socket.closed() == 4408

    def test_a_wrong_header_is_refused_before_the_upgrade(self, server: Server) -> None:
        answer = httpx.get(server.url.replace("ws:", "http:"), headers=UPGRADE | {"X-API-Key": "wrong"})

        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")

    @pytest.mark.parametrize(
        "changed",
        [{"Upgrade": "h2c"}, {"Connection": "close"}, {"Sec-WebSocket-Version": "8"}, {"Sec-WebSocket-Key": "short"}],
    )
    def test_what_is_no_upgrade_is_told_what_is_needed(self, server: Server, changed: dict[str, str]) -> None:
        answer = httpx.get(server.url.replace("ws:", "http:"), headers=UPGRADE | changed)

        assert (answer.status_code, answer.json()["code"]) == (426, "upgrade-required")
        assert (answer.headers["Upgrade"], answer.headers["Sec-WebSocket-Version"]) == ("websocket", "13")

    @pytest.mark.parametrize(
        "header", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
    )
    def test_pages_of_other_sites_are_refused(self, server: Server, header: dict[str, str]) -> None:
        answer = httpx.get(server.url.replace("ws:", "http:"), headers=UPGRADE | header)

        assert (answer.status_code, answer.json()["code"]) == (403, "cross-site")

    def test_our_own_page_may(self, server: Server) -> None:
        # This client names the host without the port.
        with server.client(Origin="http://127.0.0.1") as socket:
            socket.enter()

    def test_sockets_are_counted_and_hold_a_place_among_the_waiters(self, farm: Behind, server: Server) -> None:
        with server.client() as socket:
            socket.enter()
            assert (farm.hub.waiting, server.counts) == (1, [1])

        farm.turnstile.wait_for(0)
        eventually(lambda: server.counts == [1, 0], what="it is counted out")

    def test_one_too_many_is_told_to_come_later(self, farm: Behind, server: Server) -> None:
        held = [farm.hub.enter("some-job") for _ in range(300)]
        with server.client() as socket:
            socket.say(type="auth", key="ours")

            assert socket.hear()["code"] == "too-many-waiters"
            assert socket.closed() == 1013
        for waiter in held:
            waiter.close()


class TestListening:
    def test_a_subscription_begins_with_the_newest_jobs(self, farm: Behind, server: Server) -> None:
        for number in range(25):
            submit(farm, f"job-{number}")
        submit(farm, "foreign", tenant="acme")
        with server.client() as socket:
            socket.enter()

            snapshot = socket.subscribe("a")

        assert (snapshot["type"], snapshot["id"], snapshot["topic"], snapshot["more"]) == (
            "snapshot",
            "a",
            "jobs",
            True,
        )
        assert [job["id"] for job in snapshot["jobs"]] == [f"job-{number}" for number in range(24, 4, -1)]
        assert snapshot["jobs"][0]["params"] is None

    def test_a_jobs_life_is_told_as_it_happens(self, farm: Behind, server: Server) -> None:
        with server.client() as socket:
            socket.enter()
            socket.subscribe("a")

            submit(farm, "one")
            first = socket.hear()
            farm.start("one")
            farm.jobs.progress("one", Progress(1, 2, "half"))
            farm.jobs.publish("one", {"max_abs_t": 5.5})
            farm.jobs.finish("one", {"echo": "x"})
            rest = socket.hear_until(name="done")

        assert (first["type"], first["id"], first["topic"], first["name"]) == ("event", "a", "jobs", "state")
        assert first["data"] == {"state": "queued", "attempts": 0}
        assert [event["name"] for event in rest] == ["state", "progress", "partial", "progress", "state", "done"]
        assert rest[1]["data"] == {"done": 1, "total": 2, "message": "half"}
        assert rest[2]["data"] == {"max_abs_t": 5.5}
        assert (rest[-1]["job"]["state"], rest[-1]["job"]["result"]) == ("succeeded", {"echo": "x"})

    def test_only_what_was_asked_for_is_told(self, farm: Behind, server: Server) -> None:
        submit(farm, "followed")
        with server.client() as socket:
            socket.enter()
            for name, wanted in {
                "job": {"job": "followed"},
                "kind": {"kind": "query"},
                "tag": {"tag": "nightly"},
                "campaigns": {"topic": "campaigns"},
            }.items():
                assert socket.subscribe(name, **wanted)["type"] == "snapshot"

            submit(farm, "unasked")
            submit(farm, "foreign", "query", tenant="acme", tags=("nightly",))
            submit(farm, "tagged", tags=("nightly", "x"))
            submit(farm, "question", "query")
            submit(farm, "campaign", "campaign")
            farm.jobs.cancel("followed")
            heard = socket.hear_until(name="done")

        told = {(event["id"], event["job"]["id"]) for event in heard}
        assert told == {("tag", "tagged"), ("kind", "question"), ("campaigns", "campaign"), ("job", "followed")}

    def test_parts_of_jobs_are_told_to_those_alone_who_name_them(self, farm: Behind, server: Server) -> None:
        submit(farm, "whole", "campaign")
        farm.start("whole")
        farm.jobs.await_children("whole", [NewJob("part", "shard", {})], NewJob("last", "merge", {}))
        with server.client() as socket:
            socket.enter()
            socket.subscribe("all")
            socket.subscribe("one", job="part")

            farm.start("part")
            farm.jobs.finish("part", {})
            heard = socket.hear_until(name="done")

        assert {(event["id"], event["job"]["id"]) for event in heard} == {("one", "part")}

    def test_after_the_end_of_a_subscription_nothing_is_told(self, farm: Behind, server: Server) -> None:
        with server.client() as socket:
            socket.enter()
            socket.subscribe("a")
            socket.say(type="unsubscribe", id="a")
            assert socket.hear() == {"type": "unsubscribed", "id": "a"}

            submit(farm, "unheard")
            socket.subscribe("b")
            submit(farm, "heard")
            heard = [socket.hear()]
            while heard[-1]["job"]["id"] != "heard":
                heard.append(socket.hear())

        assert {message["id"] for message in heard} == {"b"}

    def test_each_changed_job_is_read_once_however_many_listen(self, tmp_path: Path) -> None:
        jobs = Noting()
        farm = make_farm(tmp_path, jobs=jobs)
        with serving(farm) as server, server.client() as one, server.client() as two, server.client() as three:
            for socket in (one, two, three):
                socket.enter()
                socket.subscribe("a")
            submit(farm, "once")

            assert {socket.hear()["job"]["id"] for socket in (one, two, three)} == {"once"}

        assert jobs.read == ["once"]

    def test_new_vulnerabilities_are_told_when_their_campaign_is_known(self, farm: Behind, server: Server) -> None:
        fill(farm)
        told: dict[str, Value] = {"severity": "high", "severity_rank": 3, "campaign": "campaign:new"}
        farm.knowledge.graph.merge("default", [Node(Label.VULNERABILITY, "v:new", told)], [], batch="campaign:new")
        farm.knowledge.documents.put("default", Shelf.CORPUS, [Record(CORPUS, {"version": 8, "hidden": []})])
        with server.client() as socket, server.client() as stranger:
            socket.enter()
            stranger.enter("theirs")
            snapshot = socket.subscribe("v", "vulnerabilities")
            assert stranger.subscribe("v", "vulnerabilities")["data"]["vulnerabilities"] == []

            for job_id, result in (
                ("idle", {"batch": "campaign:c", "unchanged": True}),
                ("in", {"batch": "campaign:new"}),
            ):
                submit(farm, job_id, "ingest")
                farm.start(job_id)
                farm.jobs.finish(job_id, result)
            event = socket.hear()
            farm.jobs.submit(NewJob("out", "remove", {"batch": "campaign:new"}))
            farm.start("out")
            farm.jobs.finish("out", {})
            gone = socket.hear()
            stranger.say(type="ping")

            assert stranger.hear() == {"type": "pong"}

        severities = [thing["properties"]["severity"] for thing in snapshot["data"]["vulnerabilities"]]
        assert severities == ["critical", "critical", "critical", "high", "low", "low", "low"]
        assert (event["topic"], event["name"], event["job"]["id"]) == ("vulnerabilities", "found", "in")
        assert [thing["id"] for thing in event["data"]["vulnerabilities"]] == ["v:new"]
        assert (event["data"]["batch"], event["data"]["data_version"], event["data"]["more"]) == (
            "campaign:new",
            8,
            False,
        )
        assert (gone["name"], gone["data"]) == ("removed", {"batch": "campaign:new"})


class TestManners:
    @pytest.mark.parametrize(
        ("message", "code"),
        [
            ({"type": "subscribe", "id": "a", "topic": "secrets"}, "invalid-input"),
            ({"type": "subscribe", "topic": "jobs"}, "invalid-input"),
            ({"type": "subscribe", "id": "x" * 65, "topic": "jobs"}, "invalid-input"),
            ({"type": "subscribe", "id": "a", "topic": "jobs", "more": 1}, "invalid-input"),
            ({"type": "subscribe", "id": "a", "topic": "vulnerabilities", "tag": "x"}, "invalid-input"),
            ({"type": "subscribe", "id": "a", "topic": "jobs", "job": "nobody"}, "not-found"),
            ({"type": "subscribe", "id": "a", "topic": "jobs", "job": "foreign"}, "not-found"),
            ({"type": "subscribe", "id": "a", "topic": "campaigns", "job": "mine"}, "not-found"),
            ({"type": "unsubscribe", "id": "a"}, "not-found"),
            ({"type": "sing"}, "invalid-input"),
            ({}, "invalid-input"),
        ],
    )
    def test_what_is_wrong_is_said_and_the_conversation_goes_on(
        self, farm: Behind, server: Server, message: dict[str, object], code: str
    ) -> None:
        submit(farm, "foreign", tenant="acme")
        submit(farm, "mine")
        with server.client() as socket:
            socket.enter()
            socket.say(**message)

            error = socket.hear()
            assert (error["type"], error["code"]) == ("error", code)
            socket.say(type="ping")
            assert socket.hear() == {"type": "pong"}

    def test_what_is_no_json_is_said_to_be_none(self, server: Server) -> None:
        with server.client() as socket:
            socket.enter()
            socket.client.send("{")

            assert socket.hear()["code"] == "invalid-input"

    def test_subscriptions_are_limited_and_have_names_of_their_own(self, server: Server) -> None:
        with server.client() as socket:
            socket.enter()
            for number in range(SUBSCRIPTIONS):
                socket.subscribe(f"{number}")

            assert socket.subscribe("0")["code"] == "conflict"
            error = socket.subscribe("more")
            assert (error["code"], error["id"]) == ("too-many-subscriptions", "more")

    def test_bytes_long_messages_and_floods_end_the_conversation(self, farm: Behind) -> None:
        few = replace(Patience(), burst=20, a_second=0.001)
        with serving(farm, patience=few) as server:
            with server.client() as socket:
                socket.enter()
                socket.client.send(b"\x00")
                assert socket.closed() == 1003
            with server.client() as socket:
                socket.enter()
                socket.client.send("x" * 20_000)
                assert socket.closed() == 1009
            with server.client() as socket:
                socket.enter()
                with suppress(ConnectionClosed):
                    for _ in range(30):
                        socket.say(type="ping")
                assert socket.closed() == 1008

    def test_a_key_that_does_not_count_any_more_ends_it(self, farm: Behind) -> None:
        keys = Keys()
        with serving(farm, keys, patience=replace(HASTE, auth_s=20, look_s=0.02)) as server, server.client() as socket:
            socket.enter()
            socket.subscribe("a")
            keys.principals["ours"] = Principal("another", Role.VIEWER, "ours", "ours")

            assert socket.hear()["code"] == "unauthenticated"
            assert socket.closed() == 4401

    def test_a_client_without_a_wish_is_sent_away_and_one_with_a_wish_is_not(self, farm: Behind) -> None:
        hasty = replace(HASTE, auth_s=20, idle_s=0.05)
        with serving(farm, patience=hasty) as server, server.client() as idle, server.client() as busy:
            busy.enter()
            busy.subscribe("a")
            idle.enter()

            assert idle.closed() == 4408
            submit(farm, "one")
            assert busy.hear()["job"]["id"] == "one"

    def test_a_client_that_gives_no_sign_of_life_is_sent_away(self, farm: Behind) -> None:
        hasty = replace(HASTE, auth_s=20, ping_s=0.05)
        with serving(farm, patience=hasty) as server, server.client() as socket:
            # Its library answers the protocol's pings by itself, unless it is kept from it.
            handle, heard = socket.client._handle_events, Event()
            socket.client._handle_events = lambda: not heard.set()  # type: ignore[func-returns-value]  # true: go on
            socket.say(type="auth", key="ours")

            assert heard.wait(PATIENCE_S)
            eventually(lambda: server.counts[-1] == 0, what="the deaf one is gone")
            socket.client._handle_events = handle

    def test_when_the_server_stops_clients_are_told(self, farm: Behind, server: Server) -> None:
        with server.client() as socket, server.client() as stranger:
            socket.enter()
            socket.subscribe("a")
            eventually(lambda: server.counts[-1] == 2, what="both are in")

            farm.hub.stop()

            assert (socket.closed(), stranger.closed()) == (1001, 1001)


class TestLagging:
    def test_a_client_that_reads_too_slowly_learns_what_it_missed_and_how_things_are(self, farm: Behind) -> None:
        gate = Gate()
        with serving(farm, outbox=gate) as server, server.client() as socket:
            socket.enter()
            socket.subscribe("a")
            gate.hold()
            for number in range(20):
                submit(farm, f"job-{number}")
            eventually(lambda: gate.outbox.offered == 20, what="all were offered")

            gate.let_go()
            lagged = socket.hear_until(type="lagged")[-1]
            snapshot = socket.hear()

        # One was on its way when the gate was closed.
        assert lagged["missed"] in {19, 20}
        assert snapshot["type"] == "snapshot"
        assert [job["id"] for job in snapshot["jobs"]] == [f"job-{number}" for number in range(19, -1, -1)]

    def test_a_client_that_does_not_read_at_all_is_let_go_and_disturbs_nobody(self, farm: Behind) -> None:
        hasty = replace(HASTE, tick_s=1.5, auth_s=20)
        with serving(farm, patience=hasty) as server, deaf(server) as said, server.client() as socket:
            for message in ({"type": "auth", "key": "ours"}, {"type": "subscribe", "id": "a", "topic": "jobs"}):
                said(message)
            socket.enter()
            socket.subscribe("a")
            farm.turnstile.wait_for(2)

            submit(farm, "loud")
            farm.start("loud")
            # More than the system keeps for it: only then does anybody notice.
            for _ in range(12):
                farm.jobs.publish("loud", {"text": "x" * 20_000})
            farm.turnstile.wait_for(1)
            farm.jobs.finish("loud", {})
            while "succeeded" not in json.dumps(socket.hear()):
                pass

    def test_whoever_listens_learns_that_the_store_was_away(self, server: Server) -> None:
        with server.client() as socket:
            socket.enter()
            socket.subscribe("a")
            feed = server.sockets._feed

            feed._note(None)

            assert socket.hear() == {"type": "lagged", "missed": 0}
            assert socket.hear()["type"] == "snapshot"


@contextmanager
def deaf(server: Server) -> Iterator[Callable[[dict[str, str]], None]]:
    """Open a socket, and read nothing from it."""
    lines = [f"{name}: {value}" for name, value in UPGRADE.items()]
    head = "\r\n".join(["GET /api/v2/events HTTP/1.1", "Host: localhost", *lines, "", ""])
    port = int(server.url.split(":")[2].split("/")[0])
    with socket() as connection:
        connection.setsockopt(SOL_SOCKET, SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", port))
        connection.sendall(head.encode())
        assert connection.recv(12) == b"HTTP/1.1 101"

        def say(message: dict[str, str]) -> None:
            text = json.dumps(message).encode()
            # A masked frame, as clients send them; the mask is zero.
            connection.sendall(bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text)

        yield say


class Held(Outbox):
    """Gives nothing out while the gate is closed."""

    def __init__(self, gate: Event) -> None:
        super().__init__(messages=4)
        self._gate = gate
        self.offered = 0

    def news(self, text: bytes) -> None:
        super().news(text)
        self.offered += 1

    def take(self, timeout_s: float) -> bytes | int | None:
        self._gate.wait()
        return super().take(timeout_s)


class Gate:
    """Makes outboxes that can be held back."""

    def __init__(self) -> None:
        self._open = Event()
        self._open.set()
        self.outbox = Held(self._open)

    def __call__(self) -> Held:
        return self.outbox

    def hold(self) -> None:
        self._open.clear()

    def let_go(self) -> None:
        self._open.set()
