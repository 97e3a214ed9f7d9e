"""Token buckets in Redis: one script, so one round trip for all buckets of a request.

limit:<bucket>   string: when it will be full, in microseconds of the server's clock; gone once it is
"""

from collections.abc import Sequence
from pathlib import Path

from redis import Redis

from stores.limits import Bucket, Level, Taken
from stores.redis_client import translated

SCRIPT = (Path(__file__).parent / "limits.lua").read_text()


class RedisBuckets:
    """Buckets, in Redis."""

    def __init__(self, redis: Redis) -> None:
        """Count on the server of `redis`."""
        self._script = redis.register_script(SCRIPT)

    def take(self, buckets: Sequence[Bucket], tokens: int = 1) -> Taken:
        """Take `tokens` of every bucket, or of none."""
        arguments: list[float] = [tokens]
        for bucket in buckets:
            arguments += (bucket.step_us, bucket.window_us)
        with translated():
            granted, *missing = self._script(keys=[f"limit:{bucket.id}" for bucket in buckets], args=arguments)
        refused = 0 if granted else tokens
        return Taken(
            bool(granted), [Level.of(each, us, refused=refused) for each, us in zip(buckets, missing, strict=True)]
        )
