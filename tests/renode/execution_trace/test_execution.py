"""From traces to activity: the same words, to the bit, as the embedded core has for the same executions."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from jobs.payloads import CampaignRequest
from jobs.target import Core, Target
from renode.code import Code
from renode.elf import read_firmware
from renode.execution_trace.execution import Execution, Replay, to_batch, to_execution
from renode.execution_trace.model import ExecutionTrace
from renode.execution_trace.reader import read_trace
from renode.execution_trace.writer import write_trace
from renode.firmware.build import build_all
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


def assert_same(bench: Bench, rows: Rows, reference: Rows) -> None:
    """Compare everything that both engines say of executions."""
    path = bench.core.path(reference)
    expected = bench.core.run(rows, path)
    recorded = [bench.recorded(row) for row in rows]
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

    assert_same(bench, input_rows(request, 0, 3), reference_row(request))
