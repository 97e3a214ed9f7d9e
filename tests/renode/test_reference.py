"""The native tracer against the slow one, on whole programs as compilers make them."""

import numpy as np
import pytest

from jobs.target import Core
from renode.elf import read_firmware
from renode.trace import BUS_HD, BUS_HW, LOW_BYTE, REGISTER_HD, REGISTER_HW
from renode.unicorn_core import UnicornCore
from tests.renode.conftest import Program
from tests.renode.reference import Reference
from tests.renode.targets import buffer_target

BUILDS = [(Core.M4, flag) for flag in ("-O0", "-O1", "-O2", "-O3")] + [
    (Core.M3, "-O2"),
    (Core.M0, "-O0"),
    (Core.M0, "-Os"),
]


def fields(words: np.ndarray) -> list[tuple[int, ...]]:
    shifts = (REGISTER_HW, REGISTER_HD, BUS_HW, BUS_HD)
    return [(*(int(word) >> shift & 0xFFF for shift in shifts), int(word) >> LOW_BYTE & 0xFF) for word in words]


@pytest.mark.parametrize(("core", "optimisation"), BUILDS)
def test_every_activity_word_is_that_of_the_slow_tracer(program: Program, core: Core, optimisation: str) -> None:
    elf = program("mix.c", core, optimisation)
    firmware = read_firmware(elf)
    reference = Reference(firmware, core)
    fast = UnicornCore(elf, buffer_target("mix", core, output={"length": 4}))
    rows = np.random.default_rng(7).integers(0, 256, (4, 16), dtype=np.uint8)

    for row in rows:
        slow = reference.run("mix", {firmware.symbols["buffer"].address: row.tobytes()}, sp=0x20001000)
        path = fast.path(row)
        batch = fast.run(row[np.newaxis], path)

        assert path.pcs.tolist() == slow.pcs
        assert int.from_bytes(path.output, "little") == slow.r0
        assert fields(batch.activity[0]) == slow.words


@pytest.mark.parametrize(("core", "optimisation"), [(Core.M4, "-O2"), (Core.M0, "-Os")])
def test_registers_read_through_the_public_api_give_the_same_words(
    program: Program, core: Core, optimisation: str
) -> None:
    elf = program("mix.c", core, optimisation)
    rows = np.random.default_rng(8).integers(0, 256, (20, 16), dtype=np.uint8)
    direct = UnicornCore(elf, buffer_target("mix", core))
    public = UnicornCore(elf, buffer_target("mix", core), registers="api")

    path = direct.path(rows[0])
    one, other = direct.run(rows, path), public.run(rows, path)

    assert (direct.engine["registers"], public.engine["registers"]) == ("direct", "api")
    np.testing.assert_array_equal(one.activity, other.activity)
    np.testing.assert_array_equal(one.agreed, other.agreed)
    np.testing.assert_array_equal(one.cycles, other.cycles)
