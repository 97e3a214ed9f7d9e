"""What an attack guesses, byte by byte: what is known of a trace, and which sums hold the evidence."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workers.simulation.cpa import ClassSums
from workers.simulation.leakage import Leakage, Pairing
from workers.simulation.prediction import PredictionSums

Bytes = npt.NDArray[np.uint8]
Sums = ClassSums | PredictionSums
Known = Callable[[Bytes, Bytes], tuple[Bytes, ...]]
"""From input rows and outputs to the known bytes [n, subkeys], and where the prediction is paired their partners."""
Models = tuple[Leakage, ...]


@dataclass(frozen=True, slots=True)
class Subkey:
    """One byte that is guessed."""

    name: str
    models: Models
    """The models of which the one that shows most counts."""


@dataclass(frozen=True, slots=True)
class Targets:
    """What an attack guesses, in the order of its report."""

    what: str
    """What is predicted, as a noun: `the output of ...`."""
    of: str
    """What the bytes are bytes of: `key`, `round key 10` ..."""
    subkeys: tuple[Subkey, ...]
    known: Known
    truth: bytes | None
    """The right guesses; None where nobody knows them, or they shall not be ranked."""
    met: bytes | None = None
    """Where all of the prediction is known: the guesses that leave it as it is."""
    assumes: str | None = None
    """What the attack takes for granted about other bytes."""
    conditional: bool = False
    """Whether the attack knows what a real one would not: then what it finds is no leak by itself."""
    pairing: Pairing | None = None
    key_of: Callable[[bytes], bytes] | None = None
    """From right guesses to the key; None where they do not determine it."""

    @property
    def right(self) -> bytes | None:
        """Return the guesses that predict what is computed, where that is known."""
        return self.met if self.truth is None else self.truth

    def groups(self) -> list[tuple[Models, list[int]]]:
        """Return the subkeys that share their models, by index."""
        indices = range(len(self.subkeys))
        return [(models, list(group)) for models, group in groupby(indices, lambda index: self.subkeys[index].models)]

    def sums(self, samples: int, *, folder: Path | None = None) -> Sums:
        """Return empty sums for `samples` samples; with a `folder` they lie in a file of it."""
        if self.pairing is not None:
            return PredictionSums(self.pairing, samples, len(self.subkeys), folder=folder)
        return ClassSums(samples, len(self.subkeys), folder=folder)

    def add(self, sums: Sums, traces: npt.NDArray[np.int16], rows: Bytes, outputs: Bytes) -> None:
        """Add traces whose inputs are `rows` and whose outputs are `outputs` to `sums`."""
        known = self.known(rows, outputs)
        if isinstance(sums, PredictionSums):
            sums.update(traces, known[0], known[1])
        else:
            sums.update(traces, known[0])


def numbered(name: str, count: int, models: Models) -> tuple[Subkey, ...]:
    """Return subkeys that share their models, with their numbers behind the name."""
    return tuple(Subkey(f"{name} {index}", models) for index in range(count))
