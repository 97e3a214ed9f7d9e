"""A core with its memory and its tracing hook, as one engine: what `loop.execute` runs on."""

import ctypes
import mmap
import weakref
from typing import Any

import numpy as np
import numpy.typing as npt
from unicorn import arm_const

from jobs.errors import SimulatorLost
from jobs.target import Core
from renode import hooks, layout, paging
from renode.elf import Firmware
from renode.target import PAGE, Binding, Region
from renode.unicorn_api import READ_EXECUTE, READ_WRITE, REGISTER_IDS, Engine, address_of, error_text

Bytes = npt.NDArray[np.uint8]
_STACK_POINTER, _LINK = int(arm_const.UC_ARM_REG_SP), int(arm_const.UC_ARM_REG_LR)
_THUMB = 1 << 24
"""The EPSR's T (B1.4.2)."""
_STATUS = int(arm_const.UC_ARM_REG_APSR)


class Machine:
    """One engine, loaded. Executions start from `image` and the registers that `aim` sets."""

    def __init__(
        self,
        firmware: Firmware,
        binding: Binding,
        core: Core,
        *,
        hook: str | None,
        direct: bool,
        translate: bool = True,
    ) -> None:
        """Map and load memory, find the registers, add the hook: `direct`, `api`, `empty` or None.

        `direct` asks for the engine's own registers; `self.direct` says whether they are read there.
        """
        self._binding = binding
        self.engine = Engine(core)
        self._closing = weakref.finalize(self, self.engine.close)
        self._bases, self.arena, self.constants = _load(self.engine, firmware, binding)
        self.image: Bytes = self.arena.copy()
        self._state_memory = np.zeros(layout.STATE.itemsize + 64, np.uint8)
        skipped = -self._state_memory.ctypes.data % 64
        self.state: Any = self._state_memory[skipped : skipped + layout.STATE.itemsize].view(layout.STATE)[0]
        self.address = self._state_memory.ctypes.data + skipped
        self._registers = self.engine.find_registers() if direct else None
        self._fill()
        if translate:
            self.engine.hook_translation(paging.address(), self.address)
        if hook is not None:
            name = hook if hook == "empty" else "direct" if self.direct else "api"
            self.engine.hook_code(hooks.addresses()[name], self.address)

    @property
    def direct(self) -> bool:
        """Return whether registers are read where the engine keeps them."""
        return self._registers is not None

    def verify_registers(self) -> None:
        """Check, now that the engine has run, that the registers still lie where they were found."""
        if self._registers is not None and not self.engine.registers_agree(self._registers):
            raise SimulatorLost("Unicorn's registers have moved")

    def host(self, address: int) -> int:
        """Return where in this process the writable address of the machine is."""
        for region, base in self._bases:
            if region.start <= address < region.end:
                return base + address - region.start
        raise SimulatorLost(f"0x{address:08x} is not writable memory")

    def aim(self, entry: int, arguments: tuple[int, ...]) -> None:
        """Let executions begin at `entry` with `arguments` in r0 to r3, returning to the page of our own."""
        for number, identifier in enumerate(REGISTER_IDS[:13]):
            self.engine.write(identifier, arguments[number] if number < len(arguments) else 0)
        self.engine.write(_STACK_POINTER, self._binding.stack)
        self.engine.write(_LINK, self._binding.stop | 1)
        self.state["initial"][:15] = [self.engine.read(identifier) for identifier in REGISTER_IDS[:15]]
        self.status = self.engine.read(_STATUS)
        """Flags that every execution starts with."""
        self.state["context"] = self.engine.context()
        self.state["entry"] = entry

    def keep(self) -> None:
        """Let executions begin with memory as it is now."""
        self.image[:] = self.arena

    def follow(self, reference: npt.NDArray[np.uint32], elapsed: npt.NDArray[np.int64]) -> None:
        """Let executions follow a reference: HOT offsets with a final 0, and the cycles before each instruction."""
        self._following = (reference, elapsed)  # kept alive
        self.state["reference"] = reference.ctypes.data
        self.state["elapsed"] = elapsed.ctypes.data

    def follow_nothing(self) -> None:
        """Let executions count, and record their pcs where `pcs` is set."""
        self.state["reference"] = self.state["null"]

    def broken(self, error: int) -> SimulatorLost:
        """Return what to raise when the engine itself failed."""
        return SimulatorLost(f"Unicorn failed: {error_text(error)}")

    def _fill(self) -> None:
        state, engine = self.state, self.engine
        native = hooks.addresses()
        state["slow"], state["finish"], state["prepare"] = native["slow"], native["finish"], native["prepare"]
        state["engine"] = engine.handle
        state["until"] = self._binding.stop
        state["arena"], state["image"] = self.arena.ctypes.data, self.image.ctypes.data
        state["arena_bytes"] = self.arena.nbytes
        state["emu_start"], state["emu_stop"] = address_of("uc_emu_start"), address_of("uc_emu_stop")
        state["reg_read"], state["reg_write"] = address_of("uc_reg_read"), address_of("uc_reg_write")
        state["context_restore"] = address_of("uc_context_restore")
        state["outside_it"] = _THUMB
        state["memcpy"] = ctypes.cast(ctypes.CDLL(None).memcpy, ctypes.c_void_p).value or 0
        state["ids"][:] = REGISTER_IDS
        self._writable = np.array([(region.start, region.end) for region in self._binding.writable], np.int64)
        state["writable"], state["writables"] = self._writable.ctypes.data, len(self._writable)
        state["null"] = self.address + layout.offset_of("zero")
        state["registers"] = self._registers or self.address + layout.offset_of("copy")
        state["api"] = self._registers is None


def _load(
    engine: Engine, firmware: Firmware, binding: Binding
) -> tuple[list[tuple[Region, int]], Bytes, list[tuple[Region, Bytes]]]:
    """Map all memory; return where writable regions begin in this process, all of them as one array, and the others.

    Initialised data is put at its run-time address, as no start-up code runs; it is also where start-up code would
    copy it from. The rest is zero.
    """
    writable = binding.writable
    arena = _pages(sum(region.size for region in writable))
    bases, memory, constants, used = [], [], [], 0
    for region in writable:
        part = arena[used : used + region.size]
        used += region.size
        engine.map(region.start, part, READ_WRITE)
        bases.append((region, part.ctypes.data))
        memory.append((region, part))
    for region in binding.regions:
        if not region.writable:
            part = _pages(region.size)
            engine.map(region.start, part, READ_EXECUTE)
            memory.append((region, part))
            constants.append((region, part))
    engine.map(binding.stop, _pages(PAGE), READ_EXECUTE)
    for at_run_time in (False, True):
        for segment in firmware.segments:
            start = segment.address if at_run_time else segment.load_address
            for region, part in memory:
                if region.holds(start, len(segment.data)):
                    offset = start - region.start
                    part[offset : offset + len(segment.data)] = np.frombuffer(segment.data, np.uint8)
    return bases, arena, constants


def _pages(size: int) -> Bytes:
    """Return zeroed memory of this process alone, that begins with a page."""
    return np.frombuffer(mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS), np.uint8)
