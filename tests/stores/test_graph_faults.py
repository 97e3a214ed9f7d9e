"""What becomes of a graph whose server goes away, and what it refuses to be asked."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from time import monotonic

import pytest
from redis import Redis
from redis.exceptions import ResponseError

from jobs.errors import OutOfBudget, StoreUnavailable
from stores.graph import Node, Relation, Selection
from stores.graph_falkordb import SERVER_ARGUMENTS, FalkorGraph
from stores.graph_neo4j import Neo4jGraph
from tests.servers import demand, free_port
from tests.stores.graph_servers import (  # noqa: F401  # fixtures
    PASSWORD,
    FalkorServer,
    Neo4jServer,
    falkor_server,
    has_falkordb,
    neo4j_jars,
    neo4j_server,
)

NODES = [Node("Instruction", f"i{number:04d}", {"line": number}) for number in range(500)]
RELATIONS = [Relation("PRECEDES", one.id, other.id) for one, other in pairwise(NODES)]
PATIENCE_S = 1.0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FalkorServer]:
    """Start a FalkorDB that may be killed, and writes what it acknowledges."""
    demand("falkordb", present=has_falkordb())
    server = FalkorServer(tmp_path, fsync="always")
    server.start()
    yield server
    server.kill()


@pytest.fixture
def graph(server: FalkorServer) -> Iterator[FalkorGraph]:
    """Connect to it."""
    graph = FalkorGraph(server.url, patience_s=10)
    yield graph
    graph.close()


def test_what_was_acknowledged_survives_a_kill(server: FalkorServer, graph: FalkorGraph) -> None:
    graph.merge("ana", NODES, RELATIONS, batch="b1")
    graph.merge("ana", NODES[:10], [], batch="b2")
    graph.revise("ana", [Node("Instruction", "i0003", {"line": None, "mnemonic": 'a "quoted" one'})])

    server.kill()
    server.start()

    assert graph.counts("ana") == {"Instruction": 500}
    assert graph.nodes("ana", ["i0003"])["i0003"].properties == {"mnemonic": 'a "quoted" one'}
    assert len(graph.neighbourhood("ana", ["i0100"], hops=3).relations) == 6
    assert graph.remove("ana", "b1") == 490 + 499
    assert graph.counts("ana") == {"Instruction": 10}


def test_a_new_graph_restarts_as_fast_as_an_old_one(server: FalkorServer, graph: FalkorGraph) -> None:
    # Statement by statement, without usable indexes, this many would take most of a minute.
    functions = [Node("Function", f"f{number}", {"name": f"f{number}"}) for number in range(50)]
    nodes = [Node("Instruction", f"i{number}", {"function": f"f{number % 50}"}) for number in range(8000)]
    parts = [Relation("PART_OF", node.id, f"f{number % 50}") for number, node in enumerate(nodes)]
    graph.merge("acme", [*functions, nodes[0]], [], batch="first")
    for number in range(0, 8000, 200):
        graph.merge("acme", nodes[number : number + 200], parts[number : number + 200], batch="second")

    server.kill()
    server.start()

    assert graph.counts("acme") == {"Function": 50, "Instruction": 8000}


def test_a_server_that_is_away_is_said_within_patience(server: FalkorServer) -> None:
    graph = FalkorGraph(server.url, patience_s=PATIENCE_S)
    graph.merge("ana", NODES[:2], [], batch="b")
    server.kill()

    for ask in (
        lambda: graph.select("ana", Selection("Instruction")),
        lambda: graph.merge("ana", NODES[:1], [], batch="b"),
        lambda: graph.neighbourhood("ana", ["i0001"], hops=2),
        graph.ping,
    ):
        began = monotonic()
        with pytest.raises(StoreUnavailable):
            ask()
        assert monotonic() - began < PATIENCE_S + 3
    graph.close()


def test_a_restart_is_ridden_out(server: FalkorServer, graph: FalkorGraph) -> None:
    graph.merge("ana", NODES[:2], [], batch="b")
    server.kill()

    with ThreadPoolExecutor(2) as pool:
        read = pool.submit(graph.select, "ana", Selection("Instruction"))
        write = pool.submit(graph.merge, "ana", NODES[2:4], [], batch="b")
        server.start()

        assert len(read.result()) in (2, 4)
        write.result()
    assert graph.counts("ana") == {"Instruction": 4}


def test_a_graph_that_somebody_deleted_is_made_again_with_its_indexes(graph: FalkorGraph) -> None:
    other = FalkorGraph(_url(graph), patience_s=1)
    graph.merge("ana", NODES[:2], [], batch="b")
    other.erase("ana")

    graph.merge("ana", NODES[:2], [], batch="b")

    indexed = graph._query("ana", "CALL db.indexes() YIELD label, properties RETURN label, properties")
    assert ["Knowledge", ["uid", "batches"]] in indexed
    assert graph.counts("ana") == {"Instruction": 2}
    other.close()


def test_the_server_itself_ends_a_statement_that_takes_too_long(server: FalkorServer, graph: FalkorGraph) -> None:
    graph.merge("ana", NODES, [], batch="b")
    began = monotonic()

    with pytest.raises(OutOfBudget):
        graph._query("ana", "MATCH (a), (b), (c) RETURN count(a.line + b.line + c.line)", budget_s=0.2)

    # Far from the server's own limit of fifteen seconds, whatever else the machine does.
    assert monotonic() - began < 10
    assert graph.counts("ana") == {"Instruction": 500}
    with Redis.from_url(server.url) as redis, pytest.raises(ResponseError):
        redis.execute_command("GRAPH.QUERY", "knowledge:ana", "RETURN 1", "TIMEOUT", "70000")
    assert "TIMEOUT_MAX" in SERVER_ARGUMENTS


def test_a_server_without_the_module_is_unavailable(redis_url: str) -> None:
    if "graph" in redis_url:
        pytest.fail("this is to be a plain Redis")
    graph = FalkorGraph(redis_url, patience_s=0.1)

    with pytest.raises(StoreUnavailable):
        graph.ping()
    graph.close()


def test_nothing_connects_before_it_is_asked() -> None:
    url = f"127.0.0.1:{free_port()}"

    FalkorGraph(f"redis://{url}", patience_s=0.1).close()
    Neo4jGraph(f"neo4j://{url}", user="neo4j", password="x", patience_s=0.1).close()


def test_a_neo4j_that_is_away_is_said_within_patience() -> None:
    for scheme in ("bolt", "neo4j"):
        graph = Neo4jGraph(f"{scheme}://127.0.0.1:{free_port()}", user="neo4j", password="x", patience_s=PATIENCE_S)
        for ask in (graph.ping, lambda: graph.remove("ana", "b"), graph.migrate):  # noqa: B023  # asked at once
            began = monotonic()
            with pytest.raises(StoreUnavailable):
                ask()
            assert monotonic() - began < PATIENCE_S + 8
        graph.close()


def test_neo4j_is_reached_by_routing_and_refuses_a_wrong_password(neo4j_server: Neo4jServer) -> None:  # noqa: F811
    graph = Neo4jGraph(neo4j_server.url("neo4j"), user="neo4j", password=PASSWORD, patience_s=30)
    graph.migrate()
    graph.erase("cleo")
    graph.merge("cleo", NODES[:3], RELATIONS[:2], batch="b")
    stranger = Neo4jGraph(neo4j_server.url(), user="neo4j", password="wrong-password", patience_s=0.1)

    assert [node.id for node in graph.neighbourhood("cleo", ["i0000"], hops=2).nodes] == ["i0000", "i0001", "i0002"]
    with pytest.raises(StoreUnavailable):
        stranger.ping()
    graph.erase("cleo")
    graph.close()
    stranger.close()


def test_neo4j_keeps_what_it_acknowledged_over_a_kill_and_is_waited_for(tmp_path: Path) -> None:
    jars = neo4j_jars()
    demand("neo4j", present=jars is not None)
    assert jars is not None
    server = Neo4jServer(tmp_path, jars)
    server.start()
    graph = Neo4jGraph(server.url(), user="neo4j", password=PASSWORD, patience_s=60)
    try:
        graph.migrate()
        graph.merge("ana", NODES, RELATIONS, batch="b")
        server.kill()
        with ThreadPoolExecutor(1) as pool:
            read = pool.submit(graph.counts, "ana")
            server.start()

            assert read.result() == {"Instruction": 500}
    finally:
        graph.close()
        server.kill()


def _url(graph: FalkorGraph) -> str:
    options = graph._redis.connection_pool.connection_kwargs
    return f"redis://{options['host']}:{options['port']}"
