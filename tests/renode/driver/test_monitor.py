import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest

from jobs.errors import SimulatorLost, SimulatorRefused
from renode.driver.monitor import Monitor

QUICK_S, PATIENT_S = 0.2, 30.0
Talk = Callable[[socket.socket], None]


@contextmanager
def served(talk: Talk) -> Iterator[int]:
    """Serve one connection with `talk`; yield the port, and raise what `talk` raised."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        threads = stack.enter_context(ThreadPoolExecutor(1))

        def accept() -> None:
            connection, _ = server.accept()
            with connection:
                talk(connection)

        done: Future[None] = threads.submit(accept)
        yield server.getsockname()[1]
        done.result(PATIENT_S)


def until_gone(connection: socket.socket) -> None:
    while connection.recv(4096):
        pass


def line_of(connection: socket.socket) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        line += connection.recv(1)
    return line


def test_an_answer_is_what_stands_between_the_echo_and_the_prompt() -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(b"\n\n\rRenode, version 1.16.1\n\r\n\r(monitor) ")
        assert line_of(connection) == b"sysbus ReadBytes 0x0 2\n"
        for piece in (
            b"sysbus Read\x1b[?25l\x1b",
            b"[?25hBytes 0x0 2",
            b"\n\r[\r\n0x0",
            b"1, 0xFF, \r\n]\r\n(tw",
            b"in) ",
        ):
            connection.sendall(piece)
        until_gone(connection)

    with served(talk) as port:
        monitor = Monitor(port, within_s=PATIENT_S)
        answer = monitor.ask("sysbus ReadBytes 0x0 2", within_s=PATIENT_S)
        monitor.close()

    assert answer == "[\n0x01, 0xFF, \n]"


def test_text_that_looks_like_a_prompt_inside_of_a_line_ends_nothing() -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(b"(monitor) ")
        line_of(connection)
        connection.sendall(b"version\n\rthe prompt is (monitor) ")
        connection.sendall(b"and (twin) \n\r(other) \n\r(monitor) ")
        until_gone(connection)

    with served(talk) as port:
        monitor = Monitor(port, within_s=PATIENT_S)
        answer = monitor.ask("version", within_s=PATIENT_S)
        monitor.close()

    assert answer == "the prompt is (monitor) and (twin) \n(other)"


def test_a_command_that_should_say_nothing_and_does_was_refused() -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(b"(monitor) ")
        line_of(connection)
        connection.sendall(b"x\n\rThere was an error executing command 'x': \r\n\tnot found\r\n(monitor) ")
        line_of(connection)
        connection.sendall(b"y\n\r(monitor) ")
        until_gone(connection)

    with served(talk) as port:
        monitor = Monitor(port, within_s=PATIENT_S)
        with pytest.raises(SimulatorRefused, match="`x` with: There was an error executing command 'x': not found"):
            monitor.tell("x", within_s=PATIENT_S)
        monitor.tell("y", within_s=PATIENT_S)
        monitor.close()


def test_a_monitor_that_does_not_answer_in_time_is_lost() -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(b"(monitor) ")
        line_of(connection)
        connection.sendall(b"start\n\rstill at it")
        until_gone(connection)

    with served(talk) as port:
        monitor = Monitor(port, within_s=PATIENT_S)
        with pytest.raises(SimulatorLost, match=r"`start` within 0\.2 s"):
            monitor.ask("start", within_s=QUICK_S)
        monitor.close()


def test_a_monitor_that_hangs_up_is_lost() -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(b"(monitor) ")
        line_of(connection)

    with served(talk) as port:
        monitor = Monitor(port, within_s=PATIENT_S)
        with pytest.raises(SimulatorLost, match="hung up at `start`"):
            monitor.ask("start", within_s=PATIENT_S)
        monitor.close()


def test_nobody_at_the_port_is_lost_and_so_is_one_who_has_no_prompt() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(SimulatorLost, match="nobody answers"):
        Monitor(port, within_s=QUICK_S)

    with served(until_gone) as silent, pytest.raises(SimulatorLost, match="the first prompt"):
        Monitor(silent, within_s=QUICK_S)
