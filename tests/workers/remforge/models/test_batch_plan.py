from hypothesis import given
from hypothesis import strategies as st

from workers.remforge.models.batch_plan import Waiting, fills, next_batch

WAITING = st.lists(st.builds(Waiting, st.integers(0, 3), st.integers(1, 90)), max_size=40)


def queue(*sizes: tuple[int, int]) -> list[Waiting]:
    return [Waiting(*size) for size in sizes]


def test_the_oldest_decides_the_bucket() -> None:
    assert next_batch(queue((2, 5), (1, 5), (2, 5), (1, 5)), budget=100) == [0, 2]


def test_the_dearest_come_first_and_padding_counts() -> None:
    assert next_batch(queue((1, 9), (1, 3), (1, 8), (1, 1)), budget=18) == [0, 2]


def test_the_oldest_is_in_the_batch_however_cheap_it_is() -> None:
    assert next_batch(queue((1, 1), (1, 9), (1, 9), (1, 2)), budget=18) == [3, 0]


def test_what_is_dearer_than_the_budget_goes_alone() -> None:
    assert next_batch(queue((1, 50), (1, 2)), budget=10) == [0]


def test_no_batch_is_larger_than_what_was_safe() -> None:
    assert next_batch(queue(*[(1, 1)] * 9), budget=100, most=4) == [0, 1, 2, 3]


def test_a_batch_is_full_when_one_more_would_be_too_much() -> None:
    assert fills(queue((1, 9), (1, 9)), budget=18)
    assert not fills(queue((1, 9), (2, 9)), budget=18)
    assert fills(queue((1, 1), (1, 1)), budget=18, most=2)
    assert not fills([], budget=18)


@given(WAITING, st.integers(1, 100), st.none() | st.integers(1, 5))
def test_taking_batch_after_batch_takes_all_once_within_the_budget(
    waiting: list[Waiting], budget: int, most: int | None
) -> None:
    left = list(range(len(waiting)))
    while left:
        batch = next_batch([waiting[index] for index in left], budget=budget, most=most)
        chosen = [waiting[left[index]] for index in batch]

        assert 0 in batch
        assert len(set(batch)) == len(batch)
        assert len({item.bucket for item in chosen}) == 1
        assert len(batch) == 1 or len(batch) * max(item.cost for item in chosen) <= budget
        assert most is None or len(batch) <= most
        left = [index for place, index in enumerate(left) if place not in set(batch)]
