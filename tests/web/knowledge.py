"""Something to know: a small graph, what batches say of it, answers to questions, and hands that give them."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any, Protocol

from jobs.errors import DaseinError
from jobs.identity import HOME as TENANT
from jobs.knowledge import Label, Link
from jobs.model import Failure, Job
from jobs.questions import Answer, ChatAnswer, Claim, Evidence, Mode, Spent, Turn
from stores.corpus import CORPUS
from stores.documents import Record, Shelf
from stores.graph import Node, Relation
from tests.web.conftest import PATIENCE_S, Behind
from web.api_v2.things import Knowledge

SHA = "5e" * 32
FIRMWARE = f"firmware:{SHA}"
OTHER = f"firmware:{'7f' * 32}"
PLACE = SHA[:12]
Work = Callable[[Behind, Job], dict[str, Any]]


class Knows(Protocol):
    """What there is something to know in."""

    @property
    def knowledge(self) -> Knowledge: ...


def instruction(number: int) -> str:
    """Return the id of the instruction `number` of the first firmware."""
    return f"{PLACE}:{0x08000000 + 2 * number:08x}"


def fill(farm: Knows, *, instructions: int = 5) -> None:
    """Let there be two builds, instructions of which every second is critical, a document and its entities."""
    graph = farm.knowledge.graph
    nodes = [
        Node(Label.FIRMWARE, FIRMWARE, {"name": "aes128 build 7", "sha256": SHA}),
        Node(Label.FIRMWARE, OTHER, {"name": "aes128 build 8", "sha256": "7f" * 32}),
        Node(Label.INSTRUCTION, "7f7f7f7f7f7f:08000000", {"mnemonic": "nop", "function": "main", "firmware": OTHER}),
    ]
    relations = []
    for number in range(instructions):
        told = {"mnemonic": "ldrb", "operands": "r3, [r2]", "function": f"f{number % 2}", "firmware": FIRMWARE}
        nodes.append(Node(Label.INSTRUCTION, instruction(number), told))
        if number % 2 == 0:
            for severity, rank in (("critical", 4), ("low", 1)):
                weakness = f"vulnerability:c:{number}-{severity}"
                nodes.append(Node(Label.VULNERABILITY, weakness, {"severity": severity, "severity_rank": rank}))
                relations.append(Relation(Link.LEAKS, instruction(number), weakness, {"severity": severity}))
    graph.merge(TENANT, nodes, relations, batch="campaign:c")
    entities = [Node(Label.ENTITY, f"entity:tool:{name}", {"name": name, "type": "tool"}) for name in ("a", "b", "c")]
    entities.append(Node(Label.ENTITY, "entity:person:ana", {"name": "Ana", "type": "person"}))
    graph.merge(TENANT, entities, [], batch="document:notes")
    ghost = Node(Label.INSTRUCTION, f"{PLACE}:09000000", {"firmware": FIRMWARE, "function": "f0"})
    graph.merge(TENANT, [ghost], [], batch="measurements:half")
    documents = farm.knowledge.documents
    documents.put(TENANT, Shelf.CORPUS, [Record(CORPUS, {"version": 7, "hidden": ["measurements:half"]})])
    documents.put(
        TENANT,
        Shelf.PROFILES,
        [
            Record(f"{batch}|{instruction(0)}", {"avg_energy": energy}, batch, instruction(0), at)
            for at, (batch, energy) in enumerate(
                (("campaign:c", 2.5), ("measurements:half", 9.0), ("measurements:m", 3.5))
            )
        ],
    )
    batches = {
        "campaign:c": 1.0,
        "document:notes": 2.0,
        "measurements:half": 2.0,
        "document:twin": 4.0,
        "campaign:twin": 5.0,
    }
    documents.put(
        TENANT,
        Shelf.BATCHES,
        [
            Record(
                name,
                {
                    "kind": name.split(":")[0],
                    "title": f"<{name}>",
                    "state": "visible",
                    "created_at": at,
                    "tags": ["lab"],
                },
                name,
                name.split(":")[0],
                at,
            )
            for name, at in batches.items()
        ],
    )


def answer(**changes: Any) -> Answer:
    """Return an answer with one claim."""
    known = Evidence(
        id=instruction(0),
        kind=Label.INSTRUCTION,
        title="ldrb r3, [r2] (f0)",
        score=0.93,
        found_by=("plan",),
        sources=("campaign:c",),
        properties={"max_abs_t": 31.5},
    )
    told: dict[str, Any] = {
        "question": "Which instruction leaks?",
        "answer": "ldrb leaks.",
        "claims": (Claim(text="ldrb leaks.", evidence=(instruction(0),)),),
        "evidence": (instruction(0),),
        "cited": (known,),
        "confidence": 0.75,
        "abstained": False,
        "looked_for": ("instructions that leak",),
        "unknown": (),
        "sources": ("campaign:c", "graph"),
        "language": "en",
        "mode": Mode.MIX,
        "truncated": False,
        "degraded": (),
        "spent": Spent(hops=1, nodes=2, statements=1),
        "data_version": 7,
        "processing_time_s": 0.0125,
    }
    return Answer(**(told | changes))


def said(job: Job, **changes: Any) -> ChatAnswer:
    """Return the answer to a turn."""
    message = str(job.params["message"])
    turn = Turn(position=0, message=message, understood=message, answer=answer(**changes), at=1_735_787_045.0)
    return ChatAnswer(session=str(job.params["session"] or job.id), turn=turn)


def keep(farm: Knows, session: str, *messages: str) -> None:
    """Let there be a conversation."""
    documents = farm.knowledge.documents
    documents.put(TENANT, Shelf.CHATS, [Record(session, {"last_at": 1.0})])
    for position, message in enumerate(messages):
        turn = Turn(position=position, message=message, understood=message, answer=answer(), at=1.0)
        record = Record(f"{session}/{position}", turn.model_dump(mode="json"), group=session, at=float(position))
        documents.put(TENANT, Shelf.TURNS, [record])


def parsed(text: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the events of a stream."""
    blocks = [dict(line.split(": ", 1) for line in block.splitlines()) for block in text.strip().split("\n\n")]
    return [(block["event"], json.loads(block["data"])) for block in blocks if "event" in block]


@contextmanager
def hands(farm: Behind, work: Work) -> Iterator[None]:
    """Do every job that is sent, in a thread, as a worker would: `work` returns its result or raises."""
    stop = Event()

    def run() -> None:
        done = 0
        while not stop.wait(0.005):
            for _, job_id, _ in farm.queue.sent[done:]:
                done += 1
                farm.start(job_id)
                try:
                    farm.jobs.finish(job_id, work(farm, farm.jobs.get(job_id)))
                except DaseinError as error:
                    farm.jobs.fail(job_id, Failure(error.code, error.message, error.field, error.reason))

    thread = Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(PATIENCE_S)
