"""The core with its kernels, on our firmware and on the little programs: what Unicorn says, whatever the inputs are."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from jobs.payloads import CampaignRequest
from jobs.target import Core, Target
from renode.firmware.build import build_all
from renode.lockstep.core import LockstepCore
from renode.lockstep.maker import maker_of
from renode.trace import Stop
from renode.unicorn_core import UnicornCore
from tests.renode.conftest import ROOT, Program
from tests.renode.lockstep.test_core import assert_same, rows_of
from tests.renode.targets import buffer_target
from workers.simulation.inputs import input_rows, reference_row

Engines = tuple[UnicornCore, LockstepCore]


@pytest.fixture(scope="module")
def elfs() -> dict[str, Path]:
    return {path.stem: path for path in build_all(ROOT / "build" / "firmware")}


def request_of(name: str, **changes: Any) -> CampaignRequest:
    """Return one of our campaigns."""
    body = json.loads((ROOT / "renode" / "firmware" / "campaigns" / f"{name}.json").read_text(encoding="utf-8"))
    return CampaignRequest.model_validate({**body, "firmware": "sha256:" + "0" * 64, **changes})


def engines_of(elf: Path, target: Target) -> Engines:
    core = UnicornCore(elf, target)
    return UnicornCore(elf, target), LockstepCore(core, maker_of(core), patience=0)


@pytest.fixture
def engines(program: Program) -> Callable[..., Engines]:
    return lambda source, target, *flags: engines_of(program(source, target.core, *flags), target)


@pytest.mark.parametrize("core", ["m0", "m4"])
@pytest.mark.parametrize("name", ["aes128", "aes128_masked", "compare_ct", "compare_leaky"])
def test_a_campaigns_executions_are_the_same(elfs: dict[str, Path], name: str, core: str) -> None:
    request = request_of(f"{name}_{core}")
    unicorn, lockstep = engines_of(elfs[f"{name}_{core}"], request.target)
    reference = unicorn.path(reference_row(request))

    for first, count in ((0, 80), (80, 33)):
        assert_same(lockstep, unicorn, input_rows(request, first, count), reference)

    assert lockstep.run(input_rows(request, 0, 64), reference).work.lanes == 64


def test_keys_that_differ_from_row_to_row_give_the_same(elfs: dict[str, Path]) -> None:
    request = request_of("aes128_m4")
    unicorn, lockstep = engines_of(elfs["aes128_m4"], request.target)
    rows = rows_of(70, 32)
    reference = unicorn.path(rows[0])

    assert_same(lockstep, unicorn, input_rows(request, 0, 40), reference)
    assert_same(lockstep, unicorn, rows, reference)

    assert lockstep.run(rows, reference).work.lanes == 70


@pytest.mark.parametrize("count", [16, 511, 513, 1100])
def test_more_rows_than_lanes_give_the_same(elfs: dict[str, Path], count: int) -> None:
    request = request_of("compare_ct_m4")
    unicorn, lockstep = engines_of(elfs["compare_ct_m4"], request.target)

    assert_same(lockstep, unicorn, input_rows(request, 0, count), unicorn.path(reference_row(request)))

    assert lockstep.engine["name"] == "lockstep"


@pytest.mark.parametrize("core", ["m0", "m4"])
def test_a_comparison_that_ends_at_every_byte_gives_the_same(elfs: dict[str, Path], core: str) -> None:
    request = request_of(f"compare_leaky_{core}")
    unicorn, lockstep = engines_of(elfs[f"compare_leaky_{core}"], request.target)
    right = reference_row(request)
    rows = np.repeat(right[np.newaxis], 340, axis=0)
    for row in range(340):
        rows[row, row % 17 + 15 :] ^= np.uint8(row % 17 > 0)  # as many bytes are right, from the beginning

    assert_same(lockstep, unicorn, rows, unicorn.path(right))

    assert lockstep.run(rows, unicorn.path(right)).work.again > 0


@pytest.mark.parametrize("level", ["-Os", "-O2"])
@pytest.mark.parametrize("core", [Core.M0, Core.M4])
def test_a_program_that_parts_at_every_turn_gives_the_same(
    engines: Callable[..., Engines], core: Core, level: str
) -> None:
    unicorn, lockstep = engines("mix.c", buffer_target("mix", core, output={"length": 4}), level)
    base = rows_of(1)[0]
    rows = np.repeat(base[np.newaxis], 200, axis=0)
    rows[40:80, 4] ^= 1
    rows[80:120, 0] ^= 7
    rows[120:160, 15] ^= 0x80
    rows[160:] = rows_of(40, seed=9)

    assert_same(lockstep, unicorn, rows, unicorn.path(base))

    work = lockstep.run(rows, unicorn.path(base)).work
    assert work.lanes >= 40
    assert work.again > 0


@pytest.mark.parametrize("core", [Core.M0, Core.M4])
def test_loops_of_many_lengths_give_the_same(engines: Callable[..., Engines], core: Core) -> None:
    unicorn, lockstep = engines("calls.c", buffer_target("loop", core, output={"length": 4}))
    rows = rows_of(300)
    rows[:, 0] = np.repeat([3, 9, 1, 40, 200, 0, 255, 4, 90, 2], 30)

    for longest in (3, 40, 0):
        assert_same(lockstep, unicorn, rows, unicorn.path(np.full(16, longest, np.uint8)))

    assert lockstep.run(rows, unicorn.path(rows[0])).work.lanes > 200


@pytest.mark.parametrize("entry", ["by_input", "forever", "read_unmapped", "write_flash", "undefined", "supervisor"])
def test_what_ends_badly_gives_the_same(engines: Callable[..., Engines], entry: str) -> None:
    unicorn, lockstep = engines("faults.S", buffer_target(entry, max_cycles=500))
    rows = rows_of(120)
    rows[:, 0] %= 5

    for start in range(5):
        reference = unicorn.path(np.full(16, start, np.uint8))
        assert_same(lockstep, unicorn, rows, reference)
        assert (lockstep.engine["name"] == "lockstep") is (reference.stop is Stop.DONE)


@pytest.mark.parametrize("core", [Core.M0, Core.M4])
def test_inputs_and_outputs_in_buffers_of_the_caller_give_the_same(engines: Callable[..., Engines], core: Core) -> None:
    arguments = [{"input": "a"}, {"input": "b"}, {"value": 13}]
    inputs = [{"name": "a", "role": "other", "length": 13}, {"name": "b", "role": "other", "length": 17}]
    body = {"core": core, "entry": "add", "inputs": inputs, "arguments": arguments, "output": {"length": 4}}
    unicorn, lockstep = engines("calls.c", Target.model_validate(body))
    rows: npt.NDArray[np.uint8] = rows_of(60, 30)

    assert_same(lockstep, unicorn, rows, unicorn.path(rows[0]))

    assert lockstep.run(rows, unicorn.path(rows[0])).work.lanes == 60
