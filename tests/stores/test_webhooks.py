"""The contract of webhooks, on every store of jobs."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import pytest

from jobs.errors import InvalidInput, NotFound
from jobs.model import Failure, NewJob
from stores.jobs_redis import RedisJobs
from stores.memory import MemoryJobs
from stores.ports import Jobs
from stores.redis_client import connect
from stores.webhooks import Deliveries, DeliveryState, Outcome, WebhookSecrets
from stores.webhooks_redis import RedisDeliveries

URL = "https://ci.example/hook"
LEASE_S = 60


class Hooks(Deliveries, WebhookSecrets, Protocol):
    """Both ports: one adapter serves them."""


@dataclass
class Kept:
    """Jobs and the deliveries beside them."""

    jobs: Jobs
    hooks: Hooks

    def end(self, job_id: str, *, url: str | None = URL, tenant: str = "default") -> None:
        self.jobs.submit(NewJob(job_id, "ping", {}, tenant=tenant, callback_url=url))
        self.jobs.start(job_id, worker="one@here:1", lease_s=60)
        self.jobs.finish(job_id, {})


@pytest.fixture(params=["memory", "redis"])
def make(request: pytest.FixtureRequest) -> Callable[..., Kept]:
    def make(retention_s: float = 3600) -> Kept:
        if request.param == "memory":
            memory = MemoryJobs(retention_s=retention_s)
            return Kept(memory, memory.deliveries)
        redis = connect(request.getfixturevalue("redis_url"), patience_s=1)
        request.addfinalizer(redis.close)
        jobs = RedisJobs(redis, lease_s=15, retention_s=retention_s, tombstone_s=7200)
        return Kept(jobs, RedisDeliveries(redis))

    return make


@pytest.fixture
def kept(make: Callable[..., Kept]) -> Kept:
    return make()


def ids(kept: Kept, **wanted: object) -> list[str]:
    asked = {"state": None, "cursor": None, "limit": 100} | wanted
    return [one.id for one in kept.hooks.find("default", **asked).deliveries]  # type: ignore[arg-type]  # as tests say


class TestNoting:
    def test_a_job_that_ends_is_due_to_be_told(self, kept: Kept) -> None:
        kept.end("a")

        [noted] = kept.hooks.find("default", state=None, cursor=None, limit=10).deliveries

        assert (noted.id, noted.tenant, noted.url) == ("a", "default", URL)
        assert (noted.state, noted.attempts, noted.settled_at) == (DeliveryState.PENDING, 0, None)
        assert noted.due_at is not None
        assert abs(noted.due_at - noted.created_at) < timedelta(seconds=5)
        assert kept.hooks.due() == 1

    def test_every_way_to_end_is_one(self, kept: Kept) -> None:
        for job_id in ("failed", "dead", "cancelled", "lost"):
            kept.jobs.submit(NewJob(job_id, "ping", {}, callback_url=URL))
        kept.jobs.fail("failed", Failure("broken", "It broke."))
        kept.jobs.fail("dead", Failure("broken", "It broke."), dead=True)
        kept.jobs.cancel("cancelled")
        for _ in range(3):
            kept.jobs.start("lost", worker="one@here:1", lease_s=60)
            kept.jobs.release("lost", worker="one@here:1", lost=True)

        assert ids(kept) == ["lost", "cancelled", "dead", "failed"]

    def test_nobody_is_told_of_a_job_that_names_nobody_or_goes_on(self, kept: Kept) -> None:
        kept.end("a", url=None)
        kept.jobs.submit(NewJob("b", "ping", {}, callback_url=URL))

        assert ids(kept) == []
        assert kept.hooks.claim(lease_s=LEASE_S) is None

    def test_a_campaign_is_told_of_and_its_parts_are_not(self, kept: Kept) -> None:
        kept.jobs.submit(NewJob("c", "campaign", {}, callback_url=URL))
        kept.jobs.start("c", worker="one@here:1", lease_s=60)
        kept.jobs.await_children("c", [NewJob("part", "shard", {})], NewJob("last", "merge", {}))
        for part in ("part", "last"):
            kept.jobs.start(part, worker="one@here:1", lease_s=60)
            kept.jobs.finish(part, {})

        assert ids(kept) == ["c"]
        assert kept.jobs.get("c").callback_url == URL

    def test_the_end_of_a_job_wakes_who_waits(self, kept: Kept) -> None:
        with ThreadPoolExecutor(1) as threads:
            waiting = threads.submit(kept.hooks.wait, 30)
            kept.end("a")

            waiting.result(20)

        kept.hooks.wait(0.01)

    def test_a_delivery_goes_with_its_job(self, make: Callable[..., Kept]) -> None:
        kept = make(retention_s=0)
        kept.end("a")

        kept.jobs.prune(limit=10)

        assert (ids(kept), kept.hooks.due(), kept.hooks.claim(lease_s=LEASE_S)) == ([], 0, None)


class TestDelivering:
    def test_one_claim_has_it_and_nobody_else(self, kept: Kept) -> None:
        for number in range(5):
            kept.end(f"{number}")

        with ThreadPoolExecutor(8) as threads:
            claims = list(threads.map(lambda _: kept.hooks.claim(lease_s=LEASE_S), range(16)))

        assert sorted(claim.id for claim in claims if claim is not None) == ["0", "1", "2", "3", "4"]
        assert {claim.attempts for claim in claims if claim is not None} == {1}

    def test_the_longest_due_goes_first_and_busy_tenants_wait(self, kept: Kept) -> None:
        kept.end("a", tenant="busy")
        kept.end("b", tenant="idle")

        first = kept.hooks.claim(lease_s=LEASE_S, but=["busy"])
        then = kept.hooks.claim(lease_s=LEASE_S)

        assert (first and first.id, then and then.id) == ("b", "a")

    def test_whoever_dies_with_a_claim_loses_nothing(self, kept: Kept) -> None:
        kept.end("a")
        first = kept.hooks.claim(lease_s=0)

        second = kept.hooks.claim(lease_s=LEASE_S)

        assert first is not None
        assert second is not None
        assert (second.id, second.attempts) == ("a", 2)
        assert not kept.hooks.settle(first, Outcome(status=200))
        assert kept.hooks.settle(second, Outcome(status=200))

    def test_what_was_delivered_is_not_due_again(self, kept: Kept) -> None:
        kept.end("a")
        claimed = kept.hooks.claim(lease_s=0)
        assert claimed is not None

        kept.hooks.settle(claimed, Outcome(status=204))

        [one] = kept.hooks.find("default", state=DeliveryState.DELIVERED, cursor=None, limit=10).deliveries
        assert (one.status, one.problem, one.due_at, one.attempts) == (204, None, None, 1)
        assert one.settled_at is not None
        assert (kept.hooks.due(), kept.hooks.claim(lease_s=0)) == (0, None)
        assert not kept.hooks.settle(claimed, Outcome(status=500, problem="late"))

    def test_what_is_to_be_tried_again_is_due_later(self, kept: Kept) -> None:
        kept.end("a")
        claimed = kept.hooks.claim(lease_s=0)
        assert claimed is not None

        kept.hooks.settle(claimed, Outcome(status=503, problem="busy", again_s=100))

        [one] = kept.hooks.find("default", state=DeliveryState.PENDING, cursor=None, limit=10).deliveries
        assert (one.status, one.problem) == (503, "busy")
        assert one.due_at is not None
        assert timedelta(seconds=90) < one.due_at - one.created_at < timedelta(seconds=110)
        assert kept.hooks.claim(lease_s=0) is None

    def test_what_was_given_up_or_delivered_can_be_replayed(self, kept: Kept) -> None:
        for job_id, outcome in (("a", Outcome(problem="refused")), ("b", Outcome(status=200))):
            kept.end(job_id)
            claimed = kept.hooks.claim(lease_s=0)
            assert claimed is not None
            kept.hooks.settle(claimed, outcome)

            replayed = kept.hooks.replay("default", job_id)
            again = kept.hooks.replay("default", job_id)

            assert (replayed.state, replayed.attempts, replayed.problem) == (DeliveryState.PENDING, 0, None)
            assert again == replayed
            claimed = kept.hooks.claim(lease_s=LEASE_S)
            assert claimed is not None
            assert (claimed.id, claimed.attempts) == (job_id, 1)

    def test_deliveries_are_listed_newest_first_in_pages_of_one_tenant(self, kept: Kept) -> None:
        for number in range(5):
            kept.end(f"{number}")
        kept.end("foreign", tenant="acme")
        claimed = kept.hooks.claim(lease_s=0)
        assert claimed is not None
        kept.hooks.settle(claimed, Outcome(status=200))

        first = kept.hooks.find("default", state=None, cursor=None, limit=3)
        rest = kept.hooks.find("default", state=None, cursor=first.cursor, limit=3)

        assert [one.id for one in first.deliveries] == ["4", "3", "2"]
        assert ([one.id for one in rest.deliveries], rest.cursor) == (["1", "0"], None)
        assert ids(kept, state=DeliveryState.DELIVERED) == ["0"]
        assert ids(kept, state=DeliveryState.FAILED) == []
        with pytest.raises(InvalidInput):
            ids(kept, cursor="?")

    def test_other_tenants_deliveries_are_not_there(self, kept: Kept) -> None:
        kept.end("a", tenant="acme")

        assert ids(kept) == []
        for delivery_id in ("a", "nobody"):
            with pytest.raises(NotFound):
                kept.hooks.replay("default", delivery_id)

    def test_erasing_a_tenant_takes_its_deliveries_and_secrets_and_no_others(self, kept: Kept) -> None:
        kept.end("a", tenant="acme")
        kept.end("b")
        kept.hooks.secrets("acme", otherwise="first")

        assert (kept.hooks.held("acme"), kept.hooks.held("default")) == (2, 1)

        kept.hooks.erase("acme")

        assert (kept.hooks.held("acme"), kept.hooks.held("default")) == (0, 1)
        assert kept.hooks.find("acme", state=None, cursor=None, limit=10).deliveries == []
        assert (ids(kept), kept.hooks.due()) == (["b"], 1)
        assert kept.hooks.secrets("acme", otherwise="another").current == "another"


class TestSecrets:
    def test_the_first_to_ask_makes_it(self, kept: Kept) -> None:
        first = kept.hooks.secrets("default", otherwise="one")

        again = kept.hooks.secrets("default", otherwise="two")

        assert (first.current, first.previous) == ("one", None)
        assert again == first
        assert kept.hooks.secrets("acme", otherwise="three").current == "three"

    def test_a_rotated_one_counts_for_a_while_more(self, kept: Kept) -> None:
        kept.hooks.secrets("default", otherwise="one")

        rotated = kept.hooks.rotate("default", "two", grace_s=3600)
        at_once = kept.hooks.rotate("default", "three", grace_s=0)

        assert (rotated.current, rotated.previous) == ("two", "one")
        assert rotated.previous_until is not None
        assert timedelta(minutes=59) < rotated.previous_until - rotated.created_at < timedelta(minutes=61)
        assert (at_once.current, at_once.previous, at_once.previous_until) == ("three", None, None)

    def test_one_may_be_set_before_anybody_asked(self, kept: Kept) -> None:
        assert kept.hooks.rotate("default", "one", grace_s=3600).previous is None
        assert kept.hooks.secrets("default", otherwise="two").current == "one"
