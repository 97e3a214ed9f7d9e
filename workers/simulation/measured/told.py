"""What a report says of measured traces."""

from dataclasses import dataclass
from typing import Literal

from jobs.report import Alignment
from jobs.report_measured import Measured, Quantised
from workers.simulation.inputs import GROUPS
from workers.simulation.measured.attacked import Attacked
from workers.simulation.measured.mapping import Places
from workers.simulation.measured.taken import Taken
from workers.simulation.moments import PowerSums
from workers.simulation.run import LEFT_OUT


@dataclass(frozen=True, slots=True)
class Source:
    """The file that the traces come from."""

    sha256: str
    bytes: int


def measured_of(taken: Taken, source: Source, places: Places, attack: Attacked, power: PowerSums) -> Measured:
    """Write down where the traces come from and what was made of them."""
    request, sets, scale = taken.request, taken.sets, taken.scale
    variance = power.union(range(GROUPS)).moments().second
    varies = variance > 0
    added = float((1 / 12 / variance[varies]).max(initial=0.0)) if varies.any() and not scale.lossless else 0.0
    return Measured(
        form=taken.layout.form,
        sha256=source.sha256,
        bytes=source.bytes,
        traces=taken.layout.traces,
        left_out=int((sets.labels == LEFT_OUT).sum()),
        samples=taken.layout.samples,
        first_sample=taken.layout.first_sample,
        unit=request.unit,
        sampled_hz=request.sampled_hz,
        values={name: last - first for name, (first, last) in taken.layout.values.items()},
        groups=sets.how,
        groups_why=sets.why,
        key=attack.aimed.key_from,
        quantised=Quantised(
            lossless=scale.lossless and taken.layout.narrowed == 0,
            smallest_step=float(scale.step.min()),
            largest_step=float(scale.step.max()),
            added_variance=added + taken.layout.narrowed,
        ),
        mapped=places.mapped,
        notes=taken.layout.notes,
    )


def alignment_of(measured: Measured, samples: int) -> Alignment:
    """Write down what was compared."""
    mapped = measured.mapped
    kind: Literal["full", "common-prefix"] = "full" if samples == measured.samples else "common-prefix"
    return Alignment(
        kind=kind,
        path_instructions=mapped.path_instructions if mapped else 0,
        compared_instructions=mapped.common_instructions if mapped else 0,
        samples=samples,
        first_sample=measured.first_sample,
        diverged_traces=0,
        faulted_traces=0,
    )


def warnings_of(taken: Taken, measured: Measured, attack: Attacked, samples: int) -> tuple[str, ...]:
    """Say what is to be known before the verdict is relied on."""
    told = []
    if samples < taken.layout.samples:
        told.append(
            f"sample {samples} is not a number in some trace; statistics cover the first {samples} of "
            f"{taken.layout.samples}"
        )
    mapped = measured.mapped
    if mapped is not None and mapped.common_instructions < mapped.path_instructions:
        told.append(
            f"executions part after {mapped.common_instructions} of {mapped.path_instructions} instructions; samples "
            "behind belong to none"
        )
    if mapped is None:
        told.append("which instructions the samples belong to is not known: give firmware, target and clock")
    if attack.aimed.unranked is not None:
        told.append(attack.aimed.unranked)
    narrowed = taken.layout.narrowed
    if measured.quantised.added_variance - narrowed > 0.01:
        told.append(
            "ten bits are few for one of the samples: rounding adds "
            f"{100 * (measured.quantised.added_variance - narrowed):.1f} % to its variance"
        )
    if narrowed > 0.01:
        told.append(
            f"float32 is too coarse for one of the samples: rounding adds {100 * narrowed:.1f} % to its variance; take "
            "off what all traces have in common before you store them"
        )
    return tuple(told)
