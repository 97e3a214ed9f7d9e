"""Who may write, and what readers are told."""

import threading
from collections.abc import Callable
from itertools import count

import pytest

from jobs.errors import Cancelled, StoreUnavailable
from stores.corpus import read_corpus
from stores.documents import Documents
from stores.memory_documents import MemoryDocuments
from stores.vectors import Space
from workers.query.corpus import LEASE_S, LOOKS_BETWEEN, Writing
from workers.query.corpus_changes import CHANGES, forget, forget_space, hide, note_space, settle, show, switch

TENANT = "t1"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def writing(
    documents: Documents, owner: str, clock: Callable[[], float], check: Callable[[], None] = lambda: None
) -> Writing:
    return Writing(documents, TENANT, owner=owner, clock=clock, check=check)


def test_a_tenant_that_never_wrote_is_at_version_0() -> None:
    assert read_corpus(MemoryDocuments(), TENANT).version == 0


def test_a_second_writer_waits_until_the_first_has_ended() -> None:
    documents, clock = MemoryDocuments(), Clock()
    order: list[str] = []
    waited = threading.Event()

    def second() -> None:
        with writing(documents, "second", clock, waited.set):
            order.append("second")

    thread = threading.Thread(target=second)
    with writing(documents, "first", clock):
        thread.start()
        assert waited.wait(10)
        order.append("first")
    thread.join(10)

    assert order == ["first", "second"]


def test_waiting_ends_when_the_job_should_stop() -> None:
    documents, clock = MemoryDocuments(), Clock()

    def stop() -> None:
        raise Cancelled("It was cancelled.")

    with writing(documents, "first", clock), pytest.raises(Cancelled), writing(documents, "second", clock, stop):
        pytest.fail("it wrote")


def test_a_job_that_is_resumed_has_its_lease_at_once() -> None:
    documents, clock = MemoryDocuments(), Clock()
    writing(documents, "job", clock).__enter__()

    with writing(documents, "job", clock) as lease:
        assert lease.corpus.version == 0


def test_a_lease_whose_job_no_worker_holds_is_taken_at_once_and_its_old_holder_notices() -> None:
    documents, clock, asked = MemoryDocuments(), Clock(), []
    lost = writing(documents, "lost", clock).__enter__()

    def is_held(job_id: str) -> bool:
        asked.append(job_id)
        return False

    following = Writing(documents, TENANT, owner="next", clock=clock, check=lambda: None, is_held=is_held)
    with following, pytest.raises(StoreUnavailable, match="taken over"):
        lost.change(hide("b", seen=False))

    assert asked == ["lost"]


def test_a_lease_whose_job_a_worker_holds_is_waited_for_and_its_job_not_looked_at_each_time() -> None:
    documents, clock, looks, asked = MemoryDocuments(), Clock(), count(1), []

    def stop_at_last() -> None:
        if next(looks) > LOOKS_BETWEEN:
            raise Cancelled("It was cancelled.")

    def is_held(job_id: str) -> bool:
        asked.append(job_id)
        return True

    with writing(documents, "first", clock), pytest.raises(Cancelled):
        Writing(documents, TENANT, owner="second", clock=clock, check=stop_at_last, is_held=is_held).__enter__()

    assert asked == ["first", "first"]


def test_a_lapsed_lease_is_taken_and_its_old_holder_notices() -> None:
    documents, clock = MemoryDocuments(), Clock()
    silent = writing(documents, "silent", clock).__enter__()
    clock.now += LEASE_S + 1

    with writing(documents, "next", clock) as lease:
        lease.change(hide("b", seen=False))
        with pytest.raises(StoreUnavailable, match="taken over"):
            silent.hold()

    assert read_corpus(documents, TENANT).hidden == {"b"}


def test_a_working_holder_renews_its_lease() -> None:
    documents, clock = MemoryDocuments(), Clock()
    with writing(documents, "busy", clock) as lease:
        for _ in range(10):
            clock.now += LEASE_S * 0.6
            lease.hold()

        def stop() -> None:
            raise Cancelled("It was cancelled.")

        with pytest.raises(Cancelled), writing(documents, "other", clock, stop):
            pytest.fail("it wrote")


def test_a_holder_whose_clock_is_set_back_notices_at_its_next_look_that_it_lost_its_lease() -> None:
    documents, clock, late = MemoryDocuments(), Clock(), Clock()
    with writing(documents, "late", late) as lease:
        late.now -= 600
        clock.now += LEASE_S + 1
        with writing(documents, "next", clock), pytest.raises(StoreUnavailable, match="taken over"):
            lease.hold()


def test_a_batch_is_seen_from_one_version_on_and_gone_from_another() -> None:
    documents, clock = MemoryDocuments(), Clock()
    with writing(documents, "job", clock) as lease:
        told = []
        changes = (hide("b", seen=False), show("b"), settle("b", changed=True), hide("b", seen=True), forget("b"))
        for change in changes:
            lease.change(change)
            again = lease.change(change)
            told.append((again.version, set(again.hidden), again.pending))

    assert told == [(0, {"b"}, ()), (1, set(), ("b",)), (2, set(), ()), (3, {"b"}, ()), (4, set(), ())]
    assert lease.corpus.changes == ((1, "b", "added"), (3, "b", "removed"))


def test_of_a_batch_that_is_hidden_again_nothing_is_owed() -> None:
    with writing(MemoryDocuments(), "job", Clock()) as lease:
        for change in (hide("b", seen=False), show("b"), hide("b", seen=True)):
            lease.change(change)

        assert lease.corpus.pending == ()


def test_only_the_latest_changes_are_remembered() -> None:
    documents, clock = MemoryDocuments(), Clock()
    with writing(documents, "job", clock) as lease:
        for number in range(CHANGES + 5):
            lease.change(hide(f"b{number}", seen=False))
            lease.change(show(f"b{number}"))

    assert len(lease.corpus.changes) == CHANGES
    assert lease.corpus.changes[-1][1] == f"b{CHANGES + 4}"


def test_a_new_space_serves_from_one_swap_on() -> None:
    documents, clock = MemoryDocuments(), Clock()
    old, new = Space("chunks", "old", 4), Space("chunks", "new", 8)
    with writing(documents, "job", clock) as lease:
        lease.change(note_space(old))
        lease.change(note_space(new))
        assert dict(lease.corpus.spaces) == {"chunks": "old"}
        assert lease.corpus.all_spaces() == [new, old]
        version = lease.corpus.version
        lease.change(switch([new]))
        assert lease.corpus.version == version + 1
        assert lease.corpus.all_spaces() == [new, old]
        lease.change(forget_space(old))
        assert lease.corpus.all_spaces() == [new]

    assert read_corpus(documents, TENANT).spaces == {"chunks": "new"}
