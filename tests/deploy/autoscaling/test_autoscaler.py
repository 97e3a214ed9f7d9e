"""What the autoscaler makes of a farm that does not do as it is told, or is not there."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from threading import Event, Thread

import pytest
from typer.testing import CliRunner

from config.autoscaler_settings import AutoscalerSettings
from config.metrics import EXPORTED
from deploy.admin.__main__ import app
from deploy.admin.autoscale import bounds_of
from deploy.autoscaling.autoscaler import Autoscaler
from deploy.autoscaling.decision import Bounds, Rules
from deploy.autoscaling.numbers import Numbers
from jobs.errors import StoreUnavailable
from jobs.model import NewJob
from jobs.queue import PING, SIMULATION
from stores.memory import MemoryJobs
from stores.memory_queue import MemoryPools, MemoryQueue, MemoryWorkers
from stores.ports import Workers
from tests.servers import eventually


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Unreachable(MemoryWorkers):
    """Workers of whom nothing can be heard while they are away."""

    def __init__(self) -> None:
        super().__init__()
        self.away = True
        self.asked = 0

    def alive(self) -> Mapping[str, Sequence[str]]:
        self.asked += 1
        if self.away:
            raise StoreUnavailable("Nobody answers.")
        return super().alive()


def made(
    clock: Clock, *, waiting: int = 0, workers: Workers, pools: MemoryPools, numbers: Numbers, largest: int = 32
) -> Autoscaler:
    """Return an autoscaler of the simulation pool, for which some jobs wait since the beginning of the clock."""
    jobs, queue = MemoryJobs(clock=lambda: datetime.fromtimestamp(clock.now, UTC)), MemoryQueue()
    for number in range(waiting):
        jobs.submit(NewJob(f"job{number}", PING.name, {}))
        jobs.sent(f"job{number}")
        queue.send(PING, f"job{number}", priority=5)
    return Autoscaler(
        jobs,
        queue,
        workers,
        pools,
        bounds={SIMULATION: Bounds(1, 8)},
        rules=Rules(grow_wait_s=3, settle_s=5, idle_s=60),
        largest=largest,
        numbers=numbers,
        clock=clock,
    )


def alive(sizes: Mapping[str, int], *, busy: int = 0) -> MemoryWorkers:
    workers = MemoryWorkers()
    for name, size in sizes.items():
        workers.beat(name, queue=SIMULATION, ttl_s=60, processes=size, busy=busy)
    return workers


def told(numbers: Numbers, name: str, **labels: str) -> float | None:
    return numbers.registry.get_sample_value(name, {"pool": SIMULATION, **labels})


def test_a_pool_grows_evenly_over_its_workers_and_is_counted() -> None:
    clock, numbers, sizes = Clock(), Numbers(), {"one@here": 1, "two@here": 1}
    pools = MemoryPools(sizes)
    autoscaler = made(clock, waiting=9, workers=alive(sizes), pools=pools, numbers=numbers)

    autoscaler.look()
    before = dict(pools.sizes)
    clock.now = 4
    autoscaler.look()

    assert (before, pools.sizes) == ({"one@here": 1, "two@here": 1}, {"one@here": 2, "two@here": 2})
    assert told(numbers, "dasein_pool_wanted") == 4
    assert told(numbers, "dasein_pool_scaled_total", direction="up") == 1
    assert told(numbers, "dasein_pool_scaled_total", direction="down") == 0


def test_no_worker_is_asked_for_more_than_it_may_have() -> None:
    clock, pools = Clock(), MemoryPools({"one@here": 1})
    autoscaler = made(clock, waiting=9, workers=alive({"one@here": 1}), pools=pools, numbers=Numbers(), largest=1)

    clock.now = 100
    autoscaler.look()

    assert pools.sizes == {"one@here": 1}


def test_workers_that_are_silent_or_all_busy_are_not_counted_as_changed() -> None:
    clock, numbers, silent = Clock(), Numbers(), MemoryPools({})
    growing = made(clock, waiting=9, workers=alive({"one@here": 1}), pools=silent, numbers=numbers)
    busy = MemoryPools({"one@here": 4}, busy={"one@here": 4})
    shrinking = made(clock, workers=alive({"one@here": 4}, busy=1), pools=busy, numbers=Numbers())

    shrinking.look()
    clock.now = 61
    growing.look()
    shrinking.look()
    clock.now = 62
    growing.look()

    assert told(numbers, "dasein_pool_scaled_total", direction="up") == 0
    assert told(numbers, "dasein_pool_wanted") == 2
    assert busy.sizes == {"one@here": 4}


def test_a_pool_without_workers_is_left_alone() -> None:
    clock, numbers, pools = Clock(), Numbers(), MemoryPools({})
    autoscaler = made(clock, waiting=3, workers=MemoryWorkers(), pools=pools, numbers=numbers)

    clock.now = 100
    autoscaler.look()

    assert told(numbers, "dasein_pool_wanted") is None


def test_an_autoscaler_that_cannot_see_goes_on_looking() -> None:
    pools, stopped, workers = MemoryPools({"one@here": 9}), Event(), Unreachable()
    workers.beat("one@here", queue=SIMULATION, ttl_s=600, processes=9, busy=0)
    autoscaler = made(Clock(), workers=workers, pools=pools, numbers=Numbers())
    thread = Thread(target=autoscaler.run, args=(stopped,), kwargs={"every_s": 0.01})

    thread.start()
    eventually(lambda: workers.asked > 3, what="it looks again")
    before = dict(pools.sizes)
    workers.away = False
    eventually(lambda: pools.sizes == {"one@here": 8}, what="it does what it could not do before")
    stopped.set()
    thread.join(10)

    assert before == {"one@here": 9}
    assert not thread.is_alive()


def test_what_it_tells_is_what_is_listed() -> None:
    numbers = Numbers()
    made(Clock(), workers=MemoryWorkers(), pools=MemoryPools({}), numbers=numbers)
    numbers.wanted(SIMULATION, 1)

    found = {
        (f"{family.name}_total" if family.type == "counter" else family.name, family.type, label)
        for family in numbers.registry.collect()
        for sample in family.samples
        for label in (tuple(sample.labels),)
    }

    assert found == {(each.name, each.kind, each.labels) for each in EXPORTED if each.source == "autoscaler"}


def test_a_ceiling_of_nothing_is_one_a_core_and_a_wrong_one_is_named() -> None:
    found = bounds_of(SIMULATION, AutoscalerSettings(simulation="1-0"))

    assert found.least == 1
    assert found.most >= 1
    with pytest.raises(ValueError, match="DASEIN_AUTOSCALER__QUERY: a pool has at least 1"):
        bounds_of("query", AutoscalerSettings(query="4-2"))


@pytest.mark.parametrize(
    ("setting", "given", "said"),
    [
        ("QUERY", "3-2", "a pool has at least 1 and no more at least than at most, not 3-2"),
        ("INGEST", "many", "String should match pattern"),
        ("IDLE_S", "0", "Input should be greater than 0"),
    ],
)
def test_settings_that_cannot_be_are_refused_by_their_name(
    monkeypatch: pytest.MonkeyPatch, setting: str, given: str, said: str
) -> None:
    monkeypatch.setenv(f"DASEIN_AUTOSCALER__{setting}", given)

    answer = CliRunner().invoke(app, ["autoscale"])

    assert answer.exit_code == 1
    assert answer.output.startswith(f"DASEIN_AUTOSCALER__{setting}: {said}")
