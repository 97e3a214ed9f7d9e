"""The kept traces of a campaign, as they lie in its folder.

traces.npy   float32 [traces, samples]
inputs.npy   uint8 [traces, bytes]: values beside each other
groups.npy   uint8 [traces]: 0 fixed, 1 random, plus 2 in the second half; 255: in no statistic
series.npy   the instruction of each compared sample, if there is a report
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

BLOCK_BYTES = 16 * 2**20
GROUP = "group"


@dataclass(frozen=True, slots=True)
class Kept:
    """Traces with what belongs to each, mapped into memory."""

    traces: npt.NDArray[np.float32]
    values: Mapping[str, npt.NDArray[np.uint8]]
    """Name -> [traces, bytes]"""
    groups: npt.NDArray[np.uint8]
    """[traces]"""
    pcs: npt.NDArray[np.uint32] | None
    """[compared samples] None where no curves are there."""

    @classmethod
    def of(cls, folder: Path, columns: Mapping[str, tuple[int, int]]) -> "Kept":
        """Return the traces in a folder; `columns` says where each value lies in a row of inputs."""
        traces, inputs, groups = (
            np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
            for name in ("traces", "inputs", "groups")
        )
        values = {name: inputs[:, first:last] for name, (first, last) in columns.items() if name != GROUP}
        series = folder / "series.npy"
        pcs = np.load(series, mmap_mode="r", allow_pickle=False)["pc"] if series.is_file() else None
        return cls(traces, values, groups, pcs)

    def blocks(self) -> Iterator[slice]:
        """Yield rows that fit into little memory."""
        step = max(1, BLOCK_BYTES // max(4 * self.traces.shape[1], 1))
        for first in range(0, len(self.traces), step):
            yield slice(first, min(first + step, len(self.traces)))
