import json
import socket
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from jobs.rem import Model
from workers.remforge.decoding import View
from workers.remforge.inference import Card, Item, Output, Refused, Role
from workers.remforge.models import frames
from workers.remforge.models.frames import HEAD, HEADER_LIMIT, MAGIC, PAYLOAD_LIMIT, BadFrame, Frame
from workers.remforge.models.wire import (
    MOST_ITEMS,
    pack_card,
    pack_items,
    pack_results,
    unpack_card,
    unpack_items,
    unpack_results,
)

Ends = tuple[socket.socket, socket.socket]
EMPTY = memoryview(b"")


@pytest.fixture
def ends() -> Iterator[Ends]:
    here, there = socket.socketpair()
    with here, there:
        yield here, there


def receive(stream: socket.socket) -> Frame | None:
    return frames.receive(stream, wait_s=5, frame_s=5)


def test_messages_come_through_one_after_the_other(ends: Ends) -> None:
    here, there = ends
    frames.send(here, {"op": "é\ud800"}, [b"abc", b"", b"de"])
    frames.send(here, {})
    here.close()

    first, second, third = receive(there), receive(there), receive(there)

    assert first == Frame({"op": "é\ud800"}, memoryview(b"abcde"))
    assert second == Frame({}, EMPTY)
    assert third is None


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\n\r\n\r\n",
        HEAD.pack(b"DSM2", 2, 0) + b"{}",
        HEAD.pack(MAGIC, HEADER_LIMIT + 1, 0),
        HEAD.pack(MAGIC, 2, PAYLOAD_LIMIT + 1) + b"{}",
        HEAD.pack(MAGIC, 2, 5) + b"{}abc",
        HEAD.pack(MAGIC, 2, 0)[:9],
        HEAD.pack(MAGIC, 2, 0) + b"[]",
        HEAD.pack(MAGIC, 3, 0) + b"{]}",
        HEAD.pack(MAGIC, 4, 0) + b'"\xff\xff"',
        HEAD.pack(MAGIC, 100_000, 0) + b"[" * 100_000,
    ],
    ids=["HTTP", "magic", "header", "payload", "cut", "cut head", "list", "no JSON", "no UTF-8", "nested"],
)
def test_what_is_no_message_is_refused(ends: Ends, raw: bytes) -> None:
    here, there = ends
    here.sendall(raw)
    here.shutdown(socket.SHUT_WR)

    with pytest.raises(BadFrame):
        receive(there)


def test_a_message_that_stops_in_the_middle_is_not_waited_for_without_end(ends: Ends) -> None:
    here, there = ends
    here.sendall(struct.pack("!4sI", MAGIC, 2))

    with pytest.raises(TimeoutError):
        frames.receive(there, wait_s=None, frame_s=0.05)


def test_a_message_that_is_too_large_is_not_sent_at_all(ends: Ends) -> None:
    here, there = ends

    with pytest.raises(BadFrame):
        frames.send(here, {"text": "a" * HEADER_LIMIT})

    there.settimeout(0)
    with pytest.raises(BlockingIOError):
        there.recv(1)


def test_items_come_through_as_they_are() -> None:
    rng = np.random.default_rng(7)
    pixels = rng.integers(0, 256, (6, 10, 3), np.uint8)
    samples = rng.standard_normal(11).astype(np.float32)
    items: list[Item] = ["", pixels[:, ::2], samples, "a\udc80ñ", samples[:0], samples[::3]]

    described, parts = pack_items(items)
    read = unpack_items(json.loads(json.dumps(described)), memoryview(b"".join(parts)))

    for one, other in zip(read, items, strict=True):
        assert type(one) is type(other)
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    "described",
    [
        None,
        [None],
        [{"text": 1}],
        [{"pixels": [2, 2, 4]}],
        [{"pixels": [2, 3, 3]}],
        [{"pixels": [2, 1, 3]}],
        [{"pixels": [-2, -2, 3]}],
        [{"pixels": [2.0, 2, 3]}],
        [{"pixels": [True, 4, 3]}],
        [{"samples": 4}],
        [{"samples": "3"}],
        [{"samples": 3}, {"samples": 1}],
        [{"samples": 2**70}],
        [{"text": "a"}] * (MOST_ITEMS + 1),
    ],
)
def test_items_that_are_not_what_they_say_are_refused(described: Any) -> None:
    with pytest.raises(BadFrame):
        unpack_items(described, memoryview(bytes(12)))


def test_results_come_through_as_they_are() -> None:
    vector = np.random.default_rng(7).standard_normal(5).astype(np.float32)
    results: list[Output | Refused] = [
        Output(vector, (("tabby", 0.5),), "said"),
        Refused("internal", "It failed."),
        Output(),
        Output(vector[:2]),
    ]

    described, parts = pack_results(results)
    read = unpack_results(json.loads(json.dumps(described)), memoryview(b"".join(parts)))

    assert read[1:3] == results[1:3]
    assert isinstance(read[0], Output)
    assert isinstance(read[3], Output)
    np.testing.assert_array_equal(read[0].vector, vector)
    np.testing.assert_array_equal(read[3].vector, vector[:2])
    assert (read[0].scores, read[0].text) == ((("tabby", 0.5),), "said")


@pytest.mark.parametrize(
    "described",
    [
        None,
        [{"refused": ["a"]}],
        [{"vector": 3}],
        [{"vector": 4, "scores": [], "text": None}],
        [{"vector": 3, "scores": [["a", "b"]], "text": None}],
        [{"vector": 3, "scores": [], "text": 7}],
        [{"vector": None, "scores": [], "text": None}],
    ],
)
def test_results_that_are_not_what_they_say_are_refused(described: Any) -> None:
    with pytest.raises(BadFrame):
        unpack_results(described, memoryview(bytes(12)))


@pytest.mark.parametrize("view", [View(224, 224), None])
def test_cards_come_through_as_they_are(view: View | None) -> None:
    model = Model(name="m", version="1", sha256="a" * 64, licence="MIT")
    card = Card(Role.IMAGE, model, 512, view, scale=100.0, bias=-10.5, test_only=True)

    assert unpack_card(json.loads(json.dumps(pack_card(card)))) == card


@pytest.mark.parametrize("described", [None, {}, {"view": [1], "model": {}}, {"view": None, "model": {"name": "m"}}])
def test_cards_that_are_none_are_refused(described: Any) -> None:
    with pytest.raises(BadFrame):
        unpack_card(described)
