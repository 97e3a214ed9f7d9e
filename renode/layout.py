"""The records that the native hook reads and writes, and how compiled code looks at them.

numba's cache on disk notices changes of the module that a function is defined in, and of no other. Modules compiled
against this one therefore say which layout they mean (`require`): who changes it is told to change them too.
"""

import hashlib
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numba.np.numpy_support import carray

from renode.native import call3, lowest, pointer_to

HOT = np.dtype(
    [
        ("pc", "u4"),
        ("written", "u4"),  # byte offset of the register written
        ("written_mask", "u4"),  # 0 where none is
        ("written_low", "u4"),  # 0xff where the low byte of the activity word is that register's
        ("bus", "u4"),  # byte offset of the register loaded or stored
        ("bus_mask", "u4"),  # the width of the access, 0 where there is none
        ("bus_low", "u4"),  # 0xff where the low byte is the stored word's
        ("flags", "u1"),
        ("cycles", "u1"),
        ("refill", "u1"),  # more cycles where the next pc is not the following one
        ("size", "u1"),
    ]
)
"""What the hook needs of an instruction that writes at most one register and transfers at most one."""

COLD = np.dtype(
    [
        ("list", "i8"),  # registers transferred in the order of their addresses, four bits each; 15 is the pc
        ("mask", "u4"),  # the width of one transfer
        ("written", "u2"),  # registers written, a bit each
        ("needed", "u2"),  # registers to read after it, a bit each
        ("count", "u1"),  # of registers transferred
        ("low", "u1"),  # register of the low byte, NONE for none
        ("shape", "u1"),
        ("status", "u1"),  # register that an exclusive store clears when it stored
        ("spare", "u1", 12),
    ]
)
"""What is needed of any instruction, as many bytes on in its table as its HOT record in that one."""

STATE = np.dtype(
    [
        # What every hook uses comes first: two cache lines with the shadow.
        ("record", "i8"),  # HOT record of the instruction begun; the null record when nothing is to be emitted
        ("cursor", "i8"),  # into the reference: u4 offsets of HOT records, the null record's at the end
        ("out", "i8"),  # where the next activity word goes
        ("registers", "i8"),  # r0 to r14 as u4: the engine's own, or `copy`
        ("hot", "i8"),
        ("slow", "i8"),  # addresses of our own rarely used functions: called by address, they are not inlined
        ("finish", "i8"),
        ("bus", "u4"),  # the last word on the bus
        ("spare", "u4"),
        ("shadow", "u4", 16),  # registers before the instruction begun
        ("prepare", "i8"),
        ("cold", "i8"),
        ("null", "i8"),  # address of a cursor that no pc matches
        # The engine and how it is called.
        ("engine", "i8"),
        ("context", "i8"),  # registers that every execution starts with
        ("entry", "i8"),
        ("until", "i8"),
        ("arena", "i8"),  # all writable memory, and what it is at the start
        ("image", "i8"),
        ("arena_bytes", "i8"),
        ("emu_start", "i8"),
        ("emu_stop", "i8"),
        ("reg_read", "i8"),
        ("reg_write", "i8"),
        ("context_restore", "i8"),
        ("memcpy", "i8"),
        # Registers.
        ("initial", "u4", 16),
        ("copy", "u4", 16),
        ("stored", "u4", 16),  # words that the instruction begun is going to store
        ("ids", "u4", 16),  # Unicorn's numbers of r0 to r14 and the pc
        ("scratch", "u4"),
        ("zero", "u4"),
        ("outside_it", "u4"),  # the EPSR in Thumb state and outside of any IT block
        ("more_spare", "u4"),
        ("api", "i8"),  # whether registers are read through the public API
        # The reference path.
        ("reference", "i8"),  # the first of what `cursor` walks
        ("elapsed", "i8"),  # i8 cycles before each of its instructions
        # Off the path.
        ("off_path", "i8"),
        ("last", "i8"),  # HOT record of the instruction begun there
        ("begun", "i8"),  # instructions begun in all
        ("agreed", "i8"),
        ("left_to", "i8"),
        ("cycles", "i8"),
        ("budget", "i8"),
        ("pcs", "i8"),  # where to record u4 pcs, or 0
        ("code_start", "i8"),
        ("code_pages", "i8"),
        ("pages", "i8"),  # u4 per page of code: which 2048 of `lookup` are its own, 0 for a page without code
        ("decode", "i8"),  # called with a pc that has no record yet, to give it one
        ("lookup", "i8"),  # u4 per halfword of a page: the number of its record, 0 for not decoded
        # The memory map.
        ("writable", "i8"),  # i8 pairs [start, end)
        ("writables", "i8"),
        # The end.
        ("reason", "i8"),
        ("stop_pc", "i8"),
    ],
    align=True,
)
"""Everything one engine needs, in one piece: the hook's user data."""

NONE = 255
COMPLEX, BEFORE, REFUSED, CONDITIONAL = 1, 2, 4, 8
"""HOT.flags: emit it by its COLD record; call `prepare` before it; it is not of this core; in an IT block."""
STORE, EXCLUSIVE, BRANCH_TABLE, HIDDEN = 1, 2, 4, 8
"""COLD.shape: transfers from registers; only when the status register is 0 afterwards; loads half the distance that it
then jumps; may write the stack pointer without an operand that says so."""
DONE, BUDGET, READ, WRITE, FETCH, UNDEFINED, EXCEPTION, BROKEN = range(8)
"""How an execution ended: renode.trace.Stop; then, the engine or the decoder failed."""
RUNNING = -1

SP, PC = 13, 15
WORD = 0xFFFFFFFF
PAGE_BITS = 12
PAGE_HALFWORDS = 2048

ROW = np.dtype(
    [
        ("agreed", "i4"),
        ("left_to", "u4"),
        ("executed", "i8"),
        ("cycles", "i8"),
        ("stop_pc", "u4"),
        ("r0", "u4"),
        ("stop", "u1"),
        ("error", "u1"),  # Unicorn's, when BROKEN
        ("spare", "u1", 6),
    ]
)
"""How one execution ended."""


HOT_BYTES = HOT.itemsize


def offset_of(field: str) -> int:
    """Return how many bytes into STATE a field begins."""
    offsets = dict(STATE.fields or {})
    return int(offsets[field][1])


def require(digest: str) -> None:
    """Raise ImportError unless `digest` is that of this module and of `native`, as they are now."""
    sources = [Path(__file__), Path(__file__).with_name("native.py")]
    found = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    if digest != found:
        raise ImportError(f"the native layout has changed: require({found!r}) in every module compiled against it")


i64: Any = np.int64
"""For compiled code, in which unsigned and signed numbers must not meet; untyped, as int and np.int64 are one there."""
inlined: Any = numba.njit(inline="never", error_model="numpy")
"""For functions that compiled ones call: LLVM inlines them; they are cached with their callers."""


@inlined
def state_at(address: int) -> Any:
    """View the STATE at an address."""
    return carray(pointer_to(address), (1,), STATE)[0]


@inlined
def hot_at(address: int) -> Any:
    """View the HOT record at an address."""
    return carray(pointer_to(address), (1,), HOT)[0]


@inlined
def cold_at(address: int) -> Any:
    """View the COLD record at an address."""
    return carray(pointer_to(address), (1,), COLD)[0]


@inlined
def cost_of(record: int, following: int) -> int:
    """Return the cycles of an instruction, given the pc that followed it."""
    hot = hot_at(record)
    return i64(hot.cycles) + (i64(hot.refill) if following != hot.pc + hot.size else 0)


@inlined
def refresh(s: Any) -> None:
    """Read through the public interface what the instruction begun may have changed."""
    needed = i64(cold_at(s.cold + s.record - s.hot).needed)
    while needed:
        register = lowest(needed)
        needed &= needed - 1
        call3(s.reg_read, s.engine, s.ids[register], s.registers + 4 * register)
