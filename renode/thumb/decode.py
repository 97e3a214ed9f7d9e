"""From the halfwords of an instruction to its micro-operations, or to the reason why it is not taken."""

from jobs.target import Core
from renode.thumb.micro import Coded, Refused
from renode.thumb.steps import Steps
from renode.thumb.table import TABLE


def decode(first: int, second: int, address: int, core: Core, *, in_it: bool, last: bool = True) -> Coded:
    """Decode the instruction at `address`; `second` is not looked at where `first` is one of 16 bits.

    `in_it` says whether it is in an IT block, `last` whether it is the last one there: others may not branch. Raise
    Refused: `unallocated`; `unpredictable`, where the architecture leaves open what happens; `core` where this one has
    no such instruction; `coprocessor`, which the floating-point unit is one of; `system` for what changes more than
    registers, flags and memory, or waits.
    """
    size = size_of(first)
    word = first if size == 2 else first << 16 | second
    row = TABLE.find(word, size)
    if row is None:
        raise Refused(_absent(first, size), f"0x{word:0{2 * size}x}")
    if core not in row.cores:
        raise Refused("core", f"{row.name}: {core.value} has no such instruction")
    it = Steps(row.name, address, size, in_it=in_it, last=last)
    it.forbid((word ^ row.should_value) & row.should_mask != 0, "bits that should be 0 or 1 are not")
    row.does(it, **row.fields(word))
    return Coded(row.name, row.section, size, it.micros, it.covers)


def size_of(first: int) -> int:
    """Return the bytes of the instruction that begins with the halfword `first` (A5.1)."""
    return 4 if first >> 11 in {0b11101, 0b11110, 0b11111} else 2


def _absent(first: int, size: int) -> str:
    """Say what kind of word no row takes (A5.3, A5.3.18)."""
    coprocessor = size == 4 and (first & 0xEC00 == 0xEC00 or first & 0xFF10 == 0xF900)
    return "coprocessor" if coprocessor else "unallocated"
