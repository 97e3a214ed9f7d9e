"""What a campaign will take, and that an estimate is refused where the campaign would be."""

from typing import Any

import pytest

from jobs.errors import InvalidInput
from jobs.model import Job, State
from tests.workers.simulation.conftest import NOW, Lab, Watched
from workers.simulation.estimate import estimate
from workers.simulation.kept import TRACES


def estimated(lab: Lab, body: dict[str, Any], workers: int | None = 2) -> dict[str, Any]:
    job = Job("e", "estimate", State.RUNNING, body, "default", 5, NOW)
    return estimate(job, Watched("e"), lab.services, workers=lambda: workers)


def test_it_says_how_long_a_trace_is_and_what_the_reference_answered(lab: Lab) -> None:
    request = lab.request("aes128_m4", traces=300)
    report = lab.run("c", request)

    found = estimated(lab, request.model_dump(mode="json"))

    assert (found["instructions"], found["samples"]) == (report.alignment.path_instructions, report.alignment.samples)
    assert found["output"] == "3925841d02dc09fbdc118597196a0b32"
    assert (found["stop"], found["diverged"], found["faulted"]) == ("done", 0, 0)
    assert 0 < found["tried"] <= 300
    assert found["traces_per_s"] > 0
    assert found["seconds"] == pytest.approx(found["run_s"] + found["merge_s"])


def test_nothing_is_left_of_it(lab: Lab) -> None:
    estimated(lab, lab.request("aes128_m4", traces=64).model_dump(mode="json"))

    assert lab.services.files.names("e") == []


def test_more_workers_and_no_attack_take_less(lab: Lab) -> None:
    body = lab.request("aes128_m4", traces=100_000).model_dump(mode="json")

    alone, four = estimated(lab, body, workers=None), estimated(lab, body, workers=4)
    without = estimated(lab, {**body, "cpa": None}, workers=4)

    assert (alone["workers"], four["workers"]) == (None, 4)
    assert four["run_s"] < alone["run_s"]
    assert without["sums_bytes"] < four["sums_bytes"]


def test_kept_traces_are_counted_as_they_will_lie_on_the_disk(lab: Lab) -> None:
    request = lab.request("aes128_m4", traces=100, keep_traces=True)
    found = estimated(lab, request.model_dump(mode="json"))
    lab.plan("c", request)

    stored = sum(lab.services.files.path("c", name).stat().st_size - 128 for name in TRACES)
    assert found["stored_bytes"] == stored


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"traces": 1_000_000, "keep_traces": True}, "keep_traces"),
        ({"power": {"model": "no-such"}}, "power.model"),
    ],
)
def test_what_the_campaign_would_be_refused_for_is_refused_by_name(
    lab: Lab, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        estimated(lab, lab.request("aes128_m4", **change).model_dump(mode="json"))

    assert refused.value.field == field


def test_a_symbol_that_is_not_there_is_refused_by_name(lab: Lab) -> None:
    body = lab.request("aes128_m4").model_dump(mode="json")
    body["target"]["entry"] = "no_such_function"

    with pytest.raises(InvalidInput) as refused:
        estimated(lab, body)

    assert refused.value.field == "target.entry"


def test_executions_that_do_not_end_are_told(lab: Lab) -> None:
    body = lab.request("aes128_m4", traces=64).model_dump(mode="json")
    body["target"]["max_cycles"] = 1000

    found = estimated(lab, body)

    assert found["stop"] == "budget"
    assert found["faulted"] == found["tried"]


def test_executions_that_are_compared_for_their_secrets_are_counted(lab: Lab) -> None:
    body = lab.request("aes128_ct_m4", plan="fixed", traces=8).model_dump(mode="json")

    few, many, none = (
        estimated(lab, {**body, "constant_time": check})["merge_s"]
        for check in ({"executions": 16}, {"executions": 40_000}, None)
    )

    assert none < few < many
    assert many > 1
