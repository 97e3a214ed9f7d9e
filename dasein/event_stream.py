"""Server-sent events (WHATWG HTML, 9.2.6), read from lines."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Frame:
    """One event as it came over the wire; `id` is the last one seen, empty when there was none."""

    id: str
    name: str
    data: str


class EventReader:
    """Makes events of lines. A stream that ends in the middle of an event drops that event, as the standard asks."""

    def __init__(self, last_id: str = "") -> None:
        """Start after the event `last_id`."""
        self.last_id = last_id
        """Of the last event that was whole."""
        self.retry_s: float | None = None
        """What the server asked to wait for before coming back."""

    def frames(self, lines: Iterable[str]) -> Iterator[Frame]:
        """Yield the events of lines without their ends."""
        name, event_id = "", self.last_id
        data: list[str] = []
        for line in lines:
            if not line:
                self.last_id = event_id
                if data:
                    yield Frame(event_id, name or "message", "\n".join(data))
                name, data = "", []
                continue
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "event":
                name = value
            elif field == "data":
                data.append(value)
            elif field == "id" and "\0" not in value:
                event_id = value
            elif field == "retry" and value.isascii() and value.isdigit():
                self.retry_s = int(value) / 1000
