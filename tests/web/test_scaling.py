import pytest

from web.scaling import scaled


@pytest.mark.parametrize(
    ("now", "wanted", "then"),
    [
        ({"a": 1}, 3, {"a": 3}),
        ({"a": 1, "b": 1}, 3, {"a": 2, "b": 1}),
        ({"a": 4, "b": 1}, 7, {"a": 4, "b": 3}),
        ({"a": 4, "b": 1}, 4, {"a": 3, "b": 1}),
        ({"a": 4, "b": 1}, 2, {"a": 1, "b": 1}),
        ({"b": 3, "a": 3}, 5, {"b": 3, "a": 2}),
        ({"a": 2, "b": 2}, 4, {"a": 2, "b": 2}),
    ],
)
def test_the_smallest_grow_first_and_the_largest_shrink_first(
    now: dict[str, int], wanted: int, then: dict[str, int]
) -> None:
    assert scaled(now, wanted) == then
    assert sum(then.values()) == wanted
