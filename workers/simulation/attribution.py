"""From samples to instructions: every sample belongs to the program counter that made it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.report import Excluded, Place, Row
from renode.trace import Instruction, numbered
from workers.simulation.assessment import Assessment

Public = tuple[tuple[int, int, str, str], ...]
"""Declared-public code: start, end, place, reason."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """Samples grouped by the instruction they belong to."""

    addresses: npt.NDArray[np.uint32]
    """[instructions] ascending"""
    of_sample: npt.NDArray[np.intp]
    """[samples] index into `addresses`"""
    places: tuple[Place, ...]
    reasons: tuple[str | None, ...]
    """[instructions] why it is public, or None."""

    @property
    def public_samples(self) -> npt.NDArray[np.bool_]:
        """Return [samples]: whether the sample belongs to declared-public code."""
        return np.array([reason is not None for reason in self.reasons], bool)[self.of_sample]

    def worst(self, values: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.intp]]:
        """Return [instructions]: the largest |value| over each instruction's samples, and the sample it is at."""
        magnitude = np.abs(values)
        order = np.lexsort((np.arange(len(values))[::-1], magnitude, self.of_sample))
        last = np.searchsorted(self.of_sample[order], np.arange(len(self.addresses)), side="right") - 1
        return magnitude[order[last]], order[last]

    def count(self, chosen: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        """Return [instructions]: how many of each instruction's samples are chosen."""
        return np.bincount(self.of_sample[chosen], minlength=len(self.addresses))


def attribute(pcs: npt.NDArray[np.uint32], public: Public, describe: Callable[[int], Instruction]) -> Attribution:
    """Group samples, given the pc of each [samples]."""
    addresses, of_sample = np.unique(pcs, return_inverse=True)
    return Attribution(
        addresses=addresses,
        of_sample=of_sample,
        places=tuple(place_of(describe(int(address))) for address in addresses),
        reasons=tuple(reason_of(int(address), public) for address in addresses),
    )


def place_of(step: Instruction) -> Place:
    """Describe an instruction for the report."""
    return Place(
        address=step.address,
        mnemonic=step.mnemonic,
        operands=step.operands,
        function=step.function,
        file=step.file,
        line=step.line,
    )


def reason_of(address: int, public: Public) -> str | None:
    """Return why `address` is public, or None."""
    return next((reason for start, end, _, reason in public if start <= address < end), None)


def outside_public(pcs: npt.NDArray[np.uint32], public: Public) -> npt.NDArray[np.bool_]:
    """Return for each of `pcs` whether it lies outside of declared-public code."""
    addresses, of_pc = numbered(pcs)
    return np.array([reason_of(int(address), public) is None for address in addresses], bool)[of_pc]


def rows(attribution: Attribution, found: Assessment) -> tuple[Row, ...]:
    """Return one row per executed instruction, by address."""
    worst_t1, _ = attribution.worst(found.t1)
    worst_t2, _ = attribution.worst(found.t2)
    worst_rho, at_rho = attribution.worst(found.rho)
    worst_snr, _ = attribution.worst(found.snr)
    deterministic = attribution.count(found.deterministic) > 0
    executions = np.bincount(attribution.of_sample, minlength=len(attribution.addresses))
    inside = np.zeros(len(attribution.of_sample), bool)
    inside[slice(*found.attacked)] = found.has_cpa
    attacked = attribution.count(inside) > 0
    return tuple(
        Row(
            place=place,
            executions=int(executions[index]),
            max_abs_t1=finite(worst_t1[index]) if found.has_tvla else None,
            max_abs_t2=finite(worst_t2[index]) if found.has_tvla else None,
            deterministic=bool(deterministic[index]),
            max_abs_rho=float(worst_rho[index]) if attacked[index] else None,
            rho_byte=int(found.rho_byte[at_rho[index]]) if attacked[index] else None,
            max_snr=finite(worst_snr[index]) if found.has_snr else None,
            public=attribution.reasons[index],
        )
        for index, place in enumerate(attribution.places)
    )


def excluded(public: Public, pcs: npt.NDArray[np.uint32], found: Assessment) -> tuple[Excluded, ...]:
    """Show what was declared public: how much of it ran, and what it would have shown."""
    shown = []
    for start, end, place, reason in public:
        inside = (pcs >= start) & (pcs < end)
        worst = float(np.abs(found.t1[inside]).max()) if inside.any() and found.has_tvla else None
        shown.append(
            Excluded(
                place=place,
                reason=reason,
                samples=int(inside.sum()),
                leaking_samples=int((inside & (found.confirmed_1 | found.confirmed_2)).sum()),
                max_abs_t1=None if worst is None else finite(worst),
            )
        )
    return tuple(shown)


def finite(value: float) -> float | None:
    """Return a number that JSON knows, or None for an infinite one."""
    return float(value) if np.isfinite(value) else None
