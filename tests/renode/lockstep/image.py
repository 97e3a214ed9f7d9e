"""A minimal ELF around code made by hand: flash with the code amid filler, RAM full of filler, and the symbols of a target.

Filler is a stream of SHAKE-128, so a case that names its seed stays what it is; seed 0 is zeros. (System V ABI, chapters
4 and 5, for the layout.)
"""

import hashlib
import struct
from dataclasses import dataclass

from jobs.target import Core, Target

FLASH, CODE = 0x08000000, 0x08002000
"""Where flash begins, and the function in it: literal loads reach 4095 bytes to both sides."""
AFTER_CODE = 0x1400
CONSTANTS = 0x08000800
"""The middle of what a base register that means constants points at."""
RAM = 0x20000000
INPUT, OUTPUT, SLOTS = RAM, RAM + 0x100, RAM + 0x200
SCRATCH, SCRATCH_BYTES = RAM + 0x1000, 0x2000
MIDDLE = SCRATCH + 0x800
"""Immediate offsets reach 255 bytes down, or 1,020 for a double word, and 4,095 up."""
STACK = RAM + 0x8000
RAM_BYTES = 0x8400
"""What is above the stack is there to be popped."""
INPUT_BYTES, OUTPUT_BYTES = 64, 60
PASSED_INPUT, PASSED_OUTPUT = 0x60000000, 0x60000000 + INPUT_BYTES
"""Where they lie when they have no symbols, in memory of the simulator's own."""
STOP = 0x600FF000
"""Where the simulator lets the function return to."""

_HEADER, _SEGMENT, _SECTION, _SYMBOL = "<16sHHIIIIIHHHHHH", "<IIIIIIII", "<IIIIIIIIII", "<IIIBBH"
_OBJECT, _FUNCTION, _GLOBAL = 1, 2, 16


@dataclass(frozen=True, slots=True)
class Image:
    """A function and what lies around it."""

    core: Core
    code: bytes
    flash_seed: int
    ram_seed: int
    passed: bool = False
    """Whether input and output are passed as pointers and have no symbols."""

    def elf(self) -> bytes:
        """Return the file."""
        vectors = struct.pack("<II", STACK, CODE | 1)
        before = vectors + filler(self.flash_seed, CODE - FLASH - len(vectors))
        flash = before + self.code + filler(self.flash_seed + 1 if self.flash_seed else 0, AFTER_CODE)
        return _file(flash, filler(self.ram_seed, RAM_BYTES), len(self.code))

    def target(self, *, max_cycles: int = 20_000) -> Target:
        """Return how it is called."""
        symbols = [{}, {}] if self.passed else [{"symbol": "input"}, {"symbol": "output"}]
        arguments = [{"input": "data"}, {"output": True}, {"value": 0x80000001}] if self.passed else []
        return Target.model_validate(
            {
                "core": self.core,
                "entry": "function",
                "inputs": [{"name": "data", "role": "other", "length": INPUT_BYTES, **symbols[0]}],
                "output": {"length": OUTPUT_BYTES, **symbols[1]},
                "arguments": arguments,
                "max_cycles": max_cycles,
            }
        )


def filler(seed: int, count: int) -> bytes:
    """Return `count` bytes."""
    return hashlib.shake_128(str(seed).encode()).digest(count) if seed else bytes(count)


def _file(flash: bytes, ram: bytes, code_bytes: int) -> bytes:
    symbols = [
        ("function", CODE | 1, code_bytes, _FUNCTION),
        ("input", INPUT, INPUT_BYTES, _OBJECT),
        ("output", OUTPUT, OUTPUT_BYTES, _OBJECT),
        ("slots", SLOTS, SCRATCH - SLOTS, _OBJECT),
        ("scratch", SCRATCH, SCRATCH_BYTES, _OBJECT),
        ("stack_top", STACK, 0, _OBJECT),
    ]
    names, table = b"\0", bytes(16)
    for name, address, size, kind in symbols:
        table += struct.pack(_SYMBOL, len(names), address, size, _GLOBAL | kind, 0, 1)
        names += name.encode() + b"\0"
    section_names = b"\0.text\0.symtab\0.strtab\0.shstrtab\0"
    start = struct.calcsize(_HEADER) + 2 * struct.calcsize(_SEGMENT)
    parts, offsets = [flash, ram, table, names, section_names], []
    for part in parts:
        offsets.append(start)
        start += -(-len(part) // 4) * 4
    segments = struct.pack(_SEGMENT, 1, offsets[0], FLASH, FLASH, len(flash), len(flash), 5, 4)
    segments += struct.pack(_SEGMENT, 1, offsets[1], RAM, RAM, len(ram), len(ram), 6, 4)
    sections = bytes(40)
    sections += struct.pack(_SECTION, 1, 1, 6, FLASH, offsets[0], len(flash), 0, 0, 4, 0)
    sections += struct.pack(_SECTION, 7, 2, 0, 0, offsets[2], len(table), 3, 1, 4, 16)
    sections += struct.pack(_SECTION, 15, 3, 0, 0, offsets[3], len(names), 0, 0, 1, 0)
    sections += struct.pack(_SECTION, 23, 3, 0, 0, offsets[4], len(section_names), 0, 0, 1, 0)
    ident = b"\x7fELF\x01\x01\x01" + bytes(9)
    header = struct.pack(_HEADER, ident, 2, 40, 1, CODE | 1, 52, start, 0x05000000, 52, 32, 2, 40, 5, 4)
    return header + segments + b"".join(part + bytes(-len(part) % 4) for part in parts) + sections
