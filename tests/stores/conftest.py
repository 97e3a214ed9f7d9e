"""Both stores of job records, made to measure."""

from collections.abc import Callable

import pytest

from stores.jobs_redis import RedisJobs
from stores.memory import MemoryJobs
from stores.ports import Jobs
from stores.redis_client import connect

MakeJobs = Callable[..., Jobs]


@pytest.fixture(params=["memory", "redis"])
def make_jobs(request: pytest.FixtureRequest) -> MakeJobs:
    """Return a maker of stores; each starts empty."""

    def make(*, lease_s: float = 15, retention_s: float = 3600, tombstone_s: float = 7200) -> Jobs:
        if request.param == "memory":
            return MemoryJobs(lease_s=lease_s, retention_s=retention_s, tombstone_s=tombstone_s)
        redis = connect(request.getfixturevalue("redis_url"), patience_s=1)
        request.addfinalizer(redis.close)
        return RedisJobs(redis, lease_s=lease_s, retention_s=retention_s, tombstone_s=tombstone_s)

    return make


@pytest.fixture
def jobs(make_jobs: MakeJobs) -> Jobs:
    """Keep job records in every store that there is."""
    return make_jobs()
