"""A client of Renode's monitor: says a command, and waits for the prompt that follows what it answers.

The monitor echoes what is typed, key by key, and draws with control sequences even when it is asked not to. A command
that changes something answers nothing; whatever comes between its echo and the next prompt is an error. That is the
only sign of one: errors are told from other text by their colour alone.
"""

import re
import socket
import time
from contextlib import suppress

from jobs.errors import SimulatorLost, SimulatorRefused
from renode.driver.telnet import Telnet, escaped

MACHINE = "twin"
"""The name of the machine in our scripts, which the prompt shows once there is one."""
LONGEST_ANSWER = 4 * 2**20
SHOWN = 300
_PROMPT = re.compile(rf"(?:^|\n)\((?:monitor|{MACHINE})\) $")
_CONTROL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[@-Z\\-_])")
_PIECE = 65_536


class Monitor:
    """One connection. Commands go one at a time; after an error of the connection there is no going on."""

    def __init__(self, port: int, *, within_s: float) -> None:
        """Connect to the monitor on `port` of this machine and wait for its prompt; raise SimulatorLost."""
        self._telnet = Telnet()
        self._text = ""
        try:
            self._socket = socket.create_connection(("127.0.0.1", port), timeout=within_s)
        except OSError as error:
            raise SimulatorLost(f"nobody answers at Renode's monitor: {error}") from error
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._until_prompt("the first prompt", within_s)
        except SimulatorLost:
            self.close()
            raise

    def ask(self, command: str, *, within_s: float) -> str:
        """Say a command and return what is answered; raise SimulatorLost if there is no prompt in time."""
        self._send(escaped(command.encode()) + b"\n", command)
        _, _, answer = self._until_prompt(command, within_s).partition("\n")
        return answer.strip()

    def tell(self, command: str, *, within_s: float) -> None:
        """Say a command that answers nothing; raise SimulatorRefused with what it answers after all."""
        answer = self.ask(command, within_s=within_s)
        if answer:
            said = " ".join(answer.split())
            raise SimulatorRefused(f"Renode answered `{shown(command)}` with: {shown(said)}")

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _until_prompt(self, what: str, within_s: float) -> str:
        """Return the text before the next prompt, with its echo."""
        deadline = time.monotonic() + within_s
        while True:
            text = _CONTROL.sub("", self._text).replace("\r", "")
            if found := _PROMPT.search(text):
                self._text = ""
                return text[: found.start()]
            if len(self._text) > LONGEST_ANSWER:
                raise SimulatorLost(f"Renode's answer to `{shown(what)}` has no end")
            self._receive(what, deadline - time.monotonic(), within_s)

    def _receive(self, what: str, left_s: float, within_s: float) -> None:
        if left_s <= 0:
            raise SimulatorLost(f"Renode has not answered `{shown(what)}` within {within_s:g} s")
        self._socket.settimeout(left_s)
        try:
            piece = self._socket.recv(_PIECE)
        except TimeoutError as error:
            raise SimulatorLost(f"Renode has not answered `{shown(what)}` within {within_s:g} s") from error
        except OSError as error:
            raise SimulatorLost(f"Renode's monitor broke off at `{shown(what)}`: {error}") from error
        # Renode writes byte by byte: each waits until the one before is acknowledged, which the kernel would put off.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        if not piece:
            raise SimulatorLost(f"Renode's monitor hung up at `{shown(what)}`")
        text, answer = self._telnet.feed(piece)
        self._text += text.decode("utf-8", "replace")
        if answer:
            with suppress(OSError):  # it reads no negotiation; what matters fails at the next command
                self._socket.sendall(answer)

    def _send(self, data: bytes, what: str) -> None:
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise SimulatorLost(f"Renode's monitor broke off at `{shown(what)}`: {error}") from error


def shown(text: str) -> str:
    """Return the beginning of a text, for a message."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
