"""The stand-in's command line: `program.py [--peer-mode MODE] <Renode's options>`.

It writes as Renode's terminal does: negotiation first, a banner, each key echoed, and everything in pieces that end
where they like. Modes: `good`; `dies` and `hangs` in the third execution; `errs` at it; `mute` never opens its monitor;
`quits` as it starts.
"""

import argparse
import os
import socket
import sys
import time

from tests.renode.peer.commands import Commands

VERSION = "1.16.1"
NEGOTIATION = bytes((255, 253, 0, 255, 253, 31, 255, 251, 1, 255, 251, 3, 255, 252, 34))
FATAL = 3
"""Which execution is the last one of a mode that has one."""


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--peer-mode", default="good")
    parser.add_argument("--version", action="store_true")
    for flag in ("--plain", "--disable-gui", "--hide-analyzers"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("--config")
    parser.add_argument("-P", "--port", type=int, required=False)
    options = parser.parse_args()
    if options.version:
        print(f"Renode v{VERSION}.12345\n  build: abcdef-202602160000\n  build type: Release")  # noqa: T201
        return 0
    assert options.plain
    assert options.disable_gui
    assert options.config
    if options.peer_mode == "quits":
        print("Fatal error: libstdc++ is missing", flush=True)  # noqa: T201
        return 3
    if options.peer_mode == "mute":
        time.sleep(600)
    with socket.create_server(("127.0.0.1", options.port)) as server:
        port = server.getsockname()[1]
        print(f"12:00:00.0000 [INFO] Monitor available in telnet mode on port {port}", flush=True)  # noqa: T201
        connection, _ = server.accept()
        with connection:
            serve(connection, options.peer_mode)
    return 0


def serve(connection: socket.socket, mode: str) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(NEGOTIATION[:4])
    connection.sendall(NEGOTIATION[4:] + b"\n\n\rRenode, version 1.16.1.12345 (abcdef)\n\r\n\r(moni")
    connection.sendall(b"tor) ")
    commands, line, runs = Commands(), bytearray(), 0
    skip, echo = 0, bytearray()
    while data := connection.recv(4096):
        for byte in data:
            if byte == 255 or skip:  # an answer to negotiation: three bytes
                skip = 2 if byte == 255 and not skip else skip - 1
                continue
            if byte != 0x0A:
                line.append(byte)
                echo += bytes((byte,)) + (b"\x1b[?25l\x1b[?25h" if len(line) == 7 else b"")
                continue
            connection.sendall(echo)
            echo.clear()
            text = line.decode()
            line.clear()
            runs += text.startswith("emulation RunFor")
            said = ended(mode, runs) if text.startswith("emulation RunFor") else None
            answer = commands.line(text) if said is None else said
            prompt = f"({commands.machine_name or 'monitor'}) "
            send(connection, "\n\r" + answer + prompt)


def ended(mode: str, runs: int) -> str | None:
    """Do what the mode says in its last execution; return what is answered instead of running."""
    if runs < FATAL or mode == "good":
        return None
    if mode == "dies":
        print("12:00:01.0000 [ERROR] Fatal error. System.AccessViolationException", flush=True)  # noqa: T201
        os._exit(134)
    if mode == "hangs":
        time.sleep(600)
    return "There was an error executing command 'emulation RunFor': \r\n\tCPU abort [PC=0x8000000]\r\n"


def send(connection: socket.socket, text: str) -> None:
    data = text.encode()
    cut = len(data) // 2 + 1
    for piece in (data[:1], data[1:cut], data[cut:-3], data[-3:]):
        connection.sendall(piece)


if __name__ == "__main__":
    sys.exit(main())
