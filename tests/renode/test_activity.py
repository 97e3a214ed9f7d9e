"""Activity words of short sequences, worked out by hand: (register HW, HD, bus HW, HD, low byte) per instruction."""

import numpy as np
import pytest

from jobs.target import Core
from renode.trace import BUS_HD, BUS_HW, LOW_BYTE, REGISTER_HD, REGISTER_HW, Stop
from renode.unicorn_core import UnicornCore
from tests.renode.conftest import Program
from tests.renode.targets import buffer_target

BUFFER = np.frombuffer(bytes.fromhex("807f01ff55aa33cc0000000000000000"), np.uint8)
NOTHING = (0, 0, 0, 0, 0)
BASE = (1, 1, 1, 1, 0x00)  # ldr r1, =0x20000000 with the bus and r1 at 0 before

Words = list[tuple[int, ...]]

EVERYWHERE: dict[str, Words] = {
    "alu": [
        (4, 4, 0, 0, 0x0F),  # 0 -> 0f
        (8, 4, 0, 0, 0xFF),  # 0f -> ff
        NOTHING,  # cmp
        NOTHING,  # bx
    ],
    "loads": [
        BASE,
        (1, 1, 1, 2, 0x80),  # bus 20000000 -> 80
        (9, 10, 9, 10, 0x01),  # ff01 after 80, in r0 and on the bus
        (25, 25, 1, 10, 0x80),  # r2 0 -> ffffff80; the bus has a byte: ff01 -> 80
        (16, 15, 16, 17, 0x55),  # r0 ff01 -> cc33aa55; bus 80 -> cc33aa55
        NOTHING,
    ],
    "stores": [
        BASE,
        (4, 4, 0, 0, 0xA5),
        (0, 0, 4, 5, 0xA5),  # bus 20000000 -> a5
        (28, 32, 0, 0, 0x5A),  # a5 -> ffffff5a
        (0, 0, 12, 16, 0x5A),  # bus a5 -> ff5a
        (0, 0, 28, 16, 0x5A),  # bus ff5a -> ffffff5a
        NOTHING,
    ],
    "stack": [
        (2, 2, 0, 0, 0x03),
        (2, 2, 0, 0, 0x0C),
        (10, 10, 4, 6, 0x0C),  # sp 20001000 -> 20000ff8; bus 0 -> 3 -> c
        (0, 2, 0, 0, 0x00),
        (8, 6, 0, 0, 0xFF),
        (6, 18, 4, 8, 0x0C),  # r4 ff -> 3, r5 0 -> c, sp back; bus c -> 3 -> c
        NOTHING,
    ],
    "lists": [
        BASE,
        (35, 34, 33, 33, 0x55),  # r2 ff017f80, r3 cc33aa55, r1 20000008; the same two words after 20000000
        (2, 2, 33, 34, 0x55),  # r1 20000008 -> 20000010; bus cc33aa55 -> ff017f80 -> cc33aa55
        NOTHING,
    ],
    "stack_pointer": [
        (2, 2, 0, 0, 0x00),
        (10, 10, 0, 0, 0xF8),  # 20001000 -> 20000ff8
        (10, 10, 0, 0, 0xF8),  # the same, in sp
        (2, 10, 0, 0, 0x00),
        (2, 10, 0, 0, 0x00),
        NOTHING,
    ],
    "products": [
        (2, 2, 0, 0, 0x05),
        (3, 3, 0, 0, 0x07),
        (3, 3, 0, 0, 0x23),  # 5 -> 35
        (3, 6, 0, 0, 0x8C),  # 23 -> 8c
        NOTHING,  # b
        NOTHING,
    ],
}
ON_M4: dict[str, Words] = {
    "indexed": [
        BASE,
        (19, 18, 17, 16, 0x80),  # r0 0 -> ff017f80 and r1 -> 20000004; bus 20000000 -> ff017f80
        (4, 2, 1, 16, 0x80),  # r1 20000004 -> 20000007; bus ff017f80 -> 80
        NOTHING,
    ],
    "predicated": [
        (1, 1, 0, 0, 0x01),
        BASE,
        NOTHING,  # cmp
        NOTHING,  # ite eq
        (3, 3, 0, 0, 0x07),
        NOTHING,  # movne, not run
        NOTHING,  # itt ne
        NOTHING,  # ldrne, not run
        NOTHING,  # strne, not run
        NOTHING,
    ],
    "wide": [
        (2, 2, 0, 0, 0x03),
        (32, 32, 0, 0, 0xFF),
        (32, 32, 0, 0, 0x02),  # 3 * ffffffff is 2 in r3 and fffffffd in r2
        NOTHING,
    ],
    "exclusive": [
        BASE,
        (16, 16, 16, 17, 0x55),  # cc33aa55 after 20000000
        (8, 16, 0, 0, 0xFF),  # cc33aa55 -> ff
        (0, 0, 8, 16, 0xFF),  # stored: r2 stays 0; bus cc33aa55 -> ff
        (1, 1, 0, 0, 0x01),  # the monitor is open: nothing is stored, r2 is 1
        NOTHING,
    ],
    "table": [
        (1, 1, 0, 0, 0x01),
        (0, 0, 1, 1, 0x00),  # the table's entry 1, which is 2
        NOTHING,
    ],
}


def words_of(elf_program: Program, core: Core, entry: str) -> Words:
    simulator = UnicornCore(elf_program("steps.S", core), buffer_target(entry, core))
    path = simulator.path(BUFFER)
    batch = simulator.run(BUFFER[np.newaxis], path)
    assert path.stop is Stop.DONE
    shifts = (REGISTER_HW, REGISTER_HD, BUS_HW, BUS_HD)
    return [
        (*(int(word) >> shift & 0xFFF for shift in shifts), int(word) >> LOW_BYTE & 0xFF) for word in batch.activity[0]
    ]


@pytest.mark.parametrize("entry", EVERYWHERE)
@pytest.mark.parametrize("core", list(Core))
def test_words_are_those_worked_out_by_hand(program: Program, core: Core, entry: str) -> None:
    assert words_of(program, core, entry) == EVERYWHERE[entry]


@pytest.mark.parametrize("entry", ON_M4)
def test_words_of_longer_instructions_are_those_worked_out_by_hand(program: Program, entry: str) -> None:
    assert words_of(program, Core.M4, entry) == ON_M4[entry]


def test_a_call_writes_the_link_register_and_a_return_loads_the_pc_over_the_bus(program: Program) -> None:
    elf = program("steps.S")
    simulator = UnicornCore(elf, buffer_target("calls"))

    path = simulator.path(BUFFER)
    words = [int(word) for word in simulator.run(BUFFER[np.newaxis], path).activity[0]]

    pushed = int(words[0]) >> BUS_HW & 0xFFF
    link = simulator.extent("calls", field="x")[0] + 2 + 4 + 1
    assert words[1] & 0xFFF == link.bit_count()
    assert (words[-1] >> BUS_HW & 0xFFF, words[-1] >> BUS_HD & 0xFFF) == (pushed, 0)
