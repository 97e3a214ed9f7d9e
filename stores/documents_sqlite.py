"""Documents in one SQLite file.

A table for each shelf, as the shelves differ by orders of magnitude: (tenant, id) is its key, and an index serves each
way of asking: by batch, by group, by order, by expiry. Which one a statement uses is written into it, since the planner
knows nothing of the data. The tables keep their rowids: with a body and a blob in every row, 100,000 records went in
1.7 times faster, and came out by group 6 times faster, than WITHOUT ROWID (SQLite 3.40, 300-byte blobs).
`user_version` is the version of the schema.
"""
# ruff: noqa: S608  # what is written into statements are names of shelves and words of this module; values are parameters

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection

from stores.document_rows import Row, check_conditions, check_tenant, pieces, row_of
from stores.documents import Record, Shelf
from stores.sqlite_file import SqliteFile, translated

VERSION = 1
PIECE = 5000
"""Records written in one transaction: 100,000 take 1.4 s, by the thousand 2 s; others wait for 0.1 s at most."""
PIECE_BYTES = 16 * 1024 * 1024
REMOVED_AT_ONCE = 10_000
PURGED_AT_ONCE = 1000
COLUMNS = "id, batch, grp, at, expires_at, version, body, blob"
PUT = (
    f"INSERT INTO {{shelf}} (tenant, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (tenant, id) DO UPDATE SET batch = excluded.batch, grp = excluded.grp, at = excluded.at,"
    " expires_at = excluded.expires_at, version = excluded.version, body = excluded.body, blob = excluded.blob"
)
PURGE = (
    "DELETE FROM {shelf} WHERE rowid IN (SELECT rowid FROM {shelf} INDEXED BY {shelf}_expiry"
    " WHERE expires_at <= ? LIMIT ?)"
)
VISIBLE = "(expires_at IS NULL OR expires_at > ?)"
AMONG = "(SELECT value FROM json_each(?))"
SCHEMA = """
CREATE TABLE IF NOT EXISTS {shelf} (
    tenant TEXT NOT NULL, id TEXT NOT NULL, batch TEXT NOT NULL, grp TEXT NOT NULL, at REAL NOT NULL,
    expires_at REAL, version INTEGER NOT NULL, body TEXT NOT NULL, blob BLOB NOT NULL, PRIMARY KEY (tenant, id)
);
CREATE INDEX IF NOT EXISTS {shelf}_batch ON {shelf} (tenant, batch, at, id);
CREATE INDEX IF NOT EXISTS {shelf}_group ON {shelf} (tenant, grp, at, id);
CREATE INDEX IF NOT EXISTS {shelf}_order ON {shelf} (tenant, at, id);
CREATE INDEX IF NOT EXISTS {shelf}_expiry ON {shelf} (expires_at) WHERE expires_at IS NOT NULL
"""


class SqliteDocuments:
    """Documents, in a file that many threads and processes share."""

    def __init__(self, path: Path, *, patience_s: float, clock: Callable[[], float] = time.time) -> None:
        """Keep documents in `path`, and wait `patience_s` for other writers; nothing is opened yet."""
        self._file = SqliteFile(path, patience_s=patience_s)
        self._clock = clock

    def migrate(self) -> None:
        """Create the file and what is missing in it."""
        self._file.migrate([line.format(shelf=shelf) for shelf in Shelf for line in SCHEMA.split(";")], version=VERSION)

    def ping(self) -> None:
        """Read from the file."""
        with self._reading() as connection:
            connection.execute(f"SELECT 1 FROM {Shelf.CORPUS} LIMIT 1").fetchall()

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._file.close()

    def erase(self, tenant: str) -> None:
        """Remove everything of a tenant."""
        check_tenant(tenant)
        for shelf in Shelf:
            self._remove(shelf, f"{shelf} INDEXED BY {shelf}_order WHERE tenant = ?", (tenant,))

    def tenants(self) -> list[str]:
        """Return the tenants that have records: from each to the next one, by the index."""
        found: set[str] = set()
        with self._reading() as connection:
            for shelf in Shelf:
                last = ""
                while row := connection.execute(
                    f"SELECT tenant FROM {shelf} INDEXED BY {shelf}_order WHERE tenant > ? ORDER BY tenant LIMIT 1",
                    (last,),
                ).fetchone():
                    last = row[0]
                    found.add(last)
        return sorted(found)

    def purge(self) -> int:
        """Remove expired records of all shelves, a bounded number of each, and return how many."""
        removed = 0
        for shelf in Shelf:
            with self._writing() as connection:
                removed += self._purge(connection, shelf)
        return removed

    def put(self, tenant: str, shelf: Shelf, records: Iterable[Record]) -> int:
        """Write records, PIECE of them in a transaction."""
        check_tenant(tenant)
        written = 0
        for piece in pieces(records, rows=PIECE, size=PIECE_BYTES):
            with self._writing() as connection:
                connection.executemany(PUT.format(shelf=shelf), [(tenant, *row) for row in piece])
                self._purge(connection, shelf)
            written += len(piece)
        return written

    def swap(self, tenant: str, shelf: Shelf, record: Record, *, expected: int) -> bool:
        """Write a record if the stored version is the expected one."""
        check_tenant(tenant)
        row = row_of(record)._replace(version=expected + 1)
        # The transaction begins as a writer's: between the two statements nobody else writes.
        with self._writing() as connection:
            stored = connection.execute(
                f"SELECT version FROM {shelf} WHERE tenant = ? AND id = ? AND {VISIBLE}",
                (tenant, row.id, self._clock()),
            ).fetchone()
            if (stored is None) != (expected == 0) or (stored is not None and stored[0] != expected):
                return False
            connection.execute(PUT.format(shelf=shelf), (tenant, *row))
            self._purge(connection, shelf)
        return True

    def get(self, tenant: str, shelf: Shelf, ids: Sequence[str]) -> dict[str, Record]:
        """Return the records that are there, by id."""
        check_tenant(tenant)
        statement = f"SELECT {COLUMNS} FROM {shelf} WHERE tenant = ? AND id IN {AMONG} AND {VISIBLE}"
        with self._reading() as connection:
            rows = connection.execute(statement, (tenant, _names(ids), self._clock())).fetchall()
        return {row[0]: Row(*row).record for row in rows}

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
        source, given = _source(tenant, shelf, batch, groups)
        beyond = ""
        if after is not None:
            beyond = f"AND (at, id) {'<' if descending else '>'} (?, ?)"
            given += after
        order = "at DESC, id DESC" if descending else "at, id"
        statement = f"SELECT {COLUMNS} FROM {source} {beyond} AND {VISIBLE} ORDER BY {order} LIMIT ?"
        with self._reading() as connection:
            rows = connection.execute(statement, (*given, self._clock(), max(limit, 0))).fetchall()
        return [Row(*row).record for row in rows]

    def count(self, tenant: str, shelf: Shelf, *, batch: str | None = None, groups: Sequence[str] | None = None) -> int:
        """Return how many records there are."""
        check_tenant(tenant)
        source, given = _source(tenant, shelf, batch, groups)
        with self._reading() as connection:
            found = connection.execute(f"SELECT count(*) FROM {source} AND {VISIBLE}", (*given, self._clock()))
            return int(found.fetchone()[0])

    def remove(
        self,
        tenant: str,
        shelf: Shelf,
        *,
        ids: Sequence[str] | None = None,
        batch: str | None = None,
        groups: Sequence[str] | None = None,
    ) -> int:
        """Remove the records that meet all conditions, a bounded number in a transaction."""
        check_tenant(tenant)
        check_conditions(ids, batch, groups)
        if ids is None:
            return self._remove(shelf, *_source(tenant, shelf, batch, groups))
        source = f"{shelf} WHERE tenant = ? AND id IN {AMONG}"
        given: tuple[object, ...] = (tenant, _names(ids))
        if batch is not None:
            source, given = f"{source} AND batch = ?", (*given, batch)
        if groups is not None:
            source, given = f"{source} AND grp IN {AMONG}", (*given, _names(groups))
        return self._remove(shelf, source, given)

    def _remove(self, shelf: Shelf, source: str, given: tuple[object, ...]) -> int:
        statement = f"DELETE FROM {shelf} WHERE rowid IN (SELECT rowid FROM {source} LIMIT {REMOVED_AT_ONCE})"
        removed = 0
        while True:
            with self._writing() as connection:
                gone = connection.execute(statement, given).rowcount
            removed += gone
            if gone < REMOVED_AT_ONCE:
                return removed

    def _purge(self, connection: Connection, shelf: Shelf) -> int:
        return connection.execute(PURGE.format(shelf=shelf), (self._clock(), PURGED_AT_ONCE)).rowcount

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with translated(), self._file.connection() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with translated(), self._file.connection() as connection, self._file.transaction(connection):
            yield connection


def _source(
    tenant: str, shelf: Shelf, batch: str | None, groups: Sequence[str] | None
) -> tuple[str, tuple[object, ...]]:
    """Return the table, the index to take and the conditions, with the values given to them."""
    if groups is not None:
        # One group is already in the order of the index; of several the records are sorted.
        among, given = ("= ?", groups[0]) if len(groups) == 1 else (f"IN {AMONG}", _names(groups))
        source, values = f"{shelf} INDEXED BY {shelf}_group WHERE tenant = ? AND grp {among}", (tenant, given)
        return (source, values) if batch is None else (f"{source} AND batch = ?", (*values, batch))
    if batch is not None:
        return f"{shelf} INDEXED BY {shelf}_batch WHERE tenant = ? AND batch = ?", (tenant, batch)
    return f"{shelf} INDEXED BY {shelf}_order WHERE tenant = ?", (tenant,)


def _names(names: Sequence[str]) -> str:
    """Return names as one value, of which there is no limit."""
    return json.dumps(list(dict.fromkeys(names)))
