"""The instructions that executions have reached, decoded once each, as the tables that the native hook reads."""

import ctypes
from typing import Any

import numpy as np
import numpy.typing as npt

from jobs.target import Core
from renode.decode import STRETCH_BYTES, Decoded, Decoder
from renode.elf import Firmware
from renode.layout import COLD, COMPLEX, HOT, PAGE_BITS, PAGE_HALFWORDS
from renode.trace import AT_ONCE, addresses_of

_NULL_PC = 1
"""Odd: no instruction's."""
_UNUSED = 64
"""Records that may be left unused."""


class Code:
    """Record 0 is the null record: it matches no pc, costs nothing, emits nothing."""

    def __init__(self, firmware: Firmware, core: Core) -> None:
        """Prepare the tables for the firmware's code; nothing is decoded yet."""
        self._firmware = firmware
        self._decoder = Decoder(core)
        self._decoded: dict[int, Decoded] = {}
        self._number: dict[int, int] = {}
        # A record per halfword at most, and some that a time limit's exception left unused; memory that is not touched
        # costs nothing, and records never move.
        capacity = firmware.code_bytes // 2 + 2 + _UNUSED
        self._hot = np.zeros(capacity, HOT)
        self._cold = np.zeros(capacity, COLD)
        self._hot[0]["pc"], self._hot[0]["flags"] = _NULL_PC, COMPLEX
        self._count = 1
        self._start = min(start for start, _ in firmware.code) >> PAGE_BITS << PAGE_BITS
        end = max(end for _, end in firmware.code)
        self._pages = np.zeros(((end - self._start) >> PAGE_BITS) + 1, np.uint32)
        numbers = sorted(
            {
                (address - self._start) >> PAGE_BITS
                for start, end in firmware.code
                for address in [*range(start, end, 1 << PAGE_BITS), end - 1]
            }
        )
        self._pages[numbers] = np.arange(1, len(numbers) + 1)
        self._lookup = np.zeros((len(numbers) + 1) * PAGE_HALFWORDS, np.uint32)

        self._called = ctypes.CFUNCTYPE(None, ctypes.c_int64)(self._on_reached)
        self._raised: BaseException | None = None

    def attach(self, state: Any) -> None:
        """Tell an engine's state where the tables are, and whom to call for an instruction that is not in them."""
        state["decode"] = ctypes.cast(self._called, ctypes.c_void_p).value or 0
        state["hot"], state["cold"] = self._hot.ctypes.data, self._cold.ctypes.data
        state["code_start"], state["code_pages"] = self._start, len(self._pages)
        state["pages"], state["lookup"] = self._pages.ctypes.data, self._lookup.ctypes.data

    def reach(self, address: int) -> None:
        """Decode from `address` on, where an execution has come to; nothing where that is not code."""
        if address in self._decoded or not self._firmware.is_code(address):
            return
        for decoded in self._decoder.stretch(self._bytes(address), address):
            if decoded.address in self._decoded:
                break
            self._add(decoded)

    def check(self) -> None:
        """Raise what decoding raised while an execution waited for it; the execution was stopped there."""
        raised, self._raised = self._raised, None
        if raised is not None:
            raise raised

    def _on_reached(self, address: int) -> None:
        # The caller is native and would drop an exception, be it a time limit's that struck just now.
        try:
            self.reach(address)
        except BaseException as error:  # noqa: BLE001 -- kept for `check`
            self._raised = error

    def at(self, address: int) -> Decoded:
        """Return the instruction at `address`, which lies in code.

        Where no execution has been, nothing is kept: the address may lie inside an IT block, or inside data.
        """
        if address in self._decoded:
            return self._decoded[address]
        return next(self._decoder.stretch(self._bytes(address), address))

    def offsets(self, pcs: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
        """Return the byte offset of each pc's HOT record, and a final 0; raise KeyError for a pc outside code."""
        unique = addresses_of(pcs)
        known, addresses = self._number, unique.tolist()
        for pc in addresses:
            if pc in known:
                continue
            if not self._firmware.is_code(pc) or pc & 1:
                raise KeyError(f"0x{pc:08x} is not code of this firmware")
            self.reach(pc)
        numbers = np.array([known[pc] for pc in addresses], np.uint32)
        offsets = np.zeros(len(pcs) + 1, np.uint32)
        numbers *= np.uint32(HOT.itemsize)
        for first in range(0, len(pcs), AT_ONCE):
            piece = pcs[first : first + AT_ONCE]
            offsets[first : first + len(piece)] = numbers[np.searchsorted(unique, piece)]
        return offsets

    def elapsed(self, offsets: npt.NDArray[np.uint32]) -> npt.NDArray[np.int64]:
        """Return [path]: the cycles before each instruction of a path that `offsets` returned."""
        cycles = np.zeros(len(offsets) - 1, np.int64)
        for first in range(0, max(len(cycles) - 1, 0), AT_ONCE):
            numbers = offsets[first : min(first + AT_ONCE + 1, len(cycles))] // HOT.itemsize
            pc, size, cost, refill = (self._hot[name][numbers] for name in ("pc", "size", "cycles", "refill"))
            jumped = pc[1:] != pc[:-1] + size[:-1]
            spent = cycles[first + 1 : first + len(numbers)]
            np.add(cost[:-1], np.where(jumped, refill[:-1], 0), out=spent, dtype=np.int64)
        return np.cumsum(cycles, out=cycles)

    def _bytes(self, address: int) -> bytes:
        """Return the code from `address` on, enough for a stretch."""
        for segment in self._firmware.segments:
            if segment.executable and segment.address <= address < segment.address + len(segment.data):
                offset = address - segment.address
                return segment.data[offset : offset + STRETCH_BYTES + 32]
        raise KeyError(f"0x{address:08x} is not code of this firmware")

    def _add(self, decoded: Decoded) -> None:
        # A time limit's exception may strike anywhere in here: the record is not given twice, and what is not known to
        # be there is added again.
        number = self._count
        self._count = number + 1
        self._hot[number] = decoded.hot()
        self._cold[number] = (*decoded.cold(), 0)
        self._number[decoded.address] = number
        offset = decoded.address - self._start
        page = int(self._pages[offset >> PAGE_BITS])
        self._lookup[page * PAGE_HALFWORDS + ((offset & 0xFFF) >> 1)] = number
        self._decoded[decoded.address] = decoded
