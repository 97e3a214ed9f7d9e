"""One embedded server in this process's place, for a supervisor: `python -m deploy.store redis|graph|cache`."""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from config.settings import Settings
from deploy.farm import CACHE, GRAPH, REDIS
from deploy.redis_servers import cache_server, graph_server, jobs_server


def command(name: str, settings: Settings) -> Sequence[str]:
    """Return what starts a store on loopback, with its data below data_dir, which it makes."""
    folder = settings.data_dir.absolute() / name
    if name == REDIS:
        return jobs_server(folder, settings.redis_port)
    if name == GRAPH:
        return graph_server(folder, settings.graph_port, memory_mb=settings.graph_memory_mb)
    return cache_server(folder, settings.cache_port)


def main(arguments: Sequence[str]) -> NoReturn:
    """Become the server."""
    if len(arguments) != 1 or arguments[0] not in {REDIS, GRAPH, CACHE}:
        sys.stderr.write("usage: python -m deploy.store redis|graph|cache\n")
        sys.exit(2)
    program, *rest = command(arguments[0], Settings())
    os.execv(program, [program, *rest])  # noqa: S606  # that there is no shell is the point


if __name__ == "__main__":
    main(sys.argv[1:])
