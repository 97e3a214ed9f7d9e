"""The programs that are generated: each way of going ends where it should, on every core."""

import random
from pathlib import Path

import numpy as np
import pytest

from jobs.target import Core
from renode.trace import Stop
from renode.unicorn_core import UnicornCore
from tests.renode.lockstep.emit import code_of
from tests.renode.lockstep.image import INPUT_BYTES, OUTPUT_BYTES, Image
from tests.renode.lockstep.shrink import shrink
from tests.renode.lockstep.tree import Body, Call, Constant, Function, If, It, Loop, Node, Pick, Plain, Switch

ADD = Plain((0x1889,), "ADD (register) T1")
BODY: Body = (ADD, Constant(3, 0x12345678))


def ways(core: Core) -> Body:
    """Return one node of each kind that the core has."""
    kinds = ("add", "mov", "bx") if core is Core.M0 else ("tbb", "tbh", "add", "mov", "bx", "ldr")
    switches = [Switch(k % 8, k, varies, kind, (BODY,) * 4) for k, kind in enumerate(kinds) for varies in (False, True)]
    common: list[Node] = [If(cond, BODY, (ADD,), far=bool(cond & 1)) for cond in range(14)]
    common += [
        Loop(0, 3, BODY),
        Loop(1, 0, (Loop(2, 2, BODY),), 4, 2),
        Call(0x0F, BODY),
        Call(0xFF, (Call(0, BODY),), through=True),
    ]
    common += [Pick(5, 3, 8, 2), *switches]
    if core is not Core.M0:
        common += [
            If(1, BODY, (ADD,), zero=2),
            If(0, BODY, (ADD,), zero=7),
            If(2, BODY, (ADD,), block=True),
            If(11, BODY, (ADD,), far=True, block=True),
            It(3, ((True, ADD), (False, ADD), (True, ADD))),
        ]
    return tuple(common)


@pytest.mark.parametrize("pops_pc", [False, True])
@pytest.mark.parametrize("core", list(Core))
def test_every_way_comes_back(tmp_path: Path, core: Core, pops_pc: bool) -> None:
    rng = random.Random(5)
    body = list(ways(core))
    rng.shuffle(body)
    elf = tmp_path / "ways.elf"
    rows = np.random.default_rng(7).integers(0, 256, (64, INPUT_BYTES), dtype=np.uint8)

    for nodes in (*((node,) for node in body), tuple(body)):
        passed = len(nodes) == 1
        image = Image(core, code_of(Function(core, nodes, pops_pc, passed)), 1, 2, passed)
        elf.write_bytes(image.elf())
        simulator = UnicornCore(elf, image.target())
        path = simulator.path(rows[0])
        batch = simulator.run(rows, path)

        assert (path.stop, len(path.output)) == (Stop.DONE, OUTPUT_BYTES), nodes
        assert not batch.stop.any(), nodes


def test_a_program_shrinks_to_the_nodes_that_matter() -> None:
    body = (ADD, *BODY, Loop(0, 3, (ADD, Call(0, (Pick(1, 2), ADD)))), ADD)
    function = Function(Core.M4, body, pops_pc=False)

    smallest = shrink(function, lambda one: "Pick" in repr(one.body))

    assert smallest.body == (Pick(1, 2),)
