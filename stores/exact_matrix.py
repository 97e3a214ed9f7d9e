"""Vectors of one space side by side in memory, compared one and all."""

from collections.abc import Iterable, Sequence

import numpy as np

from stores.vectors import FloatArray, Hit

FIRST_ROWS = 256
AT_ONCE = 4096
"""Rows that are compared in double precision at once."""
BYTES_PER_ID = 200
"""About what a row's id takes in a list and a table."""


class Matrix:
    """Rows by id. Results depend on what the rows are, not on where they lie or how they came."""

    def __init__(self, dimensions: int) -> None:
        """Start empty."""
        self._rows = np.empty((0, dimensions), np.float32)
        self._ids: list[str] = []
        self._places: dict[str, int] = {}
        # Twice what a product of unit vectors may be off in single precision, whatever the order of its sum.
        self._margin = np.float32(dimensions * 2.0**-23)

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def nbytes(self) -> int:
        """Return about how much memory it takes."""
        return self._rows.nbytes + BYTES_PER_ID * len(self._ids)

    def put(self, ids: Sequence[str], rows: FloatArray) -> None:
        """Add rows, replacing those of the same id."""
        for name in ids:
            if name not in self._places:
                self._places[name] = len(self._ids)
                self._ids.append(name)
        if len(self._ids) > len(self._rows):
            grown = np.empty((max(FIRST_ROWS, len(self._ids), 2 * len(self._rows)), rows.shape[1]), np.float32)
            grown[: len(self._rows)] = self._rows
            self._rows = grown
        self._rows[[self._places[name] for name in ids]] = rows

    def discard(self, ids: Iterable[str]) -> None:
        """Remove rows, if they are there; the last one takes the place of one that goes."""
        for name in ids:
            place = self._places.pop(name, None)
            if place is None:
                continue
            last = self._ids.pop()
            if last != name:
                self._ids[place] = last
                self._places[last] = place
                self._rows[place] = self._rows[len(self._ids)]

    def nearest(self, direction: FloatArray, *, limit: int) -> list[Hit]:
        """Return the rows with the greatest cosines, best first; equal ones by id."""
        count = min(limit, len(self._ids))
        if count <= 0:
            return []
        scores = self._rows[: len(self._ids)] @ direction
        # A fast product differs in its last bits with where a row lies: it only says which rows are worth an exact one.
        least = np.partition(scores, len(scores) - count)[len(scores) - count]
        places = np.flatnonzero(scores >= least - self._margin)
        precise = direction.astype(np.float64)
        exact = np.concatenate(
            [
                (self._rows[places[start : start + AT_ONCE]].astype(np.float64) * precise).sum(axis=1)
                for start in range(0, len(places), AT_ONCE)
            ]
        )
        if len(places) > count:
            kept = exact >= np.partition(exact, len(exact) - count)[len(exact) - count]
            places, exact = places[kept], exact[kept]
        best = sorted((-score, self._ids[place]) for score, place in zip(exact.tolist(), places.tolist(), strict=True))
        return [Hit(name, -score) for score, name in best[:count]]
