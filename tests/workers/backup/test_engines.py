"""From one engine to another: graphs and documents are the same lines in each."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from stores.documents import Shelf
from stores.documents_mongo import MongoDocuments
from stores.graph import Node, Relation
from stores.graph_falkordb import FalkorGraph
from stores.graph_neo4j import Neo4jGraph
from stores.vault_obstore import ObjectVault
from tests.servers import demand
from tests.stores.document_servers import MongoServer, has_mongo
from tests.stores.graph_servers import _neo4j_graph, falkor_graph, falkor_server, neo4j_graph, neo4j_server
from tests.workers.backup.conftest import TENANT, SmallFarm, fill, small_farm
from tests.workers.backup.test_backup import contents
from workers.backup.restore import restore
from workers.backup.take import take

__all__ = ["_neo4j_graph", "falkor_graph", "falkor_server", "neo4j_graph", "neo4j_server"]


@pytest.fixture(scope="module")
def mongo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoServer]:
    """Start a MongoDB for the module."""
    demand("mongodb", present=has_mongo())
    server = MongoServer(tmp_path_factory.mktemp("mongo"))
    server.start()
    yield server
    server.kill()


def odd(graph: FalkorGraph) -> None:
    """Write what engines keep differently, and what two batches share."""
    node = Node("Entity", "odd", {"quoted": 'a "b" \\ c', "third": 1 / 3, "whole": 7, "real": 7.0, "yes": True})
    plain = Node("Entity", "plain", {"name": "ñandú 😀", "large": 2**53 + 1, "small": -1e-9})
    weighed = Relation("RELATED_TO", "odd", "plain", {"weight": 0.1})
    graph.merge(TENANT, [node, plain], [weighed], batch="document:cipher")
    graph.merge(TENANT, [plain], [Relation("RELATED_TO", "odd", "plain")], batch="document:board")


@pytest.fixture
def moved_farm(redis_client: Redis, tmp_path: Path, vault: ObjectVault, falkor_graph: FalkorGraph) -> SmallFarm:
    """Return a filled farm on FalkorDB and SQLite."""
    farm = small_farm(redis_client, tmp_path / "data", vault=vault, graph=falkor_graph)
    fill(farm)
    odd(falkor_graph)
    return farm


def test_falkordb_and_sqlite_move_to_neo4j_and_mongodb_and_back(
    moved_farm: SmallFarm, tmp_path: Path, falkor_graph: FalkorGraph, neo4j_graph: Neo4jGraph, mongo: MongoServer
) -> None:
    farm = moved_farm
    for tenant in neo4j_graph.tenants():
        neo4j_graph.erase(tenant)
    documents = MongoDocuments(mongo.url, patience_s=5)

    taken = take(farm.backup)
    other = farm.moved_to(tmp_path / "other", documents=documents, graph=neo4j_graph)
    restore(other.backup, taken.id)
    there = take(other.backup)
    for tenant in falkor_graph.tenants():
        falkor_graph.erase(tenant)
    back = farm.moved_to(tmp_path / "back", graph=falkor_graph)
    restore(back.backup, there.id)

    wanted = contents(taken, "documents", "graph")
    assert contents(there, "documents", "graph") == wanted
    assert contents(take(back.backup), "documents", "graph") == wanted
    assert documents.tenants() == neo4j_graph.tenants() == ["acme", TENANT]
    assert documents.count(TENANT, Shelf.PASSAGES) == farm.documents.count(TENANT, Shelf.PASSAGES)
    for tenant in neo4j_graph.tenants():
        neo4j_graph.erase(tenant)
    documents.close()
    farm.close()


@pytest.mark.parametrize(("was", "becomes"), [("exact", "milvus"), ("milvus", "exact"), ("milvus", "milvus")])
def test_vectors_that_are_not_documents_are_made_again_by_a_job(
    was: str, becomes: str, redis_client: Redis, tmp_path: Path, vault: ObjectVault
) -> None:
    farm = small_farm(redis_client, tmp_path / "data", vault=vault)
    fill(farm)
    engines = {"records": "redis", "documents": "sqlite", "graph": "memory"}
    taken = take(farm.backup._replace(engines=engines | {"vectors": was}))
    other = farm.moved_to(tmp_path / "other", engines=engines | {"vectors": becomes})

    done = restore(other.backup, taken.id)

    assert done.rebuilds == (f"rebuild-{taken.id}-acme", f"rebuild-{taken.id}-{TENANT}")
    assert {tuple(other.jobs.get(name).params["what"]) for name in done.rebuilds} == {("vectors",)}
    farm.close()
