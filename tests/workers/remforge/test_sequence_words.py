import pytest

from workers.remforge.sequence_words import (
    axis_positions,
    listed,
    number,
    percent,
    probability,
    shortened,
    signed,
    unit,
)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "\u2014"),
        (0.0, "0"),
        (4000.0, "4\u2009000"),
        (-38.46, "\u221238.46"),
        (0.04321, "0.043"),
        (1234.56, "1\u2009235"),
        (9.87654, "9.877"),
    ],
)
def test_statistics_have_about_four_digits(value: float | None, told: str) -> None:
    assert number(value) == told


def test_signs_are_true_minuses_and_zero_has_none() -> None:
    assert [signed(value) for value in (0.5, -0.5, 0.0, -0.001)] == ["+0.50", "\u22120.50", "0.00", "0.00"]


def test_small_shares_and_probabilities_are_not_rounded_to_nothing() -> None:
    assert [percent(share) for share in (0, 0.001, 0.5)] == ["0\u202f%", "<\u202f1\u202f%", "50\u202f%"]
    assert [probability(p) for p in (0.0002, 0.04)] == ["< 0.001", "= 0.040"]


@pytest.mark.parametrize("records", [1, 6, 7, 24, 60, 61, 900, 5000])
def test_an_axis_has_few_positions_and_starts_at_the_first(records: int) -> None:
    marks = axis_positions(records)

    assert marks[0] == 1
    assert len(marks) <= 7
    assert marks == sorted(set(marks))
    assert marks[-1] <= records


def test_words_are_listed_shortened_and_given_their_unit() -> None:
    assert [listed(words) for words in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a and b", "a, b and c"]
    assert shortened("one\ntwo  three", 8) == "one two\u2026"
    assert [unit(path) for path in ("qualia.audio.f0_mean_hz", "qualia.text.words")] == ["Hz", ""]
