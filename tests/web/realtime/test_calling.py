"""Where callbacks may go, and that they go nowhere else: real receivers, and a resolver that lies."""

import socket
import ssl
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from threading import Event

import pytest

from jobs.errors import InvalidInput
from tests.web.realtime.receivers import certified, receiving, talking
from web.realtime.addresses import Refused, is_open, networks, place_of
from web.realtime.calling import Callbacks, NotReached

LOOPBACK = networks("127.0.0.0/8")


class Resolver:
    """Answers by hand: another list of addresses each time, the last one for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def post(callbacks: Callbacks, url: str) -> int:
    return callbacks.post(url, b"{}", {"Content-Type": "application/json"})


class TestAddresses:
    @pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:2800:220:1::1"])
    def test_the_world_is_open(self, address: str) -> None:
        assert is_open(ip_address(address), ())

    @pytest.mark.parametrize(
        "address",
        [
            *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
            *("100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1"),
            *("255.255.255.255", "::", "::1", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1", "fec0::1"),
            *("::ffff:127.0.0.1", "::ffff:8.8.8.8", "::7f00:1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::"),
            *("2002:808:808::1", "2001::1", "::ffff:0:7f00:1"),
        ],
    )
    def test_everything_else_and_every_disguise_of_it_is_closed(self, address: str) -> None:
        assert not is_open(ip_address(address), ())

    def test_networks_that_are_allowed_are_open_and_no_others(self) -> None:
        allowed = networks("10.1.0.0/16, ::1,127.0.0.1/32")

        assert is_open(ip_address("10.1.2.3"), allowed)
        assert is_open(ip_address("::1"), allowed)
        assert not is_open(ip_address("10.2.0.1"), allowed)
        assert not is_open(ip_address("127.0.0.2"), allowed)
        assert not is_open(ip_address("::ffff:10.1.2.3"), allowed)

    @pytest.mark.parametrize(
        "url",
        [
            *("ftp://a.example/", "file:///etc/passwd", "//a.example", "http:///x", "https://", "javascript:alert(1)"),
            *("http://user@a.example/", "http://user:word@a.example/", "http://a.example\\@b.example/"),
            *(
                "http://a.example/ x",
                "http://a.example/\r\nHost: b",
                "http://a b/",
                "http://[::1/",
                "http://ä.example/",
            ),
            *("http://a.example:0/", "http://a.example:x/", "http://[fe80::1%25eth0]/", "http://-a.example/"),
        ],
    )
    def test_what_parsers_disagree_about_is_no_address(self, url: str) -> None:
        with pytest.raises(Refused):
            place_of(url)

    def test_an_address_is_taken_apart_as_it_is_called(self) -> None:
        assert place_of("https://ci.example/hook?x=1") == place_of("https://ci.example:443/hook?x=1")
        assert place_of("http://[2606::1]:8080?x").authority == "[2606::1]:8080"
        assert place_of("http://[2606::1]:8080?x").target == "/?x"
        assert place_of("http://ci.example").authority == "ci.example"


class TestChecks:
    @pytest.mark.parametrize("url", ["http://127.0.0.1/", "https://[::1]:8443/x", "http://169.254.169.254/latest"])
    def test_a_closed_address_that_is_written_out_is_refused_at_once(self, url: str) -> None:
        with pytest.raises(InvalidInput) as refusal:
            Callbacks().check(url)

        assert refusal.value.field == "callback_url"

    def test_names_open_and_allowed_addresses_and_none_pass(self) -> None:
        callbacks = Callbacks(LOOPBACK)

        for url in (None, "https://ci.example/", "http://8.8.8.8/", "http://127.0.0.1:8080/"):
            callbacks.check(url)


class TestCalls:
    def test_a_receiver_gets_the_body_with_its_own_name_as_the_host(self) -> None:
        resolver = Resolver(["127.0.0.1"])
        with receiving(202) as receiver:
            status = post(Callbacks(LOOPBACK, resolve=resolver), f"http://ci.example:{receiver.port}/hook?a=1")

        [call] = receiver.heard
        assert (status, call.path, call.body) == (202, "/hook?a=1", b"{}")
        assert call.headers["Host"] == f"ci.example:{receiver.port}"
        assert resolver.asked == [("ci.example", receiver.port)]

    @pytest.mark.parametrize(
        "answer", [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::1"], ["fe80::1%eth0"], ["::ffff:127.0.0.1"]]
    )
    def test_a_name_that_leads_inside_is_refused_before_anything_is_sent(self, answer: list[str]) -> None:
        with receiving() as receiver, pytest.raises(Refused):
            post(Callbacks(resolve=Resolver(answer)), f"http://ci.example:{receiver.port}/")

        assert receiver.heard == []

    @pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "localhost"])
    def test_other_ways_to_write_loopback_are_refused(self, host: str) -> None:
        with receiving() as receiver, pytest.raises(Refused):
            post(Callbacks(), f"http://{host}:{receiver.port}/")

        assert receiver.heard == []

    def test_a_name_that_is_rebound_is_called_where_it_was_looked_at(self) -> None:
        # Whoever would look up the name again would get another address than the one that was allowed.
        resolver = Resolver(["127.0.0.1"], ["127.0.0.2"])
        with receiving() as receiver:
            post(Callbacks(networks("127.0.0.1"), resolve=resolver), f"http://ci.example:{receiver.port}/")

            assert len(receiver.heard) == len(resolver.asked) == 1
            with pytest.raises(Refused):
                post(Callbacks(networks("127.0.0.1"), resolve=resolver), f"http://ci.example:{receiver.port}/")
        assert len(receiver.heard) == 1

    def test_the_next_address_is_tried_where_one_does_not_answer(self) -> None:
        with receiving() as receiver:
            callbacks = Callbacks(LOOPBACK, resolve=Resolver(["127.0.0.9", "127.0.0.1"]))

            assert post(callbacks, f"http://ci.example:{receiver.port}/") == 204

    def test_redirects_are_not_followed(self) -> None:
        with receiving() as inner, receiving(302, location=f"http://127.0.0.1:{inner.port}/") as receiver:
            assert post(Callbacks(LOOPBACK), f"http://127.0.0.1:{receiver.port}/") == 302

        assert inner.heard == []

    def test_proxies_of_the_environment_are_not_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with receiving() as proxy, receiving() as receiver:
            for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
                monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
            post(Callbacks(LOOPBACK), f"http://127.0.0.1:{receiver.port}/")

        assert (len(proxy.heard), len(receiver.heard)) == (0, 1)

    def test_certificates_are_those_of_the_name(self, tmp_path: Path) -> None:
        server, client = certified(tmp_path, "ci.example")
        with receiving(tls=server) as receiver:
            trusting = Callbacks(LOOPBACK, resolve=Resolver(["127.0.0.1"]), tls=client)

            assert post(trusting, f"https://ci.example:{receiver.port}/") == 204
            with pytest.raises(NotReached, match="certificate"):
                post(trusting, f"https://other.example:{receiver.port}/")
            with pytest.raises(NotReached, match="certificate"):
                post(
                    Callbacks(LOOPBACK, resolve=Resolver(["127.0.0.1"]), tls=ssl.create_default_context()),
                    f"https://ci.example:{receiver.port}/",
                )

    def test_an_answer_in_drops_is_given_up_in_time(self) -> None:
        stop = Event()

        def drop(connection: socket.socket) -> None:
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            while not stop.wait(0.02):
                connection.sendall(b"X: y\r\n")

        with talking(drop) as port:
            with pytest.raises(NotReached, match="within"):
                post(Callbacks(LOOPBACK, deadline_s=0.3), f"http://127.0.0.1:{port}/")
            stop.set()

    def test_an_answer_without_an_end_is_given_up(self) -> None:
        def flood(connection: socket.socket) -> None:
            connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 1_000_000)

        with talking(flood) as port, pytest.raises(NotReached):
            post(Callbacks(LOOPBACK), f"http://127.0.0.1:{port}/")

    def test_what_is_no_http_and_nobody_there_are_told_apart(self) -> None:
        def greet(connection: socket.socket) -> None:
            # Whoever closes with something unread resets the connection, and the greeting is lost with it.
            while not connection.recv(65536).endswith(b"{}"):
                pass
            connection.sendall(b"SSH-2.0-x\r\n")

        with talking(greet) as port, pytest.raises(NotReached, match="not HTTP"):
            post(Callbacks(LOOPBACK), f"http://127.0.0.1:{port}/")
        with pytest.raises(NotReached, match="refused"):
            post(Callbacks(LOOPBACK), f"http://127.0.0.1:{port}/")

    def test_a_name_without_an_address_may_have_one_later(self) -> None:
        def lost(_host: str, _port: int) -> Sequence[str]:
            raise socket.gaierror(socket.EAI_AGAIN, "try again")

        for resolve in (lost, Resolver([])):
            with pytest.raises(NotReached, match="no address"):
                post(Callbacks(resolve=resolve), "http://ci.example/")
