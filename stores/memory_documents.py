"""Documents in the memory of one process: for tests, and for a farm that may forget."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from threading import RLock

from stores.document_rows import Row, check_conditions, check_tenant, row_of
from stores.documents import Record, Shelf


class MemoryDocuments:
    """Documents, by tenant and shelf."""

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        """Start empty; `clock` gives seconds since the epoch."""
        self._clock = clock
        self._guard = RLock()
        self._shelves: defaultdict[tuple[str, Shelf], dict[str, Row]] = defaultdict(dict)

    def migrate(self) -> None:
        """Need nothing."""

    def ping(self) -> None:
        """Answer."""

    def close(self) -> None:
        """Hold nothing that must be given back."""

    def erase(self, tenant: str) -> None:
        """Remove everything of a tenant."""
        check_tenant(tenant)
        with self._guard:
            for shelf in Shelf:
                self._shelves.pop((tenant, shelf), None)

    def tenants(self) -> list[str]:
        """Return the tenants that have records."""
        with self._guard:
            return sorted({tenant for (tenant, _), rows in self._shelves.items() if rows})

    def put(self, tenant: str, shelf: Shelf, records: Iterable[Record]) -> int:
        """Write records."""
        check_tenant(tenant)
        rows = [row_of(record) for record in records]
        with self._guard:
            self._purge(tenant, shelf)
            self._shelves[tenant, shelf].update((row.id, row) for row in rows)
        return len(rows)

    def swap(self, tenant: str, shelf: Shelf, record: Record, *, expected: int) -> bool:
        """Write a record if the stored version is the expected one."""
        check_tenant(tenant)
        row = row_of(record)._replace(version=expected + 1)
        with self._guard:
            self._purge(tenant, shelf)
            rows = self._shelves[tenant, shelf]
            stored = rows.get(row.id)
            if (stored is None) != (expected == 0) or (stored is not None and stored.version != expected):
                return False
            rows[row.id] = row
        return True

    def get(self, tenant: str, shelf: Shelf, ids: Sequence[str]) -> dict[str, Record]:
        """Return the records that are there, by id."""
        check_tenant(tenant)
        now = self._clock()
        with self._guard:
            rows = self._shelves[tenant, shelf]
            found = [rows[key] for key in dict.fromkeys(ids) if key in rows]
        return {row.id: row.record for row in found if row.visible(now)}

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
        """Return records in the order of (`at`, `id`)."""
        check_tenant(tenant)
        with self._guard:
            rows = list(self._visible(tenant, shelf, batch, groups))
        rows.sort(key=_place, reverse=descending)
        beyond = (row for row in rows if after is None or (_place(row) < after if descending else _place(row) > after))
        return [row.record for row, _ in zip(beyond, range(limit), strict=False)]

    def count(self, tenant: str, shelf: Shelf, *, batch: str | None = None, groups: Sequence[str] | None = None) -> int:
        """Return how many records there are."""
        check_tenant(tenant)
        with self._guard:
            return sum(1 for _ in self._visible(tenant, shelf, batch, groups))

    def remove(
        self,
        tenant: str,
        shelf: Shelf,
        *,
        ids: Sequence[str] | None = None,
        batch: str | None = None,
        groups: Sequence[str] | None = None,
    ) -> int:
        """Remove the records that meet all conditions."""
        check_tenant(tenant)
        check_conditions(ids, batch, groups)
        wanted = None if ids is None else set(ids)
        with self._guard:
            self._purge(tenant, shelf)
            rows = list(self._visible(tenant, shelf, batch, groups))
            gone = [row.id for row in rows if wanted is None or row.id in wanted]
            for key in gone:
                del self._shelves[tenant, shelf][key]
        return len(gone)

    def _visible(self, tenant: str, shelf: Shelf, batch: str | None, groups: Sequence[str] | None) -> Iterator[Row]:
        now = self._clock()
        among = None if groups is None else set(groups)
        for row in self._shelves[tenant, shelf].values():
            if row.visible(now) and batch in (None, row.batch) and (among is None or row.group in among):
                yield row

    def _purge(self, tenant: str, shelf: Shelf) -> None:
        now = self._clock()
        rows = self._shelves[tenant, shelf]
        for key in [row.id for row in rows.values() if not row.visible(now)]:
            del rows[key]


def _place(row: Row) -> tuple[float, str]:
    return row.at, row.id
