"""A bounded file of bytes by digest that processes share.

SQLite, write-ahead log. vectors(key: digest, used: hour of the last use since the epoch, vector: the bytes).
Losing it costs time and nothing else, so whatever is wrong with it is logged and lived with.
"""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from threading import Lock

import structlog

log = structlog.get_logger(__name__)

SCHEMA = """
CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, used INTEGER NOT NULL, vector BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS vectors_used ON vectors (used, key);
"""
PAGE_BYTES = 16384
"""Of which a vector of some hundred numbers wastes little."""
PATIENCE_S = 2.0
"""How long another process's write is waited for."""
PAUSE_S = 60.0
"""How long a file that cannot be opened is left alone."""
AT_ONCE = 500
GRAIN_S = 3600
"""Uses are told apart by the hour: most reads then write nothing."""
FORGOTTEN_SHARE = 4
"""A full file loses one in so many."""
DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


class DigestFile:
    """Bytes by digest, those used last."""

    def __init__(self, path: Path, *, limit_bytes: int, clock: Callable[[], float]) -> None:
        """Use the file at `path`; `clock` gives seconds since the epoch."""
        self._path = path
        self._limit_bytes = limit_bytes
        self._clock = clock
        self._lock = Lock()
        self._open: tuple[int, sqlite3.Connection] | None = None
        self._inode: int | None = None
        self._closed_until = 0.0

    def get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return what is there, as it was put or damaged: its owner knows how to tell."""
        found: dict[bytes, bytes] = {}
        for some in _parts(keys):
            with self._connected() as connection:
                if connection is not None:
                    found |= self._read(connection, some)
        return found

    def put(self, values: Mapping[bytes, bytes]) -> None:
        """Keep values, if that is possible."""
        hour = self._hour()
        with self._connected() as connection:
            if connection is None:
                return
            rows = ((key, hour, value) for key, value in values.items())
            with connection:
                connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)
            self._shrink(connection)

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        with self._lock:
            if self._open is not None and self._open[0] == os.getpid():
                self._open[1].close()
            self._open = None

    def _read(self, connection: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        marks = ",".join("?" * len(keys))
        rows = connection.execute(f"SELECT key, used, vector FROM vectors WHERE key IN ({marks})", keys)  # noqa: S608 - question marks
        found, stale, hour = {}, [], self._hour()
        for key, used, value in rows:
            found[key] = value
            if used < hour:
                stale.append((hour, key))
        if stale:
            with connection:
                connection.executemany("UPDATE vectors SET used = ? WHERE key = ?", stale)
        return found

    def _shrink(self, connection: sqlite3.Connection) -> None:
        """Forget what was not used for longest while the file holds more than it may."""
        while self._bytes(connection) > self._limit_bytes:
            (count,) = connection.execute("SELECT count(*) FROM vectors").fetchone()
            if not count:
                return
            oldest = "SELECT key FROM vectors ORDER BY used, key LIMIT ?"
            with connection:
                connection.execute(
                    f"DELETE FROM vectors WHERE key IN ({oldest})",  # noqa: S608 - a constant
                    (-(-count // FORGOTTEN_SHARE),),
                )

    def _bytes(self, connection: sqlite3.Connection) -> int:
        pages, free, size = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)

    def _hour(self) -> int:
        return int(self._clock() // GRAIN_S)

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection | None]:
        """Give the connection, or None where there is none to be had; what goes wrong with it is logged."""
        with self._lock:
            connection = None
            try:
                connection = self._connection()
            except (sqlite3.Error, OSError) as error:
                self._failed(error)
            try:
                yield connection
            except sqlite3.Error as error:
                self._failed(error)

    def _failed(self, error: Exception) -> None:
        log.warning("vector_file_failed", path=str(self._path), reason=str(error))
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in DAMAGED:
            self._move_aside()

    def _connection(self) -> sqlite3.Connection | None:
        """Return this process's connection: one that was made before a fork is its parent's."""
        if self._open is not None and self._open[0] == os.getpid():
            return self._open[1]
        if self._clock() < self._closed_until:
            return None
        self._closed_until = self._clock() + PAUSE_S
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=PATIENCE_S, check_same_thread=False)
        try:
            self._inode = self._path.stat().st_ino
            connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(f"PRAGMA journal_size_limit = {self._limit_bytes // FORGOTTEN_SHARE}")
            connection.executescript(SCHEMA)
        except (sqlite3.Error, OSError):
            connection.close()
            raise
        self._open = os.getpid(), connection
        self._closed_until = 0.0
        return connection

    def _move_aside(self) -> None:
        """Take a damaged file out of the way, unless another process has done so, and begin anew."""
        if self._open is not None:
            self._open[1].close()
            self._open = None
        try:
            if self._path.stat().st_ino == self._inode:
                for name in (f"{self._path}-wal", f"{self._path}-shm"):
                    Path(name).unlink(missing_ok=True)
                aside = self._path.with_name(f"{self._path.name}.damaged")
                self._path.replace(aside)
                log.warning("vector_file_moved_aside", path=str(self._path), to=str(aside))
            self._closed_until = 0.0
        except OSError as error:
            log.warning("vector_file_failed", path=str(self._path), reason=str(error))


def _parts(keys: Iterable[bytes]) -> Iterator[list[bytes]]:
    remaining = iter(keys)
    while some := list(islice(remaining, AT_ONCE)):
        yield some
