"""Retention: what is over its age goes, by the tenant's own days or the settings'; the rest stays."""

import os
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

import pytest

from jobs.errors import StoreUnavailable
from jobs.identity import HOME
from jobs.model import NewJob
from jobs.queue import BACKUP, RETENTION, Kind
from jobs.tenancy import RetainRequest
from stores.documents import Shelf
from stores.identity import Entry, Retention
from stores.memory import MemoryJobs
from stores.memory_queue import MemoryQueue
from tests.workers.accounts.conftest import Attempted, Clock, World
from workers.accounts.retain import retain
from workers.accounts.schedule import Nightly, backup_of, retention_of
from workers.accounts.services import RetentionDays


def retained(world: World, *, dry: bool = False) -> dict[str, Any]:
    return dict(retain(RetainRequest(dry_run=dry), attempt=Attempted(), services=world.services))


def keep_for(world: World, tenant: str, **days: int) -> None:
    world.services.tenants.change(replace(world.services.tenants.get(tenant), retention=Retention(**days)))


def upload(world: World, tenant: str, content: bytes, *, days_ago: float) -> str:
    artifact, _ = world.services.artifacts.put(tenant, [content], media_type="text/plain", limit_bytes=99)
    at = world.clock().timestamp() - days_ago * 86_400
    os.utime(world.services.artifacts.path(tenant, artifact.id), (at, at))
    return artifact.id


def ids(world: World, tenant: str) -> set[str]:
    return {artifact.id for artifact in world.services.artifacts.every(tenant)}


def test_nothing_goes_where_nothing_is_old(world: World) -> None:
    world.bring("acme")
    before = world.held("acme")

    result = retained(world)

    assert result == {
        "dry_run": False,
        "total": {"jobs": 0, "artifacts": 0, "artifact_bytes": 0, "audit": 0, "chats": 0},
        "audit_of_unknown": 0,
        "tenants": {},
    }
    assert world.held("acme") == before


def test_a_tenants_own_days_count_before_the_settings(world: World) -> None:
    world.bring("acme")
    world.bring("umbra")
    keep_for(world, "acme", audit_days=10, chat_days=20, job_days=30)
    world.clock.advance(days=25)

    result = retained(world)

    assert result["tenants"] == {"acme": {"jobs": 0, "artifacts": 0, "artifact_bytes": 0, "audit": 1, "chats": 1}}
    assert world.services.audit.count("acme") == 0
    assert (
        world.services.documents.count("acme", Shelf.TURNS) == world.services.documents.count("acme", Shelf.CHATS) == 0
    )
    assert world.services.documents.count("umbra", Shelf.TURNS) == world.services.audit.count("umbra") == 1


def test_ended_jobs_expire_by_their_tenants_days(world: World) -> None:
    world.bring("acme")
    world.bring("umbra")
    keep_for(world, "acme", job_days=2)
    world.clock.advance(days=3)

    result = retained(world)

    assert result["total"]["jobs"] == 1
    assert world.jobs.prune(limit=10) == ["acme-done"]


def test_an_old_artifact_goes_unless_a_job_names_it(world: World) -> None:
    world.bring("acme")
    keep_for(world, "acme", artifact_days=7)
    named, old = upload(world, "acme", b"acme", days_ago=30), upload(world, "acme", b"old", days_ago=8)
    young = upload(world, "acme", b"young", days_ago=6)
    others = upload(world, "umbra", b"theirs", days_ago=1000)

    dry = retained(world, dry=True)
    there = ids(world, "acme")
    result = retained(world)

    assert old in there
    assert dry["tenants"] == result["tenants"]
    assert (result["total"]["artifacts"], result["total"]["artifact_bytes"]) == (1, 3)
    assert ids(world, "acme") == {named, young}
    assert ids(world, "umbra") == {others}


def test_a_second_upload_makes_an_artifact_young_again(world: World) -> None:
    world.bring("acme")
    keep_for(world, "acme", artifact_days=7)
    again = upload(world, "acme", b"again", days_ago=8)
    world.services.artifacts.put("acme", [b"again"], media_type="text/plain", limit_bytes=99)
    # Files are dated by the machine's clock.
    world.clock.now = datetime.now(UTC)

    retained(world)

    assert again in ids(world, "acme")


def test_a_dry_run_counts_and_removes_nothing(world: World) -> None:
    world.bring("acme")
    keep_for(world, "acme", audit_days=1, chat_days=1, job_days=1)
    world.clock.advance(days=2)
    before = world.held("acme")

    result = retained(world, dry=True)

    assert result["dry_run"] is True
    assert result["tenants"]["acme"] == {"jobs": 1, "artifacts": 0, "artifact_bytes": 0, "audit": 1, "chats": 1}
    assert world.held("acme") == before
    assert world.jobs.prune(limit=10) == []


def test_the_settings_count_for_all_others_and_for_callers_nobody_knows(world: World) -> None:
    world.bring("acme")
    world.services.audit.append(Entry(world.clock(), None, None, None, "GET", "/", None, 401, None, None, "id"))
    world.clock.advance(days=366)

    result = retain(
        RetainRequest(),
        attempt=Attempted(),
        services=world.services._replace(days=RetentionDays(audit=365, artifacts=1, chats=1)),
    )

    assert result["audit_of_unknown"] == 1
    assert result["tenants"]["acme"]["audit"] == 1


@pytest.fixture
def clock() -> Clock:
    clock = Clock()
    clock.now = datetime(2026, 1, 2, 3, 29, tzinfo=UTC)
    return clock


def test_the_nightly_job_is_started_once_a_day_by_one_of_many(clock: Clock) -> None:
    jobs, queue = MemoryJobs(clock=clock), MemoryQueue()
    several = [Nightly(jobs, queue, retention_of, at=time(3, 30), clock=clock) for _ in range(3)]

    def looked() -> list[str]:
        for nightly in several:
            nightly.look()
        taken = iter(queue.take, None)
        return [job_id for kind, job_id in taken if kind is RETENTION]

    early = looked()
    clock.advance(minutes=1)
    due, again = looked(), looked()
    clock.advance(days=1)
    next_day = looked()

    assert (early, due, again, next_day) == ([], ["retain-2026-01-02"], [], ["retain-2026-01-03"])
    assert jobs.get("retain-2026-01-02").tenant == HOME


def test_a_nightly_job_whose_store_is_away_is_started_later(clock: Clock) -> None:
    class Away(MemoryJobs):
        away = True

        def submit(self, job: NewJob, **given: Any) -> Any:
            if self.away:
                raise StoreUnavailable("gone")
            return super().submit(job, **given)

    clock.advance(minutes=1)
    jobs, queue = Away(clock=clock), MemoryQueue()
    nightly = Nightly(jobs, queue, retention_of, at=time(3, 30), clock=clock)
    with pytest.raises(StoreUnavailable):
        nightly.look()
    jobs.away = False

    nightly.look()

    assert queue.take() == (RETENTION, "retain-2026-01-02")


def test_each_nightly_job_is_started_at_its_own_time(clock: Clock) -> None:
    jobs, queue = MemoryJobs(clock=clock), MemoryQueue()
    both = [
        Nightly(jobs, queue, backup_of, at=time(2, 30), clock=clock),
        Nightly(jobs, queue, retention_of, at=time(3, 30), clock=clock),
    ]

    def looked() -> list[tuple[Kind, str]]:
        for nightly in both:
            nightly.look()
        return list(iter(queue.take, None))

    first = looked()
    clock.advance(minutes=1)

    assert first == [(BACKUP, "backup-2026-01-02")]
    assert looked() == [(RETENTION, "retain-2026-01-02")]
