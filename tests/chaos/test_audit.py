"""The audit finds whatever is wrong with the books, and nothing where nothing is."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from jobs.model import Event, Failure, Job, Progress, State
from tests.chaos.audit import Books, faults
from tests.chaos.journal import TAG, Journal, Submission

NOW = datetime(2026, 11, 29, tzinfo=UTC)
DIGESTS = {"aes": "d1"}


def job(job_id: str, kind: str, state: State = State.SUCCEEDED, **more: Any) -> Job:
    told: dict[str, Any] = {"params": {}, "result": {}, "tags": (TAG,)} | more
    return Job(job_id, kind, state, tenant="default", priority=5, submitted_at=NOW, **told)


def events(*states: State) -> list[Event]:
    names = [Event(str(at), "state", {"state": state.value}) for at, state in enumerate(states)]
    return [*names, Event("done", "done", {})]


@pytest.fixture
def journal() -> Journal:
    return Journal(
        [
            Submission("k1", "ping", {"echo": "x"}, job_id="a"),
            Submission("k2", "campaign", {}, subject="aes", job_id="c"),
            Submission("k3", "ingest", {}, subject="note", job_id="i"),
            Submission("k4", "ping", {}, job_id="x", to_cancel=True),
        ]
    )


@pytest.fixture
def books() -> Books:
    """Return the books of a farm that did all that the journal asks for."""
    jobs = [
        job("a", "ping", result={"echo": "x"}),
        job(
            "c",
            "campaign",
            params={"traces": 9},
            result={"digest": "d1", "ingestion": "f"},
            progress=Progress(9, 9),
        ),
        job("c.0", "shard", parent="c", tags=()),
        job("f", "ingest", params={"campaign": "c"}, tags=()),
        job("i", "ingest"),
        job("x", "ping", State.CANCELLED, result=None),
    ]
    return Books(
        jobs={one.id: one for one in jobs},
        events={one.id: events(State.QUEUED, State.RUNNING, one.state) for one in jobs},
        counts={
            ("ping", State.SUCCEEDED): 1,
            ("ping", State.CANCELLED): 1,
            ("campaign", State.SUCCEEDED): 1,
            ("ingest", State.SUCCEEDED): 2,
            ("ping", State.RUNNING): 0,
        },
        listed={"a", "c", "i", "x"},
        looked_at=frozenset(),
        queued=0,
        traces_today=9,
        reports={"c": "d1"},
        batches={"document:note", "campaign:c"},
        dead=frozenset(),
    )


def with_job(books: Books, job_id: str, **changes: Any) -> Books:
    return replace(books, jobs={**books.jobs, job_id: replace(books.jobs[job_id], **changes)})


def test_books_in_order_have_no_faults(books: Books, journal: Journal) -> None:
    assert faults(books, journal, DIGESTS) == []


def test_a_lost_job_one_that_nobody_asked_for_and_one_that_answers_twice_are_found(
    books: Books, journal: Journal
) -> None:
    journal.submissions[0].job_id = "c"

    found = " | ".join(faults(books, journal, DIGESTS))

    assert "c answers 2 submissions" in found
    assert "a was made and asked for by nobody" in found

    journal.submissions[0].job_id = "gone"
    assert "ping gone was acknowledged and is lost" in faults(books, journal, DIGESTS)


def test_a_submission_that_was_never_answered_is_found(books: Books, journal: Journal) -> None:
    journal.note(Submission("k5", "ping", {}))

    assert "ping k5 was asked for again and again and never answered" in faults(books, journal, DIGESTS)


@pytest.mark.parametrize(
    ("job_id", "changes", "words"),
    [
        ("a", {"state": State.RUNNING}, "ping a is still running"),
        ("a", {"state": State.FAILED, "error": Failure("internal", "?")}, "ping a failed for no good reason"),
        ("a", {"state": State.FAILED, "error": Failure("deadline-exceeded", "?")}, "missed a deadline"),
        ("a", {"state": State.CANCELLED}, "ping a was cancelled by nobody"),
        ("a", {"result": {"echo": "y"}}, "ping a answers"),
        ("a", {"result": None}, "ping a succeeded without a result"),
        ("c", {"progress": Progress(18, 9)}, "campaign c is at"),
        ("f", {"params": {"campaign": "other"}}, "campaign c was taken in by 0 jobs"),
    ],
)
def test_a_job_that_did_not_end_as_it_may_is_found(
    books: Books, journal: Journal, job_id: str, changes: dict[str, Any], words: str
) -> None:
    assert any(words in fault for fault in faults(with_job(books, job_id, **changes), journal, DIGESTS))


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (events(State.QUEUED, State.RUNNING, State.SUCCEEDED, State.SUCCEEDED), "a went through"),
        (events(State.QUEUED, State.SUCCEEDED, State.RUNNING), "a went through"),
        ([*events(State.SUCCEEDED), *events()], "a told 2 ends"),
        (events(State.QUEUED, State.QUEUED, State.SUCCEEDED), "a was queued twice in a row"),
    ],
)
def test_a_job_that_ended_twice_or_went_on_is_found(
    books: Books, journal: Journal, told: list[Event], words: str
) -> None:
    wrong = replace(books, events={**books.events, "a": told})

    assert any(words in fault for fault in faults(wrong, journal, DIGESTS))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reports": {"c": "d2"}}, "the digest in the report of aes c is d2, not d1"),
        ({"traces_today": 18}, "18 traces were counted for the quota, and 9 asked for"),
        ({"batches": {"campaign:c"}}, "note was taken in by i and is not there"),
        ({"counts": {}}, "the counts are {}"),
        ({"listed": {"a", "c", "i"}}, "x is not in the list"),
        ({"looked_at": {"a"}}, "something is still expected of ['a']"),
        ({"queued": 3}, "3 messages lie in the queues"),
        ({"dead": {"a"}}, "the dead letters are ['a']"),
    ],
)
def test_what_the_farm_says_of_itself_and_is_not_so_is_found(
    books: Books, journal: Journal, changes: dict[str, Any], words: str
) -> None:
    assert any(words in fault for fault in faults(replace(books, **changes), journal, DIGESTS))


def test_what_a_client_saw_is_told(books: Books, journal: Journal) -> None:
    journal.saw("two jobs for one key")

    assert faults(books, journal, DIGESTS) == ["two jobs for one key"]
