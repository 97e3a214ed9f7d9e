"""The part of the composition root that questions and ingestion work with, and whoever reads the stores of knowledge."""

from functools import cache
from typing import TYPE_CHECKING

from config.revealed import revealed
from config.settings import Settings
from stores.watched import watched
from workers.wiring import campaign_files, job_services, observers, rem_files, settings

if TYPE_CHECKING:
    from stores.documents import Documents
    from stores.vectors import Vectors
    from workers.encoders.encoder import Encoder
    from workers.query.answer import Catalogue
    from workers.query.language_model import LanguageModel
    from workers.query.migration import Migrations
    from workers.query.services import QueryServices

KNOWLEDGE_PATIENCE_S = 2
"""An answer rather goes without a store; an ingestion is tried again later."""


@cache
def query_services() -> "QueryServices":
    """Build what questions and ingestion work with; the encoder is loaded with the first text."""
    import time

    from stores.artifacts import FileArtifacts
    from stores.cache_redis import RedisCache
    from stores.knowledge_stores import graph_store
    from stores.texts_tantivy import TantivyTexts
    from workers.lifecycle import is_held
    from workers.query.services import QueryServices

    chosen = settings()
    documents = documents_of(chosen)
    graph = graph_store(
        chosen.graph,
        user=chosen.graph_user,
        password=revealed(chosen.graph_password),
        patience_s=KNOWLEDGE_PATIENCE_S,
    )
    return QueryServices(
        documents=documents,
        graph=watched(graph, "graph", *observers()),
        vectors=vectors_of(chosen, documents),
        texts=watched(TantivyTexts(documents), "texts", *observers()),
        cache=watched(RedisCache(chosen.cache, cluster=chosen.cache_cluster), "cache", *observers()),
        encoder=_encoder(chosen),
        model=_language_model(chosen),
        artifacts=watched(FileArtifacts(chosen.data_dir), "artifacts", *observers()),
        campaigns=campaign_files(),
        rems=rem_files(),
        clock=time.time,
        timer=time.monotonic,
        model_timeout_s=chosen.model_timeout_s,
        model_extracts=chosen.model_extracts,
        is_held=lambda job_id: is_held(job_id, job_services().jobs),
    )


def ready_query_services() -> "QueryServices":
    """Return the stores with their schema in place; one that is away is left for the next call."""
    services = query_services()
    migrations().run(services.documents, services.graph, services.vectors, services.texts)
    return services


@cache
def catalogue() -> "Catalogue":
    """Keep the names that questions may use, for this process."""
    from workers.query.answer import Catalogue

    return Catalogue()


@cache
def migrations() -> "Migrations":
    """Keep what brings the stores' schemas up, for this process."""
    from workers.query.migration import Migrations

    return Migrations()


def documents_of(chosen: Settings) -> "Documents":
    """Return the store of documents."""
    from stores.knowledge_stores import documents_store

    found = documents_store(
        revealed(chosen.documents_url), folder=chosen.knowledge_dir, patience_s=KNOWLEDGE_PATIENCE_S
    )
    return watched(found, "documents", *observers())


def vectors_of(chosen: Settings, documents: "Documents") -> "Vectors":
    """Return the store of vectors, which may be made of `documents`."""
    from stores.knowledge_stores import vectors_store

    found = vectors_store(
        chosen.vectors_url,
        token=revealed(chosen.vectors_token),
        documents=documents,
        patience_s=KNOWLEDGE_PATIENCE_S,
    )
    return watched(found, "vectors", *observers())


def _encoder(chosen: Settings) -> "Encoder":
    from workers.encoders.encoder_cache import CachedEncoder
    from workers.encoders.encoder_onnx import OnnxMiniLm
    from workers.query.encoder_http import HttpEncoder

    inner: Encoder
    if chosen.embeddings_url is None:
        inner = OnnxMiniLm(chosen.knowledge_dir / "models", threads=1)
    else:
        inner = HttpEncoder(
            chosen.embeddings_url,
            model=chosen.embeddings_model,
            api_key=revealed(chosen.embeddings_key),
            dimensions=None,
            timeout_s=chosen.model_timeout_s,
        )
    return CachedEncoder(inner, chosen.knowledge_dir / "embeddings.sqlite", limit_bytes=chosen.embeddings_cache_bytes)


def _language_model(chosen: Settings) -> "LanguageModel | None":
    if chosen.model_url is None:
        return None
    from workers.query.model_http import HttpModel

    return HttpModel(chosen.model_url, model=chosen.model_name, api_key=revealed(chosen.model_key))
