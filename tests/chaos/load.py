"""Clients of a farm under fire: each asks for a job, sees what becomes of it, and asks for the next one."""

import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from threading import Event
from typing import Any

from dasein import ApiError, Client, DaseinError, State
from deploy.procfile import ROOT
from renode.firmware.build import build_all
from tests.chaos.journal import TAG, Journal, Submission

CLIENTS = 16
PATIENCE_S = 20.0
ANSWER_S = 20.0
END_S = 60.0
UNDISTURBED_S = 300.0
MANY = 10**6
TRACES = 3000
SHARDS = 3
WORDS = ("sbox", "masking", "probe", "trigger", "jitter", "rail", "bus", "shunt", "rounds", "carry")
QUESTIONS = ("What leaks?", "Which instructions leak the key?", "What is said of masking?", "¿Qué se dice del bus?")


@dataclass(frozen=True, slots=True)
class Subjects:
    """The campaigns that clients ask for, and the digests of an undisturbed run."""

    bodies: Mapping[str, Mapping[str, Any]]
    digests: dict[str, str]


def subjects(client: Client) -> Subjects:
    """Upload firmware, and have each campaign measured once while nothing disturbs it."""
    elves = {path.stem: path for path in build_all(ROOT / "build" / "firmware")}
    bodies = {}
    for name, changes in (
        ("aes128_m4", {"cpa": None}),
        ("aes128_masked_m4", {"cpa": None, "seed": 2}),
        ("compare_leaky_m0", {}),
    ):
        told = json.loads((ROOT / "renode" / "firmware" / "campaigns" / f"{name}.json").read_text(encoding="utf-8"))
        firmware = client.upload(elves[name])
        bodies[name] = told | {"firmware": firmware, "traces": TRACES, "shards": SHARDS} | changes
    jobs = {name: client.submit("campaign", body) for name, body in bodies.items()}
    digests = {}
    for name, job in jobs.items():
        ended = client.wait(job.id, timeout_s=UNDISTURBED_S)
        if ended.state is not State.SUCCEEDED or ended.result is None:
            raise RuntimeError(f"{name} failed undisturbed: {ended.error}")
        digests[name] = str(ended.result["digest"])
    return Subjects(bodies, digests)


class Load:
    """Clients that go on until they are told to stop."""

    def __init__(
        self,
        url: str,
        journal: Journal,
        known: Subjects,
        *,
        seed: int,
        clients: int = CLIENTS,
        knowledge: bool = True,
        documents: int = MANY,
    ) -> None:
        """Let `clients` of them call the farm at `url`; without `knowledge` they neither tell nor ask it anything.

        There are so many `documents`; more of them replace others.
        """
        self._url = url
        self._journal = journal
        self._known = known
        self._stopped = Event()
        self._began = time.monotonic()
        self._numbers = count()
        self._seed = seed
        self._knowledge = int(knowledge)
        self._documents = documents
        self._clients = ThreadPoolExecutor(clients, thread_name_prefix="client")
        self._ends: list[Future[None]] = []
        self._number = clients

    def start(self) -> None:
        """Let the clients begin."""
        self._ends = [self._clients.submit(self._be_client, nth) for nth in range(self._number)]

    def stop(self) -> None:
        """Let every client end what it is at, and ask for no more."""
        self._stopped.set()
        self._clients.shutdown()
        for end in self._ends:
            end.result()

    def settle(self, *, within_s: float) -> None:
        """Ask again for everything that there was no answer to, as a client would that comes back later."""
        with Client(self._url, timeout_s=ANSWER_S, patience_s=within_s) as client:
            while waiting := self._journal.open:
                first = waiting[0]
                if first.batch is None:
                    _submit(client, first, self._journal)
                else:
                    _submit_batch(client, [one for one in waiting if one.batch == first.batch])

    def _be_client(self, nth: int) -> None:
        rng = random.Random(f"{self._seed} {nth}")
        while not self._stopped.is_set():
            # A client that lost its farm begins anew.
            with Client(self._url, timeout_s=ANSWER_S, patience_s=PATIENCE_S) as client:
                try:
                    while not self._stopped.is_set():
                        self._turn(client, rng)
                except DaseinError as error:
                    self._journal.gave_up(f"{time.monotonic() - self._began:.1f} s: {error}")
                    self._stopped.wait(0.5)

    def _turn(self, client: Client, rng: random.Random) -> None:
        makers: Mapping[Callable[[random.Random], Submission], int] = {
            _ping: 36,
            _late: 5,
            self._campaign: 12,
            self._document: 14 * self._knowledge,
            _question: 12 * self._knowledge,
            _to_cancel: 8,
        }
        if rng.random() < 0.06:
            self._batch(client, rng)
            return
        one = rng.choices(list(makers), list(makers.values()))[0](rng)
        self._journal.note(one)
        _submit(client, one, self._journal)
        if one.job_id is None:
            return
        if rng.random() < 0.2:
            self._again(client, one)
        if one.to_cancel:
            self._stopped.wait(rng.uniform(0, 0.6))
            client.cancel(one.job_id)
        self._see_end(client, one.job_id)

    def _again(self, client: Client, one: Submission) -> None:
        """Ask once more with the same key: it must be the same job."""
        first = one.job_id
        _submit(client, one, self._journal)
        if one.job_id != first:
            self._journal.saw(f"key {one.key} made {first} and then {one.job_id}")

    def _see_end(self, client: Client, job_id: str) -> None:
        ended: list[State] = []
        job = client.wait(job_id, on_change=lambda seen: ended.append(seen.state), timeout_s=END_S)
        if not job.state.final or any(state.final and state is not job.state for state in ended):
            self._journal.saw(f"{job_id} was seen as {[state.value for state in ended]}")

    def _batch(self, client: Client, rng: random.Random) -> None:
        key = _key(rng)
        members = [
            Submission(f"{key}.{nth}", "ping", {"echo": str(nth)}, batch=key) for nth in range(rng.randint(2, 12))
        ]
        for member in members:
            self._journal.note(member)
        client.batches.wait(_submit_batch(client, members), timeout_s=END_S)

    def _campaign(self, rng: random.Random) -> Submission:
        name = rng.choice(sorted(self._known.bodies))
        return Submission(_key(rng), "campaign", self._known.bodies[name], subject=name)

    def _document(self, rng: random.Random) -> Submission:
        number = next(self._numbers) % self._documents
        words = " ".join(rng.choice(WORDS) for _ in range(40))
        name = f"note-{self._seed}-{number}"
        text = f"Note {number}. The {rng.choice(WORDS)} leaks. It says {words}."
        return Submission(_key(rng), "ingest", {"name": name, "text": text, "title": name}, subject=name)


def _submit(client: Client, one: Submission, journal: Journal) -> None:
    """Ask for a job, and write down the answer; raise DaseinError if there is none."""
    began = time.monotonic()
    try:
        job = client.submit(one.kind, one.params, tags=[TAG], deadline_s=one.deadline_s, idempotency_key=one.key)
    except ApiError as error:
        if error.status in {429, 503}:
            raise
        one.refused = f"{error.status} {error.code}: {error.detail}"
        journal.saw(f"{one.kind} {one.key} was refused: {one.refused}")
        return
    one.job_id = job.id
    one.answered_s = one.answered_s or time.monotonic() - began


def _submit_batch(client: Client, members: Sequence[Submission]) -> str:
    """Ask for the jobs of a batch, write down which they are, and return the batch's id; raise DaseinError."""
    body = [{"kind": one.kind, "params": dict(one.params), "tags": [TAG]} for one in members]
    told = client.batches.submit(body, idempotency_key=members[0].batch)
    for member, job_id in zip(members, told["jobs"], strict=True):
        member.job_id = str(job_id)
    return str(told["id"])


def _key(rng: random.Random) -> str:
    return f"{rng.getrandbits(96):024x}"


def _ping(rng: random.Random) -> Submission:
    duration_s = rng.choice((0, 0, 0, 0.2, 1.5))
    return Submission(_key(rng), "ping", {"echo": "x", "duration_s": duration_s})


def _late(rng: random.Random) -> Submission:
    return Submission(_key(rng), "ping", {"duration_s": 30}, deadline_s=rng.choice((0.5, 2)))


def _to_cancel(rng: random.Random) -> Submission:
    return Submission(_key(rng), "ping", {"duration_s": rng.choice((0.2, 20))}, to_cancel=True)


def _question(rng: random.Random) -> Submission:
    return Submission(_key(rng), "query", {"question": rng.choice(QUESTIONS), "fresh": rng.random() < 0.7})
