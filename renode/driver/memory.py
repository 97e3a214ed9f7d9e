"""The memory that executions start from, as the embedded core has it: no start-up code has run."""

import numpy as np

from renode.elf import Firmware
from renode.lockstep.start import Block
from renode.target import Binding, Region

WAIT = bytes.fromhex("30bffde7")
"""`wfi`, and a branch back to it: where an entry returns to, the core sleeps until the time it was given is over."""


def blocks(firmware: Firmware, binding: Binding) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """Return writable and read-only memory, region by region.

    Initialised data lies at its run-time address and where start-up code would copy it from; the rest is zero.
    """
    writable = tuple(_block(region, firmware) for region in binding.writable)
    readable = tuple(_block(region, firmware) for region in binding.regions if not region.writable)
    return writable, readable


def _block(region: Region, firmware: Firmware) -> Block:
    content = np.zeros(region.size, np.uint8)
    for at_run_time in (False, True):
        for segment in firmware.segments:
            start = segment.address if at_run_time else segment.load_address
            if region.holds(start, len(segment.data)):
                offset = start - region.start
                content[offset : offset + len(segment.data)] = np.frombuffer(segment.data, np.uint8)
    return Block(region.start, content)
