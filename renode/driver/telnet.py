"""A telnet stream taken apart (RFC 854, 855): what is text, and what is to be answered to negotiation.

Renode's monitor offers to echo and asks for the size of the window. We let it echo, and have no window: with a size it
would draw its line again whenever that changes, and fold long lines.
"""

from enum import Enum, auto

IAC = 255
DONT, DO, WONT, WILL, SUBNEGOTIATION, END = 254, 253, 252, 251, 250, 240
BINARY, ECHO, NO_GO_AHEAD = 0, 1, 3


class _At(Enum):
    TEXT = auto()
    COMMAND = auto()
    OPTION = auto()
    INSIDE = auto()
    INSIDE_COMMAND = auto()


class Telnet:
    """Reads a stream in pieces, however it was cut."""

    def __init__(self) -> None:
        """Begin with text."""
        self._at = _At.TEXT
        self._verb = 0

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """Return the text in `data`, and what to answer."""
        text, answer = bytearray(), bytearray()
        for byte in data:
            if self._at is _At.TEXT:
                if byte == IAC:
                    self._at = _At.COMMAND
                else:
                    text.append(byte)
            elif self._at is _At.COMMAND:
                self._command(byte, text)
            elif self._at is _At.OPTION:
                answer += _answered(self._verb, byte)
                self._at = _At.TEXT
            elif self._at is _At.INSIDE:
                if byte == IAC:
                    self._at = _At.INSIDE_COMMAND
            else:
                self._at = _At.TEXT if byte == END else _At.INSIDE
        return bytes(text), bytes(answer)

    def _command(self, byte: int, text: bytearray) -> None:
        if byte == IAC:  # an escaped byte of text
            text.append(byte)
            self._at = _At.TEXT
        elif byte in {DO, DONT, WILL, WONT}:
            self._verb = byte
            self._at = _At.OPTION
        else:
            self._at = _At.INSIDE if byte == SUBNEGOTIATION else _At.TEXT


def escaped(text: bytes) -> bytes:
    """Return text as it is sent."""
    return text.replace(bytes([IAC]), bytes([IAC, IAC]))


def _answered(verb: int, option: int) -> bytes:
    """Return the answer to an offer or a demand; what takes something back needs none, as nothing was agreed before."""
    if verb == DO:
        return bytes([IAC, WILL if option == BINARY else WONT, option])
    if verb == WILL:
        return bytes([IAC, DO if option in {BINARY, ECHO, NO_GO_AHEAD} else DONT, option])
    return b""
