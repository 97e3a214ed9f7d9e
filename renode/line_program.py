"""Line number programs: the byte code that DWARF keeps source lines in (DWARF 4 section 6.2.5)."""

from array import array
from dataclasses import dataclass, field

from renode.cursor import Cursor, Malformed

MAX_ROWS = 500_000
MAX_NAMES = 20_000
"""Files, and directories, of all units together."""

_COPY, _ADVANCE_PC, _ADVANCE_LINE, _SET_FILE, _CONST_ADD_PC, _FIXED_ADVANCE_PC = 1, 2, 3, 4, 8, 9
_END_SEQUENCE, _SET_ADDRESS = 1, 2


@dataclass(slots=True)
class Rows:
    """The line table so far: from each address on, until the next one."""

    addresses: "array[int]" = field(default_factory=lambda: array("L"))
    files: "array[int]" = field(default_factory=lambda: array("L"))
    lines: "array[int]" = field(default_factory=lambda: array("L"))
    names: list[str] = field(default_factory=list)
    directories: int = 0

    def count_directories(self, count: int) -> None:
        """Keep the directories of all units within their limit."""
        self.directories += count
        if self.directories > MAX_NAMES:
            raise Malformed

    def add(self, address: int, file: int, line: int) -> None:
        """Say what the instructions from `address` on belong to."""
        if len(self.addresses) >= MAX_ROWS or not 0 <= line < 2**31:
            raise Malformed
        self.addresses.append(address & 0xFFFFFFFF)
        self.files.append(file)
        self.lines.append(line)


@dataclass(frozen=True, slots=True)
class Header:
    """What a line program starts from; `base` is the number of its first file in Rows.names."""

    minimum_length: int
    line_base: int
    line_range: int
    opcode_base: int
    operands: bytes
    base: int
    files: int
    first_file: int


class LineProgram:
    """The registers of a line number program."""

    def __init__(self, header: Header, rows: Rows) -> None:
        self.header = header
        self.rows = rows
        self.address, self.file, self.line = 0, 1, 1

    def run(self, unit: Cursor) -> None:
        """Run the program from where `unit` stands to its end."""
        header = self.header
        while unit.at < len(unit.data):
            opcode = unit.number(1)
            if opcode >= header.opcode_base:
                advance, line = divmod(opcode - header.opcode_base, header.line_range)
                self.address += advance * header.minimum_length
                self.line += header.line_base + line
                self.emit(self.line)
            elif opcode == 0:
                self.extended(Cursor(unit.take(unit.uleb())))
            else:
                self.standard(opcode, unit)

    def emit(self, line: int) -> None:
        """Add a row; line 0 says that nothing is known from here on."""
        index = self.file - self.header.first_file
        if not 0 <= index < self.header.files:
            raise Malformed
        self.rows.add(self.address, self.header.base + index, line)

    def extended(self, operation: Cursor) -> None:
        """Do an extended operation."""
        which = operation.number(1)
        if which == _END_SEQUENCE:
            self.emit(0)
            self.address, self.file, self.line = 0, 1, 1
        elif which == _SET_ADDRESS:
            self.address = operation.number(min(len(operation.data) - 1, 8))

    def standard(self, opcode: int, unit: Cursor) -> None:
        """Do a standard operation."""
        header = self.header
        if opcode == _COPY:
            self.emit(self.line)
        elif opcode == _ADVANCE_PC:
            self.address += unit.uleb() * header.minimum_length
        elif opcode == _ADVANCE_LINE:
            self.line += unit.sleb()
        elif opcode == _SET_FILE:
            self.file = unit.uleb()
        elif opcode == _CONST_ADD_PC:
            self.address += (255 - header.opcode_base) // header.line_range * header.minimum_length
        elif opcode == _FIXED_ADVANCE_PC:
            self.address += unit.number(2)
        else:
            for _ in range(header.operands[opcode - 1]):
                unit.uleb()
