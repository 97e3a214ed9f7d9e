"""Which adapter serves which URL; for the composition roots alone. Drivers are loaded with the adapter that needs them."""

from pathlib import Path
from urllib.parse import urlsplit

from jobs.errors import InvalidInput
from stores.copying import CopiedDocuments, CopiedGraph
from stores.documents import Documents
from stores.vectors import Vectors


def documents_store(url: str | None, *, folder: Path, patience_s: float) -> CopiedDocuments:
    """Return MongoDB for a mongodb:// URL, a SQLite file in `folder` without one."""
    if url is None:
        from stores.documents_sqlite import SqliteDocuments

        return SqliteDocuments(folder / "documents.sqlite", patience_s=patience_s)
    from stores.documents_mongo import MongoDocuments

    return MongoDocuments(url, patience_s=patience_s)


def graph_store(url: str, *, user: str, password: str | None, patience_s: float) -> CopiedGraph:
    """Return Neo4j or FalkorDB by the URL's scheme; raise InvalidInput for another one."""
    scheme = urlsplit(url).scheme
    if scheme in {"redis", "rediss"}:
        from stores.graph_falkordb import FalkorGraph

        return FalkorGraph(url, patience_s=patience_s)
    if scheme.partition("+")[0] in {"bolt", "neo4j"}:
        from stores.graph_neo4j import Neo4jGraph

        return Neo4jGraph(url, user=user, password=password or "", patience_s=patience_s)
    raise InvalidInput(f"No graph speaks {scheme}: give neo4j://, bolt:// or redis://.", field="graph_url")


def vectors_store(url: str | None, *, token: str | None, documents: Documents, patience_s: float) -> Vectors:
    """Return Milvus for a URL, the exact index made from `documents` without one."""
    if url is None:
        from stores.vectors_exact import ExactVectors

        return ExactVectors(documents)
    from stores.vectors_milvus import MilvusVectors

    return MilvusVectors(url, token=token, patience_s=patience_s)
