"""The graph in FalkorDB, over Redis' protocol: one graph a tenant, under the key `knowledge:<tenant>`.

`cypher.py` says what lies in a graph. Beside it a node `KnowledgeSchema {version}`, written when the indexes are made:
with a tenant's first write, and by `migrate`. Decimal numbers come back with 15 significant digits. Quotation marks and
backslashes are stored as separators (U+001E, U+001F), because the server writes JSON without escaping them; so they
come first in an order.
"""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from falkordb.graph import Graph
from redis.exceptions import ResponseError

from jobs.errors import OutOfBudget, StoreUnavailable
from stores.cypher import BASE, INDEXES, SCHEMA_VERSION, Dialect, Statement
from stores.cypher_graph import CHUNK, FETCH_S, CypherGraph
from stores.graph_rules import check_tenant
from stores.redis_client import connect, connections
from stores.redis_client import translated as redis_translated

LONGEST_S = 14.0
"""Below what the connection waits for an answer."""
SERVER_ARGUMENTS = (
    *("TIMEOUT_DEFAULT", "15000", "TIMEOUT_MAX", "60000"),
    *("RESULTSET_SIZE", "200000", "QUERY_MEM_CAPACITY", str(1 << 30)),
    *("MAX_QUEUED_QUERIES", "1000", "CMD_INFO", "no"),
    *("EFFECTS_THRESHOLD", "0"),
)
"""What the module is loaded with.

By itself it limits nothing and keeps what was asked in a stream. The threshold makes its log hold what a statement did
rather than the statement: a restart would run every MERGE again, without usable indexes (4,000 nodes: 7 s and not 0.2).
"""
KINDS = (
    *("PART_OF", "PRECEDES", "CORRELATES_WITH", "TRIGGERS", "LEAKS_INFORMATION"),
    *("MITIGATED_BY", "MEASURED_IN", "MENTIONS", "RELATED_TO", "DEPICTS"),
)
"""Relations whose batches are indexed; others are scanned when a batch is removed."""

STORED = str.maketrans({'"': "\x1e", "\\": "\x1f"})
PREFIX = "knowledge:"
MISSING = "empty key"


class FalkorGraph(CypherGraph):
    """A graph in FalkorDB."""

    dialect = Dialect(shared=False, sure_text=False, out_degree="outdegree(n)")

    def __init__(self, url: str, *, patience_s: float) -> None:
        """Try for `patience_s` to reach a server that went away; connects when first asked."""
        self._redis = connect(url, patience_s=patience_s)

    def connections(self) -> tuple[int, int]:
        """Return how many connections are in use, and how many idle."""
        return connections(self._redis)

    def close(self) -> None:
        """Give the connections back."""
        self._redis.close()

    def ping(self) -> None:
        """Return if the server answers and has the module."""
        with translated():
            self._command("GRAPH.LIST")

    def migrate(self) -> None:
        """Bring the graphs of all tenants to the present schema."""
        with translated():
            keys = self._command("GRAPH.LIST")
        for key in keys:
            if key.startswith(PREFIX):
                self._prepare(key.removeprefix(PREFIX))

    def tenants(self) -> list[str]:
        """Return the tenants whose graphs have nodes."""
        with translated():
            keys = self._command("GRAPH.LIST")
        return sorted(name for key in keys if key.startswith(PREFIX) and self.counts(name := key.removeprefix(PREFIX)))

    def erase(self, tenant: str) -> None:
        """Delete a tenant's graph."""
        check_tenant(tenant)
        with translated():
            try:
                self._command("GRAPH.DELETE", f"{PREFIX}{tenant}")
            except ResponseError as error:
                if MISSING not in str(error):
                    raise

    def remove(self, tenant: str, *batches: str) -> int:
        """Take batches away, piece by piece, through the indexes of the batches."""
        check_tenant(tenant)
        known = [kind for [kind] in self._query(tenant, "CALL db.relationshipTypes()", read_only=True)]
        gone = 0
        for kind in known:
            gone += self._drain(tenant, f"MATCH ()-[x:`{kind}`]->()", "DELETE x", batches)
        return gone + self._drain(tenant, f"MATCH (x:{BASE})", "DETACH DELETE x", batches)

    def _drain(self, tenant: str, matched: str, delete: str, batches: Sequence[str]) -> int:
        """Take the batches off what others share, then delete what is left in them; return how much that was."""
        gone, taken = 0, CHUNK
        named = {"batches": list(batches)}
        found = f"UNWIND $batches AS batch {matched} WHERE batch IN x.batches WITH DISTINCT x"
        while taken == CHUNK:
            reduce = f"{found}, [one IN x.batches WHERE NOT one IN $batches] AS kept WHERE size(kept) > 0"
            reduce += f" WITH x, kept LIMIT {CHUNK} SET x.batches = kept RETURN count(x)"
            [[taken]] = self._query(tenant, reduce, named) or [[0]]
        while deleted := self._write(tenant, Statement(f"{found} LIMIT {CHUNK} {delete}", named)):
            gone += deleted
        return gone

    def _prepare(self, tenant: str) -> None:
        """Make the indexes, unless the graph says that it has them; another process may have deleted it meanwhile."""
        version = self._query(tenant, "MATCH (s:KnowledgeSchema) RETURN max(s.version)", read_only=True)
        if version and version[0][0] == SCHEMA_VERSION:
            return
        nodes = [(BASE, "uid"), (BASE, "batches"), *((label, name) for label in INDEXES for name in INDEXES[label])]
        for label, name in nodes:
            self._unless_there(tenant, f"CREATE INDEX FOR (n:{label}) ON (n.{name})")
        for kind in KINDS:
            self._unless_there(tenant, f"CREATE INDEX FOR ()-[r:{kind}]-() ON (r.batches)")
        # No unique constraint: some texts end the server in its check. A graph has one writer at a time, so MERGE is enough.
        self._query(tenant, "MERGE (s:KnowledgeSchema) SET s.version = $version", {"version": SCHEMA_VERSION})

    def _command(self, *words: str) -> Any:
        return self._redis.execute_command(*words)  # type: ignore[no-untyped-call]

    def _unless_there(self, tenant: str, statement: str) -> None:
        try:
            self._query(tenant, statement)
        except ResponseError as error:
            if "already indexed" not in str(error):
                raise

    def _read(self, tenant: str, statement: Statement, budget_s: float) -> list[Any]:
        # One text: the driver takes ten times as long over rows.
        text = f"{statement.text} RETURN toJSON(collect(row))"
        rows = self._query(tenant, text, statement.parameters, budget_s=budget_s, read_only=True)
        if not rows:
            return []
        said = rows[0][0].replace("\x1e", '\\"').replace("\x1f", "\\\\")
        # Control characters stand in it as they are.
        found: list[Any] = json.loads(said, strict=False)
        return found

    def _write(self, tenant: str, statement: Statement) -> int:
        result = self._send(tenant, statement.text, statement.parameters)
        return int(result.nodes_deleted + result.relationships_deleted)

    def _query(
        self,
        tenant: str,
        text: str,
        parameters: dict[str, Any] | None = None,
        *,
        budget_s: float = FETCH_S,
        read_only: bool = False,
    ) -> list[list[Any]]:
        try:
            result = self._send(tenant, text, parameters, budget_s=budget_s, read_only=read_only)
        except ResponseError as error:
            if MISSING not in str(error):
                raise
            return []
        rows: list[list[Any]] = result.result_set
        return rows

    def _send(
        self,
        tenant: str,
        text: str,
        parameters: dict[str, Any] | None = None,
        *,
        budget_s: float = FETCH_S,
        read_only: bool = False,
    ) -> Any:
        # A new one each time: it would remember the names of a graph that others may have deleted since.
        graph = Graph(self._redis, f"{PREFIX}{tenant}")
        ask = graph.ro_query if read_only else graph.query
        with translated():
            return ask(text, _stored(parameters), timeout=max(1, round(min(budget_s, LONGEST_S) * 1000)))


def _stored(value: Any) -> Any:
    if isinstance(value, str):
        return value.translate(STORED)
    if isinstance(value, dict):
        return {name: _stored(one) for name, one in value.items()}
    return [_stored(one) for one in value] if isinstance(value, list | tuple) else value


@contextmanager
def translated() -> Iterator[None]:
    """Turn what the server says into our errors; what it refuses otherwise is our fault."""
    with redis_translated():
        try:
            yield
        except ResponseError as error:
            said = str(error)
            if re.search("timed out|mem consumption exceeded", said):
                raise OutOfBudget("The graph did not answer in time or within its memory.") from error
            if "pending queries" in said or "unknown command" in said:
                raise StoreUnavailable(f"FalkorDB: {said}") from error
            raise
