"""Traces in volts, and on top of an offset: what is drawn of them is what was measured."""

import numpy as np
import pytest

from tests.workers.simulation.measured.conftest import Bench, npz
from workers.simulation.report_data import page_data
from workers.simulation.series import decimals

NOISE = np.random.default_rng(7).normal(size=(50, 20)) + np.arange(20)


@pytest.mark.parametrize(("unit", "offset"), [(1.0, 0.0), (1e-5, 0.003), (1e-9, 0.0), (1e-3, 2048.0), (1e5, 0.0)])
def test_the_mean_of_a_report_is_that_of_the_traces_whatever_their_unit(
    bench: Bench, unit: float, offset: float
) -> None:
    traces = offset + unit * NOISE

    report = bench.take_in(npz({"traces": traces}))

    mean = traces.mean(axis=0)
    for shown in (report.series.mean, page_data(report, {})["series"]["mean"]):
        np.testing.assert_allclose(shown, mean, rtol=0, atol=2e-3 * np.ptp(mean))


@pytest.mark.parametrize(
    ("values", "expected"),
    [([10.0, 60.0], 3), ([0.00312, 0.00313], 9), ([3e6, 9e8], -4), ([5.0], 4), ([0.0, 0.0], 4), ([], 4)],
)
def test_decimals_show_a_ten_thousandth_of_the_spread(values: list[float], expected: int) -> None:
    assert decimals(values) == expected
