"""From sums to a power model: one regression a class, all classes together where a class tells nothing."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.calibration import ClassFit, Estimated
from jobs.errors import InvalidInput
from renode.trace import Class
from workers.simulation.measured.regression import Fit, FoldSums, Validated, fitted, validated
from workers.simulation.power_model import LARGEST, TERMS, Coefficient, PowerModel, Provenance

Floats = npt.NDArray[np.float64]
UNITS = ("per bit", "per bit", "per bit", "per bit", "per unit of the byte")


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was fitted."""

    pooled: Fit
    of_class: dict[int, Fit]
    base: dict[int, float]
    """By class that there is: what is left of the mean power of its instructions."""
    validated: Validated
    kinds: npt.NDArray[np.int64]
    """[instructions] the class of each"""

    @property
    def r2(self) -> float | None:
        """Return R^2 over all instructions, held out."""
        return self.validated.r2(np.ones(len(self.kinds), bool))


def fit(sums: FoldSums, kinds: npt.NDArray[np.int64]) -> Fitted | None:
    """Fit the classes `kinds` [instructions]; None where no activity varied."""
    whole = sums.without(None)
    pooled = fitted(whole, np.ones(len(kinds), bool))
    if pooled is None:
        return None
    found = {int(kind): fitted(whole, kinds == kind) for kind in np.unique(kinds)}
    of_class = {kind: one for kind, one in found.items() if one is not None}
    groups = np.array([kind if kind in of_class else -1 for kind in kinds], np.int64)
    base = {}
    for kind in found:
        chosen = kinds == kind
        values = of_class.get(kind, pooled).values
        base[kind] = float((sums.origin[chosen] + whole.y[chosen] - whole.x[chosen] @ values).mean())
    return Fitted(pooled, of_class, base, validated(sums, groups), kinds)


def told(found: Fitted) -> tuple[ClassFit, ...]:
    """Write the classes down, in the order of power models."""
    return tuple(_class_fit(found, kind) for kind in Class)


def model_of(found: Fitted, *, name: str, unit: str, source: str, provenance: Provenance) -> PowerModel:
    """Return the power model; a class without coefficients of its own has those of all classes together.

    Raise InvalidInput for numbers that are too large for one.
    """
    numbers = [
        *found.base.values(),
        *found.pooled.values,
        *(one for own in found.of_class.values() for one in own.values),
    ]
    if not np.abs(numbers).max() <= LARGEST:
        raise InvalidInput(
            f"A coefficient is beyond {LARGEST:g}, which no power model may have: import the traces in a larger unit.",
            field="campaign",
            reason="out-of-range",
        )
    names = {kind: Class(kind).name.lower() for kind in found.base}
    pooled_base = float(np.mean([found.base[int(kind)] for kind in found.kinds]))
    terms = {
        term: Coefficient(
            value=float(found.pooled.values[index]),
            by_class={names[kind]: float(own.values[index]) for kind, own in found.of_class.items()},  # type: ignore[misc]
            unit=f"{unit} {UNITS[index]}",
            source=source,
        )
        for index, term in enumerate(TERMS)
    }
    return PowerModel(
        name=name,
        description="Fitted to measured traces: linear in the activity of each class of instructions.",
        calibration="calibrated",
        unit=unit,
        base=Coefficient(
            value=pooled_base,
            by_class={names[kind]: value for kind, value in found.base.items()},  # type: ignore[misc]
            unit=unit,
            source=source,
        ),
        **terms,
        provenance=provenance,
    )


def _class_fit(found: Fitted, kind: Class) -> ClassFit:
    chosen = found.kinds == kind
    own = found.of_class.get(int(kind))
    coefficients: dict[str, Estimated | None] = dict.fromkeys(TERMS)
    if own is not None:
        for index, term in enumerate(TERMS):
            if own.varied[index]:
                error = float(own.errors[index])
                coefficients[term] = Estimated(
                    value=float(own.values[index]), standard_error=None if np.isnan(error) else error
                )
    absent = None
    if not chosen.any():
        absent = "no instruction of this class was measured"
    elif own is None:
        absent = "nothing that its instructions did varied"
    return ClassFit(
        kind=kind.name.lower(),
        instructions=int(chosen.sum()),
        base=found.base.get(int(kind)),
        coefficients=coefficients,
        r2=found.validated.r2(chosen) if chosen.any() else None,
        absent=absent,
    )
