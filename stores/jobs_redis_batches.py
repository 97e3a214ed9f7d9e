"""What can be asked of batches in Redis; `jobs_redis_reader.py` says what lies where."""

from collections.abc import Mapping, Sequence
from itertools import chain

from jobs.errors import Gone, NotFound
from jobs.model import Batch, Member
from stores.job_fields import batch_of, cursor_of, member_of, number_of
from stores.jobs_redis_counts import RedisJobsCounts, seconds
from stores.ports import BatchPage
from stores.redis_client import translated

MICRO = 1_000_000
"""Scores have six decimals; cursors are whole numbers."""


class RedisJobsBatches(RedisJobsCounts):
    """Jobs that were submitted together."""

    def batch(self, batch_id: str, *, tenant: str | None = None) -> Batch:
        """Return a batch."""
        with translated():
            pipe = self._redis.pipeline()
            pipe.hgetall(f"batch:{batch_id}")
            pipe.time()
            fields, clock = pipe.execute()
        if not fields or tenant not in {None, fields["tenant"]}:
            raise NotFound("There is no such batch.")
        batch = batch_of(batch_id, fields, now=seconds(clock))
        if batch is None:
            raise Gone("The batch has expired.")
        return batch

    def batches(self, *, tenant: str, cursor: str | None, limit: int) -> BatchPage:
        """Return a page of the ids of a tenant's batches, newest first."""
        start = "+inf"
        if cursor is not None:
            whole, part = divmod(number_of(cursor), MICRO)
            start = f"({whole}.{part:06}"
        with translated():
            found = self._redis.zrange(
                f"batches:{tenant}", start, "-inf", desc=True, byscore=True, withscores=True, offset=0, num=limit + 1
            )
        page = found[:limit]
        return BatchPage(
            [batch_id for batch_id, _ in page],
            cursor_of(round(page[-1][1] * MICRO)) if len(found) > limit else None,
        )

    def members(self, batch_ids: Sequence[str], *, limit: int | None = None) -> Mapping[str, Sequence[Member]]:
        """Return the jobs of each batch, as they were given."""
        with translated():
            pipe = self._redis.pipeline(transaction=False)
            for batch_id in batch_ids:
                pipe.lrange(f"batch:{batch_id}:jobs", 0, -1 if limit is None else limit - 1)
            listed = dict(zip(batch_ids, pipe.execute(), strict=True))
            for job_id in chain.from_iterable(listed.values()):
                pipe.hmget(f"job:{job_id}", "kind", "state", "error")
            said = iter(pipe.execute())
        return {batch_id: [member_of(job_id, next(said)) for job_id in ids] for batch_id, ids in listed.items() if ids}
