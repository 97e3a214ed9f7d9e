"""Walks along our firmware: programs for lanes, executed in NumPy and compared with Unicorn word for word."""

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from jobs.payloads import CampaignRequest
from renode.firmware import build
from renode.lockstep.program import PURE_BASE, PURE_OPS, Kernel
from renode.thumb.micro import Op
from renode.unicorn_core import UnicornCore
from tests.renode.conftest import ROOT
from tests.renode.lockstep.agreement import compare

CAMPAIGNS = Path(build.__file__).parent / "campaigns"


@cache
def _built() -> dict[str, Path]:
    return {elf.stem: elf for elf in build.build_all(ROOT / "build" / "firmware")}


def called(name: str) -> tuple[UnicornCore, int]:
    """Return the core of a program, and how long a row of inputs is."""
    body = (CAMPAIGNS / f"{name}.json").read_text()
    target = CampaignRequest.model_validate_json(body.replace("{", '{"firmware": "sha256:' + "0" * 64 + '",', 1)).target
    return UnicornCore(_built()[name], target), sum(item.length for item in target.inputs)


def rows_of(count: int, length: int, *, fixed: int = 0) -> npt.NDArray[np.uint8]:
    """Return random rows whose first `fixed` bytes are the same in all."""
    rows = np.random.default_rng(7).integers(0, 256, (count, length), dtype=np.uint8)
    rows[:, :fixed] = rows[0, :fixed]
    return rows


@pytest.mark.parametrize("core", ["m0", "m4"])
@pytest.mark.parametrize("program", ["aes128", "aes128_masked", "compare_ct"])
def test_every_lane_does_what_unicorn_does(program: str, core: str) -> None:
    simulator, length = called(f"{program}_{core}")

    compared = compare(simulator, rows_of(40, length), profile=32)

    assert compared.through.all()


@pytest.mark.parametrize("name", ["aes128_m4", "aes128_masked_m0"])
def test_what_no_input_changes_is_no_operation(name: str) -> None:
    simulator, length = called(name)

    every, some = (compare(simulator, rows_of(20, length, fixed=fixed), profile=20) for fixed in (0, length - 8))

    assert len(some.program.operations) < len(every.program.operations)
    assert some.program.varies.sum() < every.program.varies.sum()
    assert some.through.all()


@pytest.mark.parametrize(("core", "decided"), [("m0", {"branch"}), ("m4", {"branch", "operand"})])
def test_lanes_that_leave_the_path_are_lost_where_unicorn_leaves_it(core: str, decided: set[str]) -> None:
    """For the M4 the compiler makes a store under a condition, too."""
    simulator, length = called(f"compare_leaky_{core}")
    rows = rows_of(60, length, fixed=length // 2)
    for row in range(30):  # so many bytes are right
        rows[row, length // 2 :][: 16 - row // 2] = rows[0, : length // 2][: 16 - row // 2]

    compared = compare(simulator, rows)

    np.testing.assert_array_equal(compared.lanes.lost, compared.batch.agreed)
    assert len(set(compared.lanes.lost.tolist())) > 10
    assert {access.kind for access in compared.program.accesses} == decided


def test_a_constant_time_comparison_has_no_access_that_depends_on_inputs() -> None:
    simulator, length = called("compare_ct_m4")

    compared = compare(simulator, rows_of(20, length), profile=20)

    assert compared.program.accesses == ()


def test_a_branch_on_the_inputs_is_noted_also_where_no_profile_lane_takes_it() -> None:
    core, length = called("compare_leaky_m0")
    rows = rows_of(60, length, fixed=length // 2)
    rows[:, length // 2] = rows[:, 0] ^ (1 + rows[:, length // 2] % 255)  # the first byte is wrong in all of them

    compared = compare(core, rows)

    assert {(access.kind, access.lanes[0] == access.lanes[1]) for access in compared.program.accesses} == {
        ("branch", True)
    }


def test_a_table_is_looked_up_by_its_index_without_adding_them_up() -> None:
    simulator, length = called("aes128_m4")

    compared = compare(simulator, rows_of(20, length), profile=20)

    operations = compared.program.operations
    lookups = operations[np.isin(operations["kernel"], [Kernel.TABLE, Kernel.TABLE_SAMPLED])]
    assert len(lookups) == 200
    assert set(zip(lookups["low"].tolist(), lookups["high"].tolist(), strict=True)) == {(0, 255)}
    assert PURE_BASE + PURE_OPS.index(Op.ADD) not in operations["kernel"]
