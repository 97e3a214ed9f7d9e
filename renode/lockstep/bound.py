"""Operations as plain values, and what becomes of them: records."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from renode.lockstep.kernels import Form
from renode.lockstep.program import MEMORY, NUMBER, PLACE_ROWS, PLACES, Kernel, Program

LOSING = frozenset({"table", "permute", "gather", "scatter", "check"})
"""Kernels that may lose lanes."""
_TABLES = [Kernel.TABLE, Kernel.TABLE_SAMPLED]
_REGIONS = [Kernel.GATHER, Kernel.GATHER_SAMPLED, Kernel.SCATTER]


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


def require_fit(program: Program, words: int) -> None:
    """Raise ValueError for a program that would reach outside of its rows, of which `words` are memory's."""
    operations = program.operations
    for space, limit in ((PLACES, PLACE_ROWS), (MEMORY, words), (NUMBER, len(program.numbers))):
        _require(operations["rows"][operations["spaces"] == space], limit, "rows")
    reach = (operations["high"] - operations["low"]).astype(np.int64)
    tables, regions = (np.isin(operations["kernel"], kernels) for kernels in (_TABLES, _REGIONS))
    _require(operations["table"][tables] + reach[tables] + 3, len(program.tables), "bytes of tables")
    _require(operations["table"][regions] + reach[regions] // 4, words, "rows of regions")
    _require(program.input_words[:, 0], words, "rows of inputs")
    _require(program.input_words[:, 2:], len(program.varying), "inputs")
    for space, limit in ((PLACES, PLACE_ROWS), (MEMORY, words)):
        _require(program.output_rows[program.output_rows[:, 0] == space, 1], limit, "rows of outputs")


def _require(numbers: npt.NDArray[np.integer], limit: int, what: str) -> None:
    if numbers.size and numbers.max() >= limit:
        raise ValueError(f"{what}: {numbers.max()} is not below {limit}")


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
