"""The part of the composition root that backups are made with, by a worker and by hand."""

import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from config.revealed import revealed
from config.settings import Settings
from config.version import VERSION
from jobs.errors import InvalidInput
from workers.wiring import PATIENCE_S, job_records

if TYPE_CHECKING:
    from workers.backup.services import BackupServices


def backup_services(chosen: Settings, url: str | None = None) -> "BackupServices":
    """Build what backups work with, at `url` or where the settings say; raise InvalidInput where nobody says."""
    from stores.cache_redis import RedisCache
    from stores.data_folder import DataFolder
    from stores.knowledge_stores import documents_store, graph_store
    from stores.records_redis import RedisRecords
    from stores.redis_client import connect
    from stores.vault_obstore import ObjectVault
    from workers.backup.seal import AgeSeal
    from workers.backup.services import BackupServices
    from workers.backup.take import new_id

    place = url or chosen.backup_url
    if place is None:
        raise InvalidInput("Say where backups go: an absolute path, or s3://bucket/prefix.", field="backup_url")
    redis = connect(chosen.redis, patience_s=PATIENCE_S)
    seals = chosen.recipients or chosen.backup_identity
    return BackupServices(
        jobs=job_records(chosen, redis),
        records=RedisRecords(redis),
        documents=documents_store(revealed(chosen.documents_url), folder=chosen.knowledge_dir, patience_s=PATIENCE_S),
        graph=graph_store(
            chosen.graph, user=chosen.graph_user, password=revealed(chosen.graph_password), patience_s=PATIENCE_S
        ),
        files=DataFolder(chosen.data_dir),
        cache=RedisCache(chosen.cache, cluster=chosen.cache_cluster),
        vault=ObjectVault(
            place,
            endpoint=chosen.backup_s3_endpoint,
            region=chosen.backup_s3_region,
            key_id=revealed(chosen.backup_s3_key_id),
            key=revealed(chosen.backup_s3_key),
        ),
        seal=AgeSeal(chosen.recipients, identity=revealed(chosen.backup_identity)) if seals else None,
        engines={
            "records": "redis",
            "documents": "sqlite" if chosen.documents_url is None else "mongodb",
            "graph": "falkordb" if urlsplit(chosen.graph).scheme.startswith("redis") else "neo4j",
            "vectors": "exact" if chosen.vectors_url is None else "milvus",
        },
        keep=chosen.backup_keep,
        notes=chosen.data_dir / "backup",
        version=VERSION,
        clock=lambda: datetime.now(UTC),
        new_id=lambda now: new_id(now, secrets.token_hex(2)),
    )
