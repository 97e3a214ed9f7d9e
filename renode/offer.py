"""What a firmware offers to whoever wants to call it: the cores that run it, its functions, its buffers."""

from dataclasses import dataclass

from jobs.errors import InvalidFirmware
from jobs.target import Core, Memory
from renode.attributes import architecture_of, check_core
from renode.elf import Firmware, Symbol
from renode.target import DEFAULT_MEMORY, PAGE

MAX_NAME = 256
"""Longer names cannot be asked for."""
MAX_REGION = 16 * 2**20
STACK_PAGES = 16


@dataclass(frozen=True, slots=True)
class Function:
    """Thumb code that can be called by its name."""

    name: str
    address: int
    size: int
    """Bytes; up to the next function where the file does not say."""
    file: str | None
    line: int | None


@dataclass(frozen=True, slots=True)
class Buffer:
    """Data with a name and a size."""

    name: str
    address: int
    size: int
    """Bytes."""
    writable: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """What a checked ELF says of itself."""

    sha256: str
    size: int
    """Bytes of the file."""
    code_bytes: int
    cores: tuple[Core, ...]
    """Those that run it, the least first."""
    architecture: str | None
    """What its build attributes name; None: they do not say, and any core may fit."""
    has_lines: bool
    functions: tuple[Function, ...]
    """By name."""
    buffers: tuple[Buffer, ...]
    """By name."""
    memory: tuple[Memory, ...]
    """Regions that hold it; empty where it fits the default ones, or where a person has to say."""


def offer_of(firmware: Firmware) -> Offer:
    """Say what `firmware` offers; raise InvalidFirmware if no core of ours runs it."""
    named = [symbol for symbol in firmware.symbols.values() if 0 < len(symbol.name) <= MAX_NAME]
    sizes = {function.address: function.size for function in firmware.functions}
    functions = [
        _function(firmware, symbol, symbol.size or sizes.get(symbol.address, 0))
        for symbol in named
        if symbol.function and symbol.thumb and firmware.is_code(symbol.address)
    ]
    buffers = [
        Buffer(symbol.name, symbol.address, symbol.size, _writable(firmware, symbol))
        for symbol in named
        if not symbol.function and symbol.size
    ]
    return Offer(
        sha256=firmware.sha256,
        size=firmware.size,
        code_bytes=firmware.code_bytes,
        cores=_cores(firmware),
        architecture=architecture_of(firmware.attributes),
        has_lines=firmware.has_lines,
        functions=tuple(sorted(functions, key=lambda function: (function.name, function.address))),
        buffers=tuple(sorted(buffers, key=lambda buffer: (buffer.name, buffer.address))),
        memory=_memory(firmware),
    )


def _function(firmware: Firmware, symbol: Symbol, size: int) -> Function:
    place = firmware.lines.at(symbol.address)
    file, line = place or (None, None)
    return Function(symbol.name, symbol.address, size, file, line)


def _writable(firmware: Firmware, symbol: Symbol) -> bool:
    return any(
        segment.writable and segment.address <= symbol.address and symbol.address + symbol.size <= segment.end
        for segment in firmware.segments
    )


def _cores(firmware: Firmware) -> tuple[Core, ...]:
    found: list[Core] = []
    refusal: InvalidFirmware | None = None
    for core in Core:
        try:
            check_core(firmware.attributes, core)
        except InvalidFirmware as error:
            refusal = error
        else:
            found.append(core)
    if refusal is not None and not found:
        raise refusal
    return tuple(found)


def _memory(firmware: Firmware) -> tuple[Memory, ...]:
    """Return the default regions, each replaced by whole pages around what does not fit it.

    Data gets room for a stack behind it. Nothing where that would overlap: only a person knows the map then.
    """
    regions = []
    for default in DEFAULT_MEMORY:
        held = [part for part in firmware.segments if part.writable == (default.access == "rw")]
        if all(default.start <= part.address and part.end <= default.start + default.size for part in held):
            regions.append(default)
            continue
        start = min(part.address for part in held) // PAGE * PAGE
        room = STACK_PAGES * PAGE if default.access == "rw" else 0
        size = -(-max(part.end for part in held) // PAGE) * PAGE + room - start
        if size > MAX_REGION:
            return ()
        regions.append(Memory(name=default.name, start=start, size=size, access=default.access))
    lower, upper = sorted(regions, key=lambda region: region.start)
    apart = lower.start + lower.size <= upper.start
    return () if tuple(regions) == DEFAULT_MEMORY or not apart else tuple(regions)
