"""A slow tracer that knows nothing of the fast one: Python hooks, memory hooks, every register compared each step.

Words on the bus come from Unicorn's memory hooks, distances of registers from comparing all of them; only which
registers an instruction names as written, where the value stays the same, comes from capstone's `regs_access`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import capstone
from capstone import arm
from unicorn import (
    UC_ARCH_ARM,
    UC_HOOK_CODE,
    UC_HOOK_MEM_READ,
    UC_HOOK_MEM_WRITE,
    UC_MEM_WRITE,
    UC_MODE_THUMB,
    UC_PROT_EXEC,
    UC_PROT_READ,
    UC_PROT_WRITE,
    arm_const,
)

from jobs.target import Core
from renode.elf import Firmware

unicorn: Any = import_module("unicorn")  # its classes have no types

MODELS = {
    Core.M0: arm_const.UC_CPU_ARM_CORTEX_M0,
    Core.M3: arm_const.UC_CPU_ARM_CORTEX_M3,
    Core.M4: arm_const.UC_CPU_ARM_CORTEX_M4,
}
REGISTERS = [*(arm_const.UC_ARM_REG_R0 + n for n in range(13)), arm_const.UC_ARM_REG_SP, arm_const.UC_ARM_REG_LR]
NAMED = {arm.ARM_REG_R0 + n: n for n in range(13)} | {arm.ARM_REG_SP: 13, arm.ARM_REG_LR: 14}
STOP = 0x600FF000


@dataclass
class Traced:
    """One execution: pcs and fields of the activity words, one row per instruction."""

    pcs: list[int] = field(default_factory=list)
    words: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    r0: int = 0
    accesses: list[tuple[int, int, int, bool]] = field(default_factory=list)
    """Position of the instruction, address, bytes, whether it is a store."""


def ones(value: int) -> int:
    return (value & 0xFFFFFFFF).bit_count()


class Reference:
    """Runs a function of a firmware, slowly."""

    def __init__(self, firmware: Firmware, core: Core) -> None:
        self._firmware = firmware
        self._core = core
        self._capstone = capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS)
        self._capstone.detail = True
        self._conditional = self._it_blocks()

    def _it_blocks(self) -> set[int]:
        """Disassemble every function from its start and return what lies in IT blocks."""
        conditional = set()
        for function in self._firmware.functions:
            address, end, covered = function.address, function.address + function.size, 0
            while address < end:
                if covered:
                    conditional.add(address)
                    covered -= 1
                half = int.from_bytes(self._code(address, 2), "little")
                if half >> 8 == 0xBF and half & 15:
                    covered = 4 - ((half & -half).bit_length() - 1)
                address += self._size(address)
        return conditional

    def _size(self, address: int) -> int:
        half = int.from_bytes(self._code(address, 2), "little")
        return 4 if half >> 11 in {0b11101, 0b11110, 0b11111} else 2

    def _code(self, address: int, size: int) -> bytes:
        for segment in self._firmware.segments:
            if segment.address <= address < segment.end:
                return segment.data[address - segment.address : address - segment.address + size]
        raise AssertionError(hex(address))

    def _engine(self, inputs: dict[int, bytes], sp: int, arguments: Sequence[int]) -> Any:
        uc: Any = unicorn.Uc(UC_ARCH_ARM, UC_MODE_THUMB)
        uc.ctl_set_cpu_model(MODELS[self._core])
        uc.mem_map(0x08000000, 0x100000, UC_PROT_READ | UC_PROT_EXEC)
        uc.mem_map(0x20000000, 0x10000, UC_PROT_READ | UC_PROT_WRITE)
        uc.mem_map(STOP, 0x1000, UC_PROT_READ | UC_PROT_EXEC)
        for segment in self._firmware.segments:
            uc.mem_write(segment.address, segment.data)
        for address, data in inputs.items():
            uc.mem_write(address, data)
        uc.reg_write(arm_const.UC_ARM_REG_SP, sp)
        uc.reg_write(arm_const.UC_ARM_REG_LR, STOP | 1)
        for register, value in zip(REGISTERS, arguments, strict=False):
            uc.reg_write(register, value)
        return uc

    def run(self, entry: str, inputs: dict[int, bytes], *, sp: int, arguments: Sequence[int] = ()) -> Traced:
        """Run `entry` with memory written beforehand and `arguments` in r0 to r3; return what it did."""
        uc = self._engine(inputs, sp, arguments)
        traced = Traced()
        before = [uc.reg_read(register) for register in REGISTERS]
        bus = 0
        accesses: list[tuple[bool, int]] = []

        def finish() -> None:
            nonlocal before, bus
            if not traced.pcs:
                return
            after = [uc.reg_read(register) for register in REGISTERS]
            traced.words.append(self._word(traced.pcs[-1], before, after, bus, accesses))
            if accesses:
                bus = accesses[-1][1]
            before = after
            accesses.clear()

        def on_code(_uc: Any, address: int, _size: int, _data: Any) -> None:
            finish()
            # No hook is called for an instruction whose condition fails; the core goes through it all the same.
            while traced.pcs and (here := traced.pcs[-1] + self._size(traced.pcs[-1])) != address:
                if here not in self._conditional:
                    break
                traced.pcs.append(here)
                traced.words.append((0, 0, 0, 0, 0))
            traced.pcs.append(address)

        def on_memory(_uc: Any, kind: int, address: int, size: int, value: int, _data: Any) -> None:
            stored = kind == UC_MEM_WRITE
            traced.accesses.append((len(traced.pcs) - 1, address, size, stored))
            word = value if stored else int.from_bytes(uc.mem_read(address, size), "little")
            accesses.append((stored, word & ((1 << 8 * size) - 1)))

        uc.hook_add(UC_HOOK_CODE, on_code)
        uc.hook_add(UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE, on_memory)
        uc.emu_start(self._firmware.symbols[entry].address | 1, STOP)
        finish()
        traced.r0 = uc.reg_read(REGISTERS[0])
        return traced

    def _word(
        self,
        pc: int,
        before: list[int],
        after: list[int],
        bus: int,
        accesses: list[tuple[bool, int]],
    ) -> tuple[int, int, int, int, int]:
        found = next(self._capstone.disasm(self._code(pc, 4), pc, 1))
        named = {NAMED[register] for register in found.regs_access()[1] if register in NAMED}
        changed = {register for register in range(15) if before[register] != after[register]}
        if found.mnemonic.startswith(("stm", "ldm", "push", "pop")):  # capstone forgets some write-backs
            named |= changed
        elif found.mnemonic.startswith(("strt", "strbt", "strht")):  # and takes the register stored for written
            named = changed
        assert changed <= named, f"{found.mnemonic} {found.op_str} changed {changed}, not only {named}"
        weight = sum(ones(after[register]) for register in named)
        distance = sum(ones(before[register] ^ after[register]) for register in named)
        bus_weight = bus_distance = 0
        for _, value in accesses:
            bus_weight += ones(value)
            bus_distance += ones(value ^ bus)
            bus = value
        low = 0
        if accesses and accesses[-1][0]:
            low = accesses[-1][1]
        elif named:
            low = after[self._last(found, named)]
        return weight, distance, bus_weight, bus_distance, low & 0xFF

    def _last(self, found: Any, named: set[int]) -> int:
        """Return the last register loaded, which a base that is written back is not; else the highest one."""
        listed = [NAMED.get(operand.reg, -1) for operand in found.operands if operand.type == arm.ARM_OP_REG]
        if found.mnemonic.startswith("ldrd"):
            return listed[1]
        if found.mnemonic.startswith("ldr"):
            return listed[0] if listed[0] >= 0 else max(named)
        if found.mnemonic.startswith(("ldm", "pop")):
            loaded = [register for register in listed[found.mnemonic.startswith("ldm") :] if register >= 0]
            return loaded[-1] if loaded else max(named)
        return max(named)
