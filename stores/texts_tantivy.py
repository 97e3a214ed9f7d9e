"""Passages in documents, found by BM25 with Tantivy in the memory of each process.

PASSAGES: <id> {kind, text}; followed as `follower.py` says into an index for each tenant.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from threading import Lock
from uuid import uuid4

import structlog

from stores.documents import Documents, Record, Shelf
from stores.follower import NOTHING, Changes, Head, Trail
from stores.memory_texts import check_passages
from stores.text_index import TextIndex
from stores.vectors import Hit, Passage

log = structlog.get_logger(__name__)

BUDGET_PASSAGES = 3_000_000
"""Of all tenants together in one process: about 300 bytes each."""
MAX_TENANTS = 64


@dataclass(slots=True)
class _Followed:
    index: TextIndex = field(default_factory=TextIndex)
    lock: Lock = field(default_factory=Lock)
    head: Head = NOTHING


class TantivyTexts:
    """Passages, found by their words."""

    def __init__(
        self,
        documents: Documents,
        *,
        budget_passages: int = BUDGET_PASSAGES,
        new_id: Callable[[], str] = lambda: uuid4().hex,
    ) -> None:
        """Follow the passages in `documents`; tenants unused for longest are let go above `budget_passages` together."""
        self._documents = documents
        self._budget_passages = budget_passages
        self._new_id = new_id
        self._tenants: OrderedDict[str, _Followed] = OrderedDict()
        self._lock = Lock()

    def migrate(self) -> None:
        """Create what the documents need."""
        self._documents.migrate()

    def ping(self) -> None:
        """Return if the documents answer."""
        self._documents.ping()

    def erase(self, tenant: str) -> None:
        """Remove all passages of a tenant."""
        self._trail(tenant).drop()
        with self._lock:
            self._tenants.pop(tenant, None)

    def add(self, tenant: str, passages: Sequence[Passage]) -> None:
        """Write passages."""
        check_passages(passages)

        def records(segment: int) -> list[Record]:
            return [
                Record(passage.id, {"kind": passage.kind, "text": passage.text}, at=segment) for passage in passages
            ]

        if passages:
            self._trail(tenant).write(records)

    def best(self, tenant: str, words: str, *, limit: int, kinds: Collection[str] | None = None) -> list[Hit]:
        """Return the best passages; scores that agree to three decimals are equal."""
        followed = self._followed(tenant)
        with followed.lock:
            changes = self._trail(tenant).changes(followed.head)
            if changes is not None:
                self._follow(followed, changes, tenant)
            hits = followed.index.best(words, limit=limit, kinds=kinds)
        if changes is not None or len(self._tenants) > MAX_TENANTS:
            self._let_go(beside=tenant)
        return hits

    def passages(self, tenant: str, ids: Sequence[str]) -> dict[str, Passage]:
        """Return the passages that are there."""
        records = self._documents.get(tenant, Shelf.PASSAGES, list(dict.fromkeys(ids)))
        return {passage.id: passage for passage in _passages(list(records.values()))}

    def remove(self, tenant: str, ids: Sequence[str]) -> None:
        """Remove passages."""
        self._trail(tenant).remove(ids)

    def _follow(self, followed: _Followed, changes: Changes, tenant: str) -> None:
        """Take in what has changed; what an error interrupts is done again."""
        if not changes.afresh:
            self._take_in(followed, changes)
            if followed.index.worn:
                changes = self._trail(tenant).changes(NOTHING) or changes
        if changes.afresh:
            followed.index, followed.head = TextIndex(), NOTHING
            self._take_in(followed, changes)
        followed.head = changes.head

    def _take_in(self, followed: _Followed, changes: Changes) -> None:
        followed.index.discard(changes.removed)
        for page in changes.pages:
            followed.index.put(_passages(page))
        followed.index.commit()

    def _followed(self, tenant: str) -> _Followed:
        with self._lock:
            followed = self._tenants.get(tenant) or _Followed()
            self._tenants[tenant] = followed
            self._tenants.move_to_end(tenant)
            return followed

    def _let_go(self, *, beside: str) -> None:
        """Forget tenants that were not asked for longest while all together have too much."""
        with self._lock:
            total = sum(len(followed.index) for followed in self._tenants.values())
            for tenant in [tenant for tenant in self._tenants if tenant != beside]:
                if total <= self._budget_passages and len(self._tenants) <= MAX_TENANTS:
                    return
                total -= len(self._tenants.pop(tenant).index)

    def _trail(self, tenant: str) -> Trail:
        return Trail(self._documents, tenant, Shelf.PASSAGES, None, self._new_id)


def _passages(records: Sequence[Record]) -> list[Passage]:
    """Return the passages of records; what is damaged is left out, and logged."""
    found = []
    for record in records:
        kind, text = record.body.get("kind"), record.body.get("text")
        if isinstance(kind, str) and isinstance(text, str):
            found.append(Passage(record.id, kind, text))
    if len(found) < len(records):
        log.warning("passages_damaged", count=len(records) - len(found))
    return found
