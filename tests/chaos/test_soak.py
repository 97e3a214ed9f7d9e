"""When memory counts as growing."""

import numpy as np

from tests.chaos.soak import slope

AT_S = [float(second) for second in range(0, 1800, 5)]


def test_what_goes_up_and_down_does_not_grow() -> None:
    noise = np.random.default_rng(7).normal(scale=3, size=len(AT_S))

    found = slope(AT_S, list(200 + noise))

    assert not found.grows
    assert abs(found.mb_per_hour) < 3 * found.error


def test_what_leaks_a_little_all_the_time_grows() -> None:
    noise = np.random.default_rng(7).normal(scale=1, size=len(AT_S))

    found = slope(AT_S, [200 + 40 * at_s / 3600 + draw for at_s, draw in zip(AT_S, noise, strict=True)])

    assert found.grows
    assert abs(found.mb_per_hour - 40) < 3


def test_what_fills_its_caches_first_does_not_grow() -> None:
    found = slope(AT_S, [min(200.0, 50 + at_s) for at_s in AT_S])

    assert abs(found.mb_per_hour) < 1e-6
    assert not found.grows
