"""Firmware: an ELF that was checked before anything runs, and what may be asked of it."""

import bisect
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jobs.errors import InvalidInput
from renode.attributes import Attributes, read_attributes
from renode.elf32 import RawSymbol, Segment, Tables, read_tables, refuse
from renode.lines import Lines

MAX_FILE_BYTES = 16 * 2**20

_NOTYPE, _OBJECT, _FUNCTION = 0, 1, 2
_LOCAL = 0


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name for an address; the Thumb bit of functions is taken off."""

    name: str
    address: int
    size: int
    """Bytes; 0 where the file does not say. Functions reach at least to the next one."""
    function: bool
    thumb: bool
    """Whether a function's address has the Thumb bit."""


@dataclass(frozen=True, slots=True)
class Firmware:
    """A checked ELF for a bare-metal Arm core."""

    sha256: str
    size: int
    """Bytes of the file."""
    entry: int
    segments: tuple[Segment, ...]
    """Ascending, apart from each other."""
    symbols: Mapping[str, Symbol]
    ambiguous: frozenset[str]
    """Names that several file-local symbols have, and no global one."""
    functions: tuple[Symbol, ...]
    """Ascending by address."""
    code: tuple[tuple[int, int], ...]
    """[start, end) of what may be executed."""
    attributes: Attributes
    lines: Lines

    @property
    def summary(self) -> Mapping[str, int | str | bool]:
        """Return what a report says of it."""
        return {
            "sha256": self.sha256,
            "bytes": self.size,
            "code_bytes": self.code_bytes,
            "has_lines": self.has_lines,
        }

    @property
    def code_bytes(self) -> int:
        """Return how many bytes may be executed."""
        return sum(end - start for start, end in self.code)

    @property
    def has_lines(self) -> bool:
        """Return whether source lines are known."""
        return self.lines.known

    def is_code(self, address: int) -> bool:
        """Return whether an instruction may lie at `address`."""
        return any(start <= address < end for start, end in self.code)

    def function_at(self, address: int) -> str | None:
        """Return the name of the function around `address`."""
        index = bisect.bisect_right(self.functions, address, key=lambda symbol: symbol.address) - 1
        if index < 0:
            return None
        found = self.functions[index]
        return found.name if address < found.address + found.size else None

    def symbol(self, name: str, *, field: str) -> Symbol:
        """Return the symbol `name`; raise InvalidInput with `field` where there is none, or several."""
        if name in self.symbols:
            return self.symbols[name]
        if name in self.ambiguous:
            raise InvalidInput(f"the firmware has several local symbols {name}", field=field, reason="ambiguous-symbol")
        raise InvalidInput(f"the firmware has no symbol {name}", field=field, reason="missing-symbol")

    def code_symbol(self, name: str, *, field: str) -> Symbol:
        """Return the symbol `name`, which has to lie in Thumb code; raise InvalidInput with `field`."""
        found = self.symbol(name, field=field)
        if not self.is_code(found.address):
            raise InvalidInput(f"{name} does not lie in code", field=field, reason="not-code")
        if found.function and not found.thumb:
            raise InvalidInput(f"{name} is not a Thumb function", field=field, reason="not-thumb")
        return found


def read_firmware(path: Path) -> Firmware:
    """Read and check an ELF; raise InvalidFirmware with the rule that it breaks as `reason`."""
    with path.open("rb") as source:
        file = source.read(MAX_FILE_BYTES + 1)
    return parse_firmware(file)


def parse_firmware(file: bytes) -> Firmware:
    """Check the bytes of an ELF; raise InvalidFirmware."""
    if len(file) > MAX_FILE_BYTES:
        refuse("too-large", f"the ELF is larger than {MAX_FILE_BYTES} bytes")
    tables = read_tables(file)
    code = tuple(
        (part.address, part.address + len(part.data)) for part in tables.segments if part.executable and part.data
    )
    if not code:
        refuse("no-code", "the ELF has no executable segment")
    symbols, ambiguous = _by_name(tables.symbols)
    if not symbols:
        refuse("no-symbols", "the ELF has no symbols: link it without -s, and do not strip it")
    return Firmware(
        sha256=hashlib.sha256(file).hexdigest(),
        size=len(file),
        entry=tables.entry,
        segments=tables.segments,
        symbols=symbols,
        ambiguous=ambiguous,
        functions=_functions(tables.symbols, code),
        code=code,
        attributes=read_attributes(_content(file, tables, ".ARM.attributes")),
        lines=Lines(
            _content(file, tables, ".debug_line"),
            _content(file, tables, ".debug_line_str"),
            _content(file, tables, ".debug_str"),
            code,
        ),
    )


def _content(file: bytes, tables: Tables, name: str) -> bytes:
    """Return a section's bytes; nothing where it is absent or compressed."""
    for section in tables.sections:
        if section.name == name and section.kind not in {0, 8} and not section.compressed:
            return file[section.offset : section.offset + section.size]
    return b""


def _by_name(rows: tuple[RawSymbol, ...]) -> tuple[dict[str, Symbol], frozenset[str]]:
    """Index symbols by name: a global one wins, and of file-local ones only a name's single one counts."""
    symbols: dict[str, Symbol] = {}
    local: dict[str, set[int]] = {}
    for row in rows:
        if row.kind > _FUNCTION or row.name.startswith("$"):  # sections, files, thread-local; mapping symbols
            continue
        if row.binding == _LOCAL:
            local.setdefault(row.name, set()).add(row.value)
            symbols.setdefault(row.name, _symbol(row))
    ambiguous = {name for name, values in local.items() if len(values) > 1}
    for row in rows:
        if row.kind <= _FUNCTION and row.binding != _LOCAL and not row.name.startswith("$"):
            symbols[row.name] = _symbol(row)
            ambiguous.discard(row.name)
    for name in ambiguous:
        del symbols[name]
    return symbols, frozenset(ambiguous)


def _symbol(row: RawSymbol) -> Symbol:
    function = row.kind == _FUNCTION
    return Symbol(row.name, row.value & ~1 if function else row.value, row.size, function, thumb=bool(row.value & 1))


def _functions(rows: tuple[RawSymbol, ...], code: tuple[tuple[int, int], ...]) -> tuple[Symbol, ...]:
    """Return functions in code, one per address; one without a size reaches to the next, or to the end of its code."""
    found: dict[int, Symbol] = {}
    for row in sorted(rows, key=lambda row: (row.value & ~1, row.binding == _LOCAL, row.name)):
        if row.kind == _FUNCTION and row.name:
            found.setdefault(row.value & ~1, _symbol(row))
    ordered = []
    starts = sorted(found)
    for index, start in enumerate(starts):
        end = next((end for begin, end in code if begin <= start < end), None)
        if end is None:
            continue
        if index + 1 < len(starts):
            end = min(end, starts[index + 1])
        symbol = found[start]
        ordered.append(Symbol(symbol.name, start, symbol.size or end - start, function=True, thumb=symbol.thumb))
    return tuple(ordered)
