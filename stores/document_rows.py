"""What every store of documents keeps of a record, and what it refuses: the same on all of them.

A body lies as JSON text, in MongoDB too: its keys and its numbers come back as they went, whatever the store thinks of
dots, dollars and integers of more than 64 bits.
"""

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from jobs.errors import InvalidInput, TooLarge
from stores.documents import Record

MAX_NAME = 1000
"""Characters of an id, a batch, a group or a tenant."""
MAX_RECORD_BYTES = 16_000_000
"""Of body and blob together; with the rest of it still below MongoDB's 16 MiB."""
MAX_VERSION = 2**53
LATEST_EXPIRY = 253_402_300_799.0
"""The last second of the year 9999."""


class Row(NamedTuple):
    """A record as it is stored."""

    id: str
    batch: str
    group: str
    at: float
    expires_at: float | None
    version: int
    body: str
    blob: bytes

    @property
    def record(self) -> Record:
        """Return what was stored, with a body of its own."""
        return Record(
            id=self.id,
            body=json.loads(self.body),
            batch=self.batch,
            group=self.group,
            at=self.at,
            blob=self.blob,
            expires_at=self.expires_at,
            version=self.version,
        )

    def visible(self, now: float) -> bool:
        """Say whether it has not expired."""
        return self.expires_at is None or self.expires_at > now


def row_of(record: Record) -> Row:
    """Return what is stored of a record; raise InvalidInput or TooLarge."""
    _check_name(record.id, "id")
    for name, value in (("batch", record.batch), ("group", record.group)):
        if value:
            _check_name(value, name)
    if not math.isfinite(record.at):
        raise InvalidInput(f"The record {record.id!r} is ordered by {record.at}.", field="at")
    if record.expires_at is not None and not 0 <= record.expires_at <= LATEST_EXPIRY:
        raise InvalidInput(f"The record {record.id!r} expires at {record.expires_at}.", field="expires_at")
    if not 0 <= record.version < MAX_VERSION:
        raise InvalidInput(f"The record {record.id!r} has the version {record.version}.", field="version")
    try:
        body = json.dumps(dict(record.body), allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(f"The body of {record.id!r} is no JSON: {error}", field="body") from error
    if len(body) + len(record.blob) > MAX_RECORD_BYTES:
        raise TooLarge(f"The record {record.id!r} has more than {MAX_RECORD_BYTES} bytes.", field="body")
    expires_at = None if record.expires_at is None else float(record.expires_at)
    blob = bytes(record.blob)
    return Row(record.id, record.batch, record.group, float(record.at), expires_at, record.version, body, blob)


def check_tenant(tenant: str) -> None:
    """Raise InvalidInput where a tenant's name could be taken for a part of a key."""
    _check_name(tenant, "tenant")
    if not tenant.isprintable() or set(":|") & set(tenant):
        raise InvalidInput("A tenant's name has neither colons, bars nor control characters.", field="tenant")


def check_conditions(*conditions: object | None) -> None:
    """Raise InvalidInput where nothing says what to remove."""
    if all(condition is None for condition in conditions):
        raise InvalidInput("To remove a tenant's whole shelf needs a condition; `erase` removes all.", field="ids")


def pieces(records: Iterable[Record], *, rows: int, size: int) -> Iterator[list[Row]]:
    """Yield what is stored of records, at most `rows` and about `size` bytes at once."""
    piece: list[Row] = []
    weight = 0
    for record in records:
        row = row_of(record)
        piece.append(row)
        weight += len(row.body) + len(row.blob)
        if len(piece) >= rows or weight >= size:
            yield piece
            piece, weight = [], 0
    if piece:
        yield piece


def slices(names: Sequence[str], *, each: int) -> Iterator[Sequence[str]]:
    """Yield names, at most `each` at once, none twice."""
    distinct = list(dict.fromkeys(names))
    for first in range(0, len(distinct), each):
        yield distinct[first : first + each]


def _check_name(value: str, field: str) -> None:
    if not 0 < len(value) <= MAX_NAME or "\0" in value:
        raise InvalidInput(f"A name has 1 to {MAX_NAME} characters, none of them NUL.", field=field)
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput("A name is Unicode without lone surrogates.", field=field) from error
