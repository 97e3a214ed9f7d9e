"""Where something belongs to, by W3C's rules."""

import pytest

from jobs import tracing
from jobs.tracing import Attributes, Kind, Place, Span

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


class Noted:
    """A span that remembers what was said of it."""

    def __init__(self, name: str, parent: Place | None) -> None:
        self.place = Place(TRACE if parent is None else parent.trace_id, f"{len(name):016x}", sampled=True)
        self.name, self.parent = name, parent
        self.told: list[object] = []

    def note(self, attributes: Attributes) -> None:
        self.told.append(dict(attributes))

    def failed(self, code: str) -> None:
        self.told.append(code)

    def end(self) -> None:
        self.told.append("ended")


class Notebook:
    """A recorder in memory."""

    def __init__(self) -> None:
        self.spans: list[Noted] = []
        self.closed = 0

    def begin(self, name: str, kind: Kind, parent: Place | None, attributes: Attributes) -> Span:
        self.spans.append(Noted(name, parent))
        self.spans[-1].told.append((kind, dict(attributes)))
        return self.spans[-1]

    def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize(
    ("header", "sampled"),
    [
        (f"00-{TRACE}-{SPAN}-01", True),
        (f"00-{TRACE}-{SPAN}-00", False),
        (f"00-{TRACE}-{SPAN}-03", True),
        (f"cc-{TRACE}-{SPAN}-01-what-comes-later", True),
    ],
)
def test_a_header_names_a_place(header: str, *, sampled: bool) -> None:
    place = tracing.read(header)

    assert place == Place(TRACE, SPAN, sampled)
    assert str(place) == f"00-{TRACE}-{SPAN}-0{int(sampled)}"


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "build-4711",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-{SPAN}-01-more",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE}-{SPAN}-01\n",
    ],
)
def test_what_is_no_header_of_that_kind_names_none(header: str | None) -> None:
    assert tracing.read(header) is None


def test_drawn_places_are_their_own_and_can_be_told() -> None:
    places = [tracing.drawn() for _ in range(100)]

    assert len({place.trace_id for place in places}) == 100
    assert [tracing.read(str(place)) for place in places] == places


def test_without_a_recorder_everything_stands_where_it_comes_from() -> None:
    parent = Place(TRACE, SPAN, sampled=True)

    with tracing.span("run", Kind.CONSUMER, {}, parent=parent), tracing.span("get", Kind.CLIENT, {}) as inner:
        inside = inner.place

    assert inside == parent
    assert tracing.here() is None


def test_spans_lie_in_each_other_and_end_as_they_began() -> None:
    notebook = Notebook()
    tracing.record_with(notebook)
    try:
        with tracing.span("outer", Kind.SERVER, {"a": 1}) as outer, tracing.span("in", Kind.CLIENT, {}):
            outer.note({"b": 2})
    finally:
        tracing.record_with(None)

    first, second = notebook.spans
    assert (first.parent, second.parent) == (None, first.place)
    assert first.told == [(Kind.SERVER, {"a": 1}), {"b": 2}, "ended"]
    assert second.told == [(Kind.CLIENT, {}), "ended"]


def test_what_is_raised_makes_a_span_a_failed_one() -> None:
    notebook = Notebook()
    tracing.record_with(notebook)
    try:
        with pytest.raises(ZeroDivisionError), tracing.span("divide", Kind.CLIENT, {}):
            raise ZeroDivisionError
    finally:
        tracing.record_with(None)

    assert notebook.spans[0].told[1:] == ["ZeroDivisionError", "ended"]


def test_a_place_of_another_process_is_where_we_are_for_a_while() -> None:
    place = Place(TRACE, SPAN)

    with tracing.at(place):
        inside = tracing.header()
        with tracing.at(None):
            nowhere = tracing.here()

    assert (inside, nowhere, tracing.here()) == (str(place), None, None)


def test_a_process_that_ends_has_its_recorder_hand_over_what_it_has() -> None:
    notebook = Notebook()
    tracing.record_with(notebook)
    try:
        tracing.close()
    finally:
        tracing.record_with(None)
    tracing.close()

    assert notebook.closed == 1
