"""The graph in Neo4j, over Bolt: one database for all tenants, every statement names its tenant.

`cypher.py` says what lies in it. Beside it a node `KnowledgeSchema {name: 'graph', version}`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any, TypeVar

from neo4j import READ_ACCESS, Driver, GraphDatabase, ManagedTransaction, unit_of_work
from neo4j.exceptions import ClientError, ConstraintError, DriverError, Neo4jError, ServiceUnavailable, SessionExpired

from jobs.errors import Conflict, OutOfBudget, StoreUnavailable
from stores.cypher import BASE, INDEXES, SCHEMA_VERSION, Dialect, Statement
from stores.cypher_graph import CHUNK, CypherGraph
from stores.graph_rules import check_tenant

SERVER_SETTINGS = {"db.transaction.monitor.check.interval": "100ms"}
"""What a server is to be set to: how soon it notices that a statement is out of time (by itself: 2 s)."""
WRITE_S = 60.0
PAUSE_S = 0.2
PING_S = 5.0
NOT_OURS = ("Neo.ClientError.Security", "Neo.ClientError.Cluster", "Neo.ClientError.Database", "Neo.DatabaseError")
"""How refusals begin that are not about a statement."""

Found = TypeVar("Found")


class Neo4jGraph(CypherGraph):
    """A graph in Neo4j."""

    dialect = Dialect(shared=True, sure_text=True, out_degree="COUNT { (n)-->() }")

    def __init__(self, url: str, *, user: str, password: str, patience_s: float, connections: int = 50) -> None:
        """Try for `patience_s` to reach a server that went away; connects when first asked."""
        self._patience_s = patience_s
        self._driver: Driver = GraphDatabase.driver(
            url,
            auth=(user, password),
            max_connection_pool_size=connections,
            connection_acquisition_timeout=patience_s + 5,
            connection_timeout=2,
            connection_write_timeout=15,
            max_transaction_retry_time=patience_s,
            initial_retry_delay=PAUSE_S,
            retry_delay_multiplier=1.3,
            liveness_check_timeout=30,
            notifications_min_severity="OFF",
            telemetry_disabled=True,
        )

    def close(self) -> None:
        """Give the connections back."""
        self._driver.close()

    def ping(self) -> None:
        """Return if the server answers."""
        self._read("", Statement("WITH 1 AS row", {}), PING_S)

    def migrate(self) -> None:
        """Create constraints and indexes, unless the store says that it has them."""
        seen = self._read("", Statement("MATCH (s:KnowledgeSchema) WITH s.version AS row", {}), WRITE_S)
        if SCHEMA_VERSION in seen:
            return
        unique = ((BASE, "uid"), ("KnowledgeSchema", "name"))
        for label, name in unique:
            title = f"{label}_{name}".lower()
            self._define(f"CREATE CONSTRAINT {title} IF NOT EXISTS FOR (n:{label}) REQUIRE n.{name} IS UNIQUE")
        self._define(f"CREATE INDEX knowledge_tenant IF NOT EXISTS FOR (n:{BASE}) ON (n.tenant)")
        for label, names in INDEXES.items():
            for name in names:
                title = f"{label}_{name}".lower()
                self._define(f"CREATE INDEX {title} IF NOT EXISTS FOR (n:{label}) ON (n.tenant, n.{name})")
        self._define("CALL db.awaitIndexes(60)")
        version = {"version": SCHEMA_VERSION}
        self._write("", Statement("MERGE (s:KnowledgeSchema {name: 'graph'}) SET s.version = $version", version))

    def tenants(self) -> list[str]:
        """Return the tenants that have nodes, by a look at all of these."""
        found = self._read("", Statement(f"MATCH (n:{BASE}) WITH DISTINCT n.tenant AS row", {}), WRITE_S)
        return sorted(str(tenant) for tenant in found)

    def erase(self, tenant: str) -> None:
        """Delete what a tenant has."""
        check_tenant(tenant)
        matched = f"MATCH (n:{BASE}) WHERE n.tenant = $tenant"
        self._in_pieces(f"{matched} MATCH (n)-[x]->()", "DELETE x", {"tenant": tenant})
        self._in_pieces(f"{matched} WITH n AS x", "DETACH DELETE x", {"tenant": tenant})

    def remove(self, tenant: str, *batches: str) -> int:
        """Take batches away, in one scan of the tenant's relations and one of its nodes, piece by piece."""
        check_tenant(tenant)
        parameters = {"tenant": tenant, "batches": list(batches)}
        reduce = "SET x.batches = [one IN x.batches WHERE NOT one IN $batches]"
        nodes = f"MATCH (n:{BASE}) WHERE n.tenant = $tenant"
        gone = 0
        for matched, delete in (
            (f"{nodes} MATCH (n)-[x]->() WHERE any(one IN x.batches WHERE one IN $batches)", "DELETE x"),
            (f"{nodes} AND any(one IN n.batches WHERE one IN $batches) WITH n AS x", "DETACH DELETE x"),
        ):
            alone = "all(one IN x.batches WHERE one IN $batches)"
            self._in_pieces(f"{matched} WITH x WHERE NOT {alone}", reduce, parameters)
            gone += self._in_pieces(f"{matched} WITH x WHERE {alone}", delete, parameters)
        return gone

    def _prepare(self, tenant: str) -> None:
        """Return at once: tenants share what `migrate` made."""

    def _in_pieces(self, matched: str, change: str, parameters: dict[str, Any]) -> int:
        """Change all that is matched, committed piece by piece; return how many nodes and relations were deleted."""
        text = f"{matched} WITH x CALL {{ WITH x {change} }} IN TRANSACTIONS OF {CHUNK} ROWS"

        def run() -> int:
            with self._driver.session() as session:
                counters = session.run(text, parameters).consume().counters
                return counters.nodes_deleted + counters.relationships_deleted

        return self._patiently(run)

    def _define(self, text: str) -> None:
        """Run a statement of the schema; another process may do the same."""

        def run() -> None:
            with self._driver.session() as session:
                session.run(text).consume()

        try:
            self._patiently(run)
        except ClientError as error:
            if "AlreadyExists" not in str(error.code):
                raise

    def _patiently(self, run: Callable[[], Found]) -> Found:
        """Do again what the driver does not repeat by itself, and what may be repeated."""
        until = monotonic() + self._patience_s
        with translated():
            while True:
                try:
                    return run()
                except (ServiceUnavailable, SessionExpired):
                    if monotonic() > until:
                        raise
                except Neo4jError as error:
                    if not error.is_retryable() or monotonic() > until:
                        raise
                sleep(PAUSE_S)

    def _read(self, _tenant: str, statement: Statement, budget_s: float) -> list[Any]:
        parameters = {"tenant": _tenant, **statement.parameters}

        @unit_of_work(timeout=max(budget_s, 0.001))  # none at all would be no limit
        def work(transaction: ManagedTransaction) -> list[Any]:
            began = monotonic()
            found = transaction.run(f"{statement.text} RETURN row", parameters).value("row")
            if monotonic() - began > budget_s:
                raise OutOfBudget("The graph did not answer in time.")
            return found

        with translated(), self._driver.session(default_access_mode=READ_ACCESS) as session:
            return session.execute_read(work)

    def _write(self, _tenant: str, statement: Statement) -> int:
        @unit_of_work(timeout=WRITE_S)
        def work(transaction: ManagedTransaction) -> int:
            summary = transaction.run(statement.text, statement.parameters).consume()
            return summary.counters.nodes_deleted + summary.counters.relationships_deleted

        with translated(), self._driver.session() as session:
            return session.execute_write(work)


@contextmanager
def translated() -> Iterator[None]:
    """Turn what driver and server say into our errors; what the server refuses otherwise is our fault."""
    try:
        yield
    except ConstraintError as error:
        raise Conflict("An id is there with another label.") from error
    except DriverError as error:
        raise StoreUnavailable(f"Neo4j: {error}") from error
    except Neo4jError as error:
        if "TransactionTimedOut" in str(error.code):
            raise OutOfBudget("The graph did not answer in time.") from error
        if error.is_retryable() or str(error.code).startswith(NOT_OURS):
            raise StoreUnavailable(f"Neo4j: {error.message}") from error
        raise
