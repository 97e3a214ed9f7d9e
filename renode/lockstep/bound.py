"""Operations as plain values, and what becomes of them: records."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from renode.lockstep.kernels import Form
from renode.lockstep.program import Program

LOSING = frozenset({"table", "permute", "gather", "scatter", "check"})
"""Kernels that may lose lanes."""


class Operation(NamedTuple):
    """One of a program's, as `program.OPERATION` has it."""

    kernel: int
    index: int  # type: ignore[assignment]  # a tuple's method of that name is not needed
    spaces: list[int]
    rows: list[int]
    mask: int
    shift: int
    flag: int
    cond: int
    low: int
    high: int
    table: int
    base: int

    @property
    def span(self) -> int:
        """Return how far its addresses reach."""
        return self.high - self.low


def read(program: Program) -> Iterator[Operation]:
    """Yield a program's operations."""
    columns = [program.operations[name].tolist() for name in Operation._fields]
    return map(Operation._make, zip(*columns, strict=True))


@dataclass(slots=True)
class Bound:
    """A record, its fields by number, and what it reads and writes, in units of the arena."""

    form: Form
    fields: dict[int, int] = field(default_factory=dict)
    reads: tuple[int, ...] = ()
    region: tuple[int, int] | None = None
    """Rows it may read or write besides, in units: [first, end)."""
    writes: int | None = None

    @property
    def needed(self) -> bool:
        """Return whether it does more than write its row."""
        return self.writes is None or self.form.sampling.mode != 0 or self.form.work in LOSING
