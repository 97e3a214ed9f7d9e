import numpy as np

from jobs.report import Verdict
from tests.workers.simulation.measured.conftest import Bench, Kept

PLAIN = {"cpa": {"window": [0, 1500]}}


def test_measured_traces_give_the_statistics_of_the_campaign_that_made_them(bench: Bench, kept: Kept) -> None:
    report = bench.take_in(kept.npz(), cpa={"window": [0, 3574]})

    assert report.verdict is Verdict.LEAKS
    assert report.measured is not None
    assert (report.measured.groups, report.measured.key) == ("given", "file")
    assert report.firmware is None
    for name, tolerance in (("t1", 2e-3), ("rho", 2e-4), ("mean", 2e-2)):
        ours, theirs = (np.array(getattr(one.series, name), np.float64) for one in (report, kept.report))
        np.testing.assert_allclose(ours, theirs, atol=tolerance)
    assert report.cpa is not None
    assert kept.report.cpa is not None
    assert report.cpa.key == kept.report.cpa.key
    assert report.cpa.recovered == 16
