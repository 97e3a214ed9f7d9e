"""What broken-off jobs leave is taken away, by themselves or by whoever writes next."""

from pathlib import Path
from typing import Any

import pytest

from jobs.errors import Cancelled, DaseinError, DeadlineExceeded, StoreUnavailable
from jobs.ingestion import IngestRequest, RebuildRequest
from stores.corpus import read_corpus
from stores.documents import Record, Shelf
from stores.memory_graph import MemoryGraph
from tests.workers.query.knowledge import TENANT, Running, everything, graph_of, memory_services
from tests.workers.query.test_corpus import Clock, writing
from tests.workers.query.test_writer import CHANGES, Count, baseline, fragile
from workers.query.corpus_changes import hide
from workers.query.ingest import ingest
from workers.query.left_over import ABANDONED_S, PATIENCE_S
from workers.query.rebuild import rebuild
from workers.query.services import QueryServices


class Stopped(Running):
    """An attempt that is told to stop at one of its looks."""

    def __init__(self, at: int, error: type[DaseinError] = Cancelled) -> None:
        super().__init__("stopped")
        self.looks = 0
        self.at = at
        self.error = error

    def check(self) -> None:
        self.looks += 1
        if self.looks >= self.at:
            raise self.error("It was told to stop.")


class StoppedAmid(Running):
    """An attempt that is told to stop when the documents are written."""

    def check(self) -> None:
        if any(progress.message == "vectors" for progress in self.progress):
            raise Cancelled("It was told to stop.")


def take_in(services: QueryServices, attempt: Running, **told: Any) -> Any:
    return ingest(IngestRequest(**told), tenant=TENANT, job_id=attempt.job_id, attempt=attempt, services=services)


def kept(services: QueryServices) -> dict[str, Any]:
    found = everything(services)
    return {store: found[store] for store in ("documents", "texts", "graph")}


@pytest.mark.parametrize("error", [Cancelled, DeadlineExceeded])
@pytest.mark.parametrize("change", ["campaign", "document"])
def test_a_job_that_is_stopped_anywhere_leaves_nothing(change: str, error: type[DaseinError], tmp_path: Path) -> None:
    services = baseline(tmp_path)
    before = kept(services)
    straight = Stopped(10**9)
    take_in(baseline(tmp_path), straight, **CHANGES[change](services))
    assert straight.looks > 10

    for look in range(1, straight.looks):
        services = baseline(tmp_path)
        with pytest.raises(error):
            take_in(services, Stopped(look, error), **CHANGES[change](services))

        if "visible" not in {record.body["state"] for record in _others(services)}:
            assert kept(services) == before, look
            assert read_corpus(services.documents, TENANT).hidden == frozenset(), look


def _others(services: QueryServices) -> list[Record]:
    found = services.documents.find(TENANT, Shelf.BATCHES)
    return [record for record in found if record.body["job"] == "stopped"]


def test_without_time_to_take_it_away_it_is_left_hidden_to_the_next_writer(tmp_path: Path) -> None:
    clock, ticks = Clock(), iter(range(0, 10**6, int(PATIENCE_S)))
    services = memory_services(tmp_path, clock=clock)

    with pytest.raises(Cancelled):
        take_in(services._replace(timer=lambda: next(ticks)), StoppedAmid(), name="n", text="The Key leaks.")

    assert read_corpus(services.documents, TENANT).hidden == {"document:n"}
    take_in(services, Running("soon"), name="soon", text="One.")
    assert read_corpus(services.documents, TENANT).hidden == {"document:n"}
    clock.now += ABANDONED_S
    take_in(services, Running("later"), name="later", text="Two.")
    assert read_corpus(services.documents, TENANT).hidden == frozenset()
    assert not services.documents.find(TENANT, Shelf.CHUNKS, batch="document:n")
    assert {record.id for record in services.documents.find(TENANT, Shelf.BATCHES)} == {
        "document:soon",
        "document:later",
    }


def test_a_batch_that_was_hidden_before_anything_was_written_is_forgotten_at_once(tmp_path: Path) -> None:
    services = memory_services(tmp_path)
    with writing(services.documents, "lost", services.clock) as lease:
        lease.change(hide("document:n", seen=False))

    take_in(services, Running("next"), name="next", text="One.")

    assert read_corpus(services.documents, TENANT).hidden == frozenset()


def test_what_a_job_will_come_back_for_is_left_to_it(tmp_path: Path) -> None:
    services = memory_services(tmp_path)
    with pytest.raises(StoreUnavailable):
        take_in(fragile(services, Count(25)), Running("first"), name="n", text="The Key leaks.")

    take_in(services, Running("other"), name="other", text="One.")

    assert read_corpus(services.documents, TENANT).hidden == {"document:n"}
    assert not take_in(services, Running("first"), name="n", text="The Key leaks.").unchanged
    assert read_corpus(services.documents, TENANT).hidden == frozenset()


def test_a_job_that_was_stopped_while_it_waited_takes_nothing_of_another_one_away(tmp_path: Path) -> None:
    services = memory_services(tmp_path)
    with pytest.raises(StoreUnavailable):
        take_in(fragile(services, Count(25)), Running("first"), name="n", text="The Key leaks.")
    left = everything(services)
    busy = writing(services.documents, "busy", services.clock)

    class StoppedWaiting(Running):
        looks = 0

        def check(self) -> None:
            self.looks += 1
            if self.looks == 2:  # when it has read, and goes to write
                busy.__enter__()
            elif self.looks == 3:
                busy.__exit__(None, None, None)
                raise Cancelled("It was told to stop.")

    with pytest.raises(Cancelled):
        take_in(services, StoppedWaiting("waiting"), name="n", text="The Key leaks.")

    assert everything(services) == left


def test_a_graph_that_is_being_made_again_is_made_to_the_end(tmp_path: Path) -> None:
    services = baseline(tmp_path)
    lost = services._replace(graph=MemoryGraph())
    again = RebuildRequest(what=("graph",))

    rebuild(again, tenant=TENANT, job_id="r", attempt=Stopped(1), services=lost)

    assert read_corpus(services.documents, TENANT).hidden == frozenset()
    assert graph_of(lost.graph) == graph_of(services.graph)
