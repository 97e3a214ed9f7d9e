"""A first-order thermal model: one resistance to ambient, one capacity."""

import math

import numpy as np
import numpy.typing as npt

from jobs.recording import Thermal


def temperatures(
    power_w: npt.NDArray[np.float64], seconds: float, model: Thermal, *, start_c: float | None = None
) -> npt.NDArray[np.float64]:
    """Return the temperature at the end of each of the periods [periods] of so many `seconds`, in degC.

    C dT/dt = P - (T - ambient) / R, solved exactly for a power that is constant within a period. It begins with ambient
    temperature unless `start_c` is given.
    """
    keep = math.exp(-seconds / (model.resistance_k_per_w * model.capacity_j_per_k))
    above = 0.0 if start_c is None else start_c - model.ambient_c
    out = np.empty(len(power_w))
    for number, settled in enumerate((power_w * model.resistance_k_per_w).tolist()):
        above = settled + (above - settled) * keep
        out[number] = above
    return out + model.ambient_c
