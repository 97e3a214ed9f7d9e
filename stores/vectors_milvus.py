"""Vectors in Milvus.

A collection for each tenant and space, `t<digest of the tenant>_<name of the space>_<digest of the whole space>`: erasing
one cannot touch another. In it `id` (VARCHAR, the key) and `vector`, by cosine: under HNSW, or FLAT in Milvus Lite, whose
searches take time for every row anyway. HNSW is approximate, and most so among equal vectors, whose edges it prunes.
"""

import hashlib
import json
import logging
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from threading import Lock
from typing import Any, Literal

import grpc  # type: ignore[import-untyped]
import numpy as np
from pymilvus import DataType, MilvusClient
from pymilvus.exceptions import ErrorCode, MilvusException

from jobs.errors import InvalidInput, StoreUnavailable
from stores.vector_rows import direction_of, matrix_of
from stores.vectors import FloatArray, Hit, Row, Space

MAX_ID_BYTES = 1024
MESSAGE_BYTES = 8 * 1024 * 1024
IDS_AT_ONCE = 500
MAX_HITS = 16_384
"""The most that Milvus returns."""
SPARE = 16
"""Hits that are looked at beyond the limit, in case scores at the limit are equal."""
DECIMALS = 6
"""Of a cosine in single precision: what agrees so far is equal, and ids decide."""
HNSW = {"M": 16, "efConstruction": 200}
NOT_LOADED = 101
"""The code for a collection that a restarted server has not read yet."""
LEAST_EF = 256
"""Recall at 10 was 0.94 of 100,000 random vectors with it."""
STRONG = "Strong"
LITE = "lite"
"""In the version of the server that loses what was not flushed; a large one keeps a log, and allows a flush every 10 s."""


class MilvusVectors:
    """Vectors, in a server for any number of them."""

    def __init__(
        self, url: str, *, token: str | None, patience_s: float, index: Literal["HNSW", "FLAT"] | None = None
    ) -> None:
        """Talk to the server at `url`; no call takes longer than `patience_s`. Nothing is connected yet.

        New collections get the `index` that is given, or the one that fits the server.
        """
        self._index = index
        self._url = url
        self._token = token or ""
        self._patience_s = patience_s
        self._lock = Lock()
        self._clients: dict[int, MilvusClient] = {}

    def migrate(self) -> None:
        """Need nothing: a collection is created with its first vectors."""
        self.ping()

    def ping(self) -> None:
        """Ask the server for its version."""
        with self._translated() as client:
            client.get_server_version(timeout=self._patience_s)

    def erase(self, tenant: str) -> None:
        """Drop all collections of a tenant."""
        with self._translated() as client:
            for name in client.list_collections(timeout=self._patience_s):
                if name.startswith(_prefix(tenant)):
                    client.drop_collection(name, timeout=self._patience_s)

    def upsert(self, tenant: str, space: Space, rows: Sequence[Row]) -> None:
        """Write vectors; they are safe when this returns."""
        for row in rows:
            if not 0 < len(row.id.encode("utf-8", "replace")) <= MAX_ID_BYTES:
                raise InvalidInput(f"An id has 1 to {MAX_ID_BYTES} bytes.", field="id")
        matrix = matrix_of(rows, space)
        if not rows:
            return
        name = _collection(tenant, space)
        # Of several vectors for one id the last one counts.
        latest = {row.id: vector for row, vector in zip(rows, matrix, strict=True)}
        data = [{"id": key, "vector": vector} for key, vector in latest.items()]
        at_once = max(1, MESSAGE_BYTES // (4 * space.dimensions))
        self._create(name, space)
        with self._translated() as client:
            for start in range(0, len(data), at_once):
                client.upsert(name, data[start : start + at_once], timeout=self._patience_s)
            if self._is_lite:
                client.flush(name, timeout=self._patience_s)

    def nearest(self, tenant: str, space: Space, vector: FloatArray, *, limit: int) -> list[Hit]:
        """Return the nearest that the index finds; scores that agree to six decimals are equal."""
        direction = direction_of(vector, space)
        looked_at = min(limit + SPARE, MAX_HITS)
        if limit < 1:
            return []
        while True:
            hits = self._search(tenant, space, direction, looked_at)
            if len(hits) < looked_at or looked_at == MAX_HITS or hits[-1].score < hits[limit - 1].score:
                return sorted(hits, key=lambda hit: (-hit.score, hit.id))[:limit]
            looked_at = min(looked_at * 8, MAX_HITS)

    def vectors(self, tenant: str, space: Space, ids: Sequence[str]) -> dict[str, FloatArray]:
        """Return the vectors that are there."""
        found: dict[str, FloatArray] = {}
        for some in _parts(ids):
            with self._translated(missing=True) as client:
                rows = self._read(client.query, tenant, space, filter=f"id in {some}", output_fields=["id", "vector"])
                found |= {row["id"]: np.array(row["vector"], np.float32) for row in rows}
        return found

    def remove(self, tenant: str, space: Space, ids: Sequence[str]) -> None:
        """Remove vectors."""
        name = _collection(tenant, space)
        with self._translated(missing=True) as client:
            for some in _parts(ids):
                client.delete(name, filter=f"id in {some}", timeout=self._patience_s)
            if ids and self._is_lite:
                client.flush(name, timeout=self._patience_s)

    def drop(self, tenant: str, space: Space) -> None:
        """Drop the collection."""
        with self._translated(missing=True) as client:
            client.drop_collection(_collection(tenant, space), timeout=self._patience_s)

    def count(self, tenant: str, space: Space) -> int:
        """Count the vectors."""
        with self._translated(missing=True) as client:
            rows = self._read(client.query, tenant, space, output_fields=["count(*)"])
            return int(rows[0]["count(*)"])
        return 0

    def held(self, tenant: str) -> int:
        """Count the vectors of all collections, and the collections themselves."""
        total = 0
        with self._translated() as client:
            for name in client.list_collections(timeout=self._patience_s):
                if name.startswith(_prefix(tenant)):
                    total += 1
                    rows = client.get_collection_stats(name, timeout=self._patience_s)
                    total += int(rows.get("row_count", 0))
        return total

    @cached_property
    def _is_lite(self) -> bool:
        with self._translated() as client:
            return LITE in client.get_server_version(timeout=self._patience_s)

    def _create(self, name: str, space: Space) -> None:
        """Create a collection if there is none; two may try at once."""
        with self._translated() as client:
            if client.has_collection(name, timeout=self._patience_s):
                return
            schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
            schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=MAX_ID_BYTES)
            schema.add_field("vector", DataType.FLOAT_VECTOR, dim=space.dimensions)
            try:
                client.create_collection(name, schema=schema, timeout=self._patience_s, consistency_level=STRONG)
            except MilvusException:
                if not client.has_collection(name, timeout=self._patience_s):
                    raise
            self._load(client, name)

    def _load(self, client: MilvusClient, name: str) -> None:
        """Have a collection indexed and read into the server's memory; both may have been done before."""
        if not client.list_indexes(name, timeout=self._patience_s):
            kind = self._index or ("FLAT" if self._is_lite else "HNSW")
            index = MilvusClient.prepare_index_params()
            index.add_index("vector", index_type=kind, metric_type="COSINE", params=HNSW if kind == "HNSW" else {})
            # Not waited for: that would sleep, and without a deadline.
            client.create_index(name, index, timeout=self._patience_s, sync=False)
        client.load_collection(name, timeout=self._patience_s)

    def _search(self, tenant: str, space: Space, direction: FloatArray, limit: int) -> list[Hit]:
        ef = {"ef": max(LEAST_EF, 2 * limit)}
        with self._translated(missing=True) as client:
            [found] = self._read(
                client.search,
                tenant,
                space,
                data=[direction],
                limit=limit,
                output_fields=["id"],
                search_params={"metric_type": "COSINE", "params": ef},
            )
            return [Hit(str(hit["id"]), round(float(hit["distance"]), DECIMALS)) for hit in found]
        return []

    def _read(self, call: Callable[..., Any], tenant: str, space: Space, **arguments: object) -> Any:
        """Ask a collection; have it loaded first where the server says so."""
        name = _collection(tenant, space)
        limits = {"timeout": self._patience_s, "consistency_level": STRONG}
        try:
            return call(name, **arguments, **limits)
        except MilvusException as error:
            if _code(error) != NOT_LOADED:
                raise
            self._load(self._client(), name)
        return call(name, **arguments, **limits)

    def _client(self) -> MilvusClient:
        """Return this process's client; a forked child keeps its parent's, whose connection it must not close."""
        with self._lock:
            process = os.getpid()
            if process not in self._clients:
                # It logs a traceback for every error that it raises as well.
                logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
                # Dedicated: otherwise all clients of an address share a connection, a parent's with its child's too.
                self._clients[process] = MilvusClient(
                    self._url, token=self._token, timeout=self._patience_s, dedicated=True
                )
            return self._clients[process]

    @contextmanager
    def _translated(self, *, missing: bool = False) -> Iterator[Any]:
        """Give the client; turn its errors into StoreUnavailable, and pass over a collection that is `missing`."""
        try:
            yield self._client()
        except (MilvusException, grpc.RpcError, grpc.FutureTimeoutError) as error:
            if missing and _code(error) == ErrorCode.COLLECTION_NOT_FOUND:
                return
            # The driver's text may hold the whole URL, with what is secret in it.
            raise StoreUnavailable(f"Milvus: {type(error).__name__}, code {_code(error)}") from error


def _code(error: BaseException) -> object:
    return getattr(error, "code", None)


def _prefix(tenant: str) -> str:
    return f"t{hashlib.sha256(tenant.encode()).hexdigest()[:24]}_"


def _collection(tenant: str, space: Space) -> str:
    slug = re.sub(r"[^a-z0-9]+", "_", space.name.lower())[:60]
    exact = hashlib.sha256(f"{space.key}\0{space.dimensions}".encode()).hexdigest()
    return f"{_prefix(tenant)}{slug}_{exact[:24]}"


def _parts(ids: Sequence[str]) -> Iterator[str]:
    """Yield lists of ids as they stand in an expression."""
    known = list(dict.fromkeys(ids))
    for start in range(0, len(known), IDS_AT_ONCE):
        yield json.dumps(known[start : start + IDS_AT_ONCE], ensure_ascii=False)
