"""The boards and bare cores that Renode is given a description of, and the memory that each has.

Addresses and sizes are those of Renode's own descriptions (1.16.1, platforms/cpus), which ours take in; a part may
have less: Renode's stm32f103 has room for any of that family.
"""

from dataclasses import dataclass

from jobs.assessing import Platform
from jobs.errors import InvalidInput
from jobs.target import Core, Memory, Target

FLASH, RAM, EXTERNAL = 0x08000000, 0x20000000, 0x60000000
PERIPHERALS = ((0x40000000, 0x60000000), (0xE0000000, 0xE0100000))
"""Where registers of a board lie, and those of the core (Armv7-M ARM, table B3-1)."""


@dataclass(frozen=True, slots=True)
class Span:
    """Addresses that memory answers to."""

    start: int
    size: int

    def holds(self, start: int, size: int) -> bool:
        """Return whether [start, start + size) lies inside."""
        return self.start <= start and start + size <= self.start + self.size


@dataclass(frozen=True, slots=True)
class Board:
    """What a platform has."""

    core: Core
    code: Span | None
    """Flash; None on a bare core, which is given the memory that the target has."""
    data: Span | None
    """RAM that every part of the family has at least."""
    external: Span | None = None
    """Where external RAM is, whether or not anything is put there."""

    @property
    def is_bare(self) -> bool:
        """Return whether it is a core with nothing around it."""
        return self.code is None

    def answers(self, start: int, size: int) -> bool:
        """Return whether it has memory at [start, start + size)."""
        return any(span is not None and span.holds(start, size) for span in (self.code, self.data, self.external))


BOARDS = {
    Platform.STM32F4: Board(Core.M4, Span(FLASH, 0x200000), Span(RAM, 0x40000), external=Span(EXTERNAL, 0x10000000)),
    Platform.STM32F103: Board(Core.M3, Span(0, 0x20000000), Span(RAM, 0x10000000), external=Span(EXTERNAL, 0x10000000)),
    Platform.STM32L072: Board(Core.M0, Span(FLASH, 0x30000), Span(RAM, 0x5000)),
    Platform.NRF52840: Board(Core.M4, Span(0, 0x100000), Span(RAM, 0x40000)),
    Platform.CORTEX_M0: Board(Core.M0, None, None),
    Platform.CORTEX_M3: Board(Core.M3, None, None),
    Platform.CORTEX_M4: Board(Core.M4, None, None),
}
DEFAULTS = {
    Platform.STM32F4: (Span(FLASH, 0x100000), Span(RAM, 0x40000)),
    Platform.STM32F103: (Span(FLASH, 0x20000), Span(RAM, 0x5000)),
    Platform.STM32L072: (Span(FLASH, 0x30000), Span(RAM, 0x5000)),
    Platform.NRF52840: (Span(0, 0x100000), Span(RAM, 0x40000)),
}
"""The memory of a target that names none: of the STM32F407, the STM32F103xB, the STM32L072xZ and the nRF52840."""


def platform_of(target: Target, asked: Platform | None) -> Platform:
    """Return the platform asked for, or the bare core of the target; raise InvalidInput for one of another core."""
    platform = asked or Platform(target.core.value)
    if BOARDS[platform].core is not target.core:
        raise InvalidInput(
            f"{platform.value} has a {BOARDS[platform].core.value}, the target a {target.core.value}",
            field="simulator.platform",
            reason="other-core",
        )
    return platform


def placed(target: Target, platform: Platform) -> Target:
    """Return the target with the platform's memory where it names none; raise InvalidInput for what the platform lacks."""
    board = BOARDS[platform]
    if board.is_bare:
        return target
    if not target.memory:
        code, data = DEFAULTS[platform]
        memory = (
            Memory(name="flash", start=code.start, size=code.size, access="rx"),
            Memory(name="ram", start=data.start, size=data.size, access="rw"),
        )
        return target.model_copy(update={"memory": memory})
    for region in target.memory:
        if not board.answers(region.start, region.size):
            raise InvalidInput(
                f"{platform.value} has no memory at 0x{region.start:08x} to 0x{region.start + region.size:08x}",
                field=f"target.memory.{region.name}",
                reason="not-on-platform",
            )
    return target
