"""Profiles as vectors."""

import numpy as np
import pytest

from workers.query.profiles import DIMENSIONS, rows_of, standardised


def profiles(count: int) -> np.ndarray:
    return np.random.default_rng(7).gamma(2, 50, (count, DIMENSIONS)).astype(np.float32)


def test_vectors_have_unit_length_and_do_not_depend_on_their_company() -> None:
    some = profiles(20)

    together, alone = standardised(some), standardised(some[3:4])

    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, rtol=1e-6)
    np.testing.assert_array_equal(together[3], alone[0])


def test_what_was_unavailable_says_nothing() -> None:
    some = profiles(2)
    some[:, 4::8] = np.nan

    vectors = standardised(some)

    assert not np.isnan(vectors).any()
    assert (vectors[:, 4::8] == 0).all()


def test_a_profile_without_any_value_has_no_vector() -> None:
    rows = rows_of({"b|x": np.full(DIMENSIONS, np.nan, np.float32), "b|y": profiles(1)[0]})

    assert [row.id for row in rows] == ["b|y"]


def test_a_profile_lies_nearer_to_its_like_than_to_another_kind() -> None:
    base = profiles(1)[0]
    like, other = base * 1.1, base.copy()
    other[2::8] *= 40
    other[0::8] /= 30

    vectors = standardised(np.stack([base, like, other]))

    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.05


@pytest.mark.parametrize("value", [0.0, 1e30, -1e30])
def test_extreme_values_stay_finite(value: float) -> None:
    assert np.isfinite(standardised(np.full((1, DIMENSIONS), value, np.float32))).all()
