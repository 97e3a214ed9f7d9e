"""Tallies: they merge by addition and survive a file."""

import numpy as np
import pytest

from workers.simulation.blocks import BLOCK
from workers.simulation.tallies import Tally


def tally(seed: int, *, most: int = 9, bins: int = 30) -> Tally:
    """Return some counts."""
    rng = np.random.default_rng(seed)
    out = Tally(4, bins)
    out.counts += rng.integers(0, 100, 4)
    out.levels += rng.integers(0, most, out.levels.shape)
    return out


def test_the_order_of_merges_does_not_matter() -> None:
    forward, backward = Tally(4, 30), Tally(4, 30)

    for seed in range(5):
        forward.merge(tally(seed))
        backward.merge(tally(4 - seed))

    np.testing.assert_array_equal(forward.levels, sum(tally(seed).levels for seed in range(5)))
    np.testing.assert_array_equal(forward.levels, backward.levels)
    np.testing.assert_array_equal(forward.counts, backward.counts)


@pytest.mark.parametrize(("most", "kind"), [(1, np.uint8), (256, np.uint8), (60_000, np.uint16), (2**40, np.uint64)])
def test_a_tally_survives_its_arrays_in_the_smallest_integers(most: int, kind: type) -> None:
    kept = tally(1, most=most)
    kept.levels[2, 3] = most - 1

    arrays = dict(kept.arrays())
    again = kept.blank()
    again.add(arrays)

    assert arrays["levels-000"].dtype == kind
    np.testing.assert_array_equal(again.levels, kept.levels)
    np.testing.assert_array_equal(again.counts, kept.counts)


def test_tallies_of_other_levels_do_not_merge() -> None:
    with pytest.raises(ValueError, match="shapes differ"):
        tally(1).merge(tally(2, bins=31))


def test_arrays_that_do_not_belong_together_are_refused() -> None:
    arrays = dict(tally(1).arrays())

    with pytest.raises(ValueError, match="shapes differ"):
        Tally(4, 30).add({**arrays, "counts": arrays["counts"][:3]})
    with pytest.raises(ValueError, match="shapes differ"):
        Tally(4, 31).add(arrays)
    with pytest.raises(ValueError, match="not the blocks"):
        Tally(4, BLOCK + 1).add(arrays)
