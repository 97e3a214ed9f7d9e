"""Chunks cover a batch in order, fill a model's batch, and stay small enough to hold."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from workers.remforge.chunk_plan import BUDGET, FEWEST, MOST, Sized, chunks

FILES = st.lists(
    st.builds(
        Sized,
        st.sampled_from(["image/jpeg", "text/plain", "audio/wav", "video/mp4", ""]),
        st.integers(0, 2**30),
    ),
    max_size=300,
)


@given(FILES)
def test_chunks_cover_all_files_in_order_and_none_twice(files: list[Sized]) -> None:
    ranges = chunks(files)

    assert [place for first, last in ranges for place in range(first, last)] == list(range(len(files)))
    assert all(first < last for first, last in ranges)
    assert all(before[1] == after[0] for before, after in pairwise(ranges))


@given(FILES)
def test_a_chunk_is_within_its_budget_or_is_one_huge_file(files: list[Sized]) -> None:
    for first, last in chunks(files):
        spent = sum(file.cost for file in files[first:last])

        assert last - first <= MOST
        assert spent <= 2 * BUDGET or last - first == 1


def test_small_pictures_come_by_sixty_four_and_long_videos_by_few() -> None:
    pictures = chunks([Sized("image/jpeg", 300_000)] * 200)
    videos = chunks([Sized("video/mp4", 100 * 2**20)] * 20)

    assert [last - first for first, last in pictures] == [64, 64, 64, 8]
    assert all(last - first < FEWEST for first, last in videos)


def test_no_files_are_no_chunks() -> None:
    assert chunks([]) == []
