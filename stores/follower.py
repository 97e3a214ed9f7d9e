"""What is written to a shelf of documents as a trail, which every process follows to keep an index of its own.

A writer puts records `at` the next segment and then moves the head; a reader that finds the head moved loads what lies
beyond the segment that it has seen. A segment that two writers took is written again by the one that came late. On HEADS:
    <trail>             {segment, generation, floor}, swapped, group `trails:<shelf>`
    <trail>#<segment>   {ids}, group `<trail>`, at the segment: records to look at again, because they were removed
A new generation, or a floor above what was seen, means: forget everything and begin again.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from jobs.errors import StoreUnavailable
from stores.documents import Documents, Record, Shelf

PAGE = 2000
"""Records that are read at once."""
REMOVED_AT_ONCE = 1000
MANY_REMOVED = 10_000
"""Above this, reading all again is less work than looking at what was removed."""
REMOVALS_KEPT = 200
TRIES = 50
"""Of a writer against others, each of whom succeeded when it did not."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where a trail ends; a reader keeps the one up to which it has read."""

    generation: str = ""
    """Empty where there is nothing."""
    segment: int = 0
    floor: int = 0
    """What was removed up to here is not told one by one any more."""
    version: int = 0


NOTHING = Head()


@dataclass(frozen=True, slots=True)
class Changes:
    """What a reader must do, in this order, to be where `head` is."""

    head: Head
    afresh: bool
    """Forget everything."""
    removed: Sequence[str]
    """Ids to forget."""
    pages: Iterator[Sequence[Record]]
    """Records to take in, replacing those of the same id; read as they are asked for."""


@dataclass(frozen=True, slots=True)
class Trail:
    """The records of a tenant on one shelf, or of one group of it. Writers and readers may be in any process."""

    documents: Documents
    tenant: str
    shelf: Shelf
    group: str | None
    """None for the whole shelf."""
    new_id: Callable[[], str]

    @property
    def name(self) -> str:
        """Return the id of the head."""
        return self.shelf if self.group is None else f"{self.shelf}:{self.group}"

    def head(self) -> Head:
        """Return where the trail ends."""
        record = self.documents.get(self.tenant, Shelf.HEADS, [self.name]).get(self.name)
        if record is None:
            return NOTHING
        body = record.body
        return Head(str(body["generation"]), int(body["segment"]), int(body["floor"]), record.version)

    def write(self, records: Callable[[int], Sequence[Record]]) -> None:
        """Put the records of a segment, whose number they are asked for."""
        for _ in range(TRIES):
            head = self.head()
            self.documents.put(self.tenant, self.shelf, records(head.segment + 1))
            if self._move(head, generation=head.generation, floor=head.floor):
                return
        raise _crowded()

    def remove(self, ids: Sequence[str]) -> None:
        """Remove records, and tell the readers."""
        for start in range(0, len(ids), REMOVED_AT_ONCE):
            some = list(ids[start : start + REMOVED_AT_ONCE])
            self.documents.remove(self.tenant, self.shelf, ids=some)
            if len(ids) <= MANY_REMOVED:
                self._tell(some)
        if len(ids) > MANY_REMOVED:
            self._restart()

    def drop(self) -> None:
        """Remove everything."""
        if self.group is None:
            # A shelf is emptied a page at a time, for want of a condition that all of it meets.
            while page := self.documents.find(self.tenant, self.shelf, limit=PAGE):
                self.documents.remove(self.tenant, self.shelf, ids=[record.id for record in page])
        else:
            self.documents.remove(self.tenant, self.shelf, groups=[self.group])
        self.documents.remove(self.tenant, Shelf.HEADS, groups=[self.name])
        self.documents.remove(self.tenant, Shelf.HEADS, ids=[self.name])

    def changes(self, seen: Head) -> Changes | None:
        """Return what has changed since a reader was at `seen`; None if nothing has."""
        head = self.head()
        if (head.generation, head.segment) == (seen.generation, seen.segment):
            return None
        if head.generation != seen.generation or not head.floor <= seen.segment <= head.segment:
            return Changes(head, afresh=True, removed=(), pages=self._pages(None) if head.generation else iter(()))
        removed = [name for record in self._removals(seen.segment) for name in record.body["ids"]]
        return Changes(head, afresh=False, removed=removed, pages=self._since(seen.segment, removed))

    def _since(self, segment: int, removed: Sequence[str]) -> Iterator[Sequence[Record]]:
        # What was removed may have been written again.
        for start in range(0, len(removed), REMOVED_AT_ONCE):
            some = removed[start : start + REMOVED_AT_ONCE]
            yield list(self.documents.get(self.tenant, self.shelf, some).values())
        yield from self._pages((segment + 0.5, ""))

    def _pages(self, after: tuple[float, str] | None) -> Iterator[Sequence[Record]]:
        groups = None if self.group is None else [self.group]
        while page := self.documents.find(self.tenant, self.shelf, groups=groups, after=after, limit=PAGE):
            yield page
            after = page[-1].at, page[-1].id

    def _removals(self, segment: int) -> Iterator[Record]:
        after = (segment + 0.5, "")
        while page := self.documents.find(self.tenant, Shelf.HEADS, groups=[self.name], after=after, limit=PAGE):
            yield from page
            after = page[-1].at, page[-1].id

    def _tell(self, ids: Sequence[str]) -> None:
        """Note that records were removed."""
        for _ in range(TRIES):
            head = self.head()
            segment = head.segment + 1
            removal = Record(f"{self.name}#{segment}", {"ids": list(ids)}, group=self.name, at=segment)
            # Not put but swapped: of two removals that take the same segment, neither may be lost.
            if not self.documents.swap(self.tenant, Shelf.HEADS, removal, expected=0):
                self._move(head, generation=head.generation, floor=head.floor)
                continue
            old = self._too_many()
            floor = max([head.floor, *(int(record.at) for record in old)])
            if self._move(head, generation=head.generation, floor=floor):
                if old:
                    self.documents.remove(self.tenant, Shelf.HEADS, ids=[record.id for record in old])
                return
        raise _crowded()

    def _too_many(self) -> Sequence[Record]:
        """Return the older half of the removals where they are too many."""
        if self.documents.count(self.tenant, Shelf.HEADS, groups=[self.name]) <= REMOVALS_KEPT:
            return ()
        return self.documents.find(self.tenant, Shelf.HEADS, groups=[self.name], limit=REMOVALS_KEPT // 2)

    def _restart(self) -> None:
        for _ in range(TRIES):
            head = self.head()
            if self._move(head, generation="", floor=head.segment + 1):
                return
        raise _crowded()

    def _move(self, head: Head, *, generation: str, floor: int) -> bool:
        """Move the head one segment on, unless somebody else has moved it."""
        body = {"segment": head.segment + 1, "generation": generation or self.new_id(), "floor": floor}
        record = Record(self.name, body, group=f"trails:{self.shelf}")
        return self.documents.swap(self.tenant, Shelf.HEADS, record, expected=head.version)


def groups_followed(documents: Documents, tenant: str, shelf: Shelf) -> list[str]:
    """Return the groups of a shelf that have a trail."""
    heads = documents.find(tenant, Shelf.HEADS, groups=[f"trails:{shelf}"], limit=100_000)
    return [head.id.partition(":")[2] for head in heads]


def _crowded() -> StoreUnavailable:
    return StoreUnavailable("Too many writers at once.")
