"""Renode as a simulator, with the stand-in behind it: what comes out is the embedded core's, to the bit."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from jobs.assessing import Platform
from jobs.errors import InvalidFirmware, InvalidInput, SimulatorLost, SimulatorRefused
from jobs.target import Core, Input, InputRole, Memory, Output, Target
from renode.driver.core import RenodeCore
from renode.driver.session import Limits
from renode.trace import OF_EACH, Simulator, Stop
from renode.unicorn_core import UnicornCore
from tests.renode.conftest import ROOT, Program
from tests.renode.driver.conftest import VERSION
from tests.renode.targets import buffer_target
from tests.renode.test_counting import levels_for

Peer = Callable[..., str]
CAMPAIGNS = ROOT / "renode" / "firmware" / "campaigns"
GROUPS = 4
EXAMPLE = ROOT / "renode" / "examples" / "station_stm32f4.json"


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where Python makes folders during the test."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def target_of(file: Path, **changes: Any) -> Target:
    return Target.model_validate({**json.loads(file.read_text())["target"], **changes})


def core_of(
    elf: Path, target: Target, program: str, platform: Platform | None = None, machines: int = 2, **limits: float
) -> RenodeCore:
    return RenodeCore(
        elf, target, platform, program=program, version=VERSION, machines=machines, limits=Limits(**limits)
    )


def random_rows(count: int, length: int) -> npt.NDArray[np.uint8]:
    return np.random.default_rng(7).integers(0, 256, (count, length), np.uint8)


def assert_same(one: Simulator, other: Simulator, rows: npt.NDArray[np.uint8]) -> None:
    mine, theirs = one.path(rows[0]), other.path(rows[0])
    for name in ("pcs", "begins", "stop", "stop_pc", "cycles", "output"):
        assert np.array_equal(getattr(mine, name), getattr(theirs, name)), name
    ours, its = one.run(rows, mine), other.run(rows, mine)
    for name in (*OF_EACH, "activity"):
        assert np.array_equal(getattr(ours, name), getattr(its, name)), name
        assert getattr(ours, name).dtype == getattr(its, name).dtype


@pytest.mark.parametrize("name", ["aes128_m4", "aes128_masked_m0"])
def test_a_cipher_s_executions_are_those_of_the_embedded_core(elfs: dict[str, Path], peer: Peer, name: str) -> None:
    target = target_of(CAMPAIGNS / f"{name}.json")
    embedded = UnicornCore(elfs[name], target)

    assert_same(embedded, core_of(elfs[name], target, peer()), random_rows(9, embedded.input_bytes))


def test_executions_that_leave_the_path_are_too(elfs: dict[str, Path], peer: Peer) -> None:
    target = target_of(CAMPAIGNS / "compare_leaky_m4.json")
    rows = random_rows(9, 32)
    for equal in range(5):
        rows[equal, 16 : 16 + equal] = rows[equal, :equal]

    renode = core_of(elfs["compare_leaky_m4"], target, peer())
    assert_same(UnicornCore(elfs["compare_leaky_m4"], target), renode, rows)
    assert renode.engine["platform"] == "cortex-m4"


def test_an_execution_that_never_ends_runs_out_of_its_budget(elfs: dict[str, Path], peer: Peer) -> None:
    target = target_of(CAMPAIGNS / "aes128_m4.json", max_cycles=1000)
    embedded = UnicornCore(elfs["aes128_m4"], target)

    assert embedded.path(random_rows(1, 32)[0]).stop is Stop.BUDGET
    assert_same(embedded, core_of(elfs["aes128_m4"], target, peer()), random_rows(2, 32))


@pytest.mark.parametrize("entry", ["read_unmapped", "write_unmapped", "write_flash", "supervisor"])
def test_an_execution_that_leaves_its_memory_or_traps_ends_where_it_does_in_the_embedded_core(
    program: Program, peer: Peer, entry: str
) -> None:
    target = buffer_target(entry, max_cycles=300)
    rows = np.zeros((2, 16), np.uint8)
    embedded = UnicornCore(program("faults.S"), target)

    path = core_of(program("faults.S"), target, peer(), machines=1).run(rows, embedded.path(rows[0]))

    ours = embedded.run(rows, embedded.path(rows[0]))
    assert ours.stop[0] in {Stop.READ, Stop.WRITE, Stop.EXCEPTION}
    for name in ("stop", "stop_pc", "executed", "agreed", "cycles", "activity"):
        assert np.array_equal(getattr(ours, name), getattr(path, name)), name


def test_a_whole_program_runs_on_its_board_and_not_without_one(elfs: dict[str, Path], peer: Peer) -> None:
    target = target_of(EXAMPLE)
    row = np.frombuffer(bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c3243f6a8885a308d313198a2e0370734"), np.uint8)

    alone = UnicornCore(elfs["station_m4"], target).path(row)
    board = core_of(elfs["station_m4"], target, peer(), Platform.STM32F4)
    path = board.path(row)

    assert (alone.stop, alone.output) == (Stop.READ, bytes(16))
    assert (path.stop, path.output.hex()) == (Stop.DONE, "3925841d02dc09fbdc118597196a0b32")  # FIPS-197, appendix B
    assert {board.instruction(int(pc)).function for pc in path.pcs} >= {"main", "start_board", "aes128_encrypt"}


def test_a_setup_runs_before_every_execution(program: Program, peer: Peer) -> None:
    inputs = (Input(name="x", role=InputRole.OTHER, length=4, symbol="x"),)
    elf = program("setup.c")
    target = Target(
        core=Core.M4,
        entry="entry",
        setup="prepare",
        inputs=inputs,
        output=Output(length=4, symbol="y"),
        max_cycles=1000,
    )

    assert_same(UnicornCore(elf, target), core_of(elf, target, peer()), random_rows(3, 4))
    with pytest.raises(InvalidInput, match="the setup function has not returned") as refusal:
        core_of(elf, target.model_copy(update={"setup": "forever"}), peer()).path(np.zeros(4, np.uint8))
    assert refusal.value.field == "target.setup"


def test_levels_are_counted_like_the_embedded_core_does(elfs: dict[str, Path], peer: Peer) -> None:
    target = target_of(CAMPAIGNS / "compare_leaky_m4.json")
    embedded = UnicornCore(elfs["compare_leaky_m4"], target)
    rows = random_rows(6, 32)
    path = embedded.path(rows[0])
    levels = levels_for(embedded, path, (1, 1, 1, 1, 0), slice(0, len(path.pcs)))
    groups = np.arange(6, dtype=np.uint8) % GROUPS
    counts = [np.zeros((GROUPS, levels.bins), np.int64) for _ in range(2)]

    ours = embedded.tally(rows, groups, path, levels, counts[0])
    its = core_of(elfs["compare_leaky_m4"], target, peer()).tally(rows, groups, path, levels, counts[1])

    assert counts[0].sum() > 0
    assert np.array_equal(counts[0], counts[1])
    assert all(np.array_equal(getattr(ours, name), getattr(its, name)) for name in OF_EACH)


def test_a_footprint_is_that_of_the_embedded_core(elfs: dict[str, Path], peer: Peer) -> None:
    target = target_of(CAMPAIGNS / "compare_ct_m4.json")
    row = random_rows(1, 32)[0]

    ours = UnicornCore(elfs["compare_ct_m4"], target).footprint(row)
    its = core_of(elfs["compare_ct_m4"], target, peer()).footprint(row)

    assert len(ours.touches) > 0
    for name in ("pcs", "touches", "stop", "stop_pc", "cycles", "output"):
        assert np.array_equal(getattr(ours, name), getattr(its, name)), name


@pytest.mark.parametrize(
    ("mode", "fails"),
    [
        ("dies", (SimulatorLost, "hung up at `emulation RunFor.*it ended with .*AccessViolation")),
        ("hangs", (SimulatorLost, "has not answered `emulation RunFor.* within 2 s")),
        ("errs", (SimulatorRefused, r"CPU abort \[PC=0x8000000\]")),
        ("quits", (SimulatorLost, "ended with 3 as it started.*libstdc")),
    ],
)
def test_a_renode_that_fails_fails_the_call_and_leaves_nothing_behind(
    elfs: dict[str, Path], temporary: Path, peer: Peer, mode: str, fails: tuple[type[Exception], str]
) -> None:
    target = target_of(CAMPAIGNS / "compare_ct_m4.json")
    embedded = UnicornCore(elfs["compare_ct_m4"], target)
    rows = random_rows(4, 32)
    renode = core_of(elfs["compare_ct_m4"], target, peer(mode), answer_s=2.0 if mode == "hangs" else 60.0)

    with pytest.raises(fails[0], match=fails[1]):
        renode.run(rows, embedded.path(rows[0]))

    assert list(temporary.iterdir()) == []


def test_what_the_board_cannot_hold_is_refused_before_anything_starts(elfs: dict[str, Path]) -> None:
    target = target_of(CAMPAIGNS / "aes128_m4.json")
    far = target.model_copy(update={"memory": (Memory(name="flash", start=0x10000000, size=2**20, access="rx"),)})

    with pytest.raises(InvalidInput, match="nrf52840 has no memory at 0x10000000"):
        core_of(elfs["aes128_m4"], far, "/nowhere", Platform.NRF52840)
    with pytest.raises(InvalidFirmware, match="does not fit a region"):
        core_of(elfs["aes128_m4"], target, "/nowhere", Platform.NRF52840)
