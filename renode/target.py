"""A target bound to a firmware: every name of the request resolved to an address, everything checked beforehand."""

from collections.abc import Iterable
from dataclasses import dataclass

from jobs.errors import InvalidInput
from jobs.target import InputArgument, Memory, OutputArgument, Target, ValueArgument
from renode.attributes import check_core
from renode.elf import Firmware, Symbol
from renode.elf32 import refuse

PAGE = 4096
DEFAULT_MEMORY = (
    Memory(name="flash", start=0x08000000, size=2**20, access="rx"),
    Memory(name="ram", start=0x20000000, size=2**16, access="rw"),
)
STACK_SYMBOLS = ("_estack", "__stack_top", "__StackTop", "__stack", "_stack_top", "stack_top", "__initial_sp")

_OWN_START, _OWN_END, _OWN_STEP = 0x60000000, 0xA0000000, 0x100000
"""Where our own page and the scratch memory may lie: external RAM, in which execution is not forbidden."""
_NEVER_EXECUTED = ((0x40000000, 0x60000000), (0xA0000000, 0x100000000))
_SYSTEM = 0xE0000000
"""Private peripherals and beyond (Armv7-M ARM, table B3-1)."""


@dataclass(frozen=True, slots=True)
class Region:
    """Part of the memory map."""

    start: int
    size: int
    writable: bool
    """Data, never executed; otherwise code and constants, never written."""

    @property
    def end(self) -> int:
        """Return the first address after it."""
        return self.start + self.size

    def holds(self, start: int, size: int) -> bool:
        """Return whether [start, start + size) lies inside."""
        return self.start <= start and start + size <= self.end


@dataclass(frozen=True, slots=True)
class Place:
    """Bytes in writable memory; `offset` is where an input begins in a row of inputs."""

    offset: int
    address: int
    length: int


@dataclass(frozen=True, slots=True)
class Binding:
    """How to call the firmware."""

    regions: tuple[Region, ...]
    """The map as asked for."""
    scratch: Region | None
    """Buffers that only an argument leads to."""
    stop: int
    """A page of our own: the entry returns there."""
    entry: int
    setup: int | None
    stack: int
    arguments: tuple[int, ...]
    """r0 to r3"""
    inputs: tuple[Place, ...]
    output: Place | None
    """None is r0, or nothing."""
    output_length: int

    @property
    def input_bytes(self) -> int:
        """Return the length of a row of inputs."""
        return sum(place.length for place in self.inputs)

    @property
    def writable(self) -> tuple[Region, ...]:
        """Return all memory that an execution may change."""
        own = () if self.scratch is None else (self.scratch,)
        return (*(region for region in self.regions if region.writable), *own)


def bind(firmware: Firmware, target: Target) -> Binding:
    """Resolve `target` in `firmware`; raise InvalidInput with the field, or InvalidFirmware."""
    regions = _regions(target.memory or DEFAULT_MEMORY)
    check_core(firmware.attributes, target.core)  # before segments: those of another core's code do not fit either
    _check_segments(firmware, regions)
    entry = firmware.code_symbol(target.entry, field="target.entry").address
    setup = None if target.setup is None else firmware.code_symbol(target.setup, field="target.setup").address
    own = scratch_at = _gap(regions)
    inputs: list[Place] = []
    addresses: dict[str, int] = {}
    offset = 0
    for item in target.inputs:
        if item.symbol is None:
            address, scratch_at = scratch_at, scratch_at + _aligned(item.length)
        else:
            address = _buffer(firmware, regions, item.symbol, item.length, f"target.inputs.{item.name}")
            _check_apart(zip(addresses, inputs, strict=True), item.name, address, item.length)
        inputs.append(Place(offset, address, item.length))
        addresses[item.name] = address
        offset += item.length
    output, scratch_at = _output(firmware, regions, target, scratch_at)
    arguments = []
    for index, argument in enumerate(target.arguments):
        if isinstance(argument, InputArgument):
            arguments.append(addresses[argument.input])
        elif isinstance(argument, ValueArgument):
            arguments.append(argument.value)
        elif output is None:
            raise InvalidInput(
                "an argument passes the output, and the target has none",
                field=f"target.arguments.{index}",
                reason="no-output",
            )
        else:
            arguments.append(output.address)
    scratch = scratch_at - own
    return Binding(
        regions=regions,
        scratch=Region(own, -(-scratch // PAGE) * PAGE, writable=True) if scratch else None,
        stop=own + _OWN_STEP - PAGE,
        entry=entry,
        setup=setup,
        stack=_stack(firmware, regions),
        arguments=tuple(arguments),
        inputs=tuple(inputs),
        output=output,
        output_length=0 if target.output is None else target.output.length,
    )


def _regions(memory: tuple[Memory, ...]) -> tuple[Region, ...]:
    regions: list[Region] = []
    for item in memory:
        field = f"target.memory.{item.name}"
        region = Region(item.start, item.size, item.access == "rw")
        if region.start % PAGE or region.size % PAGE:
            raise InvalidInput("start and size must be multiples of 4096", field=field, reason="unaligned-region")
        if region.end > _SYSTEM:
            raise InvalidInput("a region must end below 0xe0000000", field=field, reason="system-space")
        if not region.writable and any(region.start < end and start < region.end for start, end in _NEVER_EXECUTED):
            raise InvalidInput("the architecture executes nothing there", field=field, reason="execute-never")
        if any(region.start < other.end and other.start < region.end for other in regions):
            raise InvalidInput("two regions overlap", field=field, reason="overlapping-regions")
        regions.append(region)
    for writable, access in ((False, "rx"), (True, "rw")):
        if not any(region.writable == writable for region in regions):
            raise InvalidInput(f"the memory has no {access} region", field="target.memory", reason="missing-region")
    return tuple(regions)


def _check_segments(firmware: Firmware, regions: tuple[Region, ...]) -> None:
    for segment in firmware.segments:
        home = next((region for region in regions if region.holds(segment.address, segment.memory_bytes)), None)
        if home is None:
            refuse(
                "outside-memory",
                f"the segment 0x{segment.address:08x} to 0x{segment.end:08x} does not fit a region of the memory map",
            )


def _buffer(firmware: Firmware, regions: tuple[Region, ...], name: str, length: int, field: str) -> int:
    field = f"{field}.symbol"
    symbol = firmware.symbol(name, field=field)
    if symbol.size and length > symbol.size:
        raise InvalidInput(
            f"{name} has {symbol.size} bytes, the length says {length}", field=field, reason="length-mismatch"
        )
    if not any(region.writable and region.holds(symbol.address, length) for region in regions):
        raise InvalidInput(f"{name} does not lie in writable memory", field=field, reason="not-writable")
    return symbol.address


def _check_apart(others: Iterable[tuple[str, Place]], name: str, address: int, length: int) -> None:
    """Refuse an input on another one's bytes: the firmware would see one of them, and statistics count both."""
    for other, place in others:
        if address < place.address + place.length and place.address < address + length:
            raise InvalidInput(
                f"{name} and {other} both lie at 0x{max(address, place.address):08x}",
                field=f"target.inputs.{name}.symbol",
                reason="overlapping-inputs",
            )


def _output(
    firmware: Firmware, regions: tuple[Region, ...], target: Target, scratch_at: int
) -> tuple[Place | None, int]:
    if target.output is None:
        return None, scratch_at
    length = target.output.length
    if target.output.symbol is not None:
        address = _buffer(firmware, regions, target.output.symbol, length, "target.output")
        return Place(0, address, length), scratch_at
    if any(isinstance(argument, OutputArgument) for argument in target.arguments):
        return Place(0, scratch_at, length), scratch_at + _aligned(length)
    if length > 4:
        raise InvalidInput(
            "r0 has 4 bytes: name the output's symbol, or pass the output as an argument",
            field="target.output.length",
            reason="length-mismatch",
        )
    return None, scratch_at


def _aligned(length: int) -> int:
    """Return the room of a scratch buffer: whole double words, as malloc would give."""
    return -(-length // 8) * 8


def _gap(regions: tuple[Region, ...]) -> int:
    """Return where a MiB of our own lies apart from the map."""
    for start in range(_OWN_START, _OWN_END, _OWN_STEP):
        if not any(start < region.end and region.start < start + _OWN_STEP for region in regions):
            return start
    raise InvalidInput(
        "the memory map leaves no room between 0x60000000 and 0xa0000000", field="target.memory", reason="no-room"
    )


def _stack(firmware: Firmware, regions: tuple[Region, ...]) -> int:
    """Return the initial stack pointer: a linker's symbol, else the vector table's first word, else the top of RAM."""
    symbols: list[Symbol] = [firmware.symbols[name] for name in STACK_SYMBOLS if name in firmware.symbols]
    candidates = [symbol.address for symbol in symbols]
    candidates += [int.from_bytes(segment.data[:4], "little") for segment in firmware.segments if segment.executable]
    ram = [region for region in regions if region.writable]
    for address in candidates:
        if address % 8 == 0 and any(region.start < address <= region.end for region in ram):
            return address
    return ram[0].end
