"""Whether a farm kept its promises: its own records against what its clients have asked it for."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise

from jobs.model import Event, Job, State
from tests.chaos.journal import TAG, Journal

REASONS = frozenset({"deadline-exceeded", "worker-lost", "store-unavailable", "simulator-lost"})
"""Why jobs may fail when processes die and stores go away; whatever else they say is a fault of ours."""


@dataclass(frozen=True, slots=True)
class Books:
    """What the farm has recorded, once it is at rest."""

    jobs: Mapping[str, Job]
    """All of them, parts too, by id."""
    events: Mapping[str, Sequence[Event]]
    counts: Mapping[tuple[str, State], int]
    """As the farm counts its jobs by kind and state, without parts."""
    listed: AbstractSet[str]
    """Ids of the jobs that carry the run's tag, as the farm lists them."""
    looked_at: AbstractSet[str]
    """Jobs that something is still expected of."""
    queued: int
    """Messages that nobody has taken."""
    traces_today: int
    reports: Mapping[str, str]
    """Digest in the report of each campaign."""
    batches: AbstractSet[str]
    """What the knowledge shows of itself, by name."""
    dead: AbstractSet[str]
    learns: bool = True
    """Whether campaigns become knowledge."""


def faults(books: Books, journal: Journal, digests: Mapping[str, str]) -> list[str]:
    """Return every promise that was broken, in words; `digests` are those of an undisturbed run."""
    checks = (_accounts, _ends, _events, _campaigns, _knowledge, _indexes)
    return [*journal.wrong, *(fault for check in checks for fault in check(books, journal, digests))]


def _accounts(books: Books, journal: Journal, _: Mapping[str, str]) -> Iterator[str]:
    """Yield jobs that were lost, and those that nobody has asked for."""
    by_job = Counter(one.job_id for one in journal.submissions if one.job_id is not None)
    for one in journal.submissions:
        if one.job_id is None and one.refused is None:
            yield f"{one.kind} {one.key} was asked for again and again and never answered"
        elif one.job_id is not None and one.job_id not in books.jobs:
            yield f"{one.kind} {one.job_id} was acknowledged and is lost"
    yield from (f"{job_id} answers {number} submissions" for job_id, number in by_job.items() if number > 1)
    asked = {job_id for job_id in by_job if job_id is not None}
    recorded = {job.id for job in books.jobs.values() if TAG in job.tags}
    yield from (f"{job_id} was made and asked for by nobody" for job_id in sorted(recorded - asked))
    yield from (f"{job_id} is not in the list" for job_id in sorted(recorded - books.listed))


def _ends(books: Books, journal: Journal, _: Mapping[str, str]) -> Iterator[str]:
    """Yield jobs that did not end, or not as they may."""
    asked = {one.job_id: one for one in journal.submissions}
    for job in books.jobs.values():
        one = asked.get(job.id)
        if not job.state.final:
            yield f"{job.kind} {job.id} is still {job.state.value}"
        elif job.state is State.FAILED and (job.error is None or job.error.code not in REASONS):
            yield f"{job.kind} {job.id} failed for no good reason: {job.error}"
        elif job.state is State.CANCELLED and job.parent is None and (one is None or not one.to_cancel):
            yield f"{job.kind} {job.id} was cancelled by nobody"
        elif job.state is State.SUCCEEDED and job.result is None:
            yield f"{job.kind} {job.id} succeeded without a result"
        if job.error is not None and job.error.code == "deadline-exceeded" and (one is None or one.deadline_s is None):
            yield f"{job.kind} {job.id} missed a deadline that it did not have"
        echo = {"echo": one.params.get("echo", "")} if one is not None else job.result
        if job.state is State.SUCCEEDED and job.kind == "ping" and job.result != echo:
            yield f"ping {job.id} answers {job.result}"


def _events(books: Books, _journal: Journal, _: Mapping[str, str]) -> Iterator[str]:
    """Yield jobs that ended more than once, or went on after their end."""
    for job_id, events in books.events.items():
        names = [event.name for event in events]
        states = [State(event.data["state"]) for event in events if event.name == "state"]
        if names.count("done") != 1 or names[-1] != "done":
            yield f"{job_id} told {names.count('done')} ends, and {names[-1:]} last"
        if sum(state.final for state in states) != 1 or states[-1] is not books.jobs[job_id].state:
            yield f"{job_id} went through {[state.value for state in states]}"
        if any(before is State.QUEUED and after is State.QUEUED for before, after in pairwise(states)):
            yield f"{job_id} was queued twice in a row: {[state.value for state in states]}"


def _campaigns(books: Books, journal: Journal, digests: Mapping[str, str]) -> Iterator[str]:
    """Yield campaigns whose numbers are not those of an undisturbed run, or that left something twice."""
    followers = Counter(job.params.get("campaign") for job in books.jobs.values() if job.kind == "ingest")
    asked = {one.job_id: one.subject for one in journal.submissions if one.kind == "campaign"}
    for job in books.jobs.values():
        if job.kind != "campaign" or job.state is not State.SUCCEEDED or job.result is None:
            continue
        if (subject := asked.get(job.id)) is not None:
            for where, digest in (("result", job.result["digest"]), ("report", books.reports.get(job.id))):
                if digest != digests[subject]:
                    yield f"the digest in the {where} of {subject} {job.id} is {digest}, not {digests[subject]}"
        if job.progress.done != job.params["traces"] or job.progress.total != job.params["traces"]:
            yield f"campaign {job.id} is at {job.progress}"
        if books.learns and (followers[job.id] != 1 or job.result.get("ingestion") not in books.jobs):
            yield f"campaign {job.id} was taken in by {followers[job.id]} jobs"
    wanted = sum(int(job.params["traces"]) for job in books.jobs.values() if job.kind == "campaign")
    if wanted != books.traces_today:
        yield f"{books.traces_today} traces were counted for the quota, and {wanted} asked for"


def _knowledge(books: Books, journal: Journal, _: Mapping[str, str]) -> Iterator[str]:
    """Yield documents that are missing although they were taken in, and those that are there although they were not."""
    for one in journal.submissions:
        job = books.jobs.get(one.job_id or "")
        if one.kind != "ingest" or job is None:
            continue
        there = f"document:{one.subject}" in books.batches
        if job.state is State.SUCCEEDED and not there:
            yield f"{one.subject} was taken in by {job.id} and is not there"


def _indexes(books: Books, _journal: Journal, _: Mapping[str, str]) -> Iterator[str]:
    """Yield where what the farm counts and lists is not what it has recorded."""
    counted = Counter((job.kind, job.state) for job in books.jobs.values() if job.parent is None)
    told = {key: number for key, number in books.counts.items() if number}
    if told != dict(counted):
        yield f"the counts are {told}, and the records {dict(counted)}"
    if books.looked_at:
        yield f"something is still expected of {sorted(books.looked_at)}"
    if books.queued:
        yield f"{books.queued} messages lie in the queues"
    lost = {job.id for job in books.jobs.values() if job.error is not None and job.error.code == "worker-lost"}
    own = {job_id for job_id in lost if not any(part.parent == job_id for part in books.jobs.values())}
    if own != books.dead:
        yield f"the dead letters are {sorted(books.dead)}, and the jobs that were given up {sorted(own)}"
