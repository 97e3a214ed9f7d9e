"""What float32 loses of the numbers of a file: a small difference on top of a large offset may be gone."""

import numpy as np
import numpy.typing as npt

from workers.simulation.measured.source import Samples, as_samples

Floats = npt.NDArray[np.float64]


class Narrowing:
    """Makes samples float32, block after block, and sums up what that rounds away."""

    def __init__(self) -> None:
        """Begin with nothing lost."""
        self._count = 0
        self._first: npt.NDArray[np.floating] | None = None
        self._lost: Floats | None = None
        self._sums: tuple[Floats, Floats] | None = None

    def narrowed(self, rows: npt.NDArray[np.generic]) -> Samples:
        """Return rows [n, samples] as float32; raise Refusal for what are no finite numbers."""
        samples = as_samples(rows)
        if np.can_cast(rows.dtype, np.float32):
            return samples
        # Integers of 64 bits are more than a double holds.
        wide = rows.dtype.kind in "iu" and rows.dtype.itemsize > 4
        exact: npt.NDArray[np.floating] = rows.astype(np.longdouble if wide else np.float64)
        if self._first is None or self._lost is None or self._sums is None:
            self._first = exact[0].copy()
            self._lost, self._sums = np.zeros(len(exact[0])), (np.zeros(len(exact[0])), np.zeros(len(exact[0])))
        moved = np.nan_to_num(exact - self._first).astype(np.float64)
        self._count += len(moved)
        self._lost += (np.nan_to_num(exact - samples).astype(np.float64) ** 2).sum(axis=0)
        self._sums[0][:] += moved.sum(axis=0)
        self._sums[1][:] += (moved**2).sum(axis=0)
        return samples

    @property
    def added_variance(self) -> float:
        """Return the mean square of what was rounded away, of the sample where that is most, by the sample's variance.

        0: nothing was. What does not vary has nothing to lose.
        """
        if self._lost is None or self._sums is None:
            return 0.0
        total, squares = self._sums
        spread = squares - total**2 / self._count
        varies = spread > 1e-12 * squares
        return float((self._lost[varies] / spread[varies]).max(initial=0.0))
