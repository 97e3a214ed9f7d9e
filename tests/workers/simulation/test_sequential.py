"""Sequential campaigns: decided by the data alone, early where they can be, at the error rate that is stated."""

from typing import Any

import pytest

from jobs.report import Report, Verdict
from tests.workers.simulation.conftest import Lab

LOOKS = {"error_rate": 0.001, "looks": 8}


def same(report: Report) -> dict[str, Any]:
    return report.model_dump(exclude={"campaign", "request", "timings", "execution"})


@pytest.mark.parametrize("cpa", [True, False])
def test_a_leaking_aes_is_decided_at_the_first_look_that_can(lab: Lab, cpa: bool) -> None:
    changes: dict[str, Any] = {} if cpa else {"cpa": None}
    report = lab.run("c", lab.request("aes128_m4", traces=2000, sequential=LOOKS, **changes))

    assert report.sequential is not None
    assert report.sequential.decided == "leaks"
    assert report.verdict is Verdict.LEAKS
    assert report.traces == report.sequential.traces < 2000
