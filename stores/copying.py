"""The ports by which the farm's data is copied out of its stores and put back: whole, whatever server each of them is.

Copies are made while others write; each port says what it promises then. `workers/backup` makes one whole of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from stores.documents import Documents
from stores.graph import Graph, Node, Relation

Line = Mapping[str, Any]
"""JSON values: what one thing of a store is in a backup."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a graph: things with the batches that brought each of them."""

    nodes: Sequence[tuple[Node, Sequence[str]]]
    relations: Sequence[tuple[Relation, Sequence[str]]]
    """All that leave these nodes."""
    place: int | None
    """Beyond which there may be more; None where there is not."""


class CopiedGraph(Graph, Protocol):
    """A graph that can be copied; `merge_all` puts it back."""

    def tenants(self) -> list[str]:
        """Return the tenants that have nodes, sorted."""

    def copy(self, tenant: str, *, after: int, limit: int) -> Piece:
        """Return nodes beyond the place `after` (-1: from the first) and what leaves them.

        What is there throughout comes once; what is written or removed meanwhile may come or not.
        """


class CopiedDocuments(Documents, Protocol):
    """Documents that can be copied by `find`; `put` puts them back."""

    def tenants(self) -> list[str]:
        """Return the tenants that have records, expired ones too, sorted."""


@dataclass(frozen=True, slots=True)
class Adopted:
    """What became of the records of jobs that were put back."""

    ended: int = 0
    """As they were."""
    queued: int = 0
    """In flight when they were copied: they begin anew, and workers find them."""
    dropped: int = 0
    """Parts of those, and what nobody wants twice."""


class Records(Protocol):
    """Records of jobs, and of accounts, as one store of keys. What can be made from them is not copied."""

    def copy(self, note_ended: "NoteEnded") -> Iterator[Line]:
        """Yield all records; tell of each ended job that is no part of another one.

        The cut: jobs that were submitted before the first line is asked for, each whole, as it was at some moment since.
        """

    def left_out(self) -> Mapping[str, int]:
        """Return how many keys nobody knows what to do with, by how they begin, as the last copy found them."""

    def anything(self) -> list[str]:
        """Return the names of some records that are there; none where the store is empty."""

    def workers(self) -> list[str]:
        """Return the workers that are alive."""

    def erase(self) -> None:
        """Remove all records, and the messages about them."""

    def check(self, line: Line) -> None:
        """Raise InvalidInput, or what comes of looking at it, for a line that `load` must not be given."""

    def load(self, lines: Iterable[Line], *, unwanted: Sequence[str]) -> Adopted:
        """Put records into the empty store. Jobs in flight begin anew, but those of `unwanted` kinds go."""


class NoteEnded(Protocol):
    """Who is told of jobs that have ended."""

    def __call__(self, job_id: str, /) -> None:
        """Note a job."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of the farm's data."""

    place: str
    """Below the data folder, with slashes."""
    bytes: int
    changed_ns: int
    mode: int


class DataFiles(Protocol):
    """The files of the farm that are no store's: artifacts, what jobs left, and the server's own secret."""

    def every(self) -> Iterator[Kept]:
        """Yield the files there are, sorted by place; one that goes meanwhile may be left out."""

    def path(self, place: str) -> Path:
        """Return where a file lies; raise InvalidInput for a place that no file of ours has."""

    def anything(self) -> list[str]:
        """Return the places of some files that are there."""

    def erase(self) -> None:
        """Remove all of them."""

    def put(self, kept: Kept, chunks: Iterable[bytes]) -> None:
        """Write a file, whole or not at all, with its age and its rights."""


class Vault(Protocol):
    """Where backups lie: objects by name, written whole or not at all."""

    def put(self, name: str, source: IO[bytes]) -> None:
        """Write an object from a file that is read to its end, replacing one of that name."""

    def claim(self, name: str, data: bytes) -> bool:
        """Write an object unless there is one of that name; say whether it was written."""

    def get(self, name: str) -> Iterator[bytes]:
        """Yield an object's bytes; raise NotFound."""

    def names(self, prefix: str) -> Mapping[str, int]:
        """Return the objects whose names begin with `prefix` (a folder, with its slash), with their sizes."""

    def folders(self, prefix: str) -> list[str]:
        """Return the names of the folders right below `prefix`, sorted."""

    def delete(self, names: Sequence[str]) -> None:
        """Remove objects that are there."""

    def settle(self) -> None:
        """Return when what was written survives a power failure, where that is ours to see to."""
