from hypothesis import given
from hypothesis import strategies as st

from dasein.event_stream import EventReader, Frame


def read(text: str, *, last_id: str = "") -> tuple[list[Frame], EventReader]:
    reader = EventReader(last_id)
    return list(reader.frames(text.split("\n"))), reader


def test_an_event_has_an_id_a_name_and_data() -> None:
    frames, reader = read("id: 7\nevent: progress\ndata: {}\n\n")

    assert frames == [Frame("7", "progress", "{}")]
    assert reader.last_id == "7"


def test_comments_and_unknown_fields_say_nothing() -> None:
    frames, _ = read(": still here\n\nmood: good\ndata: x\n\n")

    assert frames == [Frame("", "message", "x")]


def test_data_of_several_lines_is_joined() -> None:
    frames, _ = read("data: a\ndata:b\ndata:  c\n\n")

    assert frames[0].data == "a\nb\n c"


def test_an_event_that_is_not_finished_is_dropped_with_its_id() -> None:
    frames, reader = read("id: 1\ndata: a\n\nid: 2\ndata: b")

    assert [frame.id for frame in frames] == ["1"]
    assert reader.last_id == "1"


def test_an_id_stays_until_the_next_one() -> None:
    frames, _ = read("data: a\n\nid: 9\ndata: b\n\ndata: c\n\n", last_id="4")

    assert [frame.id for frame in frames] == ["4", "9", "9"]


def test_the_server_says_how_long_to_stay_away() -> None:
    assert read("retry: 1500\n\n")[1].retry_s == 1.5
    assert read("retry: soon\n\n")[1].retry_s is None


@given(st.text(st.characters(blacklist_characters="\n"), max_size=40).map(lambda line: f"{line}\n"))
def test_no_text_is_too_strange_to_be_read(text: str) -> None:
    frames, _ = read(text + "\n")

    assert len(frames) <= 1
