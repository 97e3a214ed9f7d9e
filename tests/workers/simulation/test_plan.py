"""A plan is a function of the request and the reference execution."""

import io
from pathlib import Path

import numpy as np
import pytest

from jobs.errors import InvalidInput
from jobs.payloads import CampaignRequest
from jobs.target import Core, Trigger
from renode.unicorn_core import UnicornCore
from tests.renode.conftest import compile_program
from tests.renode.targets import buffer_target
from tests.workers.simulation.conftest import Lab
from workers.simulation.plan import MAX_SAMPLES, CampaignPlan, make_plan, sample_plan
from workers.simulation.plan_file import plan_of, read, written
from workers.simulation.power_model import load_model

MODELS = Path(__file__).parents[3] / "config" / "power_models"


def planned(lab: Lab, request: CampaignRequest, name: str = "c") -> CampaignPlan:
    lab.plan(name, request)
    return plan_of(lab.services.files, name)


@pytest.mark.parametrize("shards", [None, 1, 3, 16, 256])
def test_shards_tile_the_traces(lab: Lab, shards: int | None) -> None:
    plan = planned(lab, lab.request("compare_ct_m4", traces=1001, shards=shards))

    covered = [index for first, last in plan.shards for index in range(first, last)]
    assert covered == list(range(1001))
    if shards:
        assert len(plan.shards) == shards


def test_more_shards_than_traces_are_not_made(lab: Lab) -> None:
    plan = planned(lab, lab.request("compare_ct_m4", traces=9, shards=256))

    assert plan.shards == tuple((index, index + 1) for index in range(9))


def test_a_large_campaign_is_cut_so_that_a_lost_worker_costs_seconds(lab: Lab) -> None:
    plan = planned(lab, lab.request("aes128_m4", traces=1_000_000))

    instructions = [(last - first) * len(plan.path.pcs) for first, last in plan.shards]
    assert max(instructions) <= 300_000_000


def test_parts_end_at_checkpoints_and_tile_their_shard(lab: Lab) -> None:
    plan = planned(lab, lab.request("aes128_m4", traces=2000, shards=3))

    parts = [part for first, last in plan.shards for part in plan.parts(first, last)]

    assert [index for first, last in parts for index in (first, last)] == sorted(
        [0, 2000, *(cut for cut in {*plan.checkpoints, *(last for _, last in plan.shards)} if cut < 2000)] * 2
    )[1:-1]
    assert plan.checkpoints[0] == 16
    assert plan.checkpoints[-1] == 2000


def test_a_plan_survives_its_file(lab: Lab) -> None:
    plan = planned(lab, lab.request("aes128_m4", traces=64))

    again = read(io.BytesIO(b"".join(written(plan))))

    assert again.request == plan.request
    assert again.public == plan.public
    np.testing.assert_array_equal(again.path.pcs, plan.path.pcs)
    np.testing.assert_array_equal(again.activity, plan.activity)


def test_only_what_is_sampled_is_held_of_a_path(lab: Lab) -> None:
    body = lab.request("aes128_m4", traces=64).model_dump(mode="json")
    whole = planned(lab, CampaignRequest.model_validate(body))
    body["target"]["trigger"] = {"start": "shift_rows", "stop": "shift_rows"}

    part = planned(lab, CampaignRequest.model_validate(body), "part")

    first, last = part.window
    assert 0 < first < last < len(part.path.pcs)
    for name in ("activity", "kinds", "cycles", "registers", "words"):
        np.testing.assert_array_equal(getattr(part, name), getattr(whole, name)[first:last])
    samples = sample_plan(part)
    assert (samples.first, samples.instructions) == (first, len(part.path.pcs))
    np.testing.assert_array_equal(samples.owner, np.arange(first, last))


def test_a_trigger_that_could_not_cut_a_long_execution_is_not_asked_for_again(lab: Lab, tmp_path: Path) -> None:
    elf = tmp_path / "faults.elf"
    compile_program("faults.S", Core.M4, (), elf)
    target = buffer_target(
        "forever", max_cycles=3 * MAX_SAMPLES + 100, trigger={"start": "forever", "stop": "read_unmapped"}
    )

    def why(trigger: Trigger | None) -> str:
        stated = target.model_copy(update={"trigger": trigger})
        simulator = UnicornCore(elf, stated)
        path = simulator.path(np.zeros(16, np.uint8))
        request = lab.request("aes128_m4", traces=64, cpa=None).model_copy(update={"target": stated})
        with pytest.raises(InvalidInput, match="at most 2000000 can be compared") as refused:
            make_plan(request, load_model(MODELS / "hw.toml"), simulator, path, np.zeros(len(path.pcs), np.uint64))
        return refused.value.message

    assert why(None).endswith("set a trigger")
    assert why(target.trigger).endswith("the execution did not end well (budget), so no trigger cut it")


def test_without_a_known_key_there_is_one_checkpoint(lab: Lab) -> None:
    request = lab.request("aes128_m4", traces=64, cpa={"key": None})

    assert planned(lab, request).checkpoints == (64,)
