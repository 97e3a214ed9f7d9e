"""Traces that were taken in: what is in the files of an import, and what follows from it once."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.measuring import ImportRequest
from stores.ports import Files
from workers.simulation.measured.names import GROUP
from workers.simulation.measured.quantise import Scale, scale_of
from workers.simulation.measured.reading import INPUTS, TRACES, Layout
from workers.simulation.measured.sets import Sets, sets_of_traces


@dataclass(frozen=True, slots=True)
class Taken:
    """Measured traces."""

    request: ImportRequest
    layout: Layout
    traces: npt.NDArray[np.float32]
    """[traces, samples], mapped into memory"""
    inputs: npt.NDArray[np.uint8]
    """[traces, bytes], mapped into memory"""
    sets: Sets
    scale: Scale

    @property
    def samples(self) -> int:
        """Return how many samples every trace has."""
        return len(self.scale.offset)


def taken_in(
    job: str, request: ImportRequest, layout: Layout, files: Files, check: Callable[[], None] = lambda: None
) -> Taken:
    """Return the traces of an import; raise InvalidInput where they have no sample in common, or not the sets wanted."""
    traces, inputs = (np.load(files.path(job, name), mmap_mode="r", allow_pickle=False) for name in (TRACES, INPUTS))
    group, plaintext = (
        inputs[:, layout.columns(name)] if name in layout.values else None for name in (GROUP, "plaintext")
    )
    sets = sets_of_traces(
        request.groups, None if group is None else np.asarray(group[:, 0]), plaintext, traces=layout.traces
    )
    return Taken(request, layout, traces, inputs, sets, scale_of(traces, check))
