"""p-values adjusted for many tests: by their definitions, and at the rates they state."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.workers.simulation.conftest import Lab
from workers.simulation.corrections import LEVEL
from workers.simulation.multiplicity import benjamini_hochberg_log10, benjamini_yekutieli_log10, holm_log10


def test_holm_is_its_definition() -> None:
    p = np.array([0.01, 0.04, 0.03, 0.005])

    np.testing.assert_allclose(10 ** holm_log10(np.log10(p)), [0.03, 0.06, 0.06, 0.02])


def test_benjamini_and_hochberg_agree_with_scipy() -> None:
    p = np.random.default_rng(7).beta(0.3, 1, 500)

    np.testing.assert_allclose(10 ** benjamini_hochberg_log10(np.log10(p)), stats.false_discovery_control(p))
    by = stats.false_discovery_control(p, method="by")
    np.testing.assert_allclose(10 ** benjamini_yekutieli_log10(np.log10(p)), by)


def test_p_values_below_any_float_are_adjusted_too() -> None:
    p_log10 = np.array([-900.0, -0.1, -500.0])

    assert holm_log10(p_log10)[0] == pytest.approx(-900 + np.log10(3))
    assert benjamini_hochberg_log10(p_log10)[2] == pytest.approx(-500 + np.log10(3 / 2))


def test_no_test_at_all_is_adjusted_to_none() -> None:
    for adjust in (holm_log10, benjamini_hochberg_log10, benjamini_yekutieli_log10):
        assert len(adjust(np.array([]))) == 0


def test_holm_keeps_the_chance_of_any_false_alarm_and_the_other_the_share_of_false_ones() -> None:
    rng = np.random.default_rng(8)
    seeds, tests, true, level = 1500, 100, 30, 0.1
    any_false, shares, found_holm, found_bh = 0, 0.0, 0, 0
    for _ in range(seeds):
        z = rng.standard_normal(tests)
        z[:true] += 3.5
        p_log10 = np.log10(2 * stats.norm.sf(np.abs(z)))
        holm = holm_log10(p_log10) <= np.log10(level)
        bh = benjamini_hochberg_log10(p_log10) <= np.log10(level)
        any_false += bool(holm[true:].any())
        shares += bh[true:].sum() / max(bh.sum(), 1)
        found_holm += holm[:true].sum()
        found_bh += bh[:true].sum()

    error = np.sqrt(level / seeds)
    assert any_false / seeds < level + 3 * error
    assert shares / seeds < level * (tests - true) / tests + 3 * error
    assert shares / seeds > level / 2
    assert found_bh > found_holm > 0.3 * true * seeds


def test_the_report_has_them_beside_the_line(lab: Lab) -> None:
    changes: dict[str, Any] = {"traces": 400, "cpa": None}
    leaks = lab.run("leaks", lab.request("aes128_m4", **changes)).multiplicity
    clean = lab.run("clean", lab.request("compare_ct_m4", **changes)).multiplicity

    assert leaks is not None
    assert clean is not None
    holm, bh, by = leaks.corrections
    assert 500 < holm.leaking_samples_1 < by.leaking_samples_1 < bh.leaking_samples_1
    assert holm.smallest_p_log10 < np.log10(LEVEL)
    assert [(one.leaking_samples_1, one.leaking_samples_2) for one in clean.corrections] == [(0, 0)] * 3
    assert (clean.tests % 2, clean.orders) == (0, 2)
