"""What the stand-in executes with: Unicorn, seen through Python callbacks, block by block, as Renode's tracer sees its own."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import unicorn
from unicorn import arm_const

from renode.elf import read_firmware
from renode.execution_trace.model import Access, Accesses, ExecutionTrace, no_registers
from renode.execution_trace.writer import write_trace

ENGINE: Any = unicorn  # has no types
REGISTERS = [getattr(arm_const, f"UC_ARM_REG_R{number}") for number in range(13)]
REGISTERS += [arm_const.UC_ARM_REG_SP, arm_const.UC_ARM_REG_LR, arm_const.UC_ARM_REG_PC]
MODELS = {
    "cortex-m0": arm_const.UC_CPU_ARM_CORTEX_M0,
    "cortex-m0+": arm_const.UC_CPU_ARM_CORTEX_M0,
    "cortex-m3": arm_const.UC_CPU_ARM_CORTEX_M3,
    "cortex-m4": arm_const.UC_CPU_ARM_CORTEX_M4,
}
PERIPHERALS = (0x40000000, 0x60000000)
USART1_STATUS = 0x40011000
"""Of an STM32F4: everything is sent, as Renode's model says at all times."""


@dataclass(slots=True)
class Tracer:
    """What is written down while it runs."""

    file: Path
    memory: bool = False
    pcs: list[int] = field(default_factory=list)
    accesses: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Index, kind, address, value."""
    at: int = 0


class Machine:
    """A core and its memory."""

    def __init__(self, cpu: str, memory: list[tuple[int, int]], *, peripherals: bool) -> None:
        self.cpu = cpu
        self.uc = ENGINE.Uc(ENGINE.UC_ARCH_ARM, ENGINE.UC_MODE_THUMB | ENGINE.UC_MODE_MCLASS)
        self.uc.ctl_set_cpu_model(MODELS[cpu])
        self.memory = memory
        self.peripherals = peripherals
        for start, size in memory:
            self.uc.mem_map(start, size)
        if peripherals:
            self.uc.mem_map(PERIPHERALS[0], PERIPHERALS[1] - PERIPHERALS[0])
        self.tracer: Tracer | None = None
        self.left = 0
        self.uc.hook_add(ENGINE.UC_HOOK_BLOCK, self._block)
        self.uc.hook_add(ENGINE.UC_HOOK_CODE, self._code)
        self.uc.hook_add(ENGINE.UC_HOOK_MEM_READ, self._access)
        self.uc.hook_add(ENGINE.UC_HOOK_MEM_WRITE, self._access)
        self.uc.hook_add(ENGINE.UC_HOOK_MEM_READ_UNMAPPED, self._nothing)
        self.uc.hook_add(ENGINE.UC_HOOK_MEM_WRITE_UNMAPPED, self._nothing)

    def load_elf(self, elf: Path) -> None:
        for segment in read_firmware(elf).segments:
            self.uc.mem_write(segment.load_address, bytes(segment.data))

    def reset(self) -> None:
        for register in REGISTERS:
            self.uc.reg_write(register, 0)
        if self.peripherals:
            self.uc.mem_write(PERIPHERALS[0], bytes(0x30000))
            self.uc.mem_write(USART1_STATUS, b"\xc0")

    def run(self, instructions: int) -> None:
        """Run for so many instructions, or until the core sleeps."""
        self.left = instructions
        try:
            self.uc.emu_start(self.uc.reg_read(arm_const.UC_ARM_REG_PC) | 1, 0xFFFFFFFE)
        except ENGINE.UcError:  # locked up, as a core that has no handler of faults
            if self.tracer is not None:
                del self.tracer.pcs[self.tracer.at + 1 :]

    def trace(self, file: Path) -> None:
        self.tracer = Tracer(file)
        self.uc.ctl_remove_cache(0, 0xFFFFFFFF)

    def written(self) -> None:
        """Write what was traced, as Renode does when tracing is disabled."""
        tracer, self.tracer = self.tracer, None
        assert tracer is not None
        pcs = np.array(tracer.pcs, np.uint32)
        codes = [self._opcode(pc) for pc in tracer.pcs]
        found = [access for access in tracer.accesses if access[0] < len(pcs)]
        columns = np.array(found, np.uint64).reshape(-1, 4)
        trace = ExecutionTrace(
            pcs=pcs,
            opcodes=np.array([opcode for opcode, _ in codes], np.uint32),
            sizes=np.array([size for _, size in codes], np.uint8),
            offsets=np.zeros(len(pcs), np.int64),
            accesses=Accesses(
                index=columns[:, 0].astype(np.int64),
                kind=columns[:, 1].astype(np.uint8),
                address=columns[:, 2],
                value=columns[:, 3],
                physical=columns[:, 2],
            ),
            registers=no_registers(),
            triple=np.zeros(len(pcs), np.uint8),
            triples=(f"thumb {self.cpu}",),
        )
        tracer.file.write_bytes(write_trace(trace))

    def _opcode(self, pc: int) -> tuple[int, int]:
        first = int.from_bytes(self.uc.mem_read(pc, 2), "little")
        if first >> 11 < 0b11101:
            return first, 2
        return first << 16 | int.from_bytes(self.uc.mem_read(pc + 2, 2), "little"), 4

    def _block(self, uc: Any, address: int, size: int, _data: object) -> None:
        pcs, end = [], address + size
        while address < end:
            pcs.append(address)
            address += self._opcode(address)[1]
        self.left -= len(pcs)
        if self.left < 0:
            uc.emu_stop()
        elif self.tracer is not None:
            self.tracer.at = len(self.tracer.pcs)
            self.tracer.pcs += pcs

    def _code(self, _uc: Any, address: int, _size: int, _data: object) -> None:
        tracer = self.tracer
        if tracer is not None:
            while tracer.at < len(tracer.pcs) - 1 and tracer.pcs[tracer.at] != address:
                tracer.at += 1  # what lies between was not executed: its condition failed

    def _access(self, uc: Any, kind: int, address: int, size: int, value: int, _data: object) -> None:
        tracer = self.tracer
        if tracer is None or not tracer.memory:
            return
        is_write = kind == ENGINE.UC_MEM_WRITE
        if not is_write:
            value = int.from_bytes(uc.mem_read(address, size), "little")
        io = PERIPHERALS[0] <= address < PERIPHERALS[1]
        named = (Access.IO_WRITE if io else Access.WRITE) if is_write else (Access.IO_READ if io else Access.READ)
        tracer.accesses.append((tracer.at, int(named), address, value & (1 << 8 * size) - 1))

    def _nothing(self, uc: Any, _kind: int, address: int, _size: int, _value: int, _data: object) -> bool:
        """Let it read zero and go on, as Renode does."""
        uc.mem_map(address & ~0xFFF, 0x1000)
        return True
