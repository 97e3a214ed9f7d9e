"""Random instructions, one after another, traced by both tracers: whatever runs must give the same words."""

import random
import struct
from pathlib import Path
from typing import Any

import capstone
import numpy as np
from capstone import arm

from jobs.target import Core
from renode.elf import parse_firmware
from renode.trace import Stop
from renode.unicorn_core import UnicornCore
from tests.renode.conftest import Program
from tests.renode.reference import Reference
from tests.renode.targets import buffer_target
from tests.renode.test_reference import fields

PROGRAMS = 400
ARGUMENTS = (0x20000108, 0x20000204, 0x00000005, 0x89ABCDEF)
COPIES = (0x4604, 0x460D, 0x4616, 0x461F, 0x4680, 0x4689, 0x4692, 0x469B, 0x4684)  # mov r4, r0 ... mov r12, r0
IT_EQ, IT_NE, COMPARE, RETURN = 0xBF08, 0xBF18, 0x428D, 0x4770
PREFIXES = (0xE8, 0xE9, 0xEA, 0xEB, 0xF0, 0xF1, 0xF2, 0xF3, 0xF8, 0xF8, 0xF8, 0xF9, 0xF9, 0xFA, 0xFB)


def unpredictable(halves: list[int], disassembler: Any) -> bool:
    """Return whether a load or store is one that the architecture leaves open (Armv7-M ARM, A7.7)."""
    found = next(disassembler.disasm(struct.pack(f"<{len(halves)}H", *halves), 0, 1), None)
    if found is None or not found.mnemonic.startswith(("ldr", "str", "ldm", "stm", "pop", "push")):
        return False
    listed = [operand.reg for operand in found.operands if operand.type == arm.ARM_OP_REG]
    bases = [operand.mem.base for operand in found.operands if operand.type == arm.ARM_OP_MEM]
    if found.mnemonic.startswith(("ldm", "stm")):
        bases, listed = listed[:1], listed[1:]
    special = {arm.ARM_REG_SP, arm.ARM_REG_PC} & set(listed)
    double = found.mnemonic.startswith("ldrd") and len(set(listed)) == 1
    return bool(special) or double or (found.writeback and bool(set(bases) & set(listed)))


def random_instruction(rng: random.Random, disassembler: Any) -> list[int]:
    while True:
        halves = [rng.randrange(0xB700)]
        if rng.random() < 0.6:
            halves = [rng.choice(PREFIXES) << 8 | rng.randrange(256), rng.randrange(0x10000)]
        if not unpredictable(halves, disassembler):
            return halves


def random_code(rng: random.Random, disassembler: Any) -> bytes:
    halves = list(COPIES)
    for _ in range(3):
        if rng.random() < 0.2:
            halves += [COMPARE, rng.choice((IT_EQ, IT_NE))]
        halves += random_instruction(rng, disassembler)
    return struct.pack(f"<{len(halves) + 1}H", *halves, RETURN)


def test_random_instructions_have_the_words_of_the_slow_tracer(program: Program, tmp_path: Path) -> None:
    base = program("mix.c", Core.M4, "-O2").read_bytes()
    firmware = parse_firmware(base)
    entry = firmware.symbols["mix"].address
    segment = next(part for part in firmware.segments if part.executable)
    at = base.index(segment.data) + entry - segment.address
    rng = random.Random(11)
    disassembler = capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS)
    disassembler.detail = True
    arguments = [{"value": value} for value in ARGUMENTS]
    row = np.arange(16, dtype=np.uint8)
    elf = tmp_path / "random.elf"
    ran = 0

    for _ in range(PROGRAMS):
        code = random_code(rng, disassembler)
        changed = base[:at] + code + base[at + len(code) :]
        elf.write_bytes(changed)
        fast = UnicornCore(elf, buffer_target("mix", arguments=arguments, max_cycles=400))
        path = fast.path(row)
        if path.stop is not Stop.DONE:
            continue
        memory = {firmware.symbols["buffer"].address: row.tobytes()}
        slow = Reference(parse_firmware(changed), Core.M4).run("mix", memory, sp=0x20001000, arguments=ARGUMENTS)
        assert path.pcs.tolist() == slow.pcs, code.hex()
        assert fields(fast.run(row[np.newaxis], path).activity[0]) == slow.words, code.hex()
        ran += 1

    assert ran > 40
