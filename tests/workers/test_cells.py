import pytest

from workers.cells import text_cell


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201"]
)
def test_no_cell_is_taken_for_a_formula(text: str) -> None:
    assert text_cell(text) == "'" + text


def test_ordinary_text_stays_as_it_is() -> None:
    assert [text_cell(text) for text in ("sub_bytes", "a=b", "", "operator+")] == ["sub_bytes", "a=b", "", "operator+"]


def test_unprintable_characters_are_replaced() -> None:
    assert text_cell("a\x00b\u202ec") == "a\ufffdb\ufffdc"
