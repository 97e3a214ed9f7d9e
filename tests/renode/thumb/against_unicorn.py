"""Single instructions, decoded and interpreted here and executed by Unicorn: registers, flags, memory and way must agree.

The tracer's knowledge of an instruction, which comes from elsewhere, is compared with the decoder's as well.
"""

import random
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np
from unicorn import UC_ARCH_ARM, UC_MODE_THUMB, UC_PROT_EXEC, UC_PROT_READ, UC_PROT_WRITE, arm_const

from jobs.target import Core
from renode.decode import Decoder
from renode.layout import PC
from renode.thumb import micro as words
from renode.thumb.micro import PLACES, Coded, Op, Place, Refused
from renode.thumb.row import Row
from renode.thumb.table import ROWS
from tests.renode.reference import MODELS, REGISTERS
from tests.renode.thumb.drawing import CODE, CODE_BYTES, RAM, RAM_BYTES, Case, Drawer, content
from tests.renode.thumb.interpreter import Block, Outside, State, Trapped, step

unicorn: Any = import_module("unicorn")  # its classes have no types

TRIES = 300
"""Of encodings and operands for one row, before it is given up."""
LOADS, STORES = (Op.LOAD, Op.LOAD_EXCLUSIVE), (Op.STORE, Op.STORE_EXCLUSIVE)
EXCLUSIVES = (Op.LOAD_EXCLUSIVE, Op.STORE_EXCLUSIVE)
APSR = 0xF80F0000
"""The bits that are flags."""
FLAGS = Place.T0
"""As many places are registers and flags."""
READ_EXECUTE, READ_WRITE = UC_PROT_READ | UC_PROT_EXEC, UC_PROT_READ | UC_PROT_WRITE


@dataclass(frozen=True)
class Seen:
    """What Unicorn made of a case."""

    registers: list[int]
    pc: int
    status: int
    ram: bytes
    complaint: str


@dataclass
class Report:
    """What agreed and what did not."""

    tried: Counter[str] = field(default_factory=Counter)
    """Cases by row."""
    refused: Counter[str] = field(default_factory=Counter)
    """Encodings that the decoder refuses, by why."""
    hopeless: set[str] = field(default_factory=set)
    """Rows that are always refused, or for which no operands are found."""
    wrong: list[str] = field(default_factory=list)
    """What Unicorn or the tracer takes otherwise."""


class Bench:
    """One core in Unicorn, and memory that it shares with the interpreter."""

    def __init__(self, core: Core, rng: random.Random) -> None:
        self.core = core
        self._background = content(RAM_BYTES, rng)
        self._code = content(CODE_BYTES, rng)
        self._ram = bytearray(RAM_BYTES)
        self._decoder = Decoder(core)
        self._uc: Any = unicorn.Uc(UC_ARCH_ARM, UC_MODE_THUMB)
        self._uc.ctl_set_cpu_model(MODELS[core])
        for start, memory, access in ((CODE, self._code, READ_EXECUTE), (RAM, self._ram, READ_WRITE)):
            self._uc.mem_map_ptr(start, len(memory), access, np.frombuffer(memory, np.uint8).ctypes.data)
        self._fresh = self._uc.context_save()

    def interpret(self, case: Case) -> tuple[State | None, int]:
        """Execute `case` here; return the state and the address after it, no state for a trap. Raise Outside."""
        self._put(case)
        ram = Block(RAM, bytearray(self._background), writable=True)
        state = State(blocks=(ram, Block(CODE, self._code, writable=False)))
        state.places[:FLAGS] = case.places
        address = case.address
        for coded, cond in case.steps:
            state.places[FLAGS:] = [0xDEADBEEF] * (PLACES - FLAGS)
            try:
                address = step(state, coded, address, cond=cond)
            except Trapped:
                return None, address
        return state, address

    def execute(self, case: Case) -> Seen:
        """Execute `case` in Unicorn."""
        uc = self._uc
        self._put(case)
        self._ram[:] = self._background
        uc.context_restore(self._fresh)
        uc.reg_write_batch(list(zip(REGISTERS, case.places, strict=False)))
        uc.reg_write(arm_const.UC_ARM_REG_APSR_NZCVQG, State(list(case.places)).status())
        complaint = ""
        try:
            uc.emu_start(case.address | 1, case.address + 2 * len(case.halves), 0, len(case.steps))
        except unicorn.UcError as error:
            complaint = str(error)
        *registers, pc, status = uc.reg_read_batch([*REGISTERS, arm_const.UC_ARM_REG_PC, arm_const.UC_ARM_REG_APSR])
        return Seen(registers, pc, status & APSR, bytes(self._ram), complaint)

    def differences(self, case: Case, state: State | None, address: int) -> list[str]:
        """Return what Unicorn does otherwise than end in `state`, going on at `address`; no state is a trap."""
        seen = self.execute(case)
        if state is None:
            return [] if seen.complaint else ["Unicorn does not trap"]
        found = [
            f"r{number} is 0x{theirs:08x}, not 0x{ours:08x}"
            for number, (theirs, ours) in enumerate(zip(seen.registers, state.places, strict=False))
            if theirs != ours
        ]
        if seen.status != state.status():
            found.append(f"the APSR is 0x{seen.status:08x}, not 0x{state.status():08x}")
        if seen.ram != state.blocks[0].content:
            found.append("memory")
        if seen.pc & ~1 != address:
            found.append(f"goes to 0x{seen.pc:08x}, not 0x{address:08x}: {seen.complaint}")
        return found

    def misunderstandings(self, case: Case) -> list[str]:
        """Return what the tracer knows otherwise of the last instruction."""
        at = case.address - CODE
        stretch = self._decoder.stretch(bytes(self._code[at : at + 2 * len(case.halves)]), case.address)
        known = list(stretch)[len(case.steps) - 1]
        coded, _ = case.steps[-1]
        effects = known.effects
        told = {
            "size": (known.size, coded.size),
            "written": (set(effects.written), {micro.d for micro in coded.micros if _is_register(micro.d)}),
            "transfers": (list(effects.transfers), transfers(coded)),
            "widths": (
                {effects.width} if effects.transfers else set(),
                {micro.width for micro in coded.micros if micro.op in LOADS + STORES},
            ),
            "refused": (known.refused, False),
        }
        return [
            f"the tracer has {name} {theirs}, not {ours}" for name, (theirs, ours) in told.items() if theirs != ours
        ]

    def _put(self, case: Case) -> None:
        at, size = case.address - CODE, 2 * len(case.halves)
        self._code[at : at + size] = struct.pack(f"<{len(case.halves)}H", *case.halves)
        # What follows as well: translated for another case, it would not know that this one stops there.
        self._uc.ctl_remove_cache(case.address, case.address + size + 4)


def compare(core: Core, *, seed: int, count: int, only: Callable[[Row], bool] = lambda _: True) -> Report:
    """Try at least `count` instructions of `core`, the rows of the table in turn; all chance is from `seed`."""
    rng = random.Random(f"{core.value} {seed}")
    bench, drawer, report = Bench(core, rng), Drawer(core, rng), Report()
    rows = [row for row in ROWS if core in row.cores and only(row)]
    while rows and report.tried.total() < count:
        rows = [row for row in rows if tried(row, bench, drawer, report)]
    return report


def tried(row: Row, bench: Bench, drawer: Drawer, report: Report) -> bool:
    """Try one instruction of `row`; return whether there was ever one that could be tried."""
    for _ in range(TRIES):
        try:
            case = drawer.case(row)
            state, goes = bench.interpret(case)
        except Refused as refused:
            report.refused[refused.why] += 1
            continue
        except Outside:
            continue
        if state is not None and not defined(case, state, bench.core, goes):
            continue
        report.tried[case.steps[-1][0].row] += 1
        found = bench.differences(case, state, goes)
        if not any(micro.op is Op.TRAP for micro in case.steps[-1][0].micros):
            found += bench.misunderstandings(case)
        if found:
            report.wrong.append(described(case, bench.core, found))
        return True
    report.hopeless.add(row.name)
    return row.name in report.tried


def defined(case: Case, state: State, core: Core, address: int) -> bool:
    """Return whether what the case does is defined: aligned where it must be, in the code where it goes.

    M3 and M4 in Unicorn take misaligned addresses of several words, too, which a core does not (A3.2.1).
    """
    exclusive = any(micro.op in EXCLUSIVES for micro in case.steps[-1][0].micros)
    if (core is Core.M0 or exclusive) and any(at % width for at, width in state.accesses):
        return False
    return state.target is None or (state.target & 1 == 1 and CODE <= address < CODE + CODE_BYTES)


def transfers(coded: Coded) -> list[int]:
    """Return the registers that are loaded and stored, in order, with 15 for the pc."""
    found: list[int] = []
    for micro in coded.micros:
        if micro.op in STORES:
            found.append(int(micro.m))
        elif micro.op in LOADS:
            found.append(micro.d if micro.d is not None and _is_register(micro.d) else PC)
    return found


def _is_register(place: Place | None) -> bool:
    return place is not None and place < words.REGISTERS


def described(case: Case, core: Core, found: list[str]) -> str:
    """Say what was tried and what differs."""
    halves = " ".join(f"{half:04x}" for half in case.halves)
    places = " ".join(f"{Place(place).name.lower()}={word:x}" for place, word in enumerate(case.places))
    return f"{core.value} {case.steps[-1][0].row}: {halves} at 0x{case.address:08x}: {'; '.join(found)} ({places})"
