"""The tables of a 32-bit little-endian ELF, each entry checked against the file before it is believed.

Layouts: System V ABI (gabi), chapters 4 and 5. Everything that is wrong raises InvalidFirmware; nothing is read or
allocated beyond the file's own size.
"""

import struct
from dataclasses import dataclass
from itertools import pairwise
from typing import NoReturn

from jobs.errors import InvalidFirmware

MAX_SEGMENTS = 64
MAX_SECTIONS = 4096
MAX_SYMBOLS = 200_000
MAX_NAME_BYTES = 1024

_HEADER = struct.Struct("<16sHHIIIIIHHHHHH")
_SEGMENT = struct.Struct("<IIIIIIII")
_SECTION = struct.Struct("<IIIIIIIIII")
_SYMBOL = struct.Struct("<IIIBBH")

_CLASS_32, _DATA_LITTLE = 1, 1
_TYPE_EXECUTABLE, _MACHINE_ARM = 2, 40
_LOAD, _SYMTAB, _NOBITS = 1, 2, 8
_COMPRESSED = 0x800
_UNDEFINED_SECTION, _COMMON_SECTION = 0, 0xFFF2


@dataclass(frozen=True, slots=True)
class Segment:
    """A loaded part of the program, at its run-time address."""

    address: int
    load_address: int
    """Where it lies in flash until start-up code copies it."""
    memory_bytes: int
    """The end beyond `data` is zero."""
    data: bytes
    executable: bool
    writable: bool

    @property
    def end(self) -> int:
        """Return the first address after it."""
        return self.address + self.memory_bytes


@dataclass(frozen=True, slots=True)
class Section:
    """A named part of the file."""

    name: str
    kind: int
    offset: int
    size: int
    link: int
    compressed: bool


@dataclass(frozen=True, slots=True)
class RawSymbol:
    """A row of the symbol table, as it is."""

    name: str
    value: int
    size: int
    kind: int
    binding: int


@dataclass(frozen=True, slots=True)
class Tables:
    """What an ELF says of itself."""

    entry: int
    segments: tuple[Segment, ...]
    sections: tuple[Section, ...]
    symbols: tuple[RawSymbol, ...]


def refuse(reason: str, message: str) -> NoReturn:
    """Raise InvalidFirmware."""
    raise InvalidFirmware(message, field="firmware", reason=reason)


def read_tables(file: bytes) -> Tables:
    """Read the program headers, section headers and symbols of an executable for Arm; raise InvalidFirmware."""
    if file[:4] != b"\x7fELF":
        refuse("not-elf", "the file is not an ELF: it does not begin with 7f 45 4c 46")
    if len(file) < _HEADER.size:
        refuse("truncated", "the file ends inside the ELF header")
    (ident, kind, machine, _, entry, phoff, shoff, _, _, phentsize, phnum, shentsize, shnum, shstrndx) = (
        _HEADER.unpack_from(file)
    )
    if ident[4] != _CLASS_32:
        refuse("not-32-bit", "the ELF is not of the 32-bit class")
    if ident[5] != _DATA_LITTLE:
        refuse("not-little-endian", "the ELF is not little-endian")
    if machine != _MACHINE_ARM:
        refuse("not-arm", f"the ELF is for machine {machine}, not for Arm ({_MACHINE_ARM})")
    if kind != _TYPE_EXECUTABLE:
        refuse("not-executable", "the ELF is not an executable: link it to fixed addresses first")
    sections = _sections(file, shoff, shentsize, shnum, shstrndx)
    return Tables(entry, _segments(file, phoff, phentsize, phnum), sections, _symbols(file, sections))


def _segments(file: bytes, offset: int, entry_size: int, count: int) -> tuple[Segment, ...]:
    rows = _Rows(_SEGMENT, MAX_SEGMENTS, "program headers").read(file, offset, entry_size, count)
    loaded = []
    for kind, start, address, load_address, file_bytes, memory_bytes, flags, _ in rows:
        if kind != _LOAD or memory_bytes == 0:
            continue
        if file_bytes > memory_bytes:
            refuse("bad-segment", f"the segment at 0x{address:08x} is larger in the file than in memory")
        if start + file_bytes > len(file):
            refuse("truncated", f"the file ends inside the segment at 0x{address:08x}")
        if max(address, load_address) + memory_bytes > 2**32:
            refuse("bad-segment", f"the segment at 0x{address:08x} does not fit the address space")
        data = file[start : start + file_bytes]
        loaded.append(
            Segment(address, load_address, memory_bytes, data, executable=bool(flags & 1), writable=bool(flags & 2))
        )
    if not loaded:
        refuse("no-segments", "the ELF has nothing to load")
    loaded.sort(key=lambda segment: segment.address)
    for lower, upper in pairwise(loaded):
        if lower.end > upper.address:
            refuse("overlapping-segments", f"two segments overlap at 0x{upper.address:08x}")
    return tuple(loaded)


def _sections(file: bytes, offset: int, entry_size: int, count: int, names_index: int) -> tuple[Section, ...]:
    rows = _Rows(_SECTION, MAX_SECTIONS, "section headers").read(file, offset, entry_size, count)
    for _, kind, _, _, start, size, *_ in rows:
        if kind not in {0, _NOBITS} and start + size > len(file):
            refuse("truncated", "the file ends inside a section")
    if rows and names_index >= len(rows):
        refuse("bad-section", "the section of section names does not exist")
    names = _bytes_of(file, rows[names_index]) if rows else b""
    return tuple(
        Section(_name(names, name), kind, start, size, link, compressed=bool(flags & _COMPRESSED))
        for name, kind, flags, _, start, size, link, *_ in rows
    )


def _bytes_of(file: bytes, row: tuple[int, ...]) -> bytes:
    return b"" if row[1] in {0, _NOBITS} else file[row[4] : row[4] + row[5]]


def _symbols(file: bytes, sections: tuple[Section, ...]) -> tuple[RawSymbol, ...]:
    table = next((section for section in sections if section.kind == _SYMTAB), None)
    if table is None or table.size < 2 * _SYMBOL.size:
        refuse("no-symbols", "the ELF has no symbols: link it without -s, and do not strip it")
    if table.size // _SYMBOL.size > MAX_SYMBOLS:
        refuse("too-large", f"the ELF has more than {MAX_SYMBOLS} symbols")
    if table.link >= len(sections) or sections[table.link].kind in {0, _NOBITS}:
        refuse("bad-section", "the section of symbol names does not exist")
    linked = sections[table.link]
    names = file[linked.offset : linked.offset + linked.size]
    whole = table.size - table.size % _SYMBOL.size
    return tuple(
        RawSymbol(_name(names, name), value, size, info & 15, info >> 4)
        for name, value, size, info, _, index in _SYMBOL.iter_unpack(file[table.offset : table.offset + whole])
        if name and index not in {_UNDEFINED_SECTION, _COMMON_SECTION}
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    """A table of headers: its format, and how long it may be."""

    layout: struct.Struct
    limit: int
    what: str

    def read(self, file: bytes, offset: int, entry_size: int, count: int) -> list[tuple[int, ...]]:
        if count == 0:
            return []
        if count > self.limit:
            refuse("too-large", f"the ELF has more than {self.limit} {self.what}")
        if entry_size < self.layout.size:
            refuse("bad-header", f"the {self.what} are shorter than the format's")
        if offset + count * entry_size > len(file):
            refuse("truncated", f"the file ends inside the {self.what}")
        return [self.layout.unpack_from(file, offset + index * entry_size) for index in range(count)]


def _name(names: bytes, start: int) -> str:
    if start >= len(names):
        return ""
    end = names.find(b"\0", start, start + MAX_NAME_BYTES)
    return names[start : end if end >= 0 else start + MAX_NAME_BYTES].decode("utf-8", "replace")
