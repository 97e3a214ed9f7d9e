"""What two decoders say of one word, brought into one shape."""

import struct
from typing import NamedTuple

from jobs.target import Core
from renode.decode import Decoder
from renode.layout import PC
from renode.thumb.decode import decode, size_of
from renode.thumb.micro import MEMORY, REGISTERS, Coded, Op, Refused

ADDRESS = 0x08001000


class Said(NamedTuple):
    written: frozenset[int]
    """Registers of the register file."""
    transfers: int
    width: int
    """Bytes of a transfer, 0 where there is none."""


def ours(first: int, second: int, core: Core, *, in_it: bool = False) -> Coded | Refused:
    try:
        return decode(first, second, ADDRESS, core, in_it=in_it)
    except Refused as refused:
        return refused


def said(coded: Coded) -> Said:
    """Return what the micro-operations write and transfer."""
    accesses = [micro for micro in coded.micros if micro.op in MEMORY and micro.op is not Op.CLEAR_EXCLUSIVE]
    widths = {micro.width for micro in accesses}
    written = [micro.d for micro in coded.micros if micro.d is not None and micro.d < REGISTERS]
    assert len(written) == len(set(written)), f"{coded.row} writes a register twice"
    assert len(widths) <= 1
    return Said(frozenset(int(place) for place in written), len(accesses), max(widths, default=0))


class Tracer:
    """What the tracer knows, which decodes with capstone."""

    def __init__(self, core: Core) -> None:
        self._decoder = Decoder(core)

    def said(self, first: int, second: int) -> Said | None:
        """Return what an instruction writes and transfers; None where it is none of the core's."""
        code = struct.pack("<HH", first, second)[: size_of(first)]
        decoded = next(self._decoder.stretch(code, ADDRESS))
        if decoded.refused or decoded.size != size_of(first):
            return None
        effects = decoded.effects
        return Said(effects.written - {PC}, len(effects.transfers), effects.width if effects.transfers else 0)
