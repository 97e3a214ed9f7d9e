"""All encodings of ARMv6-M, ARMv7-M and ARMv7E-M that are decoded, and which one a word is."""

from collections.abc import Iterable

from renode.thumb import (
    table_data,
    table_dsp,
    table_flow,
    table_memory,
    table_multiply,
    table_narrow,
    table_parallel,
)
from renode.thumb.row import Row

ROWS: tuple[Row, ...] = (
    *table_narrow.ROWS,
    *table_data.ROWS,
    *table_multiply.ROWS,
    *table_memory.ROWS,
    *table_flow.ROWS,
    *table_parallel.ROWS,
    *table_dsp.ROWS,
)


class Table:
    """Finds rows."""

    def __init__(self, rows: Iterable[Row]) -> None:
        """Take rows of any order."""
        self._rows = sorted(rows, key=lambda row: -row.fixed)
        self._found: dict[tuple[int, int], tuple[Row, ...]] = {}

    def find(self, word: int, size: int) -> Row | None:
        """Return the row that a word of `size` bytes is meant to be, if any."""
        return next((row for row in self._near(word >> 8 * (size - 2), size) if row.matches(word)), None)

    def _near(self, first: int, size: int) -> tuple[Row, ...]:
        """Return the rows that words beginning with the halfword `first` may be."""
        key = (first, size)
        if key not in self._found:
            shift = 8 * (size - 2)
            self._found[key] = tuple(
                row for row in self._rows if row.size == size and (first ^ row.value >> shift) & row.mask >> shift == 0
            )
        return self._found[key]


TABLE = Table(ROWS)
