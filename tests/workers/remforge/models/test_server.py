import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from jobs.errors import DeadlineExceeded, InvalidInput, StoreUnavailable
from tests.servers import eventually
from workers.remforge.inference import Role
from workers.remforge.models.client import FACTS_S, HostModels
from workers.remforge.models.connections import Connections
from workers.remforge.models.frames import Frame, receive
from workers.remforge.models.server import Server
from workers.remforge.models.service import Reply

Serve = Callable[..., Server]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    servers: list[Server] = []

    def start(answer: Callable[[Frame], Reply], **limits: float) -> Server:
        servers.append(Server(tmp_path / "socket", answer, **limits))  # type: ignore[arg-type]
        return servers[-1]

    yield start
    for server in servers:
        server.stop(grace_s=5)


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Connections]:
    one = Connections(tmp_path / "socket", patience_s=0)
    yield one
    one.close()


def echo(frame: Frame) -> Reply:
    return frame.header, [bytes(frame.payload)]


def test_a_connection_is_used_again_and_a_new_one_made_where_the_host_was_replaced(
    serve: Serve, ask: Connections
) -> None:
    first = serve(echo)
    ask.ask({"n": 1}, [b"ab"], deadline_s=5)
    ask.ask({"n": 2}, [], deadline_s=5)
    used = len(first._open)
    stopped = first.stop(grace_s=5)
    serve(echo)

    reply = ask.ask({"n": 3}, [b"a", b"bc"], deadline_s=5)

    assert (used, stopped) == (1, True)
    assert (reply.header, bytes(reply.payload)) == ({"n": 3}, b"abc")


def test_where_nobody_listens_the_host_is_away(ask: Connections) -> None:
    with pytest.raises(StoreUnavailable, match="The model host did not answer"):
        ask.ask({}, [], deadline_s=5)


def test_a_host_that_is_starting_is_waited_for(serve: Serve, tmp_path: Path) -> None:
    patient = Connections(tmp_path / "socket", patience_s=20)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(patient.ask, {"n": 1}, [], deadline_s=20)
        serve(echo)

        assert asked.result().header == {"n": 1}
    patient.close()


def test_a_connection_that_nobody_greets_is_given_up_and_another_made_before_anything_is_sent(tmp_path: Path) -> None:
    patient, asked = Connections(tmp_path / "socket", patience_s=20), []
    ending = socket.socket(socket.AF_UNIX)
    ending.bind(str(tmp_path / "socket"))
    ending.listen(1)

    def answer(frame: Frame) -> Reply:
        asked.append(frame.header)
        return echo(frame)

    with ThreadPoolExecutor(1) as pool:
        reply = pool.submit(patient.ask, {"n": 1}, [], deadline_s=20)
        accepted, _ = ending.accept()
        ending.close()
        server = Server(tmp_path / "socket", answer)
        accepted.close()

        assert reply.result().header == {"n": 1}
    assert asked == [{"n": 1}]
    patient.close()
    server.stop(grace_s=5)


def test_a_host_that_hangs_is_given_up_after_the_deadline(serve: Serve, tmp_path: Path) -> None:
    hasty = Connections(tmp_path / "socket", patience_s=0, margin_s=0.05)
    going = threading.Event()

    def hang(frame: Frame) -> Reply:
        if frame.header == {"n": 1}:
            going.wait(20)
        return echo(frame)

    serve(hang)
    # The connection is there by then, however long a busy machine takes to greet on it.
    hasty.ask({"n": 0}, [], deadline_s=5)
    with pytest.raises(DeadlineExceeded):
        hasty.ask({"n": 1}, [], deadline_s=0.05)
    going.set()

    assert hasty.ask({"n": 2}, [], deadline_s=5).header == {"n": 2}
    hasty.close()


@pytest.mark.parametrize("error", [StoreUnavailable("a"), DeadlineExceeded("b"), InvalidInput("c")])
def test_errors_come_through_as_what_they_are(serve: Serve, ask: Connections, error: Exception) -> None:
    def fail(_: Frame) -> Reply:
        raise error

    serve(fail)

    with pytest.raises(type(error), match=str(error)):
        ask.ask({}, [], deadline_s=5)


def test_a_fault_of_the_host_is_logged_and_worth_another_try(serve: Serve, ask: Connections) -> None:
    def fail(_: Frame) -> Reply:
        raise ZeroDivisionError("secret")

    serve(fail)
    with capture_logs() as logs, pytest.raises(StoreUnavailable) as caught:
        ask.ask({}, [], deadline_s=5)

    assert [line["event"] for line in logs] == ["message_not_answered"]
    assert "secret" not in caught.value.message


def test_one_connection_too_many_is_turned_away_and_the_others_go_on(
    serve: Serve, ask: Connections, tmp_path: Path
) -> None:
    server = serve(echo, connections=1)
    ask.ask({"n": 1}, [], deadline_s=5)

    with socket.socket(socket.AF_UNIX) as stream:
        stream.connect(str(tmp_path / "socket"))
        refused = receive(stream, wait_s=5, frame_s=5)

    assert refused is not None
    assert refused.header["error"]["code"] == "store-unavailable"
    assert ask.ask({"n": 2}, [], deadline_s=5).header == {"n": 2}
    ask.close()
    eventually(lambda: not server._open, what="there is room again")
    assert ask.ask({"n": 3}, [], deadline_s=5).header == {"n": 3}


def test_who_stops_in_the_middle_of_a_message_loses_its_connection(serve: Serve, tmp_path: Path) -> None:
    server = serve(echo, frame_s=0.05)

    with socket.socket(socket.AF_UNIX) as stream:
        stream.connect(str(tmp_path / "socket"))
        receive(stream, wait_s=5, frame_s=5)
        stream.sendall(b"DSM1")
        stream.settimeout(5)

        assert stream.recv(1) == b""
    assert not server._open


def test_a_stop_that_cannot_wait_any_longer_says_so(serve: Serve, ask: Connections) -> None:
    going, came = threading.Event(), threading.Event()

    def hang(frame: Frame) -> Reply:
        came.set()
        going.wait(20)
        return echo(frame)

    server = serve(hang)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask.ask, {"n": 1}, [], deadline_s=20)
        came.wait(20)
        in_time = server.stop(grace_s=0.05)
        going.set()

        assert asked.result().header == {"n": 1}
    assert not in_time


def test_what_is_known_of_models_is_believed_for_a_moment(serve: Serve, tmp_path: Path) -> None:
    asked: list[Frame] = []
    now = 0.0

    def facts(frame: Frame) -> Reply:
        asked.append(frame)
        return {"cards": [], "why_not": {"sound": f"{len(asked)}"}, "degraded": [f"{len(asked)}"]}, []

    serve(facts)
    client = HostModels(tmp_path / "socket", patience_s=0, clock=lambda: now)
    first = client.card(Role.SOUND), client.why_not(Role.SOUND), client.degraded()
    now = FACTS_S
    second = client.why_not(Role.SOUND)
    client.close()

    assert first == (None, "1", ("1",))
    assert second == "2"


@pytest.mark.parametrize("reply", [{}, {"cards": [{}], "why_not": {}, "degraded": []}, {"results": [], "card": None}])
def test_a_reply_of_another_version_is_a_host_that_is_being_replaced(
    serve: Serve, tmp_path: Path, reply: dict[str, object]
) -> None:
    serve(lambda _: (reply, []))
    client = HostModels(tmp_path / "socket", patience_s=0)

    with pytest.raises(StoreUnavailable):
        client.card(Role.SOUND)
    with pytest.raises(StoreUnavailable):
        client.run(Role.SENTENCES, ["text"], deadline_s=5)
    client.close()
