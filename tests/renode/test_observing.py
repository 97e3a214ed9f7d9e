"""Calls that are observed: every access as the slow tracer sees it, whichever way calls go and however many come at once."""

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from jobs.target import Core, Target
from renode.elf import read_firmware
from renode.firmware.build import build_all
from renode.observing import Calls, EmbeddedObserver
from renode.unicorn_core import UnicornCore
from tests.renode.conftest import ROOT, Program
from tests.renode.reference import Reference
from tests.renode.targets import buffer_target


def accesses(calls: Calls) -> list[tuple[int, int, int, bool]]:
    seen = calls.accesses
    columns = (seen.places, seen.addresses, seen.sizes, seen.stores)
    return [(int(a), int(b), int(c), bool(d)) for a, b, c, d in zip(*columns, strict=True)]


def one_by_one(observed: Iterable[Calls]) -> list[tuple[list[int], list[int], list[tuple[int, int, int, bool]]]]:
    """Return the pcs, words and accesses of each call."""
    found = []
    for calls in observed:
        length = len(calls.path.pcs)
        seen = accesses(calls)
        for call in range(len(calls.activity)):
            own = [(p - call * length, *rest) for p, *rest in seen if call * length <= p < (call + 1) * length]
            found.append((calls.path.pcs.tolist(), calls.activity[call].tolist(), own))
    return found  # type: ignore[return-value]  # the rest of a tuple is one


@pytest.mark.parametrize(("core", "optimisation"), [(Core.M4, "-O2"), (Core.M0, "-Os")])
def test_every_access_is_that_of_the_slow_tracer(program: Program, core: Core, optimisation: str) -> None:
    elf = program("mix.c", core, optimisation)
    firmware = read_firmware(elf)
    reference = Reference(firmware, core)
    observer = EmbeddedObserver(elf, buffer_target("mix", core))
    rows = np.random.default_rng(7).integers(0, 256, (3, 16), dtype=np.uint8)

    observed = one_by_one(observer.observe(rows))

    assert len(observed) == len(rows)
    for row, (pcs, _, seen) in zip(rows, observed, strict=True):
        slow = reference.run("mix", {firmware.symbols["buffer"].address: row.tobytes()}, sp=0x20001000)
        assert pcs == slow.pcs
        assert seen == slow.accesses


def test_calls_at_once_are_those_of_one_after_the_other(program: Program) -> None:
    elf = program("chores.c", Core.M4, "-O2")
    rows = np.random.default_rng(8).integers(0, 256, (24, 16), dtype=np.uint8)
    rows[4:12] = rows[0]  # they take one way together
    observer, other = (EmbeddedObserver(elf, buffer_target("machine")) for _ in range(2))

    together = list(observer.observe(rows))
    alone = [calls for row in rows for calls in other.observe(row[np.newaxis])]

    assert len(together) < len(rows)
    assert one_by_one(together) == one_by_one(alone)


def test_there_is_room_for_any_number_of_accesses() -> None:
    elf = next(path for path in build_all(ROOT / "build" / "firmware") if path.stem == "aes128_m4")
    body = json.loads((ROOT / "renode" / "firmware" / "campaigns" / "aes128_m4.json").read_text(encoding="utf-8"))
    observer = EmbeddedObserver(elf, Target.model_validate(body["target"]))
    rows = np.random.default_rng(9).integers(0, 256, (150, observer.input_bytes), dtype=np.uint8)

    (calls,) = observer.observe(rows)
    (first,) = observer.observe(rows[:1])

    assert len(calls.accesses.places) == 150 * len(first.accesses.places) > 2**18
    np.testing.assert_array_equal(calls.accesses.addresses[: len(first.accesses.places)], first.accesses.addresses)


def test_watching_changes_nothing(program: Program) -> None:
    elf: Path = program("mix.c", Core.M4, "-O2")
    rows = np.random.default_rng(10).integers(0, 256, (8, 16), dtype=np.uint8)
    core = UnicornCore(elf, buffer_target("mix"))

    observed = one_by_one(EmbeddedObserver(elf, buffer_target("mix")).observe(rows))

    for row, (pcs, words, _) in zip(rows, observed, strict=True):
        path = core.path(row)
        assert pcs == path.pcs.tolist()
        assert words == core.run(row[np.newaxis], path).activity[0].tolist()


def test_a_conditional_branch_is_told_from_others(program: Program) -> None:
    elf = program("chores.c", Core.M4, "-O2")
    observer = EmbeddedObserver(elf, buffer_target("machine"))
    core = UnicornCore(elf, buffer_target("machine"))
    (calls, *_) = observer.observe(np.zeros((1, 16), np.uint8))

    mnemonics = {observer.traits(int(pc)).conditional: set[str]() for pc in np.unique(calls.path.pcs)}
    for pc in np.unique(calls.path.pcs):
        mnemonics[observer.traits(int(pc)).conditional].add(core.instruction(int(pc)).mnemonic.split(".")[0])

    assert {"bl", "bx", "b", "pop"}.isdisjoint(mnemonics[True])
    assert mnemonics[True] & {"bne", "beq", "cbz", "blo", "bhs"}
    assert all(name[0] in "bcp" for name in mnemonics[True])
