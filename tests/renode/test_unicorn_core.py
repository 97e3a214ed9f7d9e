"""Calling a firmware: inputs and outputs, isolation of executions, and how they may end."""

import multiprocessing
import threading
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from jobs.errors import InvalidInput
from jobs.target import Core, Target
from renode.elf import read_firmware
from renode.firmware.build import build_all
from renode.lockstep.core import LockstepCore
from renode.lockstep.maker import maker_of
from renode.trace import AT_ONCE, Class, Simulator, Stop, numbered
from renode.unicorn_core import UnicornCore
from tests.renode.conftest import ROOT, Program
from tests.renode.targets import buffer_target

KEY_AND_PLAINTEXT = "000102030405060708090a0b0c0d0e0f00112233445566778899aabbccddeeff"
CIPHERTEXT = "69c4e0d86a7b0430d8cdb78070b4c55a"  # FIPS-197, C.1

Rows = npt.NDArray[np.uint8]


def rows_of(count: int, length: int = 16, *, seed: int = 7) -> Rows:
    return np.random.default_rng(seed).integers(0, 256, (count, length), dtype=np.uint8)


Make = Callable[[Path, Target], Simulator]


def lockstep(elf: Path, target: Target) -> LockstepCore:
    """Return lanes around a core, which take a path from its first sixteen executions on."""
    core = UnicornCore(elf, target)
    return LockstepCore(core, maker_of(core), patience=0)


@pytest.fixture(params=[UnicornCore, lockstep], ids=["unicorn", "lockstep"])
def simulator_of(request: pytest.FixtureRequest) -> Make:
    """Return either engine: what holds of executions one by one holds of many at once."""
    made: Make = request.param
    return made


@pytest.fixture(scope="module")
def firmware_folder() -> Path:
    build_all(ROOT / "build" / "firmware")
    return ROOT / "build" / "firmware"


@pytest.mark.parametrize(("core", "name"), [(Core.M0, "aes128_m0.elf"), (Core.M4, "aes128_m4.elf")])
def test_aes_is_that_of_fips_197(firmware_folder: Path, core: Core, name: str) -> None:
    inputs = [
        {"name": "key", "role": "key", "length": 16, "symbol": "aes_key"},
        {"name": "plaintext", "role": "plaintext", "length": 16, "symbol": "aes_plaintext"},
    ]
    output = {"length": 16, "symbol": "aes_ciphertext"}
    target = Target.model_validate({"core": core, "entry": "aes128_encrypt", "inputs": inputs, "output": output})
    simulator = UnicornCore(firmware_folder / name, target)
    row = np.frombuffer(bytes.fromhex(KEY_AND_PLAINTEXT), np.uint8)

    path = simulator.path(row)
    batch = simulator.run(np.stack([row, row]), path)

    assert (path.stop, path.output.hex()) == (Stop.DONE, CIPHERTEXT)
    assert [bytes(output).hex() for output in batch.output] == [CIPHERTEXT] * 2
    assert batch.executed.tolist() == batch.agreed.tolist() == [len(path.pcs)] * 2
    assert batch.cycles.tolist() == [path.cycles] * 2


def test_arguments_reach_the_entry_and_r0_comes_back(program: Program) -> None:
    inputs = [{"name": "a", "role": "other", "length": 5}, {"name": "b", "role": "other", "length": 3}]
    arguments = [{"input": "a"}, {"input": "b"}, {"value": 3}]
    target = Target.model_validate(
        {"core": "cortex-m4", "entry": "add", "inputs": inputs, "arguments": arguments, "output": {"length": 4}}
    )
    simulator = UnicornCore(program("calls.c"), target)

    path = simulator.path(np.array([1, 2, 3, 99, 99, 10, 20, 30], np.uint8))

    assert int.from_bytes(path.output, "little") == (1 + 2 + 3) * 256 + 60


def test_an_output_is_read_from_a_scratch_buffer(program: Program) -> None:
    arguments = [{"input": "data"}, {"output": True}]
    inputs = [{"name": "data", "role": "other", "length": 16}]
    target = Target.model_validate(
        {"core": "cortex-m0", "entry": "invert", "inputs": inputs, "arguments": arguments, "output": {"length": 16}}
    )
    simulator = UnicornCore(program("calls.c", Core.M0), target)
    rows = rows_of(5)

    batch = simulator.run(rows, simulator.path(rows[0]))

    np.testing.assert_array_equal(batch.output, ~rows)


def test_initialised_data_is_in_place_and_setup_runs_once(program: Program) -> None:
    elf = program("calls.c")
    row = np.zeros(16, np.uint8)

    without = UnicornCore(elf, buffer_target("scribble", output={"length": 4})).path(row)
    with_setup = UnicornCore(elf, buffer_target("scribble", output={"length": 4}, setup="set_up")).path(row)

    assert int.from_bytes(without.output, "little") == 7
    assert int.from_bytes(with_setup.output, "little") == 40


def test_a_setup_that_faults_is_refused(program: Program) -> None:
    with pytest.raises(InvalidInput) as refused:
        UnicornCore(program("calls.c"), buffer_target("scribble", setup="bad_setup"))

    assert (refused.value.field, refused.value.reason) == ("target.setup", "setup-failed")


def test_no_execution_sees_what_another_left_in_data_stack_or_input(simulator_of: Make, program: Program) -> None:
    simulator = simulator_of(program("calls.c"), buffer_target("scribble", output={"length": 4}))
    rows = rows_of(40)
    alone = [simulator.path(row) for row in rows]

    batch = simulator.run(rows, alone[0])

    assert {path.output for path in alone} == {(7).to_bytes(4, "little")}
    assert {output.tobytes() for output in batch.output} == {(7).to_bytes(4, "little")}
    for row in range(len(rows)):
        single = simulator.run(rows[row : row + 1], alone[0])
        np.testing.assert_array_equal(single.activity[0], batch.activity[row])


def test_the_order_of_rows_does_not_matter_even_when_some_of_them_fault(simulator_of: Make, program: Program) -> None:
    simulator = simulator_of(program("faults.S"), buffer_target("by_input", max_cycles=500))
    rows = rows_of(60)
    rows[:, 0] %= 5
    order = np.random.default_rng(9).permutation(len(rows))
    reference = simulator.path(np.full(16, 4, np.uint8))

    straight, shuffled = simulator.run(rows, reference), simulator.run(rows[order], reference)

    for name in ("activity", "agreed", "left_to", "executed", "cycles", "stop", "stop_pc"):
        np.testing.assert_array_equal(getattr(straight, name)[order], getattr(shuffled, name), err_msg=name)
    ended = {int(first): Stop(int(stop)) for first, stop in zip(rows[:, 0], straight.stop, strict=True)}
    assert ended == {0: Stop.DONE, 1: Stop.READ, 2: Stop.BUDGET, 3: Stop.DONE, 4: Stop.DONE}


def test_an_execution_that_leaves_the_path_agrees_exactly_up_to_there(simulator_of: Make, program: Program) -> None:
    simulator = simulator_of(program("calls.c"), buffer_target("loop"))
    rows = np.zeros((80, 16), np.uint8)
    rows[:, 0] = [5, 2, 9, 0] * 20
    paths = [simulator.path(row) for row in rows]
    reference = paths[0]

    batch = simulator.run(rows, reference)
    own = [simulator.run(row[np.newaxis], path) for row, path in zip(rows, paths, strict=True)]

    for row, path in enumerate(paths):
        shorter = min(len(path.pcs), len(reference.pcs))
        differ = np.flatnonzero(path.pcs[:shorter] != reference.pcs[:shorter])
        agreed = int(differ[0]) if len(differ) else shorter
        assert batch.agreed[row] == agreed
        assert batch.left_to[row] == (path.pcs[agreed] if agreed < len(path.pcs) else 0)
        assert (batch.executed[row], batch.cycles[row]) == (len(path.pcs), path.cycles)
        np.testing.assert_array_equal(batch.activity[row, :agreed], own[row].activity[0, :agreed])
        assert not batch.activity[row, agreed:].any()
    assert len(set(batch.agreed.tolist())) == 4


FAULTS = {
    "read_unmapped": Stop.READ,
    "write_unmapped": Stop.WRITE,
    "write_flash": Stop.WRITE,
    "push_too_deep": Stop.WRITE,
    "jump_unmapped": Stop.FETCH,
    "jump_to_data": Stop.FETCH,
    "jump_beyond_code": Stop.FETCH,
    "jump_to_padding": Stop.FETCH,
    "jump_to_arm": Stop.UNDEFINED,
    "undefined": Stop.UNDEFINED,
    "supervisor": Stop.EXCEPTION,
    "breakpoint": Stop.EXCEPTION,
    "asleep": Stop.EXCEPTION,
    "forever": Stop.BUDGET,
}
NOT_OF_THIS_CORE = [
    (Core.M0, "compare_and_branch"),
    (Core.M0, "if_then"),
    (Core.M0, "move_wide"),
    (Core.M0, "signal_processing"),
    (Core.M3, "signal_processing"),
    (Core.M4, "floating_point"),
    (Core.M4, "vector_store"),
]


def expect_stop(elf: Path, core: Core, entry: str, stop: Stop) -> None:
    simulator = UnicornCore(elf, buffer_target(entry, core, max_cycles=300))
    guilty = read_firmware(elf).symbols[f"{entry}_guilty"].address & ~1

    path = simulator.path(np.zeros(16, np.uint8))
    batch = simulator.run(np.zeros((3, 16), np.uint8), path)

    assert (path.stop, hex(path.stop_pc)) == (stop, hex(guilty))
    assert batch.stop.tolist() == [stop] * 3
    assert batch.stop_pc.tolist() == [guilty] * 3
    assert batch.agreed.tolist() == batch.executed.tolist() == [len(path.pcs)] * 3
    assert batch.left_to.tolist() == [0] * 3
    assert batch.cycles.tolist() == [path.cycles] * 3


@pytest.mark.parametrize("core", [Core.M0, Core.M4])
@pytest.mark.parametrize(("entry", "stop"), FAULTS.items())
def test_a_bad_end_names_its_kind_and_the_guilty_instruction(
    program: Program, core: Core, entry: str, stop: Stop
) -> None:
    expect_stop(program("faults.S", core), core, entry, stop)


@pytest.mark.parametrize(("core", "entry"), NOT_OF_THIS_CORE)
def test_an_instruction_that_the_core_does_not_have_is_undefined(program: Program, core: Core, entry: str) -> None:
    expect_stop(program("faults.S", Core.M0), core, entry, Stop.UNDEFINED)


@pytest.mark.parametrize("entry", ["compare_and_branch", "if_then", "move_wide", "signal_processing"])
def test_the_same_instructions_run_where_the_core_has_them(program: Program, entry: str) -> None:
    simulator = UnicornCore(program("faults.S", Core.M0), buffer_target(entry, Core.M4))

    assert simulator.path(np.zeros(16, np.uint8)).stop is Stop.DONE


def test_the_budget_is_overrun_by_one_instruction_at_most(program: Program) -> None:
    simulator = UnicornCore(program("faults.S"), buffer_target("forever", max_cycles=1000))

    path = simulator.path(np.zeros(16, np.uint8))

    assert 1000 <= path.cycles < 1004
    assert len(path.pcs) * 3 == path.cycles


def test_a_path_that_is_looked_up_in_pieces_is_whole(program: Program) -> None:
    simulator = UnicornCore(program("faults.S"), buffer_target("forever", max_cycles=3 * (2 * AT_ONCE + 100)))

    path = simulator.path(np.zeros(16, np.uint8))

    assert len(path.pcs) > 2 * AT_ONCE
    np.testing.assert_array_equal(path.begins, 3 * np.arange(len(path.pcs)))
    assert simulator.run(np.zeros((1, 16), np.uint8), path).agreed.tolist() == [len(path.pcs)]


@pytest.mark.parametrize("length", [0, 1, AT_ONCE, 2 * AT_ONCE + 7])
def test_instructions_are_numbered_by_their_address(length: int) -> None:
    pcs = np.random.default_rng(7).integers(0, 3000, length, dtype=np.uint32) * np.uint32(2)

    addresses, along = numbered(pcs)

    np.testing.assert_array_equal(addresses, np.unique(pcs))
    np.testing.assert_array_equal(addresses[along], pcs)


def test_cycles_are_those_of_the_model(program: Program) -> None:
    simulator = UnicornCore(program("steps.S", Core.M0), buffer_target("products", Core.M0))

    path = simulator.path(np.zeros(16, np.uint8))

    assert path.cycles == 1 + 1 + 1 + 1 + 3 + 3  # movs, movs, muls, lsls, b, bx
    assert [simulator.instruction(int(pc)).cycles for pc in path.pcs] == [1, 1, 1, 1, 3, 3]


def test_an_instruction_is_described_with_its_function_and_line(program: Program) -> None:
    simulator = UnicornCore(program("calls.c"), buffer_target("scribble"))
    start, end = simulator.extent("scribble", field="target.trigger.start")

    step = simulator.instruction(start)

    assert (step.address, step.function, step.mnemonic.startswith("push")) == (start, "scribble", True)
    assert (step.kind, step.file) == (Class.STORE, "tests/renode/programs/calls.c")
    source = (ROOT / "tests/renode/programs/calls.c").read_text().splitlines()
    assert step.line is not None
    assert "scribble(void)" in source[step.line - 1] or source[step.line - 1] == "{"
    assert simulator.extent(hex(start), field="x") == (start, start + step.size)
    assert start < end


@pytest.mark.parametrize("place", ["no_such_symbol", "0xzz", "0x20000000", "0x08000001"])
def test_a_place_that_is_not_there_names_the_field(program: Program, place: str) -> None:
    simulator = UnicornCore(program("calls.c"), buffer_target("scribble"))

    with pytest.raises(InvalidInput) as refused:
        simulator.extent(place, field="target.trigger.stop")

    assert refused.value.field == "target.trigger.stop"


def test_a_path_of_another_firmware_is_refused(program: Program) -> None:
    simulator = UnicornCore(program("calls.c"), buffer_target("scribble"))
    path = simulator.path(np.zeros(16, np.uint8))
    elsewhere = replace(path, pcs=path.pcs + np.uint32(0x80000))

    with pytest.raises(ValueError, match="another firmware"):
        simulator.run(np.zeros((1, 16), np.uint8), elsewhere)


def test_a_path_may_come_from_another_simulator(simulator_of: Make, program: Program) -> None:
    rows = rows_of(30)
    target = buffer_target("mix")
    path = simulator_of(program("mix.c", Core.M4, "-O2"), target).path(rows[0])

    batch = simulator_of(program("mix.c", Core.M4, "-O2"), target).run(rows, path)

    assert batch.agreed[0] == len(path.pcs)
    assert batch.stop.tolist() == [Stop.DONE] * 30


def test_two_simulators_run_at_once_in_two_threads(simulator_of: Make, program: Program) -> None:
    elf, rows = program("mix.c", Core.M4, "-O2"), rows_of(300)
    simulators = [simulator_of(elf, buffer_target("mix")) for _ in range(2)]
    path = simulators[0].path(rows[0])
    expected = simulators[0].run(rows, path)
    results: list[npt.NDArray[np.uint64]] = []

    threads = [
        threading.Thread(target=lambda simulator: results.append(simulator.run(rows, path).activity), args=(simulator,))
        for simulator in simulators
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert len(results) == 2
    for activity in results:
        np.testing.assert_array_equal(activity, expected.activity)


def _in_child(make: Make, elf: Path, rows: Rows, channel: Connection) -> None:
    simulator = make(elf, buffer_target("mix"))
    channel.send(simulator.run(rows, simulator.path(rows[0])).activity)


def test_a_simulator_made_after_a_fork_gives_the_same(simulator_of: Make, program: Program) -> None:
    elf, rows = program("mix.c", Core.M4, "-O2"), rows_of(40)
    simulator = simulator_of(elf, buffer_target("mix"))  # compiled and used in the parent before
    expected = simulator.run(rows, simulator.path(rows[0])).activity
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()

    child = context.Process(target=_in_child, args=(simulator_of, elf, rows, there))
    child.start()
    assert here.poll(60)
    activity = here.recv()
    child.join(60)

    assert child.exitcode == 0
    np.testing.assert_array_equal(activity, expected)


def test_inputs_of_another_length_are_refused(program: Program) -> None:
    simulator = UnicornCore(program("calls.c"), buffer_target("scribble"))

    with pytest.raises(ValueError, match="16 bytes a row"):
        simulator.path(np.zeros(15, np.uint8))
