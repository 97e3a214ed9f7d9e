"""Whether the worker of this container is alive: `python -m workers.health [FILE]`, where FILE holds its name.

It asks Redis for the worker's last beat, as everybody else does, and says what is wrong. Celery's own `inspect ping` loads
all of Celery each time, which on a busy machine takes longer than the worker is given to answer.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from config.settings import Settings
from jobs.errors import StoreUnavailable
from stores.redis_client import connect
from stores.workers_redis import RedisWorkers

NAME = Path("/tmp/worker")  # noqa: S108  # of its container, where the image's command writes it


def main(arguments: Sequence[str]) -> int:
    """Return 0 if the worker is alive."""
    file = Path(arguments[0]) if arguments else NAME
    try:
        name = file.read_text().strip()
        with connect(Settings().redis, patience_s=0, connections=1) as redis:
            living = RedisWorkers(redis).alive()
    except OSError as error:
        return _say(f"no worker has started: {error}")
    except StoreUnavailable as error:
        return _say(error.message)
    if any(name in names for names in living.values()):
        return 0
    return _say(f"{name} has not been heard of lately")


def _say(what: str) -> int:
    sys.stderr.write(f"{what}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
