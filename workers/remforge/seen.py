"""The records that a search may see: none of a hidden batch, none of another modality."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from jobs.rem import Modality
from stores.documents import Documents, Record, Shelf
from stores.vectors import Texts, Vectors
from workers.remforge.probe import Probe

WIDER = 4
"""Candidates for each record wanted: some are hidden, of another modality, or found by several passages."""
LEAST = 40
MOST = 16_384
"""Candidates beyond which nobody looks: what Milvus returns at most."""
PAGE = 5000


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that was found; `score` is comparable within one list."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Seen:
    """A tenant's records at one moment."""

    documents: Documents
    tenant: str
    hidden: Collection[str]
    modality: Modality | None
    _records: dict[str, Record | None] = field(default_factory=dict, repr=False)

    def by_words(self, query: str, texts: Texts, *, limit: int) -> list[Candidate]:
        """Return records by the best of their passages, best first; raise StoreUnavailable."""

        def look(wanted: int) -> tuple[list[Candidate], bool]:
            hits = texts.best(self.tenant, query, limit=wanted, kinds={"rem"})
            owners = self._owners([hit.id for hit in hits])
            best: dict[str, float] = {}
            for hit in hits:
                if (owner := owners.get(hit.id)) is not None:
                    best.setdefault(owner, hit.score)
            return [Candidate(key, score) for key, score in best.items()], len(hits) < wanted

        return self._enough(look, limit)

    def by_vector(self, probe: Probe, vectors: Vectors, *, limit: int) -> list[Candidate]:
        """Return the nearest records of the probe's space, best first; raise StoreUnavailable."""

        def look(wanted: int) -> tuple[list[Candidate], bool]:
            hits = vectors.nearest(self.tenant, probe.space, probe.vector, limit=wanted)
            return [Candidate(hit.id, hit.score) for hit in hits], len(hits) < wanted

        return self._enough(look, limit)

    def record(self, key: str) -> Record:
        """Return a record that was found."""
        found = self._records[key]
        if found is None:
            raise KeyError(key)
        return found

    def _enough(self, look: Callable[[int], tuple[list[Candidate], bool]], limit: int) -> list[Candidate]:
        """Look for more until there are enough that may be seen, or no more."""
        wanted = max(LEAST, WIDER * limit)
        while True:
            candidates, all_of_them = look(wanted)
            self._read(one.id for one in candidates)
            kept = [one for one in candidates if self._records.get(one.id) is not None]
            if len(kept) >= limit or all_of_them or wanted >= MOST:
                return kept
            wanted = min(8 * wanted, MOST)

    def _read(self, ids: Iterable[str]) -> None:
        missing = sorted({key for key in ids if key not in self._records})
        found = self.documents.get(self.tenant, Shelf.REMS, missing) if missing else {}
        self._records.update({key: self._visible(found.get(key)) for key in missing})

    def _visible(self, record: Record | None) -> Record | None:
        if record is None or record.batch in self.hidden:
            return None
        return record if self.modality is None or record.group == self.modality.value else None

    def _owners(self, passages: Sequence[str]) -> dict[str, str]:
        """Return the record that each passage is of."""
        owners: dict[str, str] = {}
        after = None
        while passages and (
            page := self.documents.find(self.tenant, Shelf.MEMBERS, groups=passages, after=after, limit=PAGE)
        ):
            owners |= {member.group: member.batch for member in page}
            after = (page[-1].at, page[-1].id)
        return owners
