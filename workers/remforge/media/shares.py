"""Numbers from 0 to 1."""

import numpy as np
from numpy.typing import NDArray


def share(value: float | np.floating) -> float:
    """Return a value that is from 0 to 1 but for rounding."""
    return min(max(float(value), 0.0), 1.0)


def evenness(counts: NDArray[np.int64]) -> float:
    """Return the Shannon entropy of how often things were counted, over its greatest: 1 when all are as common."""
    shares = counts[counts > 0] / counts.sum()
    return share(-(shares * np.log2(shares)).sum() / np.log2(len(counts)))
