"""A core that writes down what Renode's tracer would: Unicorn with Python's hooks, and the trace as arrays.

It shares nothing with the embedded core but the start of an execution: words on the bus come from memory hooks, values of
registers from reading all of them.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt
from unicorn import (
    UC_ARCH_ARM,
    UC_HOOK_CODE,
    UC_HOOK_MEM_READ,
    UC_HOOK_MEM_WRITE,
    UC_HOOK_TLB_FILL,
    UC_MEM_WRITE,
    UC_MODE_THUMB,
    UC_PROT_ALL,
    UC_TLB_VIRTUAL,
    arm_const,
)

from renode.code import Code
from renode.execution_trace.model import Access, Accesses, ExecutionTrace, Registers, no_accesses, no_registers
from renode.lockstep.start import Start
from renode.thumb.decode import size_of
from tests.renode.reference import MODELS, REGISTERS

unicorn: Any = import_module("unicorn")  # its classes have no types
_PAGE = 4096
_FETCH = 18  # Unicorn's
_OUTSIDE_IT = 1 << 24
NAMES = (*(f"R{number}" for number in range(13)), "SP / R13", "LR / R14")


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was executed."""

    trace: ExecutionTrace
    """With opcodes, accesses and, unless it was told otherwise, all registers after each instruction."""
    output: bytes


class _Recorder:
    def __init__(self, start: Start, code: Code, *, registers: bool) -> None:
        self._start, self._code, self._tells_registers = start, code, registers
        self.pcs: list[int] = []
        self.opcodes: list[tuple[int, int]] = []
        self.accesses: list[tuple[int, int, int, int]] = []
        self.registers: list[tuple[int, ...]] = []
        self.uc: Any = unicorn.Uc(UC_ARCH_ARM, UC_MODE_THUMB)
        self.uc.ctl_set_cpu_model(MODELS[start.core])
        for block in (*start.readable, *start.writable):
            self.uc.mem_map(block.start, -(-len(block.content) // _PAGE) * _PAGE)
            self.uc.mem_write(block.start, block.content.tobytes())
        self.uc.mem_map(start.stop, _PAGE)
        for register, value in zip(REGISTERS, start.registers, strict=True):
            self.uc.reg_write(register, value)
        self.uc.ctl_set_tlb_mode(UC_TLB_VIRTUAL)
        self.uc.hook_add(UC_HOOK_TLB_FILL, self._on_page)
        self.uc.hook_add(UC_HOOK_CODE, self._on_code)
        self.uc.hook_add(UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE, self._on_memory)

    def _opcode(self, address: int) -> tuple[int, int]:
        first, second = np.frombuffer(bytes(self.uc.mem_read(address, 4)), "<u2").tolist()
        return (first, 2) if size_of(first) == 2 else (first << 16 | second, 4)

    def _begin(self, address: int) -> None:
        self.pcs.append(address)
        self.opcodes.append(self._opcode(address))

    def settle(self) -> None:
        """Write down the registers, after each instruction but the last one."""
        if not self._tells_registers:
            return
        values = tuple(self.uc.reg_read(register) for register in REGISTERS)
        while len(self.registers) < len(self.pcs):
            self.registers.append(values)

    def _on_page(self, _uc: Any, address: int, access: int, entry: Any, _data: Any) -> bool:
        # Unicorn leaves the state of an IT block behind that it sets for its calls: see `renode.paging`.
        if access != _FETCH:
            self._leave_it()
        entry.paddr, entry.perms = address, UC_PROT_ALL
        return True

    def _leave_it(self) -> None:
        self.uc.reg_write(arm_const.UC_ARM_REG_EPSR, _OUTSIDE_IT)

    def _on_code(self, _uc: Any, address: int, _size: int, _data: Any) -> None:
        self.settle()
        self._code.reach(address)
        # No hook is called for an instruction whose condition fails; Renode traces it all the same.
        while self.pcs and (here := self.pcs[-1] + self.opcodes[-1][1]) != address:
            self._code.reach(here)
            if not self._code.at(here).conditional:
                break
            self._begin(here)
            self.settle()
        self._begin(address)

    def _on_memory(self, _uc: Any, kind: int, address: int, size: int, value: int, _data: Any) -> None:
        stored = kind == UC_MEM_WRITE
        word = value if stored else int.from_bytes(self.uc.mem_read(address, size), "little")
        access = Access.WRITE if stored else Access.READ
        self._leave_it()
        self.accesses.append((len(self.pcs) - 1, access, address, word & ((1 << 8 * size) - 1)))


def record(
    start: Start,
    code: Code,
    entry: int,
    row: npt.NDArray[np.uint8],
    *,
    registers: bool = True,
    most: int = 1_000_000,
) -> Recorded:
    """Execute once with `row` [input bytes], `most` instructions at most, and return what Renode would write down."""
    recorder = _Recorder(start, code, registers=registers)
    for place in start.inputs:
        recorder.uc.mem_write(place.address, row[place.offset : place.offset + place.length].tobytes())
    with suppress(unicorn.UcError):  # the last instruction written down is the one that failed
        recorder.uc.emu_start(entry | 1, start.stop, count=most)
    recorder.settle()
    output = b""
    if start.output is not None:
        output = bytes(recorder.uc.mem_read(start.output.address, start.output_length))
    elif start.output_length:
        output = int(recorder.uc.reg_read(REGISTERS[0])).to_bytes(4, "little")[: start.output_length]
    return Recorded(_trace(start, recorder), output)


def _trace(start: Start, recorder: _Recorder) -> ExecutionTrace:
    count = len(recorder.pcs)
    index, kind, address, value = (
        (np.array(column) for column in zip(*recorder.accesses, strict=True))
        if recorder.accesses
        else [np.zeros(0)] * 4
    )
    values = np.array(recorder.registers, np.uint64).reshape(-1, len(NAMES))
    return ExecutionTrace(
        pcs=np.array(recorder.pcs, np.uint32),
        opcodes=np.array([opcode for opcode, _ in recorder.opcodes], np.uint32),
        sizes=np.array([size for _, size in recorder.opcodes], np.uint8),
        offsets=np.zeros(count, np.int64),
        accesses=Accesses(
            index.astype(np.int64),
            kind.astype(np.uint8),
            address.astype(np.uint64),
            value.astype(np.uint64),
            address.astype(np.uint64),
        ),
        registers=Registers(
            index=np.repeat(np.arange(len(values)), len(NAMES)),
            before=np.zeros(values.size, np.bool_),
            name=np.tile(np.arange(len(NAMES), dtype=np.uint8), len(values)),
            width=np.full(values.size, 4, np.uint8),
            value=values.ravel(),
            names=NAMES if len(values) else (),
        ),
        triple=np.zeros(count, np.uint8),
        triples=(f"thumb {start.core.value}",),
    )


def without_registers(trace: ExecutionTrace) -> ExecutionTrace:
    """Return what Renode writes without `TrackRegisters`."""
    return replace(trace, registers=no_registers())


def without_accesses(trace: ExecutionTrace) -> ExecutionTrace:
    """Return what Renode writes without `TrackMemoryAccesses`."""
    return replace(trace, accesses=no_accesses())


def without_opcodes(trace: ExecutionTrace) -> ExecutionTrace:
    """Return what Renode writes in the format PC."""
    nothing = np.zeros(len(trace), np.uint32)
    return replace(trace, opcodes=nothing, sizes=nothing.astype(np.uint8), triples=())
