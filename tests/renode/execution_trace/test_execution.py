"""From traces to activity: the same words, to the bit, as the embedded core has for the same executions."""

import json
from contextlib import nullcontext
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from jobs.payloads import CampaignRequest
from jobs.target import Core, Target
from renode.code import Code
from renode.elf import read_firmware
from renode.execution_trace.errors import InvalidTrace, TraceDisagrees
from renode.execution_trace.execution import Execution, Replay, to_batch, to_execution
from renode.execution_trace.model import Access, Accesses, ExecutionTrace
from renode.execution_trace.reader import read_trace
from renode.execution_trace.writer import write_trace
from renode.firmware.build import build_all
from renode.trace import Stop
from renode.unicorn_core import UnicornCore
from tests.renode.conftest import ROOT, Program
from tests.renode.execution_trace.recording import (
    Recorded,
    record,
    without_accesses,
    without_opcodes,
    without_registers,
)
from tests.renode.targets import buffer_target
from workers.simulation.inputs import input_rows, reference_row

Rows = npt.NDArray[np.uint8]
COLUMNS = tuple(column.name for column in fields(Accesses))


class Bench:
    """One target of one firmware: the embedded core, and a recorder of what Renode would trace."""

    def __init__(self, elf: Path, target: Target) -> None:
        firmware = read_firmware(elf)
        self.target = target
        self.core = UnicornCore(elf, target)
        self.start = self.core.start()
        self.code = Code(firmware, target.core)
        self.entry = firmware.code_symbol(target.entry, field="target.entry").address
        self.replay = Replay(self.start, Code(firmware, target.core))

    def recorded(self, row: Rows, **how: Any) -> Recorded:
        return record(self.start, self.code, self.entry, row, **how)

    def execution(self, trace: ExecutionTrace, **how: Any) -> Execution:
        return self.replay.execution(trace, **{"entry": self.entry, "max_cycles": self.target.max_cycles, **how})


@pytest.fixture(scope="module")
def elfs() -> dict[str, Path]:
    return {path.stem: path for path in build_all(ROOT / "build" / "firmware")}


def request_of(name: str) -> CampaignRequest:
    body = json.loads((ROOT / "renode" / "firmware" / "campaigns" / f"{name}.json").read_text(encoding="utf-8"))
    return CampaignRequest.model_validate({**body, "firmware": "sha256:" + "0" * 64})


def assert_same(bench: Bench, rows: Rows, reference: Rows, **how: bool) -> None:
    """Compare everything that both engines say of executions."""
    path = bench.core.path(reference)
    expected = bench.core.run(rows, path)
    recorded = [bench.recorded(row, **how) for row in rows]
    executions = [bench.execution(read_trace(write_trace(it.trace))) for it in recorded]
    outputs = np.array([np.frombuffer(it.output, np.uint8) for it in recorded]).reshape(expected.output.shape)
    found = to_batch(executions, outputs, path)
    for name in ("agreed", "left_to", "executed", "cycles", "stop", "stop_pc", "output", "activity"):
        one, other = getattr(expected, name), getattr(found, name)
        assert one.dtype == other.dtype, name
        np.testing.assert_array_equal(one, other, err_msg=name)
    again = bench.execution(recorded[0].trace).path(recorded[0].output)
    expected_path = bench.core.path(rows[0])
    np.testing.assert_array_equal(again.begins, expected_path.begins)
    np.testing.assert_array_equal(again.pcs, expected_path.pcs)


@pytest.mark.parametrize("core", ["m0", "m4"])
@pytest.mark.parametrize("name", ["aes128", "aes128_masked", "compare_ct", "compare_leaky"])
def test_a_traced_execution_of_our_firmware_has_the_embedded_cores_words(
    elfs: dict[str, Path], name: str, core: str
) -> None:
    request = request_of(f"{name}_{core}")
    bench = Bench(elfs[f"{name}_{core}"], request.target)

    assert_same(bench, input_rows(request, 0, 2), reference_row(request), registers=False)


STEPS: dict[Core, tuple[str, ...]] = {
    Core.M0: ("alu", "loads", "stores", "stack", "lists", "stack_pointer", "products"),
}
STEPS[Core.M4] = (*STEPS[Core.M0], "indexed", "predicated", "wide", "exclusive", "table")
ZEROS = np.zeros((1, 16), np.uint8)
BUFFER = np.frombuffer(bytes.fromhex("807f01ff55aa33cc0000000000000000"), np.uint8)


@pytest.mark.parametrize("core", STEPS)
def test_whatever_the_trace_tells_of_short_sequences_their_words_are_the_same(program: Program, core: Core) -> None:
    for entry in STEPS[core]:
        bench = Bench(program("steps.S", core), buffer_target(entry, core))
        expected = bench.core.run(BUFFER[np.newaxis], bench.core.path(BUFFER)).activity[0]
        trace = bench.recorded(BUFFER).trace

        tellings = [trace, without_opcodes(trace)]
        if entry != "stack_pointer":  # it writes a special register, whose effects registers alone can tell
            tellings.append(without_registers(trace))
        if entry != "table":  # what a table branch loads is in no register
            tellings.append(without_accesses(trace))
        for told in tellings:
            np.testing.assert_array_equal(bench.execution(told).activity, expected, err_msg=entry)


@pytest.mark.parametrize("entry", ["machine", "longs", "quotients", "strings", "calls"])
def test_what_compilers_make_has_the_embedded_cores_words(program: Program, entry: str) -> None:
    bench = Bench(program("chores.c", Core.M4, "-O2"), buffer_target(entry))
    rows = np.random.default_rng(7).integers(0, 256, (2, 16), dtype=np.uint8)

    assert_same(bench, rows, ZEROS[0])


@pytest.fixture
def leaky(elfs: dict[str, Path]) -> Bench:
    return Bench(elfs["compare_leaky_m4"], request_of("compare_leaky_m4").target)


def row_of(bench: Bench, fill: int = 5) -> Rows:
    return np.full(bench.core.input_bytes, fill, np.uint8)


def tampered(trace: ExecutionTrace, part: str, field: str, position: int, by: int) -> ExecutionTrace:
    """Return the trace with one number of `accesses`, `registers` or, where `part` is empty, of itself changed."""
    owner: Any = getattr(trace, part) if part else trace
    values = getattr(owner, field).copy()
    values[position] ^= by
    changed = replace(owner, **{field: values})
    whole: dict[str, Any] = {part: changed}
    return replace(trace, **whole) if part else changed


@pytest.mark.parametrize(
    ("part", "field", "by", "reason"),
    [
        ("accesses", "address", 4, "address"),
        ("accesses", "kind", 1, "access"),
        ("registers", "value", 0x10, "register"),
        ("", "opcodes", 1, "opcode"),
        ("", "pcs", 0x40, "way"),
    ],
)
def test_a_trace_that_instructions_do_not_agree_with_is_refused_where_they_part(
    leaky: Bench, part: str, field: str, by: int, reason: str
) -> None:
    trace = read_trace(write_trace(leaky.recorded(row_of(leaky)).trace))
    position = 4 if not part else len(getattr(getattr(trace, part), field)) // 2
    index = position if not part else int(getattr(trace, part).index[position])
    found = tampered(trace, part, field, position, by)
    where = index - 1 if reason == "way" else index

    with pytest.raises(TraceDisagrees) as caught:
        leaky.execution(found)

    assert (caught.value.reason, caught.value.offset) == (reason, int(trace.offsets[where]))
    assert caught.value.case["pc"] == int(trace.pcs[where])


def test_a_word_stored_that_is_not_the_registers_is_refused(elfs: dict[str, Path]) -> None:
    bench = Bench(elfs["aes128_m0"], request_of("aes128_m0").target)
    trace = bench.recorded(row_of(bench)).trace
    stores = np.flatnonzero(trace.accesses.kind == Access.WRITE)

    with pytest.raises(TraceDisagrees, match="it stores") as caught:
        bench.execution(tampered(without_registers(trace), "accesses", "value", int(stores[50]), 0x40))

    assert caught.value.reason == "stored"


def test_an_access_that_no_instruction_makes_is_refused(leaky: Bench) -> None:
    trace = without_registers(leaky.recorded(row_of(leaky)).trace)
    one = trace.accesses
    columns = {name: np.repeat(getattr(one, name), [2] + [1] * (len(one.index) - 1)) for name in COLUMNS}

    with pytest.raises(TraceDisagrees, match="it also accesses"):
        leaky.execution(replace(trace, accesses=Accesses(**columns)))
    with pytest.raises(TraceDisagrees, match="in the trace it does not"):
        leaky.execution(replace(trace, accesses=Accesses(**{name: getattr(one, name)[1:] for name in COLUMNS})))


def test_what_a_trace_does_not_say_is_asked_for(leaky: Bench) -> None:
    trace = leaky.recorded(row_of(leaky)).trace

    with pytest.raises(InvalidTrace, match="neither accesses to memory nor registers say") as caught:
        leaky.execution(without_accesses(without_registers(trace)))
    assert caught.value.reason == "no-value"
    with pytest.raises(InvalidTrace, match="never comes to 0x08000001") as caught:
        leaky.execution(trace, entry=0x08000001)
    assert caught.value.reason == "no-entry"


def test_a_trace_that_ends_before_the_execution_is_not_taken_for_one(leaky: Bench) -> None:
    trace = leaky.recorded(row_of(leaky)).trace
    short = leaky.recorded(row_of(leaky), most=7).trace

    with pytest.raises(InvalidTrace, match=f"it would go on at 0x{trace.pcs[7]:08x}") as caught:
        leaky.execution(short)

    assert caught.value.reason == "unfinished"


def test_what_lies_before_and_behind_the_execution_is_left_out(leaky: Bench) -> None:
    trace = without_registers(leaky.recorded(row_of(leaky)).trace)
    alone = leaky.execution(trace)
    nop = np.array([0xBF00], np.uint32)
    around = replace(
        trace,
        pcs=np.concatenate([[leaky.entry + 0x200], trace.pcs, [leaky.start.stop, 0x08000000]]).astype(np.uint32),
        opcodes=np.concatenate([nop, trace.opcodes, nop, nop]),
        sizes=np.concatenate([[2], trace.sizes, [2, 2]]).astype(np.uint8),
        offsets=np.zeros(len(trace) + 3, np.int64),
        triple=np.zeros(len(trace) + 3, np.uint8),
        accesses=replace(trace.accesses, index=trace.accesses.index + 1),
    )

    found = leaky.execution(around)

    np.testing.assert_array_equal(found.activity, alone.activity)
    np.testing.assert_array_equal(found.pcs, alone.pcs)
    assert (found.stop, found.stop_pc, found.cycles) == (alone.stop, alone.stop_pc, alone.cycles)


def test_the_budget_ends_an_execution_as_it_does_in_the_embedded_core(program: Program) -> None:
    bench = Bench(program("faults.S"), buffer_target("forever", max_cycles=500))
    expected = bench.core.path(ZEROS[0])

    found = bench.execution(bench.recorded(ZEROS[0], most=900).trace)

    assert expected.stop is Stop.BUDGET
    assert (found.stop, found.stop_pc, found.cycles) == (expected.stop, expected.stop_pc, expected.cycles)
    np.testing.assert_array_equal(found.pcs, expected.pcs)


@pytest.mark.parametrize("entry", ["read_unmapped", "supervisor"])
def test_coming_to_an_exceptions_handler_ends_an_execution(program: Program, entry: str) -> None:
    bench = Bench(program("faults.S"), buffer_target(entry))
    expected = bench.core.path(ZEROS[0])
    guilty = bench.core.extent(f"{entry}_guilty", field="")[0]
    handler = 0x08000F00
    trace = bench.recorded(ZEROS[0]).trace
    assert trace.pcs[-1] == guilty
    trapped = replace(
        trace,
        pcs=np.append(trace.pcs, np.uint32(handler)),
        opcodes=np.append(trace.opcodes, np.uint32(0xBF00)),
        sizes=np.append(trace.sizes, np.uint8(2)),
        offsets=np.zeros(len(trace) + 1, np.int64),
        triple=np.zeros(len(trace) + 1, np.uint8),
    )

    replay = Replay(bench.start, bench.code, handlers={handler})
    found = replay.execution(without_registers(trapped), entry=bench.entry, max_cycles=1000)

    assert (found.stop, found.stop_pc, found.cycles) == (Stop.EXCEPTION, guilty, expected.cycles)
    np.testing.assert_array_equal(found.pcs, expected.pcs)
    with pytest.raises((TraceDisagrees, InvalidTrace)) if entry == "read_unmapped" else nullcontext():
        to_execution(without_registers(trapped), bench.start, bench.code, entry=bench.entry, max_cycles=1000)


def test_instructions_that_renode_could_not_decode_are_missed(leaky: Bench) -> None:
    trace = without_registers(leaky.recorded(row_of(leaky)).trace)
    keep = np.arange(len(trace)) != 5
    renumbered = np.cumsum(keep) - 1
    kept = keep[trace.accesses.index]
    columns = {name: getattr(trace.accesses, name)[kept] for name in COLUMNS}
    columns["index"] = renumbered[columns["index"]]
    cut = replace(
        trace,
        **{name: getattr(trace, name)[keep] for name in ("pcs", "opcodes", "sizes", "offsets", "triple")},
        accesses=Accesses(**columns),
        triples=(*trace.triples, "armv7a cortex-m4"),
        cuts=(5,),
    )

    with pytest.raises(InvalidTrace, match="could not decode one") as caught:
        leaky.execution(read_trace(write_trace(cut)))
    assert caught.value.reason == "cut"
    with pytest.raises(TraceDisagrees, match="the trace goes on at"):
        leaky.execution(replace(cut, triples=trace.triples, cuts=()))


def test_a_trace_with_bytes_at_random_is_refused_or_the_same_execution(leaky: Bench) -> None:
    whole = leaky.recorded(row_of(leaky)).trace
    right = leaky.execution(whole)
    file = np.frombuffer(write_trace(whole), np.uint8)
    rng = np.random.default_rng(7)
    ends = set()
    for _ in range(1500):
        data = file.copy()
        where = rng.integers(27, len(data), rng.integers(1, 3))
        data[where] ^= rng.integers(1, 256, len(where)).astype(np.uint8)
        try:
            found = leaky.execution(read_trace(data.tobytes()))
        except (InvalidTrace, TraceDisagrees) as error:
            ends.add(error.reason)
            continue
        np.testing.assert_array_equal(found.pcs, right.pcs)
        np.testing.assert_array_equal(found.activity, right.activity)

    assert {"truncated", "opcode", "way", "register", "address"} <= ends


def test_a_program_counter_that_is_odd_or_elsewhere_is_no_instruction(leaky: Bench) -> None:
    trace = leaky.recorded(row_of(leaky)).trace

    for pc in (int(trace.pcs[3]) | 1, 0x2000_0000, 0xFFFF_FFFE):
        found = tampered(trace, "", "pcs", 3, int(trace.pcs[3]) ^ pc)
        with pytest.raises(TraceDisagrees, match=f"the trace goes on at 0x{pc:08x}"):
            leaky.execution(found)
