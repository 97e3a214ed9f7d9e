"""Words that a text hangs on."""

from workers.remforge.words.anchors import MOST, anchors
from workers.remforge.words.reading import read


def tokens(text: str) -> list[str]:
    return [anchor.token for anchor in anchors(read(text)).value or ()]


def test_telling_words_come_before_others_and_common_ones_are_none() -> None:
    found = tokens("The oscilloscope was on the desk, and the oscilloscope showed the trace of a mask.")

    assert found[0] == "oscilloscope"
    assert {"desk", "trace", "mask"} <= set(found)
    assert not {"the", "was", "and"} & {token.lower() for token in found}


def test_forms_of_a_word_are_one_anchor_where_it_stands_first() -> None:
    text = "Mountains rise. A mountain is a mountain."

    found = [one for one in anchors(read(text)).value or () if "ountain" in one.token]

    assert [(one.token, one.start, one.end) for one in found] == [("Mountains", 0, 9)]


def test_anchors_are_where_they_say_with_falling_salience_and_not_too_many() -> None:
    text = " ".join(f"the thing{chr(97 + number)}" for number in range(26))

    found = anchors(read(text)).value or ()

    assert len(found) == MOST
    assert all(text[one.start : one.end] == one.token for one in found)
    salience = [one.salience for one in found]
    assert salience == sorted(salience, reverse=True)
    assert salience[0] == 1


def test_a_name_inside_a_sentence_stands_out() -> None:
    assert tokens("then we met Ruth and kate there") == ["Ruth", "kate", "met"]


def test_a_run_of_letters_that_is_no_word_is_no_anchor() -> None:
    assert tokens("x" * 1000) == []
