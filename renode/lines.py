"""Source lines: the line number programs of `.debug_line`, DWARF versions 2 to 5.

Sources: DWARF 4 section 6.2, DWARF 5 section 6.2. A table that is malformed, of another version or too long makes
the lines unknown; it never raises, as no verdict depends on them.
"""

import bisect
import posixpath
from dataclasses import dataclass, field
from functools import cached_property

from renode.cursor import Cursor, Malformed
from renode.line_program import MAX_NAMES, Header, LineProgram, Rows

MAX_PROGRAM_BYTES = 4 * 2**20
_PATH, _DIRECTORY = 1, 2
_FORM_BLOCK, _FORM_STRING, _FORM_STRP, _FORM_UDATA, _FORM_LINE_STRP = 0x09, 0x08, 0x0E, 0x0F, 0x1F
_FIXED_FORMS = {0x0B: 1, 0x05: 2, 0x06: 4, 0x07: 8, 0x1E: 16}


@dataclass(frozen=True)
class Lines:
    """Source lines by address, read when they are first asked for."""

    program: bytes = field(repr=False)
    line_strings: bytes = field(repr=False)
    strings: bytes = field(repr=False)
    code: tuple[tuple[int, int], ...]

    @property
    def known(self) -> bool:
        """Return whether the file has lines that can be read."""
        return bool(self._table[0])

    def at(self, address: int) -> tuple[str, int] | None:
        """Return file and line of the instruction at `address`; None where they are not known."""
        addresses, places, names = self._table
        index = bisect.bisect_right(addresses, address) - 1
        if index < 0 or not any(start <= address < end for start, end in self.code):
            return None
        file, line = places[index]
        return (names[file], line) if line else None

    @cached_property
    def _table(self) -> tuple[list[int], list[tuple[int, int]], list[str]]:
        rows = Rows()
        try:
            self._units(rows)
        except Malformed:
            return [], [], []
        kept = [
            (address, index)
            for index, address in enumerate(rows.addresses)
            if any(start <= address <= end for start, end in self.code)
        ]
        # Of rows at one address the last one counts; an end counts only where no sequence begins.
        kept.sort(key=lambda row: (row[0], rows.lines[row[1]] != 0, row[1]))
        return (
            [address for address, _ in kept],
            [(rows.files[index], rows.lines[index]) for _, index in kept],
            rows.names,
        )

    def _units(self, rows: Rows) -> None:
        if len(self.program) > MAX_PROGRAM_BYTES:
            raise Malformed
        cursor = Cursor(self.program)
        while cursor.at < len(self.program):
            self._unit(cursor, rows)

    def _unit(self, cursor: Cursor, rows: Rows) -> None:
        length = cursor.number(4)
        if length >= 0xFFFFFFF0:  # 64-bit DWARF
            raise Malformed
        unit = Cursor(cursor.take(length))
        version = unit.number(2)
        if not 2 <= version <= 5:
            raise Malformed
        if version >= 5:
            unit.take(2)  # address and segment selector size
        header_length = unit.number(4)
        program = unit.at + header_length
        minimum_length = unit.number(1)
        if version >= 4:
            unit.take(1)  # operations per instruction: one, except on VLIW machines
        unit.take(1)  # default_is_stmt
        line_base = unit.number(1)
        line_range, opcode_base = unit.number(1), unit.number(1)
        if line_range == 0 or opcode_base == 0:
            raise Malformed
        operands = unit.take(opcode_base - 1)
        names = self._names_5(unit, rows) if version >= 5 else _names_2(unit, rows)
        if len(rows.names) + len(names) > MAX_NAMES:
            raise Malformed
        base = len(rows.names)
        rows.names += names
        signed_base = line_base - 256 if line_base > 127 else line_base
        header = Header(
            minimum_length, signed_base, line_range, opcode_base, operands, base, len(names), 0 if version >= 5 else 1
        )
        unit.at = program
        if program > len(unit.data):
            raise Malformed
        LineProgram(header, rows).run(unit)

    def _names_5(self, unit: Cursor, rows: Rows) -> list[str]:
        listed = self._formats(unit)
        rows.count_directories(len(listed))
        directories = [self._entry(unit, entry)[0] for entry in listed]
        directories[:1] = [""]  # the compilation's own: names stay relative to it, as in older versions
        names = []
        for entry in self._formats(unit):
            name, directory = self._entry(unit, entry)
            names.append(_join(directories[directory] if directory < len(directories) else "", name))
        return names

    def _formats(self, unit: Cursor) -> list[list[tuple[int, int]]]:
        """Return the format of each entry that follows: pairs of content and form, once per entry."""
        layout = [(unit.uleb(), unit.uleb()) for _ in range(unit.number(1))]
        count = unit.uleb()
        if count > MAX_NAMES or (count and not layout):
            raise Malformed
        return [layout] * count

    def _entry(self, unit: Cursor, layout: list[tuple[int, int]]) -> tuple[str, int]:
        name, directory = "", 0
        for content, form in layout:
            value = self._value(unit, form)
            if content == _PATH and isinstance(value, str):
                name = value
            elif content == _DIRECTORY and isinstance(value, int):
                directory = value
        return name, directory

    def _value(self, unit: Cursor, form: int) -> str | int:
        if form == _FORM_STRING:
            return unit.text()
        if form == _FORM_LINE_STRP:
            return Cursor(self.line_strings, unit.number(4)).text()
        if form == _FORM_STRP:
            return Cursor(self.strings, unit.number(4)).text()
        if form == _FORM_UDATA:
            return unit.uleb()
        if form == _FORM_BLOCK:
            unit.take(unit.uleb())
            return 0
        if form in _FIXED_FORMS:
            return unit.number(_FIXED_FORMS[form])
        raise Malformed


def _names_2(unit: Cursor, rows: Rows) -> list[str]:
    directories = [""]  # the compilation's own, which this section does not name
    while directory := unit.text():
        directories.append(directory)
        rows.count_directories(1)
    names: list[str] = []
    while name := unit.text():
        directory_index = unit.uleb()
        unit.uleb()
        unit.uleb()
        names.append(_join(directories[directory_index] if directory_index < len(directories) else "", name))
        if len(names) > MAX_NAMES:
            raise Malformed
    return names


def _join(directory: str, name: str) -> str:
    return posixpath.normpath(posixpath.join(directory, name)) if name else "?"
