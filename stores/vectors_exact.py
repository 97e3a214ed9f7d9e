"""Vectors in documents, compared exactly in the memory of each process.

VECTORS: <space>/<id>, group <space>, blob little-endian float32; followed as `follower.py` says.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from uuid import uuid4

import numpy as np
import structlog

from jobs.errors import InvalidInput, StoreUnavailable
from stores.documents import Documents, Record, Shelf
from stores.exact_matrix import Matrix
from stores.follower import NOTHING, Changes, Head, Trail, groups_followed
from stores.vector_rows import are_unit, direction_of, matrix_of
from stores.vectors import FloatArray, Hit, Row, Space

log = structlog.get_logger(__name__)

MAX_ROWS = 1_000_000
"""Of one space: what a process can hold and compare in tens of milliseconds."""
BUDGET_BYTES = 3 * 1024**3
MAX_SPACES = 256
"""In memory, of all tenants."""
REMEDY = "set up Milvus (DASEIN_VECTORS_URL)"


@dataclass(slots=True)
class _Index:
    """A space in memory, up to a head."""

    matrix: Matrix
    lock: Lock = field(default_factory=Lock)
    head: Head = NOTHING


class ExactVectors:
    """Vectors, for spaces of at most a million. What a search returns depends on the vectors alone."""

    def __init__(
        self,
        documents: Documents,
        *,
        max_rows: int = MAX_ROWS,
        budget_bytes: int = BUDGET_BYTES,
        new_id: Callable[[], str] = lambda: uuid4().hex,
    ) -> None:
        """Hold spaces of at most `max_rows`; above `budget_bytes` together those unused for longest are let go."""
        self._documents = documents
        self._max_rows = max_rows
        self._budget_bytes = budget_bytes
        self._new_id = new_id
        self._indexes: OrderedDict[tuple[str, Space], _Index] = OrderedDict()
        self._lock = Lock()

    def migrate(self) -> None:
        """Create what the documents need."""
        self._documents.migrate()

    def ping(self) -> None:
        """Return if the documents answer."""
        self._documents.ping()

    def erase(self, tenant: str) -> None:
        """Remove all spaces of a tenant."""
        for key in groups_followed(self._documents, tenant, Shelf.VECTORS):
            self._trail(tenant, key).drop()
        with self._lock:
            for known in [known for known in self._indexes if known[0] == tenant]:
                del self._indexes[known]

    def upsert(self, tenant: str, space: Space, rows: Sequence[Row]) -> None:
        """Write vectors."""
        if not rows:
            return
        blobs = [vector.astype("<f4").tobytes() for vector in matrix_of(rows, space)]
        names = [_name(space, row.id) for row in rows]
        self._refuse_too_many(tenant, space, names)

        def records(segment: int) -> list[Record]:
            return [
                Record(name, {}, group=space.key, at=segment, blob=blob)
                for name, blob in zip(names, blobs, strict=True)
            ]

        self._trail(tenant, space.key).write(records)

    def nearest(self, tenant: str, space: Space, vector: FloatArray, *, limit: int) -> list[Hit]:
        """Compare with every vector of the space."""
        direction = direction_of(vector, space)
        index = self._index(tenant, space)
        with index.lock:
            changes = self._trail(tenant, space.key).changes(index.head)
            if changes is not None:
                self._follow(index, changes, tenant, space)
            hits = index.matrix.nearest(direction, limit=limit)
        if changes is not None or len(self._indexes) > MAX_SPACES:
            self._let_go(beside=(tenant, space))
        return hits

    def vectors(self, tenant: str, space: Space, ids: Sequence[str]) -> dict[str, FloatArray]:
        """Return the vectors that are there."""
        names = [_name(space, name) for name in dict.fromkeys(ids)]
        found, matrix = _read(list(self._documents.get(tenant, Shelf.VECTORS, names).values()), space)
        return dict(zip(found, matrix, strict=True))

    def remove(self, tenant: str, space: Space, ids: Sequence[str]) -> None:
        """Remove vectors."""
        self._trail(tenant, space.key).remove([_name(space, name) for name in ids])

    def drop(self, tenant: str, space: Space) -> None:
        """Remove a space."""
        self._trail(tenant, space.key).drop()

    def count(self, tenant: str, space: Space) -> int:
        """Return how many vectors there are."""
        return self._documents.count(tenant, Shelf.VECTORS, groups=[space.key])

    def held(self, tenant: str) -> int:
        """Return how many vectors of any space there are."""
        return self._documents.count(tenant, Shelf.VECTORS)

    def _refuse_too_many(self, tenant: str, space: Space, names: Sequence[str]) -> None:
        room = self._max_rows - self.count(tenant, space)
        if room < len(names) and room < len(set(names) - self._documents.get(tenant, Shelf.VECTORS, names).keys()):
            raise InvalidInput(
                f"A space has at most {self._max_rows} vectors here: {REMEDY}.", reason="too-many-vectors"
            )

    def _follow(self, index: _Index, changes: Changes, tenant: str, space: Space) -> None:
        """Take in what has changed. What an error interrupts is done again: the head stays where it was."""
        if changes.afresh:
            # Counted first: what is too much is not read to find that out.
            if changes.head.generation and self.count(tenant, space) > self._max_rows:
                raise StoreUnavailable(f"{space.key} has more than {self._max_rows} vectors: {REMEDY}.")
            index.matrix = Matrix(space.dimensions)
        index.matrix.discard(_id(space, name) for name in changes.removed)
        for page in changes.pages:
            index.matrix.put(*_read(page, space))
        index.head = changes.head

    def _index(self, tenant: str, space: Space) -> _Index:
        with self._lock:
            index = self._indexes.setdefault((tenant, space), _Index(Matrix(space.dimensions)))
            self._indexes.move_to_end((tenant, space))
            return index

    def _let_go(self, *, beside: tuple[str, Space]) -> None:
        """Forget spaces that were not used for longest while all together take too much."""
        with self._lock:
            total = sum(index.matrix.nbytes for index in self._indexes.values())
            for key in [key for key in self._indexes if key != beside]:
                if total <= self._budget_bytes and len(self._indexes) <= MAX_SPACES:
                    return
                total -= self._indexes.pop(key).matrix.nbytes

    def _trail(self, tenant: str, key: str) -> Trail:
        return Trail(self._documents, tenant, Shelf.VECTORS, key, self._new_id)


def _name(space: Space, name: str) -> str:
    return f"{space.key}/{name}"


def _id(space: Space, name: str) -> str:
    return name[len(space.key) + 1 :]


def _read(records: Sequence[Record], space: Space) -> tuple[list[str], FloatArray]:
    """Return ids and vectors of records; what is damaged is left out, and logged."""
    whole = [record for record in records if len(record.blob) == 4 * space.dimensions]
    blobs = b"".join(record.blob for record in whole)
    matrix = np.frombuffer(blobs, "<f4").reshape(len(whole), space.dimensions)
    unit = are_unit(matrix)
    ids = [_id(space, record.id) for record, good in zip(whole, unit, strict=True) if good]
    if len(ids) < len(records):
        log.warning("vectors_damaged", space=space.key, count=len(records) - len(ids))
    return ids, matrix[unit]
