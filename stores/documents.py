"""The port of documents, in which the knowledge lies whole; `knowledge.py` says what holds for all its stores."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from stores.knowledge import Store


class Shelf(StrEnum):
    """The collections of documents."""

    CORPUS = "corpus"
    """One record a tenant: the version of its data, the hidden batches, the writer's lease."""
    BATCHES = "batches"
    """One record a batch: where it came from, its state, its counts."""
    MEASUREMENTS = "measurements"
    """Raw 72-dimension records, in blocks; they expire after 30 days."""
    PROFILES = "profiles"
    """What one batch says of one instruction; `group` is the instruction's id."""
    ANALYSIS_RESULTS = "analysis_results"
    """Campaign reports, as they were ingested."""
    DOCUMENTS = "documents"
    """Texts that were brought, whole."""
    CHUNKS = "chunks"
    """Parts of documents; `group` is the document's batch, `at` the position."""
    PASSAGES = "passages"
    """What can be found by words or by meaning, each text once: body {kind, text}; `at` is the segment it came in."""
    MEMBERS = "members"
    """Which things of a batch a passage speaks of: `group` is the passage, body {ids}."""
    VECTORS = "vectors"
    """Embeddings of passages and profiles: `group` is the space, `blob` little-endian float32; `at` as for passages."""
    HEADS = "heads"
    """For followers of passages and of each space of vectors: the newest segment, and the generation."""
    GRAPH = "graph"
    """What a batch brought to the graph: blocks of nodes and relations, and what it says of things that it may share."""
    REMS = "rems"
    """One record a file that REMForge read: `batch` is its id, `group` its modality, `at` when it was made; the body is
    the record, `blob` its vector, if it has one."""
    CHATS = "chats"
    """One record a session."""
    TURNS = "turns"
    """One record a turn; `group` is the session, `at` the position."""


@dataclass(frozen=True, slots=True)
class Record:
    """A document as a store keeps it."""

    id: str
    body: Mapping[str, Any]
    """JSON values."""
    batch: str = ""
    """The batch that it came with."""
    group: str = ""
    """What it is looked up by besides its id."""
    at: float = 0.0
    """What it is ordered by, ties by id."""
    blob: bytes = b""
    expires_at: float | None = None
    """Seconds since the epoch; an expired record is not seen, and is removed in time."""
    version: int = 0
    """Of records that are swapped."""


class Documents(Store, Protocol):
    """Records by tenant, shelf and id."""

    def put(self, tenant: str, shelf: Shelf, records: Iterable[Record]) -> int:
        """Write records, replacing those of the same id, and return how many; in bulk, not one by one."""

    def swap(self, tenant: str, shelf: Shelf, record: Record, *, expected: int) -> bool:
        """Write a record with the version `expected` + 1, if the stored one has `expected` (0: there is none); else False.

        Atomic: of two callers that expect the same version one succeeds.
        """

    def get(self, tenant: str, shelf: Shelf, ids: Sequence[str]) -> dict[str, Record]:
        """Return the records that are there, by id."""

    def find(
        self,
        tenant: str,
        shelf: Shelf,
        *,
        batch: str | None = None,
        groups: Sequence[str] | None = None,
        after: tuple[float, str] | None = None,
        descending: bool = False,
        limit: int = 1000,
    ) -> list[Record]:
        """Return records in the order of (`at`, `id`), beyond `after` in that order; blobs with them."""

    def count(self, tenant: str, shelf: Shelf, *, batch: str | None = None, groups: Sequence[str] | None = None) -> int:
        """Return how many records there are."""

    def remove(
        self,
        tenant: str,
        shelf: Shelf,
        *,
        ids: Sequence[str] | None = None,
        batch: str | None = None,
        groups: Sequence[str] | None = None,
    ) -> int:
        """Remove the records that meet all conditions given, at least one, and return how many."""
