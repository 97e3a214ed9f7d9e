"""Documents in MongoDB.

A collection for each shelf: `_id` is `<tenant>|<id>`; tenant, id, batch, group, at, version and blob as in a record;
`body` its JSON as text; `until` the second of its expiry, and `expires_at` the same as a date, by which the server
removes it (within a minute or so: until then reads pass over it). Indexes: (tenant, batch, at, id),
(tenant, group, at, id), (tenant, at, id), expires_at. The collection `schema` holds the version of all this.
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from bson.datetime_ms import DatetimeMS
from pymongo import ASCENDING, DESCENDING, IndexModel, ReplaceOne
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError, DuplicateKeyError

from jobs.errors import StoreUnavailable
from stores.document_rows import Row, check_conditions, check_tenant, pieces, row_of, slices
from stores.documents import Record, Shelf
from stores.mongo_client import UNAVAILABLE, Document, brief, connect, translated

VERSION = 1
PIECE = 1000
PIECE_BYTES = 16 * 1024 * 1024
"""Well below the 48 MB of a message."""
NAMES_AT_ONCE = 10_000
KEYS = {
    "batch": ["tenant", "batch", "at", "id"],
    "group": ["tenant", "group", "at", "id"],
    "order": ["tenant", "at", "id"],
}
DUPLICATE = 11000


class MongoDocuments:
    """Documents, in a MongoDB that many processes share."""

    def __init__(
        self, url: str, *, database: str = "dasein", patience_s: float, clock: Callable[[], float] = time.time
    ) -> None:
        """Look for a server for `patience_s`, first when it is needed."""
        self._client = connect(url, patience_s=patience_s)
        self._database = self._client[database]
        self._clock = clock

    def migrate(self) -> None:
        """Create the indexes that are missing."""
        schema = self._database["schema"]
        with translated():
            found = schema.find_one({"_id": "documents"}) or {}
            if found.get("version", 0) > VERSION:
                raise StoreUnavailable(f"MongoDB: the schema is {found['version']}; this version knows {VERSION}.")
            for shelf in Shelf:
                ordered = [IndexModel([(key, ASCENDING) for key in keys], name=name) for name, keys in KEYS.items()]
                expiry = IndexModel([("expires_at", ASCENDING)], name="expiry", expireAfterSeconds=0)
                self._database[shelf].create_indexes([*ordered, expiry])
            schema.update_one({"_id": "documents"}, {"$max": {"version": VERSION}}, upsert=True)

    def ping(self) -> None:
        """Ask the primary."""
        with translated():
            self._client.admin.command("ping")

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def erase(self, tenant: str) -> None:
        """Remove everything of a tenant."""
        check_tenant(tenant)
        with translated():
            for shelf in Shelf:
                self._database[shelf].delete_many({"tenant": tenant})

    def tenants(self) -> list[str]:
        """Return the tenants that have records."""
        with translated():
            return sorted({tenant for shelf in Shelf for tenant in self._database[shelf].distinct("tenant")})

    def put(self, tenant: str, shelf: Shelf, records: Iterable[Record]) -> int:
        """Write records, PIECE of them in a message."""
        check_tenant(tenant)
        collection, written = self._database[shelf], 0
        for piece in pieces(records, rows=PIECE, size=PIECE_BYTES):
            # The server may write a message's records in any order: of two with one id only the later is sent.
            documents = {row.id: _document(tenant, row) for row in piece}
            # By `_id` alone, which holds the tenant: only then the server itself tries again when two writers meet.
            writes = [ReplaceOne({"_id": one["_id"]}, one, upsert=True) for one in documents.values()]
            with translated():
                _write(collection, writes)
            written += len(piece)
        return written

    def swap(self, tenant: str, shelf: Shelf, record: Record, *, expected: int) -> bool:
        """Write a record if the stored version is the expected one."""
        check_tenant(tenant)
        now = self._clock()
        document = _document(tenant, row_of(record)._replace(version=expected + 1))
        wanted: Document = {"_id": document["_id"], "tenant": tenant}
        with translated():
            if expected:
                wanted |= {"version": expected, "until": _later(now)}
                return self._database[shelf].replace_one(wanted, document).matched_count == 1
            try:
                # Replaces what has expired; what has not is not matched, and then the key is there already.
                self._database[shelf].replace_one(wanted | {"until": {"$lte": now}}, document, upsert=True)
            except DuplicateKeyError:
                return False
            return True

    def get(self, tenant: str, shelf: Shelf, ids: Sequence[str]) -> dict[str, Record]:
        """Return the records that are there, by id."""
        check_tenant(tenant)
        found: dict[str, Record] = {}
        with translated():
            for some in slices(ids, each=NAMES_AT_ONCE):
                keys = {"$in": [_key(tenant, one) for one in some]}
                wanted = {"_id": keys, "tenant": tenant, "until": _later(self._clock())}
                found |= {one["id"]: _record(one) for one in self._database[shelf].find(wanted)}
        return found

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
        if limit < 1:
            return []
        way = DESCENDING if descending else ASCENDING
        rows: list[Document] = []
        with translated():
            for wanted in self._wanted(tenant, batch, groups):
                beyond = wanted | _beyond(after, descending=descending)
                rows += self._database[shelf].find(beyond).sort([("at", way), ("id", way)]).limit(limit)
        rows.sort(key=lambda one: (one["at"], one["id"]), reverse=descending)
        return [_record(one) for one in rows[:limit]]

    def count(self, tenant: str, shelf: Shelf, *, batch: str | None = None, groups: Sequence[str] | None = None) -> int:
        """Return how many records there are."""
        check_tenant(tenant)
        with translated():
            return sum(self._database[shelf].count_documents(one) for one in self._wanted(tenant, batch, groups))

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
        some_ids: Iterable[Sequence[str] | None] = [None] if ids is None else slices(ids, each=NAMES_AT_ONCE)
        removed = 0
        with translated():
            for some in some_ids:
                keys = {} if some is None else {"_id": {"$in": [_key(tenant, one) for one in some]}}
                for wanted in _asked(tenant, batch, groups):
                    removed += self._database[shelf].delete_many(wanted | keys).deleted_count
        return removed

    def _wanted(self, tenant: str, batch: str | None, groups: Sequence[str] | None) -> Iterator[Document]:
        visible = {"until": _later(self._clock())}
        return (one | visible for one in _asked(tenant, batch, groups))


def _write(collection: Collection[Document], writes: list[ReplaceOne[Document]]) -> None:
    """Write; worth another try is also what another writer created at the same moment, or what no majority has yet."""
    try:
        collection.bulk_write(writes, ordered=False)
    except BulkWriteError as error:
        if not {failed["code"] for failed in error.details["writeErrors"]} <= UNAVAILABLE | {DUPLICATE}:
            raise
        raise StoreUnavailable(f"MongoDB: {brief(error)}") from error


def _asked(tenant: str, batch: str | None, groups: Sequence[str] | None) -> Iterator[Document]:
    """Yield the conditions; of many groups some at once."""
    wanted = {"tenant": tenant} if batch is None else {"tenant": tenant, "batch": batch}
    if groups is None:
        yield wanted
    else:
        yield from (wanted | {"group": {"$in": list(some)}} for some in slices(groups, each=NAMES_AT_ONCE))


def _beyond(after: tuple[float, str] | None, *, descending: bool) -> Document:
    if after is None:
        return {}
    at, last = after
    side = "$lt" if descending else "$gt"
    # The first condition is for the index, the second for the records of that very moment.
    return {"at": {f"{side}e": at}, "$or": [{"at": {side: at}}, {"id": {side: last}}]}


def _later(now: float) -> Document:
    """Match what expires later than `now`, or never."""
    return {"$not": {"$lte": now}}


def _key(tenant: str, name: str) -> str:
    return f"{tenant}|{name}"


def _document(tenant: str, row: Row) -> Document:
    fields = row._asdict()
    until = fields.pop("expires_at")
    expiry = {} if until is None else {"until": until, "expires_at": DatetimeMS(math.ceil(until * 1000))}
    return {"_id": _key(tenant, row.id), "tenant": tenant, **fields, **expiry}


def _record(document: Mapping[str, Any]) -> Record:
    return Row(
        id=document["id"],
        batch=document["batch"],
        group=document["group"],
        at=document["at"],
        expires_at=document.get("until"),
        version=int(document["version"]),
        body=document["body"],
        blob=document["blob"],
    ).record
