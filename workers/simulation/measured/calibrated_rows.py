"""A calibration instruction by instruction."""

import numpy as np
import numpy.typing as npt

from jobs.calibration import CalibratedRow
from jobs.measuring import Agreement
from workers.simulation.attribution import Attribution
from workers.simulation.measured.agreement import Floats, Shown, level, p_agrees, rho_agrees
from workers.simulation.measured.regression import Validated


def rows_of(
    attribution: Attribution, validated: Validated, measured: Shown, simulated: Shown, limits: Agreement
) -> tuple[tuple[CalibratedRow, ...], tuple[int, int, int]]:
    """Return a row for each instruction, by address, and how many agree, differ, and cannot be told."""
    clear = level(len(attribution.of_sample))
    rho = [_largest(attribution, one.rho) for one in (measured, simulated)]
    p = [_smallest(attribution, one.p) for one in (measured, simulated)]
    executions = np.bincount(attribution.of_sample, minlength=len(attribution.addresses))
    rows, counts = [], [0, 0, 0]
    for index, place in enumerate(attribution.places):
        rho_measured, rho_simulated = (None if one is None else float(one[index]) for one in rho)
        p_measured, p_simulated = (None if one is None else float(one[index]) for one in p)
        verdicts: list[bool | None] = []
        if rho_measured is not None and rho_simulated is not None:
            verdicts.append(rho_agrees(rho_measured, rho_simulated, limit=limits.rho, traces=measured.traces))
        if p_measured is not None and p_simulated is not None:
            verdicts.append(p_agrees(p_measured, p_simulated, limit=limits.p, clear=clear))
        agrees = _together(verdicts)
        counts[2 if agrees is None else int(not agrees)] += 1
        rows.append(
            CalibratedRow(
                place=place,
                executions=int(executions[index]),
                r2=validated.r2(attribution.of_sample == index),
                rho_measured=rho_measured,
                rho_simulated=rho_simulated,
                rho_difference=_apart(rho_measured, rho_simulated),
                p_measured=p_measured,
                p_simulated=p_simulated,
                p_difference=_apart(p_measured, p_simulated),
                agrees=agrees,
            )
        )
    return tuple(rows), (counts[0], counts[1], counts[2])


def _together(verdicts: list[bool | None]) -> bool | None:
    """Return False where one differs, True where all agree, else None."""
    if False in verdicts:
        return False
    return None if not verdicts or None in verdicts else True


def _largest(attribution: Attribution, values: Floats | None) -> Floats | None:
    return None if values is None else attribution.worst(values)[0]


def _smallest(attribution: Attribution, values: Floats | None) -> Floats | None:
    if values is None:
        return None
    least: npt.NDArray[np.float64] = np.ones(len(attribution.addresses))
    np.minimum.at(least, attribution.of_sample, values)
    return least


def _apart(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else abs(first - second)
