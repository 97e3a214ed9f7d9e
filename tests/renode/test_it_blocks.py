"""IT blocks and what Unicorn makes of them when it looks up a page for the first time."""

from pathlib import Path

import numpy as np
import pytest

from jobs.target import Core
from renode.observing import EmbeddedObserver
from renode.unicorn_core import UnicornCore
from tests.renode.lockstep.emit import code_of
from tests.renode.lockstep.image import MIDDLE, Image
from tests.renode.lockstep.tree import Call, Constant, Function, It, Plain

COMPARE = Plain((0x4280,), "CMP (register) T1")  # cmp r0, r0
LOAD, STORE = Plain((0x6837,), "LDR (immediate) T1"), Plain((0x6037,), "STR (immediate) T1")  # r7, [r6]
ONE_MORE = Plain((0x3501,), "ADD (immediate) T2")  # adds r5, #1
NOP = Plain((0xBF00,), "NOP T1")


@pytest.mark.parametrize("access", [LOAD, STORE], ids=["load", "store"])
@pytest.mark.parametrize("core", [Core.M3, Core.M4])
def test_an_access_in_an_it_block_makes_nothing_behind_it_conditional(
    tmp_path: Path, core: Core, access: Plain
) -> None:
    block = It(0, ((True, access), (False, NOP), (False, NOP)))
    body = (Constant(6, MIDDLE), COMPARE, block, Call(0, (ONE_MORE, ONE_MORE)))
    image = Image(core, code_of(Function(core, body, pops_pc=False)), 1, 2)
    elf = tmp_path / "block.elf"
    elf.write_bytes(image.elf())

    path = UnicornCore(elf, image.target()).path(np.zeros(64, np.uint8))

    assert int.from_bytes(path.output[48:52], "little") == 2
    footprint = UnicornCore(elf, image.target()).footprint(np.zeros(64, np.uint8))
    np.testing.assert_array_equal(footprint.pcs, path.pcs)
    assert footprint.output == path.output
    (calls,) = EmbeddedObserver(elf, image.target()).observe(np.zeros((3, 64), np.uint8))
    words = UnicornCore(elf, image.target()).run(np.zeros((3, 64), np.uint8), path).activity
    np.testing.assert_array_equal(calls.path.pcs, path.pcs)
    np.testing.assert_array_equal(calls.activity, words)
    assert (calls.accesses.addresses == MIDDLE).sum() == 3
