"""What every store of token buckets promises."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import pytest

from jobs.errors import StoreUnavailable
from stores.limits import Bucket, Buckets, Taken
from stores.limits_leased import LeasedBuckets
from stores.limits_redis import RedisBuckets
from stores.memory_limits import SWEEP, MemoryBuckets
from stores.redis_client import connect
from tests.servers import eventually, free_port

DAY_S = 86_400


@pytest.fixture(params=["memory", "redis", "leased"])
def buckets(request: pytest.FixtureRequest) -> Iterator[Buckets]:
    if request.param == "memory":
        yield MemoryBuckets()
        return
    with connect(request.getfixturevalue("redis_url"), patience_s=1) as redis:
        found = RedisBuckets(redis)
        yield LeasedBuckets(found) if request.param == "leased" else found


def test_a_bucket_gives_what_it_holds_and_then_refuses_saying_when(buckets: Buckets) -> None:
    day = Bucket("a", 3, DAY_S)

    taken = [buckets.take([day]) for _ in range(4)]

    assert [each.granted for each in taken] == [True, True, True, False]
    assert [each.levels[0].left for each in taken] == [2, 1, 0, 0]
    assert [each.levels[0].enough_in_s for each in taken[:3]] == [0, 0, 0]
    assert taken[3].levels[0].enough_in_s == pytest.approx(DAY_S / 3, abs=60)
    assert taken[3].levels[0].full_in_s == pytest.approx(DAY_S, abs=60)


def test_what_one_bucket_refuses_is_taken_of_no_other(buckets: Buckets) -> None:
    narrow, wide = Bucket("narrow", 1, DAY_S), Bucket("wide", 10, DAY_S)
    buckets.take([narrow, wide])

    refused = buckets.take([wide, narrow])

    assert not refused.granted
    assert [level.left for level in refused.levels] == [9, 0]
    assert refused.levels[0].enough_in_s == 0
    assert refused.levels[1].enough_in_s > 0
    assert buckets.take([wide]).levels[0].left == 8


def test_buckets_of_other_names_are_full(buckets: Buckets) -> None:
    buckets.take([Bucket("mine", 1, DAY_S)])

    assert buckets.take([Bucket("yours", 1, DAY_S)]).granted


def test_many_tokens_are_taken_at_once_or_not_at_all(buckets: Buckets) -> None:
    day = Bucket("many", 10, DAY_S)

    taken = [buckets.take([day], [tokens]) for tokens in (7, 4, 3, 11)]

    assert [each.granted for each in taken] == [True, False, True, False]
    assert [each.levels[0].left for each in taken] == [3, 3, 0, 0]


def test_nothing_is_taken_of_no_bucket(buckets: Buckets) -> None:
    assert buckets.take([]).granted


def test_tokens_come_back(buckets: Buckets) -> None:
    quick = Bucket("quick", 2, 0.2)
    while buckets.take([quick]).granted:
        pass

    eventually(lambda: buckets.take([quick]).granted, what="a token has come back")


def test_tokens_come_back_one_by_one() -> None:
    now = 1_000_000.0
    buckets = MemoryBuckets(lambda: now)
    bucket = Bucket("steady", 60, 60)
    buckets.take([bucket], [60])

    now += 2.5
    after = buckets.take([bucket])

    assert after.levels[0].left == 1
    assert after.levels[0].full_in_s == pytest.approx(58.5, abs=1e-3)


def test_a_limit_that_was_lowered_holds_at_once(buckets: Buckets) -> None:
    buckets.take([Bucket("lowered", 90, DAY_S)], [50])

    assert not buckets.take([Bucket("lowered", 10, DAY_S / 10)]).granted


def test_threads_get_together_no_more_than_there_is(buckets: Buckets) -> None:
    day = Bucket("threads", 40, DAY_S)

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: buckets.take([day]).granted, range(100)))

    assert sum(taken) == 40


def _take(url: str, times: int) -> int:
    """Take of a bucket from a process of its own."""
    with connect(url, patience_s=5) as redis:
        buckets = RedisBuckets(redis)
        return sum(buckets.take([Bucket("all", 100, DAY_S), Bucket("more", 1000, DAY_S)]).granted for _ in range(times))


def test_processes_get_together_no_more_than_there_is(redis_url: str) -> None:
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        granted = sum(pool.map(_take, [redis_url] * 3, [60] * 3))

    assert granted == 100
    with connect(redis_url, patience_s=1) as redis:
        assert RedisBuckets(redis).take([Bucket("more", 1000, DAY_S)]).levels[0].left == 899


def test_full_buckets_leave_nothing_in_redis(redis_url: str) -> None:
    with connect(redis_url, patience_s=1) as redis:
        RedisBuckets(redis).take([Bucket("brief", 1, 0.05)])

        eventually(lambda: not redis.keys("limit:brief"), what="it is gone")


def test_full_buckets_are_forgotten_by_memory() -> None:
    now = 0.0
    buckets = MemoryBuckets(lambda: now)
    for number in range(SWEEP):
        buckets.take([Bucket(str(number), 1, 1)])
    now = 2.0

    buckets.take([Bucket("one more", 1, 1)])

    assert len(buckets._full) == 1


def test_without_redis_the_store_is_unavailable() -> None:
    take: Callable[..., object] = RedisBuckets(connect(f"redis://127.0.0.1:{free_port()}/0", patience_s=0)).take

    with pytest.raises(StoreUnavailable):
        take([Bucket("x", 1)])


class Counted(MemoryBuckets):
    """Buckets that say how often they were asked."""

    asked = 0

    def take(self, buckets: Sequence[Bucket], tokens: Sequence[int] | None = None) -> Taken:
        self.asked += 1
        return super().take(buckets, tokens)


def test_of_a_large_bucket_handfuls_are_leased_and_all_of_it_is_given_out_and_no_more() -> None:
    now = 1_000_000.0
    behind = Counted(lambda: now)
    buckets = LeasedBuckets(behind, clock=lambda: now)
    large, small = Bucket("large", 1000, DAY_S), Bucket("small", 50, DAY_S)

    taken = [buckets.take([large]) for _ in range(1001)]
    asked = behind.asked

    assert [each.granted for each in taken] == [True] * 1000 + [False]
    assert [each.levels[0].left for each in taken[:1000]] == list(range(999, -1, -1))
    # A hundred handfuls, and at the end one more and the last token by itself.
    assert asked == 102
    assert [buckets.take([small]).levels[0].left for _ in range(3)] == [49, 48, 47]
    assert behind.asked == asked + 3


def test_what_is_in_hand_of_one_bucket_is_not_spent_when_another_refuses() -> None:
    now = 1_000_000.0
    buckets = LeasedBuckets(MemoryBuckets(lambda: now), clock=lambda: now)
    large, small = Bucket("large", 1000, DAY_S), Bucket("small", 1, DAY_S)
    buckets.take([small, large])

    refused = buckets.take([small, large])

    assert not refused.granted
    assert [level.left for level in refused.levels] == [0, 999]
    assert buckets.take([large]).levels[0].left == 998


def test_a_level_rises_with_time_while_tokens_are_in_hand() -> None:
    now = 1_000_000.0
    buckets = LeasedBuckets(MemoryBuckets(lambda: now), clock=lambda: now)
    large = Bucket("large", 6000, 60)
    for _ in range(30):
        buckets.take([large])

    now += 0.2

    assert buckets.take([large]).levels[0].left == 5989


def test_two_processes_with_handfuls_get_together_no_more_than_there_is() -> None:
    now = 1_000_000.0
    behind = MemoryBuckets(lambda: now)
    one, other = (LeasedBuckets(behind, clock=lambda: now) for _ in range(2))
    large = Bucket("large", 1000, DAY_S)

    granted = sum(buckets.take([large]).granted for _ in range(600) for buckets in (one, other))

    assert granted == 1000
