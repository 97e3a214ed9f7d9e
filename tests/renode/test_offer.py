"""What is proposed for a firmware that the default memory does not hold."""

from dataclasses import replace
from pathlib import Path

import pytest

from jobs.errors import InvalidFirmware
from jobs.target import Core, Target
from renode.elf import read_firmware
from renode.offer import offer_of
from renode.target import bind
from tests.renode.conftest import Program


def moved(program: Program, flash: int, ram: int, tmp_path: Path) -> Path:
    script = tmp_path / "moved.ld"
    text = (Path(__file__).parent / "programs" / "link.ld").read_text(encoding="utf-8")
    script.write_text(text.replace("0x08000000", hex(flash)).replace("0x20000000", hex(ram)), encoding="utf-8")
    return program("calls.c", Core.M4, f"-Wl,-T,{script}")


def test_an_elf_within_the_default_memory_needs_no_other(program: Program) -> None:
    assert offer_of(read_firmware(program("calls.c"))).memory == ()


def test_memory_is_proposed_that_the_simulator_takes(program: Program, tmp_path: Path) -> None:
    firmware = read_firmware(moved(program, 0x10000000, 0x30000000, tmp_path))

    memory = offer_of(firmware).memory

    target = Target.model_validate(
        {
            "core": "cortex-m4",
            "entry": "invert",
            "inputs": [{"name": "a", "role": "plaintext", "length": 4}],
            "arguments": [{"input": "a"}],
            "memory": [region.model_dump() for region in memory],
        }
    )
    assert {region.access for region in memory} == {"rx", "rw"}
    assert bind(firmware, target).entry == firmware.symbols["invert"].address


def test_an_elf_that_no_core_runs_is_refused(program: Program) -> None:
    firmware = read_firmware(program("calls.c"))
    other = replace(firmware, attributes=replace(firmware.attributes, architecture=14, profile=ord("A")))

    with pytest.raises(InvalidFirmware) as refused:
        offer_of(other)

    assert refused.value.reason == "wrong-core"
