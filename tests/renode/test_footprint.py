"""What an execution leaves behind: its way, its loads and stores, its time."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from jobs.payloads import CampaignRequest
from jobs.target import Core
from renode.firmware.build import build_all
from renode.trace import Footprint, Stop
from renode.unicorn_core import UnicornCore
from tests.renode.conftest import ROOT, Program
from tests.renode.firmware.conftest import body_of, campaign_of, sizes_and_values
from tests.renode.lockstep.compiled import Build
from tests.renode.targets import buffer_target

Rows = npt.NDArray[np.uint8]


@pytest.fixture(scope="module")
def folder() -> Path:
    build_all(ROOT / "build" / "firmware")
    return ROOT / "build" / "firmware"


@pytest.fixture(scope="module")
def core_of(folder: Path) -> Callable[[str], UnicornCore]:
    made: dict[str, UnicornCore] = {}

    def load(name: str) -> UnicornCore:
        if name not in made:
            request: CampaignRequest = campaign_of(body_of(name))
            made[name] = UnicornCore(folder / f"{name}.elf", request.target)
        return made[name]

    return load


def within(footprint: Footprint, first: int, length: int, *, write: bool) -> list[int]:
    """Return the addresses of loads, or of stores, in a buffer."""
    touches = footprint.touches
    here = (touches["address"] >= first) & (touches["address"] < first + length) & (touches["write"] == write)
    return [int(address) for address in touches["address"][here]]


@pytest.mark.parametrize("name", ["aes128_m4", "aes128_m0", "compare_leaky_m4", "reduce_leaky_m4", "checksum_m4"])
def test_it_goes_the_way_and_takes_the_time_of_the_execution(core_of: Callable[[str], UnicornCore], name: str) -> None:
    core = core_of(name)
    row = np.random.default_rng(7).integers(0, 256, core.input_bytes, dtype=np.uint8)

    footprint, path = core.footprint(row), core.path(row)

    np.testing.assert_array_equal(footprint.pcs, path.pcs)
    assert (footprint.cycles, footprint.stop, footprint.output) == (path.cycles, Stop.DONE, path.output)


def test_a_loop_over_a_buffer_loads_its_bytes_one_after_the_other(
    core_of: Callable[[str], UnicornCore], folder: Path
) -> None:
    core = core_of("checksum_m4")
    symbols = {name: value for name, (_, value) in sizes_and_values(folder / "checksum_m4.elf").items()}
    row = np.zeros(33, np.uint8)
    row[32] = 21

    footprint = core.footprint(row)

    base = symbols["chk_data"]
    assert within(footprint, base, 32, write=False) == list(range(base, base + 21))
    assert within(footprint, symbols["chk_result"], 4, write=True) == [symbols["chk_result"]]
    loads = footprint.touches[footprint.touches["address"] == base + 20]
    described = core.instruction(int(footprint.pcs[loads["position"][0]]))
    assert described.mnemonic.startswith("ldrb")
    assert described.line is not None


def test_the_bytes_of_a_table_that_are_read_are_those_that_the_state_selects(
    core_of: Callable[[str], UnicornCore], folder: Path
) -> None:
    core = core_of("aes128_m4")
    table = sizes_and_values(folder / "aes128_m4.elf")["sbox"][1]
    key, block = bytes(range(16)), bytes(range(100, 116))

    footprint = core.footprint(np.frombuffer(key + block, np.uint8))

    read = within(footprint, table, 256, write=False)
    assert len(read) == 200  # 160 of the rounds, 40 of the key schedule
    # The schedule comes first: it begins with the last word of the key, rotated (FIPS-197, 5.2).
    assert sorted(address - table for address in read[:4]) == [12, 13, 14, 15]
    assert {a ^ b for a, b in zip(key, block, strict=True)} <= {address - table for address in read[40:]}


def test_an_execution_leaves_nothing_to_the_next(core_of: Callable[[str], UnicornCore]) -> None:
    core = core_of("aes128_masked_m4")
    rng = np.random.default_rng(7)
    first, other = (rng.integers(0, 256, core.input_bytes, dtype=np.uint8) for _ in range(2))

    before, _, after = core.footprint(first), core.footprint(other), core.footprint(first)

    np.testing.assert_array_equal(before.touches, after.touches)
    np.testing.assert_array_equal(before.pcs, after.pcs)


def test_lists_of_registers_are_words_one_after_the_other(core_of: Callable[[str], UnicornCore]) -> None:
    core = core_of("aes128_m4")

    footprint = core.footprint(np.zeros(32, np.uint8))

    pushes = [pc for pc in np.unique(footprint.pcs) if core.instruction(int(pc)).mnemonic.startswith("push")]
    assert pushes
    for pc in pushes:
        position = int(np.flatnonzero(footprint.pcs == pc)[0])
        words = footprint.touches[footprint.touches["position"] == position]
        assert words["write"].all()
        assert set(np.diff(words["address"].astype(np.int64))) <= {4}
        assert len(words) == core.instruction(int(pc)).words


@pytest.mark.parametrize("core", [Core.M0, Core.M4])
def test_an_execution_that_faults_ends_there(program: Program, core: Core) -> None:
    simulator = UnicornCore(program("faults.S", core), buffer_target("read_unmapped", core))

    footprint = simulator.footprint(np.zeros(16, np.uint8))

    assert footprint.stop is Stop.READ
    assert (footprint.touches["position"] < len(footprint.pcs)).all()


BUILDS = (
    Build("chores.c", "insertion", Core.M3, "-O2"),
    Build("chores.c", "quotients", Core.M4, "-Os"),
    Build("chores.c", "structures", Core.M4, "-O0"),
    Build("chores.c", "machine", Core.M3, "-O1"),
    Build("chores.c", "calls", Core.M0, "-O2"),
    Build("ciphers.c", "sha256", Core.M4, "-O3"),
)


@pytest.mark.parametrize("build", BUILDS, ids=lambda build: f"{build.entry}-{build.core.value}{build.flag}")
def test_what_compilers_make_goes_the_same_way_with_its_accesses_watched(program: Program, build: Build) -> None:
    core = UnicornCore(program(build.source, build.core, build.flag), build.target())
    rng = np.random.default_rng(7)

    for _ in range(6):
        row = rng.integers(0, 256, core.input_bytes, dtype=np.uint8)
        footprint, path = core.footprint(row), core.path(row)
        np.testing.assert_array_equal(footprint.pcs, path.pcs)
        assert (footprint.cycles, footprint.output) == (path.cycles, path.output)
        loads_and_stores = [core.instruction(int(pc)).words for pc in footprint.pcs]
        touched = np.bincount(footprint.touches["position"], minlength=len(footprint.pcs))
        assert (touched <= np.array(loads_and_stores)).all()
