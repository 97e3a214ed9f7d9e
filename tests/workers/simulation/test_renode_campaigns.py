"""Campaigns on Renode, with the stand-in behind it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobs.assessing import Platform
from jobs.errors import InvalidInput, SimulatorUnavailable
from jobs.model import Job, State
from jobs.report import Verdict
from jobs.target import InputArgument, Target
from renode.driver.core import RenodeCore
from tests.renode.driver.conftest import VERSION, stand_in
from tests.workers.simulation.conftest import NOW, ROOT, Lab, Watched
from workers.simulation.consttime.check import check, check_s
from workers.simulation.crosscheck import SHOWN_BYTES, crosscheck, first_difference
from workers.simulation.engine import simulator_of
from workers.simulation.inputs import reference_row
from workers.simulation.plan_file import plan_of

RENODE = {"simulator": {"engine": "renode"}}
# The embedded simulator without lanes: they are compared with it elsewhere.
pytestmark = pytest.mark.parametrize("engine", ["unicorn"], indirect=True)


@pytest.fixture
def with_renode(lab: Lab, elfs: Mapping[str, Path], tmp_path: Path) -> Lab:
    """Return a place to run campaigns that has Renode."""
    program = stand_in(tmp_path)
    by_id = {f"sha256:{sha256(path.read_bytes()).hexdigest()}": path for path in elfs.values()}

    def load(_tenant: str, firmware: str, target: Target, platform: Platform | None) -> RenodeCore:
        return RenodeCore(by_id[firmware], target, platform, program=program, version=VERSION, machines=2)

    return Lab(lab.services._replace(renode=load), lab.elfs)


def crosschecked(lab: Lab, name: str, **more: Any) -> Mapping[str, Any]:
    request = lab.request(name).model_dump(mode="json", include={"firmware", "target", "plan", "seed"})
    job = Job("x", "simulation.crosscheck", State.RUNNING, {**request, **more}, "default", 5, NOW)
    return crosscheck(job, Watched("x"), lab.services)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("aes128_m4", {"traces": 16, "shards": 1}),  # an attack: noise with each trace
        ("compare_leaky_m4", {"traces": 24, "shards": 2}),  # counted levels, and ways that part
    ],
)
def test_a_campaign_gives_the_same_digest_on_renode(with_renode: Lab, name: str, changes: dict[str, Any]) -> None:
    embedded = with_renode.run("e", with_renode.request(name, **changes))
    renode = with_renode.run("r", with_renode.request(name, **changes, **RENODE))

    assert renode.digest == embedded.digest
    assert renode.verdict == embedded.verdict
    assert [finding.model_dump() for finding in renode.findings] == [each.model_dump() for each in embedded.findings]
    assert (renode.engine["name"], renode.engine["platform"]) == ("renode", "cortex-m4")
    assert renode.execution is not None
    assert (renode.execution.lanes, renode.execution.why) == (0, "the campaign asks for Renode")
    assert renode.constant_time_absent is not None
    assert "Renode" in renode.constant_time_absent


def test_a_whole_program_on_a_board_gives_a_verdict(with_renode: Lab) -> None:
    body = json.loads((ROOT / "renode" / "examples" / "station_stm32f4.json").read_text())
    body |= {"traces": 16, "shards": 1, "power": {"noise_sigma": 0}}

    report = with_renode.run("b", with_renode.of("station_m4", body))

    assert report.verdict is Verdict.LEAKS
    assert report.engine["platform"] == "stm32f4"
    # What the pin says begins after the board was started.
    assert report.alignment.first_sample > 0


def test_a_worker_without_renode_refuses_such_a_campaign(lab: Lab) -> None:
    with pytest.raises(SimulatorUnavailable) as refusal:
        lab.plan("c", lab.request("aes128_m4", **RENODE))

    assert (refusal.value.field, refusal.value.code) == ("simulator.engine", "simulator-unavailable")


def test_a_board_of_another_core_is_refused(with_renode: Lab) -> None:
    other = {"simulator": {"engine": "renode", "platform": "stm32f103"}}

    with pytest.raises(InvalidInput, match="stm32f103 has a cortex-m3"):
        with_renode.plan("c", with_renode.request("aes128_m4", **other))


def test_a_cross_check_of_simulators_that_agree_finds_nothing(with_renode: Lab) -> None:
    found = crosschecked(with_renode, "compare_leaky_m4", executions=3)

    assert (found["agree"], found["equal"], found["executions"]) == (True, 3, 3)
    assert (found["differences"], found["refused"]) == ([], None)
    assert [engine["name"] for engine in found["engines"]] == ["unicorn", "renode"]


def test_outputs_of_which_only_the_beginning_is_shown_differ_by_their_end_too(lab: Lab) -> None:
    request = lab.request("compare_leaky_m4")
    simulator = lab.services.simulator("default", request.firmware, request.target)
    path = replace(simulator.path(reference_row(request)), output=bytes(4096))
    words = np.zeros(len(path.pcs), np.uint64)

    same = first_difference((path, words), (path, words), simulator)
    found = first_difference((path, words), (replace(path, output=bytes(4095) + b"1"), words), simulator)

    assert same is None
    assert found is not None
    assert (found["kind"], len(found["embedded"]["output"])) == ("end", 2 * SHOWN_BYTES + 3)


def test_a_cross_check_names_the_first_instruction_at_which_ways_part(
    with_renode: Lab, elfs: Mapping[str, Path], tmp_path: Path
) -> None:
    # Renode's guess lies elsewhere, so that its compare leaves where the embedded one goes on.
    renode = with_renode.services.renode
    assert renode is not None
    target = with_renode.request("compare_leaky_m4").target
    secret, guess = target.inputs
    moved = {
        "inputs": (secret, guess.model_copy(update={"symbol": None})),
        "arguments": (InputArgument(input="guess"),),
    }
    other = target.model_copy(update=moved)
    lab = Lab(with_renode.services._replace(renode=lambda t, f, _target, p: renode(t, f, other, p)), elfs)

    found = crosschecked(lab, "compare_leaky_m4", executions=1)

    (difference,) = found["differences"]
    assert (found["agree"], found["equal"]) == (False, 0)
    assert difference["kind"] in {"way", "activity"}
    assert difference["embedded"]["function"] == "compare_leaky"
    assert difference["embedded"]["file"] == "renode/firmware/compare_leaky.c"
    assert difference["embedded"]["line"] > 0
    assert difference["inputs"]
    assert str(tmp_path) not in json.dumps(found)


def test_a_check_of_secrets_that_renode_does_not_make_takes_no_time(with_renode: Lab) -> None:
    request = with_renode.request("compare_leaky_m4", traces=8, constant_time={"executions": 16}, **RENODE)
    with_renode.plan("r", request)
    plan = plan_of(with_renode.services.files, "r")
    simulator = simulator_of("default", request, with_renode.services)

    assert check_s(plan, simulator, lambda: None) == 0.0
    assert check(plan, simulator, lambda: None).found is None
