"""How a batch is cut into chunks: enough files for a full batch of a model, few enough to hold in memory and to repeat."""

from collections.abc import Sequence
from dataclasses import dataclass

FEWEST, MOST = 16, 64
"""Files of a chunk; the last one of a batch, and chunks of long recordings, have fewer."""
BUDGET = 64.0
"""Of a chunk, in units of one ordinary picture."""
HEAVY = {"audio": 4.0, "video": 8.0}
"""What a recording counts at least; all else counts one."""
BYTES_A_UNIT = 4 * 2**20


@dataclass(frozen=True, slots=True)
class Sized:
    """What is known of a file before it is opened: its claimed media type, which may lie, and its size."""

    media_type: str
    bytes: int

    @property
    def cost(self) -> float:
        """Return what it counts."""
        kind = self.media_type.partition("/")[0]
        return max(HEAVY.get(kind, 1.0), self.bytes / BYTES_A_UNIT)


def chunks(files: Sequence[Sized]) -> list[tuple[int, int]]:
    """Return ranges [first, last) that cover all files in order.

    A chunk is closed when the next file would take it over BUDGET or MOST. One that is closed for its budget has at least
    FEWEST files, unless files this heavy alone exceed twice the budget.
    """
    ranges: list[tuple[int, int]] = []
    first, spent = 0, 0.0
    for index, file in enumerate(files):
        count = index - first
        full = count >= MOST or (spent + file.cost > BUDGET and count >= FEWEST)
        if count and (full or spent + file.cost > 2 * BUDGET):
            ranges.append((first, index))
            first, spent = index, 0.0
        spent += file.cost
    if len(files) > first:
        ranges.append((first, len(files)))
    return ranges
