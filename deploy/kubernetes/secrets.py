"""The secrets of a new farm on Kubernetes: `python -m deploy.kubernetes.secrets | kubectl create -f -`.

Passwords are drawn anew at every call and lie nowhere but in the cluster; `create` refuses to replace those that are there.
"""

import secrets
import sys
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

import yaml

NAMESPACE = "dasein"
PASSWORD_BYTES = 24


def manifests(draw: Callable[[], str]) -> list[dict[str, Any]]:
    """Return the namespace and its secrets, with passwords from `draw`, which needs no escapes in a URL."""
    redis, cache, graph, documents, vectors = (draw() for _ in range(5))
    auth = "requirepass {0}\nmasterauth {0}\n"
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        # What the farm's processes read, one file a setting.
        _secret(
            "dasein-stores",
            {
                "dasein_redis_url": f"redis://:{redis}@redis:6379/0",
                "dasein_cache_url": f"redis://:{cache}@cache:6379/0",
                "dasein_documents_url": f"mongodb://dasein:{documents}@mongodb:27017/?retryWrites=false&authSource=admin",
                "dasein_graph_password": graph,
                "dasein_vectors_token": f"root:{vectors}",
            },
        ),
        _secret("dasein-web", {"dasein_secret": draw() + draw()}),
        # What the stores themselves read.
        _secret("redis", {"password": redis, "auth.conf": auth.format(redis)}),
        _secret("cache", {"password": cache, "auth.conf": auth.format(cache)}),
        _secret("neo4j", {"auth": f"neo4j/{graph}"}),
        _secret("mongodb", {"user": "dasein", "password": documents}),
        _secret("milvus", {"password": vectors}),
    ]


def _secret(name: str, values: Mapping[str, str]) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "type": "Opaque",
        "data": {key: b64encode(value.encode()).decode() for key, value in values.items()},
    }


if __name__ == "__main__":
    yaml.safe_dump_all(manifests(lambda: secrets.token_hex(PASSWORD_BYTES)), sys.stdout, sort_keys=False)
