"""The proxy carries what it is given, until it is told not to."""

import socket
from collections.abc import Iterator
from contextlib import closing
from threading import Thread
from time import monotonic

import pytest

from tests.chaos.proxy import Network, Proxy
from tests.servers import eventually


@pytest.fixture
def network() -> Iterator[Network]:
    with Network() as network:
        yield network


@pytest.fixture
def proxy(network: Network) -> Iterator[Proxy]:
    """Stand before a server that says again what it is told."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        Thread(target=echo, args=(server,), daemon=True).start()
        yield network.proxy(server.getsockname()[1])


def echo(server: socket.socket) -> None:
    while True:
        try:
            caller, _ = server.accept()
        except OSError:
            return
        Thread(target=again, args=(caller,), daemon=True).start()


def again(caller: socket.socket) -> None:
    with closing(caller):
        try:
            while said := caller.recv(65_536):
                caller.sendall(said)
        except OSError:
            return


def call(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=10)


def test_what_is_said_is_carried_both_ways(proxy: Proxy) -> None:
    with call(proxy) as caller:
        caller.sendall(b"x" * 200_000)
        heard = b""
        while len(heard) < 200_000:
            heard += caller.recv(65_536)

    assert heard == b"x" * 200_000


def test_a_cut_resets_what_is_open_and_what_is_new_until_it_is_healed(proxy: Proxy) -> None:
    with call(proxy) as before:
        before.sendall(b"a")
        assert before.recv(10) == b"a"
        proxy.cut()

        assert ended(before)
        with call(proxy) as during:
            assert ended(during)

    proxy.heal()
    with call(proxy) as after:
        after.sendall(b"b")
        assert after.recv(10) == b"b"


def test_a_tear_breaks_one_message_in_the_middle(proxy: Proxy) -> None:
    with call(proxy) as first, call(proxy) as second:
        proxy.tear()
        first.sendall(b"abcdef")
        assert first.recv(10) in {b"abc", b""}
        assert ended(first)

        second.sendall(b"abcdef")
        assert second.recv(10) == b"abcdef"


def test_what_is_late_comes_late_and_whole(proxy: Proxy) -> None:
    with call(proxy) as caller:
        proxy.delay(0.1)
        began = monotonic()
        caller.sendall(b"a")

        assert caller.recv(10) == b"a"
        assert monotonic() - began >= 0.2


def test_what_is_held_comes_when_it_is_healed(proxy: Proxy) -> None:
    with call(proxy) as caller:
        proxy.hold()
        caller.sendall(b"a")
        caller.settimeout(0.2)
        with pytest.raises(TimeoutError):
            caller.recv(10)

        proxy.heal()
        caller.settimeout(10)
        assert caller.recv(10) == b"a"


def test_a_server_that_is_away_is_a_connection_that_ends(network: Network) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    with call(network.proxy(port)) as caller:
        assert ended(caller)


def ended(caller: socket.socket) -> bool:
    """Say whether nothing comes any more."""
    seen: list[bytes | None] = []

    def nothing() -> bool:
        try:
            seen.append(caller.recv(10))
        except ConnectionError:
            return True
        return seen[-1] == b""

    eventually(nothing, within_s=10, what="the connection ends")
    return True
