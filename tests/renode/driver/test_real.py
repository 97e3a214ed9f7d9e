"""The same with Renode itself: DASEIN_RENODE=/path/to/renode pytest tests/renode/driver/test_real.py."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from jobs.assessing import Platform
from jobs.target import Memory, Target
from renode.driver.core import RenodeCore
from renode.driver.process import version_of
from renode.trace import Stop
from renode.unicorn_core import UnicornCore
from tests.renode.conftest import ROOT
from tests.renode.driver.test_core import CAMPAIGNS, EXAMPLE, assert_same, random_rows, target_of
from tests.servers import demand

SMALL = (
    Memory(name="flash", start=0x08000000, size=0x20000, access="rx"),
    Memory(name="ram", start=0x20000000, size=0x5000, access="rw"),
)
"""What every STM32 here has."""


@pytest.fixture(scope="module")
def renode() -> str:
    """Return the program; skip where there is none."""
    found = shutil.which(os.environ.get("DASEIN_RENODE") or "renode")
    demand("renode", present=found is not None)
    return found or ""


@pytest.mark.parametrize(
    ("name", "platform"),
    [
        ("aes128_m4", None),
        ("aes128_m0", None),
        ("compare_leaky_m4", None),
        ("aes128_m4", Platform.STM32F4),
        ("aes128_m0", Platform.STM32L072),
    ],
)
def test_executions_are_those_of_the_embedded_core(
    elfs: dict[str, Path], renode: str, name: str, platform: Platform | None
) -> None:
    target: Target = target_of(CAMPAIGNS / f"{name}.json").model_copy(update={"memory": SMALL})
    core = RenodeCore(elfs[name], target, platform, program=renode, version=version_of(renode), machines=2)

    assert_same(UnicornCore(elfs[name], target), core, random_rows(9, 32))


def test_a_whole_program_runs_on_its_board(elfs: dict[str, Path], renode: str) -> None:
    value = {item["name"]: item["value"] for item in json.loads(EXAMPLE.read_text())["target"]["inputs"]}
    row = np.frombuffer(bytes.fromhex(value["key"] + value["plaintext"]), np.uint8)
    core = RenodeCore(
        elfs["station_m4"],
        target_of(ROOT / "renode" / "examples" / "station_stm32f4.json"),
        Platform.STM32F4,
        program=renode,
        version=version_of(renode),
        machines=1,
    )

    path = core.path(row)

    assert (path.stop, path.output.hex()) == (Stop.DONE, "3925841d02dc09fbdc118597196a0b32")
