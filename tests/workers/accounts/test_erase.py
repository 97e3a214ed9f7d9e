"""Erasure: everything of one tenant, nothing of another, and no word of success before."""

from dataclasses import replace

import pytest

from jobs.errors import NotFound, StoreUnavailable
from jobs.identity import HOME
from jobs.model import NewJob, State
from jobs.tenancy import EraseRequest
from stores.graph import Node
from stores.identity import Quotas
from tests.workers.accounts.conftest import Attempted, World
from workers.accounts import erase as erasing
from workers.accounts.erase import erase
from workers.accounts.services import Store


def erased(world: World, tenant: str = "acme", *, keep: bool = False, **changes: object) -> dict[str, object]:
    attempt = Attempted()
    services = world.services._replace(**changes)  # type: ignore[arg-type]  # a test's own
    request = EraseRequest(tenant=tenant, keep=keep)
    return dict(erase(request, job_id=attempt.job_id, attempt=attempt, services=services))


def test_a_tenant_leaves_every_store_and_its_neighbour_stays_as_it_was(world: World) -> None:
    world.bring("acme")
    world.bring("acme-2")
    before = world.held("acme-2")

    result = erased(world)

    after = {name: value for name, value in world.held("acme").items() if name != "documents"}
    assert not any(after.values()), after
    assert not any(world.held("acme")["documents"].values())
    assert world.held("acme-2") == before
    removed, holds = result["removed"], result["holds"]
    assert isinstance(removed, dict)
    assert isinstance(holds, dict)
    assert set(holds.values()) == {0}
    assert set(removed) == set(holds)
    assert min(removed.values()) > 0


def test_an_erasure_may_be_done_twice(world: World) -> None:
    world.bring("acme")
    erased(world)

    again = erased(world)

    assert again["removed"] == again["holds"]


def test_an_erasure_that_was_cut_off_finds_its_way_again(world: World) -> None:
    def fail(_tenant: str) -> None:
        raise StoreUnavailable("gone")

    world.bring("acme")
    with pytest.raises(StoreUnavailable):
        erased(world, more={"webhooks": Store(fail, lambda _tenant: 1)})

    suspended = world.services.tenants.get("acme").suspended
    result = erased(world)

    assert suspended
    assert set(result["holds"].values()) == {0}  # type: ignore[attr-defined]  # a mapping
    assert world.held("acme")["files"] == []


def test_what_a_store_still_has_is_no_success(world: World) -> None:
    world.bring("acme")

    with pytest.raises(StoreUnavailable, match="webhooks 3"):
        erased(world, more={"webhooks": Store(lambda _tenant: None, lambda _tenant: 3)})

    assert world.services.tenants.get("acme").suspended


def test_running_jobs_are_stopped_first_and_waited_for(world: World) -> None:
    world.bring("acme")
    world.jobs.submit(NewJob("run", "ping", {}, "acme"))
    world.jobs.start("run", worker="two@here:1", lease_s=60)
    steps: list[State] = []

    def pause(_seconds: float) -> None:
        steps.append(world.jobs.get("run").state)
        # What a cancelled job brings to its end before it notices.
        world.services.graph.merge("acme", [Node("Instruction", "late")], [], batch="b")
        world.jobs.submit(NewJob("follower", "ping", {}, "acme"))
        assert not world.jobs.renew("run", worker="two@here:1", lease_s=60)
        world.jobs.release("run", worker="two@here:1")

    result = erased(world, pause=pause)

    assert steps == [State.RUNNING]
    assert set(result["holds"].values()) == {0}  # type: ignore[attr-defined]  # a mapping
    with pytest.raises(NotFound):
        world.jobs.get("follower")


def test_a_job_that_does_not_stop_keeps_everything_where_it_is(world: World) -> None:
    world.bring("acme")
    world.jobs.submit(NewJob("run", "ping", {}, "acme"))
    world.jobs.start("run", worker="two@here:1", lease_s=600)
    before = world.held("acme")

    with pytest.raises(StoreUnavailable, match="1 jobs"):
        erased(world)

    assert sum(world.paused) == erasing.STOP_S
    assert world.held("acme")["documents"] == before["documents"]


def test_a_tenant_can_be_kept_without_its_data(world: World) -> None:
    world.bring("acme")
    tenant = replace(world.services.tenants.get("acme"), quotas=Quotas(jobs_in_flight=3), suspended=True)
    world.services.tenants.change(tenant)

    result = erased(world, keep=True)

    assert result["tenant_kept"] is True
    assert world.services.tenants.get("acme") == replace(tenant, suspended=False)
    assert world.services.keys.of("acme") == []


def test_the_home_tenant_keeps_its_keys_and_the_job_that_erases_it(world: World) -> None:
    world.bring(HOME)
    world.bring("acme")
    before = world.held("acme")
    world.jobs.submit(NewJob("erase-1", "erase", {}, HOME))
    world.jobs.start("erase-1", worker="one@here:1", lease_s=60)

    result = erased(world, HOME)

    held = world.held(HOME)
    assert [job.id for job in held["jobs"]] == ["erase-1"]
    assert len(held["keys"]) == 1
    assert not held["tenant"][0].suspended
    assert not any(held[name] for name in ("audit", "artifacts", "files", "graph", "vectors", "texts", "cache"))
    assert result["tenant_kept"] is True
    assert world.held("acme") == before


def test_a_farm_without_a_cache_erases_the_rest(world: World) -> None:
    world.bring("acme")

    result = erased(world, cache=None)

    assert "cache" not in result["holds"]  # type: ignore[operator]  # a mapping
