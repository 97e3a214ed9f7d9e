"""The 72-dimension profile of an instruction as a vector, so that instructions that behave alike lie close.

The scaling is fixed, not taken from the data: a vector never has to be computed again because others came later.
`dim[8*k + c]` is channel c, k periods ago (docs: the measurement record). Per channel, in its unit:

    z = (sign(x - origin) * log(1 + |x - origin| / unit) - centre) / spread

The logarithm because counts and energies span decades between cores; origin, unit, centre and spread are round numbers
that put what a Cortex-M shows in 50 us between about -2 and 2. What was unavailable is 0, the centre. Then unit length.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from stores.vectors import FloatArray, Row

MODEL = "profile-1"
"""Of the vectors' space: changes with any number below."""
CHANNELS = 8
LAGS = 9
DIMENSIONS = CHANNELS * LAGS

# cycles, instructions, energy uJ, temperature degC, l1d misses, branch misses, latency us, noise uJ
ORIGIN = np.array([0, 0, 0, 25, 0, 0, 0, 0], np.float64)
UNIT = np.array([100, 100, 1, 1, 1, 1, 10, 0.01], np.float64)
CENTRE = np.array([3, 3, 1.5, 2, 1.5, 1, 1.5, 0], np.float64)
SPREAD = np.array([1, 1, 1, 1, 1.5, 1.5, 1, 2], np.float64)


def standardised(profiles: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return [n, 72] vectors of unit length for [n, 72] mean records; a row without any value is all 0."""
    shifted = np.asarray(profiles, np.float64) - np.tile(ORIGIN, LAGS)
    bent = np.sign(shifted) * np.log1p(np.abs(shifted) / np.tile(UNIT, LAGS))
    scaled = np.nan_to_num((bent - np.tile(CENTRE, LAGS)) / np.tile(SPREAD, LAGS), nan=0.0)
    lengths = np.linalg.norm(scaled, axis=1, keepdims=True)
    unit: NDArray[np.float64] = np.divide(scaled, lengths, out=np.zeros_like(scaled), where=lengths > 0)
    return unit.astype(np.float32)


def rows_of(profiles: Mapping[str, FloatArray]) -> list[Row]:
    """Return the vectors of named profiles; one without any value has none."""
    if not profiles:
        return []
    vectors = standardised(np.stack(list(profiles.values())))
    return [Row(name, vector) for name, vector in zip(profiles, vectors, strict=True) if vector.any()]
