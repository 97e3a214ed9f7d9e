"""Token buckets in Redis: one script, so one round trip for all buckets of a request.

limit:<bucket>   string: when it will be full, in microseconds of the server's clock; gone once it is
"""

from collections.abc import Sequence
from hashlib import sha1
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import NoScriptError

from stores.limits import Bucket, Level, Taken
from stores.redis_client import translated

SCRIPT = (Path(__file__).parent / "limits.lua").read_text()


class RedisBuckets:
    """Buckets, in Redis."""

    def __init__(self, redis: Redis) -> None:
        """Count on the server of `redis`."""
        # The driver's types know no commands by name.
        self._redis: Any = redis
        self._digest = sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()

    def take(self, buckets: Sequence[Bucket], tokens: int = 1) -> Taken:
        """Take `tokens` of every bucket, or of none."""
        arguments: list[float] = [tokens]
        for bucket in buckets:
            arguments += (bucket.step_us, bucket.window_us)
        with translated():
            granted, *missing = self._run(len(buckets), *(f"limit:{bucket.id}" for bucket in buckets), *arguments)
        refused = 0 if granted else tokens
        return Taken(
            bool(granted), [Level.of(each, us, refused=refused) for each, us in zip(buckets, missing, strict=True)]
        )

    def _run(self, *arguments: object) -> Any:
        """Run the script. Asked for by name: this happens at every request, and the driver's own way costs twice as much."""
        try:
            return self._redis.execute_command("EVALSHA", self._digest, *arguments)
        except NoScriptError:
            # The server is a new one, or was restarted.
            return self._redis.execute_command("EVAL", SCRIPT, *arguments)
