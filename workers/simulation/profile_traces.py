"""Which traces a profiled attack learns from, which it attacks, and at which samples it looks."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.errors import InvalidInput
from jobs.profiling import ProfileRequest
from workers.simulation.kept_traces import KeptTraces
from workers.simulation.known_bytes import Known, known
from workers.simulation.success import shuffled

SPLIT_PURPOSE = 511
"""The purpose of the stream that tells traces to learn from and traces to attack apart, in `draws`."""
MOST_ATTACKED = 20_000
"""Traces attacked; more would take memory and show nothing."""


@dataclass(frozen=True, slots=True)
class Traces:
    """Some traces of a campaign."""

    kept: KeptTraces
    rows: npt.NDArray[np.int64]
    known: Known


def split(
    request: ProfileRequest, kept: KeptTraces, other: KeptTraces | None, bytes_: tuple[int, ...]
) -> tuple[Traces, Traces]:
    """Return the traces to learn from and those to attack: no trace is both."""
    order = kept.rows[shuffled(len(kept.rows), request.seed, SPLIT_PURPOSE)]
    wanted = request.profiling or (len(order) if other is not None else len(order) // 2)
    left = len(order) - wanted if other is None else len(other.rows)
    if wanted > len(order) or left < 1:
        raise InvalidInput(
            f"The campaign has {len(order)} traces with random inputs that ended well; {wanted} cannot be learnt from"
            + (", as some must be left to attack." if other is None else "."),
            field="profiling",
            reason="too-few-traces",
        )
    rows = np.sort(order[:wanted])
    learnt = Traces(kept, rows, known(request, kept, rows, bytes_, field="campaign"))
    target = kept if other is None else other
    rest = order[wanted:] if other is None else other.rows[shuffled(len(other.rows), request.seed, SPLIT_PURPOSE)]
    rows = np.sort(rest[:MOST_ATTACKED])
    return learnt, Traces(target, rows, known(request, target, rows, bytes_, field="attack"))


def considered_samples(request: ProfileRequest, kept: KeptTraces, other: KeptTraces | None) -> npt.NDArray[np.intp]:
    """Return the samples that points may be taken of; raise InvalidInput where there are none."""
    usable = kept.usable.copy()
    if other is not None:
        if not np.array_equal(other.pcs, kept.pcs):
            raise InvalidInput(
                "The two campaigns do not have the same samples: give both the same firmware, target and sampling.",
                field="attack",
                reason="other-samples",
            )
        usable &= other.usable
    if request.window is not None:
        usable[: request.window[0]] = False
        usable[request.window[1] :] = False
    considered = np.flatnonzero(usable)
    if not considered.size:
        raise InvalidInput(
            "No sample is in the window, common to all executions and outside code that is declared public.",
            field="window" if request.window is not None else "campaign",
            reason="no-samples",
        )
    return considered
