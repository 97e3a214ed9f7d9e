from hypothesis import given
from hypothesis import strategies as st

from workers.query.confidence import of_answer, of_passage, of_plan

shares = st.floats(0, 1)


def test_a_plan_that_was_carried_out_whole_is_as_sure_as_its_reading() -> None:
    assert of_plan(plan=0.9, known=2, unknown=0, coverages=[1, 1], conflicting=0) == 0.9


def test_unknown_names_failed_steps_and_contradictions_each_take_from_it() -> None:
    whole = of_plan(plan=0.9, known=2, unknown=0, coverages=[1, 1], conflicting=0)

    assert of_plan(plan=0.9, known=1, unknown=1, coverages=[1, 1], conflicting=0) == whole / 2
    assert of_plan(plan=0.9, known=2, unknown=0, coverages=[1, 0], conflicting=0) == whole / 2
    assert of_plan(plan=0.9, known=2, unknown=0, coverages=[1, 1], conflicting=1) == whole / 2
    assert of_plan(plan=0.9, known=2, unknown=0, coverages=[], conflicting=0) == 0


@given(shares, shares, shares)
def test_more_words_and_more_meaning_never_make_a_passage_less_sure(cosine: float, less: float, more: float) -> None:
    low, high = sorted((less, more))

    assert of_passage(cosine=cosine, overlap=low, threshold=0.3) <= of_passage(
        cosine=cosine, overlap=high, threshold=0.3
    )
    assert of_passage(cosine=low, overlap=cosine, threshold=0.3) <= of_passage(
        cosine=high, overlap=cosine, threshold=0.3
    )
    assert 0 <= of_passage(cosine=cosine, overlap=low, threshold=0.3) <= 0.95


def test_a_passage_with_neither_is_worth_nothing() -> None:
    assert of_passage(cosine=0.29, overlap=0, threshold=0.3) == 0
    assert of_passage(cosine=None, overlap=0, threshold=0.3) == 0
    assert of_passage(cosine=None, overlap=1, threshold=0.3) == 0.95
    assert of_passage(cosine=1, overlap=0, threshold=1) == 0


@given(shares, shares, st.integers(0, 4))
def test_an_answer_is_at_least_as_sure_as_its_surer_part_and_less_when_parts_are_missing(
    structured: float, passages: float, missing: int
) -> None:
    whole = of_answer(structured, passages, degraded=())
    less = of_answer(structured, passages, degraded=["part"] * missing)

    assert max(structured, passages) - 1e-4 <= whole <= 1
    assert less <= whole
    assert of_answer(None, passages, degraded=()) <= whole + 1e-4
    assert of_answer(None, None, degraded=()) == 0
