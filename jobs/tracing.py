"""Traces: which request, job or call something belongs to (W3C Trace Context), and the spans that may be recorded of it.

Ids are there in any case, so that lines of all processes can be put together. Spans are recorded where an entry point has set
a recorder, once a process, as it does with logs.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum, auto
from random import getrandbits
from typing import Protocol

from jobs.errors import DaseinError, Transient

HEADER = "traceparent"
"""Of HTTP requests and of the queue's messages."""
PARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.ASCII)
FIRST_VERSION, NO_VERSION = "00", "ff"
SAMPLED = 1

Attributes = Mapping[str, str | int | float | bool]


@dataclass(frozen=True, slots=True)
class Place:
    """A span by its ids; `sampled` says whether it is recorded."""

    trace_id: str
    span_id: str
    sampled: bool = False

    def __str__(self) -> str:
        """Return the value of the header."""
        return f"{FIRST_VERSION}-{self.trace_id}-{self.span_id}-{int(self.sampled):02x}"


class Kind(Enum):
    """What a span stands for, as OpenTelemetry has it."""

    SERVER = auto()
    PRODUCER = auto()
    CONSUMER = auto()
    CLIENT = auto()


class Span(Protocol):
    """Something that goes on."""

    @property
    def place(self) -> Place:
        """Return where it is."""

    def note(self, attributes: Attributes) -> None:
        """Say more of it."""

    def failed(self, code: str) -> None:
        """Say that it went wrong."""

    def end(self) -> None:
        """End it, once."""


class Recorder(Protocol):
    """Keeps spans for somebody to look at."""

    def begin(self, name: str, kind: Kind, parent: Place | None, attributes: Attributes) -> Span:
        """Begin a span below `parent`, in a new trace without one; never raises, and never waits."""

    def close(self) -> None:
        """Hand over what was recorded, within little time."""


@dataclass(frozen=True, slots=True)
class Silent:
    """A span that nobody records: it stands where its parent does."""

    place: Place

    def note(self, attributes: Attributes) -> None:
        """Do nothing."""

    def failed(self, code: str) -> None:
        """Do nothing."""

    def end(self) -> None:
        """Do nothing."""


_current: ContextVar[Span | None] = ContextVar("dasein_span", default=None)
_recorders: list[Recorder] = []


def close() -> None:
    """Hand over what was recorded; to be called where a process ends."""
    for recorder in _recorders:
        recorder.close()


def record_with(recorder: Recorder | None) -> None:
    """Record this process's spans from now on; with None record none."""
    _recorders[:] = [] if recorder is None else [recorder]


def read(header: str | None) -> Place | None:
    """Return the place that a header names; None for none, and for what is no such header."""
    match = PARENT.fullmatch(header or "")
    if match is None or match[1] == NO_VERSION or (match[1] == FIRST_VERSION and match[5]):
        return None
    if not int(match[2], 16) or not int(match[3], 16):
        return None
    return Place(match[2], match[3], bool(int(match[4], 16) & SAMPLED))


def drawn() -> Place:
    """Return a place in a new trace."""
    # Nobody's secret: told apart they must be, also after a fork, for which Python seeds anew.
    return Place(f"{getrandbits(128) or 1:032x}", f"{getrandbits(64) or 1:016x}")


def here() -> Place | None:
    """Return where we are; None outside of any trace."""
    span = _current.get()
    return None if span is None else span.place


def header() -> str | None:
    """Return what tells others where we are."""
    place = here()
    return None if place is None else str(place)


def current() -> Span | None:
    """Return the span that we are in."""
    return _current.get()


def begin(name: str, kind: Kind, attributes: Attributes, *, parent: Place | None) -> Span:
    """Begin a span that is entered by `enter`, and ended by whoever has it."""
    if _recorders:
        return _recorders[0].begin(name, kind, parent, attributes)
    return Silent(parent or drawn())


def enter(span: Span | None) -> None:
    """Be in a span, or in none, until another one is entered."""
    _current.set(span)


@contextmanager
def span(name: str, kind: Kind, attributes: Attributes, *, parent: Place | None = None) -> Iterator[Span]:
    """Be in a span of its own below `parent`, by default below the present one.

    What is raised makes it a failed one, unless it is an answer as good as any: that something is not there, or not allowed.
    """
    begun = begin(name, kind, attributes, parent=parent or here())
    token = _current.set(begun)
    try:
        yield begun
    except DaseinError as error:
        if isinstance(error, Transient):
            begun.failed(error.code)
        else:
            begun.note({"error.type": error.code})
        raise
    except BaseException as error:
        begun.failed(type(error).__name__)
        raise
    finally:
        _current.reset(token)
        begun.end()


@contextmanager
def at(place: Place | None) -> Iterator[None]:
    """Be at a place of another process's; at none with None."""
    token = _current.set(None if place is None else Silent(place))
    try:
        yield
    finally:
        _current.reset(token)
