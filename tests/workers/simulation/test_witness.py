"""An engine that is wrong is found while a campaign runs: the campaign fails, and the case is kept."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from jobs.errors import EngineMismatch
from renode.trace import Batch, Dependences, Footprint, Instruction, Levels, Outcomes, Path, Simulator, Work
from tests.workers.simulation.conftest import Lab, Loader
from workers.simulation.inputs import input_rows
from workers.simulation.plan_file import plan_of
from workers.simulation.witness import CASE, EVERY, Witness, repeated

Rows = npt.NDArray[np.uint8]
WRONG = 9
"""The instruction of the path at which it is wrong."""


@dataclass
class Wrong:
    """Another simulator's results, said to come from lanes, and wrong where the last input byte is odd."""

    inner: Simulator
    activity: int = 0
    """Bits that the activity word of the instruction is wrong in."""
    output: int = 0
    """Bits that the first byte of the output is wrong in."""

    def __post_init__(self) -> None:
        self.firmware = self.inner.firmware

    @property
    def engine(self) -> Mapping[str, str]:
        return {"name": "wrong", "version": "0"}

    def path(self, inputs: Rows) -> Path:
        return self.inner.path(inputs)

    def run(self, inputs: Rows, reference: Path) -> Batch:
        batch = replace(self.inner.run(inputs, reference), work=Work(lanes=len(inputs)))
        odd = inputs[:, -1] & 1 == 1
        batch.activity[odd, WRONG] ^= np.uint64(self.activity)
        batch.output[odd, 0] ^= np.uint8(self.output)
        return batch

    def tally(
        self, inputs: Rows, groups: Rows, reference: Path, levels: Levels, counts: npt.NDArray[np.int64]
    ) -> Outcomes:
        outcomes = replace(self.inner.tally(inputs, groups, reference, levels, counts), work=Work(lanes=len(inputs)))
        odd = inputs[:, -1] & 1 == 1
        outcomes.output[odd, 0] ^= np.uint8(self.output)
        if self.activity:
            begin = levels.offsets[WRONG - levels.first]
            counts[0, begin] -= odd.sum()
            counts[0, begin + 1] += odd.sum()
        return outcomes

    def dependences(self, inputs: Rows, reference: Path) -> Dependences:
        return self.inner.dependences(inputs, reference)

    def footprint(self, inputs: Rows) -> Footprint:
        return self.inner.footprint(inputs)

    def instruction(self, address: int) -> Instruction:
        return self.inner.instruction(address)

    def extent(self, place: str, *, field: str) -> tuple[int, int]:
        return self.inner.extent(place, field=field)


def lab_with(lab: Lab, make: Callable[[Simulator], Simulator]) -> Lab:
    """Return a lab whose engine is what `make` makes of the reference engine, which is the witness."""
    right: Loader = lab.services.witness or lab.services.simulator
    return Lab(
        lab.services._replace(simulator=lambda *asked: make(right(*asked)), witness=right),
        lab.elfs,
    )


@pytest.mark.parametrize("changes", [{"keep_traces": True}, {}, {"cpa": None}])
def test_an_engine_that_is_wrong_at_one_instruction_fails_the_campaign_and_leaves_the_case(
    lab: Lab, changes: Mapping[str, Any]
) -> None:
    wrong = lab_with(lab, lambda right: Wrong(right, activity=1))
    request = lab.request("aes128_m4", **{"traces": 64, "plan": "random", "shards": 8, **changes})
    split = wrong.plan("c", request)
    plan = plan_of(wrong.services.files, "c")
    odd = next(k for k, shard in enumerate(plan.shards) if input_rows(request, shard[0], 1)[0, -1] & 1)
    trace, pc = plan.shards[odd][0], int(plan.path.pcs[WRONG])

    wrong.shards(split.children[:odd])
    with pytest.raises(EngineMismatch, match=f"trace {trace}, at instruction {WRONG} of the path, {pc:#010x}: "):
        wrong.shards(split.children[odd:])

    case = json.loads(wrong.services.files.path("c", CASE).read_text(encoding="utf-8"))
    assert case["firmware"]["sha256"] in request.firmware
    assert case["target"] == request.target.model_dump(mode="json")
    assert case["inputs"] == input_rows(request, trace, 1).tobytes().hex()
    assert (case["trace"], case["instruction"], case["pc"]) == (trace, WRONG, pc)
    assert [result["engine"]["name"] for result in case["results"]] == ["wrong", "unicorn"]
    told, expected = ({key: r[key] for key in r if key != "engine"} for r in case["results"])
    assert told.keys() == expected.keys()
    assert told != expected


def test_an_engine_whose_output_is_wrong_is_found_as_well(lab: Lab) -> None:
    wrong = lab_with(lab, lambda right: Wrong(right, output=0x80))
    request = lab.request("aes128_m4", traces=64, plan="random", shards=8)

    with pytest.raises(EngineMismatch) as found:
        wrong.shards(wrong.plan("c", request).children)

    outputs = [bytes.fromhex(result["output"]) for result in found.value.case["results"]]
    assert outputs[0][0] ^ outputs[1][0] == 0x80
    assert outputs[0][1:] == outputs[1][1:]


@pytest.mark.parametrize("keep_traces", [True, False])
def test_an_engine_that_is_right_is_looked_at_in_every_part(lab: Lab, keep_traces: bool) -> None:
    right = lab_with(lab, Wrong)
    request = lab.request("aes128_m4", traces=60, shards=3, cpa=None, keep_traces=keep_traces)

    report = right.run("c", request)

    assert report.execution is not None
    assert (report.execution.lanes, report.execution.checked) == (60, 3)
    assert report.digest == lab.run("alone", request).digest
    assert report.engine["name"] == "wrong"


def test_which_traces_are_run_twice_is_decided_by_their_index() -> None:
    assert repeated(0, 10).tolist() == [0]
    assert repeated(5, 5 + 2 * EVERY).tolist() == [5, EVERY, 2 * EVERY]
    assert repeated(EVERY, EVERY + 1).tolist() == [EVERY]
    assert repeated(0, 3 * EVERY).tolist() == [0, EVERY, 2 * EVERY]
    assert repeated(7, 7).tolist() == []


def levels_of(path: Path) -> Levels:
    """Return levels of register weights, one for each of up to 15 registers' bits."""
    weights = np.zeros((5, len(path.pcs)), np.int32)
    weights[0] = 1
    return Levels(0, weights, np.zeros(len(path.pcs), np.int32), np.arange(len(path.pcs) + 1, dtype=np.int64) * 481)


@pytest.mark.parametrize("count", [1, 5, 300])
def test_tallies_are_compared_whole_and_the_guilty_execution_is_named(lab: Lab, count: int) -> None:
    request = lab.request("aes128_m4", traces=400, plan="random")
    lab.plan("c", request)
    plan = plan_of(lab.services.files, "c")
    right = lab.services.simulator("default", request.firmware, request.target)
    traces = np.arange(count, dtype=np.int64)
    levels = levels_of(plan.path)
    odd = next(k for k in range(400) if input_rows(request, k, 1)[0, -1] & 1)

    checked = Witness(plan, Wrong(right), right).tallied(traces, levels)
    wrong = Witness(plan, Wrong(right, activity=1), right)

    assert checked == count
    with pytest.raises(EngineMismatch, match=f"trace {odd}, at instruction {WRONG} of the path"):
        wrong.tallied(np.arange(odd, odd + count, dtype=np.int64), levels)


@pytest.mark.parametrize("engine", ["unicorn"], indirect=True)
def test_what_unicorn_ran_itself_is_not_said_to_be_checked(lab: Lab) -> None:
    alone = Lab(lab.services._replace(witness=lab.services.simulator), lab.elfs)

    report = alone.run("c", lab.request("aes128_m4", traces=60, shards=3, cpa=None))

    assert report.execution is not None
    assert report.execution.checked == 0
