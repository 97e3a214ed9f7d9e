"""The language model over HTTP, against a real server that speaks its protocol well and badly."""

import json
import logging
from collections.abc import Iterator
from time import monotonic
from typing import Any

import pytest

from jobs.errors import StoreUnavailable
from tests.servers import free_port
from tests.workers.query.model_server import ModelServer, event, goes_silent, model_server, says, sends
from workers.query.language_model import Message
from workers.query.model_http import FAILURES, LONGEST_LINE, OPEN_S, HttpModel

KEY = "sk-top-secret"
ASKED = [Message("system", "Be brief."), Message("user", "¿Qué?")]


class Watch:
    """A time that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server(says("Three ", "instructions ", "leak [1].")) as server:
        yield server


@pytest.fixture
def model(server: ModelServer, watch: Watch) -> Iterator[HttpModel]:
    model = HttpModel(server.url, model="small", api_key=KEY, timer=watch)
    yield model
    model.close()


def spoken(model: HttpModel, *, timeout_s: float = 10) -> str:
    return "".join(model.stream(ASKED, max_tokens=99, timeout_s=timeout_s))


def test_pieces_come_one_by_one_as_they_are_produced(server: ModelServer, model: HttpModel) -> None:
    server.script = goes_silent(event("Three "), event("leak."))

    pieces = model.stream(ASKED, max_tokens=99, timeout_s=10)

    assert [next(pieces), next(pieces)] == ["Three ", "leak."]


def test_the_request_is_that_of_the_protocol(server: ModelServer, model: HttpModel) -> None:
    assert spoken(model) == "Three instructions leak [1]."

    assert server.keys == [f"Bearer {KEY}"]
    assert server.asked == [
        {
            "path": "/v1/chat/completions",
            "model": "small",
            "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "¿Qué?"}],
            "max_tokens": 99,
            "temperature": 0,
            "stream": True,
        }
    ]


def test_a_server_without_a_key_is_asked_without_one(server: ModelServer) -> None:
    model = HttpModel(f"{server.url}/", model="small")

    assert spoken(model)

    assert server.keys == [None]
    assert server.asked[0]["path"] == "/v1/chat/completions"
    model.close()


@pytest.mark.parametrize("size", [1, 3, 7])
def test_events_may_arrive_in_any_pieces(server: ModelServer, model: HttpModel, size: int) -> None:
    sent = event("sí, ") + event("😀 ok").replace(b"\n", b"\r\n") + b"data: [DONE]"
    server.script = sends(*(sent[start : start + size] for start in range(0, len(sent), size)))

    assert spoken(model) == "sí, 😀 ok"


BREAKS = {
    "nothing": b"",
    "half": event("Three"),
    "not json": b"data: {oops\n\n",
    "not an object": b"data: [1]\n\n",
    "an error": b'data: {"error": {"message": "' + KEY.encode() + b'"}}\n\n',
    "no delta": b'data: {"choices": [{}]}\n\n',
    "a list": b'data: {"choices": [{"delta": {"content": ["a"]}}]}\n\n',
    "a number": b'data: {"choices": 7}\n\n',
    "too deep": b"data: " + b"[" * 200_000 + b"\n\n",
    "another protocol": b"<html>Hello</html>",
    "bytes": bytes(range(256)) * 50,
}


@pytest.mark.parametrize("sent", list(BREAKS.values()), ids=list(BREAKS))
def test_what_is_not_the_protocol_is_an_error(server: ModelServer, model: HttpModel, sent: bytes) -> None:
    server.script = sends(sent)

    with pytest.raises(StoreUnavailable) as raised:
        spoken(model)

    assert KEY not in str(raised.value)


@pytest.mark.parametrize("status", [301, 401, 404, 429, 500])
def test_a_refusal_is_an_error_that_names_the_status_and_never_the_key(
    server: ModelServer, model: HttpModel, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.status = status
    server.script = sends(json.dumps({"error": f"wrong key {KEY}"}).encode())

    with pytest.raises(StoreUnavailable, match=str(status)) as raised:
        spoken(model)

    assert KEY not in f"{raised.value!r} {raised.value.__cause__!r} {caplog.text}"


def test_a_server_that_is_not_there_is_an_error() -> None:
    model = HttpModel(f"http://127.0.0.1:{free_port()}", model="small")

    with pytest.raises(StoreUnavailable, match="ConnectError"):
        spoken(model)
    model.close()


def test_a_silent_server_is_given_up(server: ModelServer, model: HttpModel) -> None:
    server.script = goes_silent(event("Three "))
    began = monotonic()

    with pytest.raises(StoreUnavailable, match="ReadTimeout"):
        spoken(model, timeout_s=0.2)

    assert monotonic() - began < 5


@pytest.mark.parametrize("said", [event("word "), b": still here\n\n", b"x"], ids=["words", "comments", "one line"])
def test_a_server_that_never_ends_is_out_of_time(
    server: ModelServer, model: HttpModel, watch: Watch, said: bytes
) -> None:
    def forever(_server: ModelServer) -> Iterator[bytes]:
        while True:
            watch.now += 1
            yield said

    server.script = forever

    with pytest.raises(StoreUnavailable, match="more than 30 s"):
        spoken(model, timeout_s=30)


def test_a_line_that_never_ends_is_not_kept(server: ModelServer, model: HttpModel) -> None:
    def endless(_server: ModelServer) -> Iterator[bytes]:
        while True:
            yield b"data: " + b"x" * (LONGEST_LINE // 4)

    server.script = endless

    with pytest.raises(StoreUnavailable, match="protocol"):
        spoken(model)


def test_half_a_surrogate_pair_becomes_text_that_can_be_stored(server: ModelServer, model: HttpModel) -> None:
    server.script = sends(event("a\ud83d"), b"data: [DONE]\n\n")

    assert spoken(model) == "a?"


def refused(model: HttpModel) -> str:
    with pytest.raises(StoreUnavailable) as raised:
        spoken(model)
    return raised.value.message


def break_down(server: ModelServer, model: HttpModel) -> None:
    server.status = 500
    for _ in range(FAILURES):
        assert "500" in refused(model)


def test_a_model_that_failed_too_often_is_left_alone_for_a_while(
    server: ModelServer, model: HttpModel, watch: Watch
) -> None:
    break_down(server, model)
    watch.now += OPEN_S - 1

    assert "left alone" in refused(model)

    assert len(server.asked) == FAILURES


def test_after_a_while_one_tries_and_its_success_brings_the_model_back(
    server: ModelServer, model: HttpModel, watch: Watch
) -> None:
    break_down(server, model)
    watch.now += OPEN_S
    server.status = 200
    first = model.stream(ASKED, max_tokens=99, timeout_s=10)
    assert next(first) == "Three "
    assert "left alone" in refused(model)

    rest = "".join(first)

    assert rest == "instructions leak [1]."
    assert spoken(model) == "Three instructions leak [1]."


def test_after_a_while_one_tries_and_its_failure_closes_the_way_again(
    server: ModelServer, model: HttpModel, watch: Watch
) -> None:
    break_down(server, model)
    watch.now += OPEN_S
    assert "500" in refused(model)

    watch.now += OPEN_S - 1

    assert "left alone" in refused(model)
    assert len(server.asked) == FAILURES + 1


def test_only_failures_in_a_row_count(server: ModelServer, model: HttpModel) -> None:
    for _ in range(FAILURES):
        server.status = 500
        refused(model)
        server.status = 200
        assert spoken(model)


def test_a_reader_who_leaves_closes_the_connection_and_blames_nobody(server: ModelServer, model: HttpModel) -> None:
    left: list[Any] = []

    def watched(server: ModelServer) -> Iterator[bytes]:
        try:
            while True:
                yield event("word " * 1000)
        finally:
            left.append(True)
            server.let_go.set()

    server.script = watched
    for _ in range(FAILURES + 1):
        pieces = model.stream(ASKED, max_tokens=99, timeout_s=10)
        assert next(pieces).startswith("word")

        pieces.close()  # type: ignore[attr-defined]  # a generator, as every stream of ours

    assert server.let_go.wait(10)
    assert left
