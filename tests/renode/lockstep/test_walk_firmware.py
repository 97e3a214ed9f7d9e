"""Walks along our firmware: programs for lanes, executed in NumPy and compared with Unicorn word for word."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from jobs.payloads import CampaignRequest
from renode.firmware import build
from renode.unicorn_core import UnicornCore
from tests.renode.conftest import ROOT
from tests.renode.lockstep.agreement import compare

CAMPAIGNS = Path(build.__file__).parent / "campaigns"
FIRMWARE = ROOT / "build" / "firmware"


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    build.build_all(FIRMWARE)


def called(name: str) -> tuple[UnicornCore, int]:
    """Return the core of a program, and how long a row of inputs is."""
    body = (CAMPAIGNS / f"{name}.json").read_text()
    target = CampaignRequest.model_validate_json(body.replace("{", '{"firmware": "sha256:' + "0" * 64 + '",', 1)).target
    return UnicornCore(FIRMWARE / f"{name}.elf", target), sum(item.length for item in target.inputs)


def rows_of(count: int, length: int, *, fixed: int = 0) -> npt.NDArray[np.uint8]:
    """Return random rows whose first `fixed` bytes are the same in all."""
    rows = np.random.default_rng(7).integers(0, 256, (count, length), dtype=np.uint8)
    rows[:, :fixed] = rows[0, :fixed]
    return rows


@pytest.mark.parametrize("name", ["compare_leaky_m0"])
def test_lanes_that_leave_the_path_are_lost_where_unicorn_leaves_it(name: str) -> None:
    core, length = called(name)
    rows = rows_of(60, length, fixed=length // 2)
    rows[::3, length // 2 :] = rows[0, : length // 2]
    rows[1::3, -1] ^= rows[1::3, -1] == rows[0, -1]

    compared = compare(core, rows)

    np.testing.assert_array_equal(compared.lanes.lost, compared.batch.agreed)
    assert len(set(compared.lanes.lost.tolist())) > 1
    assert {access.kind for access in compared.program.accesses} == {"branch"}


def test_a_branch_on_the_inputs_is_noted_also_where_no_profile_lane_takes_it() -> None:
    core, length = called("compare_leaky_m0")
    rows = rows_of(60, length, fixed=length // 2)
    rows[:, length // 2] = rows[:, 0] ^ (1 + rows[:, length // 2] % 255)  # the first byte is wrong in all of them

    compared = compare(core, rows)

    assert {(access.kind, access.lanes[0] == access.lanes[1]) for access in compared.program.accesses} == {
        ("branch", True)
    }
