"""What an attack reads of executions: where each value lies in a row of inputs, and those that never change."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from jobs.attackable import Span, Values
from jobs.payloads import CampaignRequest
from workers.simulation.inputs import columns, constant

Bytes = npt.NDArray[np.uint8]
Reader = Callable[[Bytes, Bytes], Bytes]
"""From input rows [n, bytes] and outputs [n, bytes] to some bytes of each [n, length]."""


class KnownValues(Protocol):
    """The values of executions, simulated or measured."""

    @property
    def told(self) -> Values:
        """Return what there is."""

    def columns(self, name: str) -> slice:
        """Return where a value lies in a row of inputs."""

    def constant(self, name: str) -> Bytes:
        """Return a value that never changes [bytes]."""


@dataclass(frozen=True, slots=True)
class CampaignValues:
    """The values of a simulated campaign: its inputs, in the order of its target."""

    request: CampaignRequest

    @property
    def told(self) -> Values:
        """Return the target, which says what there is."""
        return self.request.target

    def columns(self, name: str) -> slice:
        """Return where an input lies in a row."""
        return columns(self.request, name)

    def constant(self, name: str) -> Bytes:
        """Return the constant or fixed value of an input."""
        names = [item.name for item in self.request.target.inputs]
        return constant(self.request, names.index(name))


def reader(values: KnownValues, span: Span, length: int) -> Reader:
    """Return what reads `length` bytes of a variable from input rows and outputs; a single byte is repeated."""
    if span.input is not None and not span.varies:
        same = constant_of(values, span, length)
        return lambda rows, _outputs: np.ascontiguousarray(np.broadcast_to(same, (len(rows), length)))

    def read(rows: Bytes, outputs: Bytes) -> Bytes:
        whole = outputs if span.input is None else rows[:, values.columns(span.input)]
        return np.ascontiguousarray(np.broadcast_to(whole[:, span.first : span.last], (len(rows), length)))

    return read


def constant_of(values: KnownValues, span: Span, length: int) -> Bytes:
    """Return the constant bytes that a variable has [length]; a single byte is repeated."""
    if span.input is None:
        raise ValueError("an output is not constant")
    bytes_ = values.constant(span.input)[span.first : span.last]
    return np.ascontiguousarray(np.broadcast_to(bytes_, (length,)))
