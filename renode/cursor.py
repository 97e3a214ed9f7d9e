"""A byte string read forwards, as DWARF is written."""

MAX_NAME_BYTES = 4096


class Malformed(Exception):
    """The table breaks its own rules."""


class Cursor:
    """Reads a byte string forwards, never beyond its end."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        """Start at `at`."""
        self.data = data
        self.at = at

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes."""
        if count < 0 or self.at + count > len(self.data):
            raise Malformed
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, count: int) -> int:
        """Return an unsigned number of `count` bytes."""
        return int.from_bytes(self.take(count), "little")

    def uleb(self) -> int:
        """Return an unsigned LEB128 of at most 64 bits."""
        value = 0
        for shift in range(0, 70, 7):
            byte = self.number(1)
            value |= (byte & 0x7F) << shift
            if not byte & 0x80:
                return value
        raise Malformed

    def sleb(self) -> int:
        """Return a signed LEB128 of at most 64 bits."""
        start = self.at
        value = self.uleb()
        bits = 7 * (self.at - start)
        return value - (1 << bits) if value >> (bits - 1) & 1 else value

    def text(self) -> str:
        """Return a string that ends with a zero byte."""
        end = self.data.find(b"\0", self.at, self.at + MAX_NAME_BYTES)
        if end < 0:
            raise Malformed
        raw = self.data[self.at : end]
        self.at = end + 1
        return raw.decode("utf-8", "replace")
