"""Traces of random programs, and the native meaning of every operation."""

import ctypes
import random
from pathlib import Path

import numpy as np
import pytest

from jobs.target import Core
from renode.execution_trace.pure import FIRST_CONDITION, pure_address
from renode.execution_trace.reader import read_trace
from renode.execution_trace.writer import write_trace
from renode.lockstep.program import PURE_OPS
from renode.thumb import numbers
from renode.thumb.micro import ALWAYS, Op
from renode.trace import Stop
from tests.renode.execution_trace.recording import without_registers
from tests.renode.execution_trace.test_execution import Bench
from tests.renode.lockstep.emit import code_of
from tests.renode.lockstep.fuzzing import rows_of_core
from tests.renode.lockstep.generate import Generator
from tests.renode.lockstep.image import Image
from tests.renode.lockstep.shapes import SHAPES

EDGES = (0, 1, 2, 31, 32, 33, 255, 256, 0x7FFF, 0x8000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
PROGRAMS = 12
"""Of each core."""


@pytest.mark.parametrize("core", list(Core))
def test_traces_of_random_programs_have_the_embedded_cores_words(tmp_path: Path, core: Core) -> None:
    rng = random.Random(f"traces of {core.value}")
    generator = np.random.default_rng(7)
    compared = 0
    for number in range(PROGRAMS):
        shape = rng.choice(list(SHAPES.values()))
        function = Generator(rows_of_core(core), rng, shape).function()
        image = Image(core, code_of(function), rng.randrange(3), rng.randrange(3), function.passed)
        elf = tmp_path / f"{number}.elf"
        elf.write_bytes(image.elf())
        bench = Bench(elf, image.target(max_cycles=20_000))
        row = generator.integers(0, 256, bench.core.input_bytes, dtype=np.uint8)
        path = bench.core.path(row)
        if path.stop is not Stop.DONE:
            continue
        expected = bench.core.run(row[np.newaxis], path)
        whole = bench.recorded(row).trace

        for trace in (whole, without_registers(whole)):
            found = bench.execution(read_trace(write_trace(trace)))

            np.testing.assert_array_equal(found.pcs, path.pcs)
            np.testing.assert_array_equal(found.activity, expected.activity[0])
            assert (found.cycles, found.stop) == (path.cycles, Stop.DONE)
        compared += 1

    assert compared > PROGRAMS // 2


def _operands(op: Op, rng: random.Random) -> tuple[int, int, int]:
    n, m, a = (rng.choice((rng.choice(EDGES), rng.getrandbits(32))) for _ in range(3))
    if op.value.startswith(("ssat", "usat")):
        m = rng.randrange(1, 16 if op.value.endswith("16") else 32)
    if op in {Op.ADC, Op.ADC_CARRY, Op.ADC_OVERFLOW, Op.STATUS} or op.value.endswith("_carry"):
        a &= 1
    if op in {Op.RRX, Op.STATUS}:
        m &= 1
    return n, m, a & 15 if op is Op.SEL else a


def test_the_native_function_computes_what_every_operation_means() -> None:
    native = ctypes.CFUNCTYPE(ctypes.c_int64, *[ctypes.c_int64] * 5)(pure_address())
    rng = random.Random(7)
    for number, op in enumerate(PURE_OPS):
        for _ in range(0 if op is Op.CONDITION else 60):
            n, m, a = _operands(op, rng)
            assert native(number, n, m, a, 0) == numbers.compute(op, n, m, a), (op, hex(n), hex(m), hex(a))
    for cond in range(ALWAYS + 1):
        for _ in range(30):
            n, m, a = rng.choice(EDGES), rng.getrandbits(1), rng.getrandbits(1)
            assert native(FIRST_CONDITION + cond, n, m, a, 0) == numbers.compute(Op.CONDITION, n, m, a, cond=cond)
