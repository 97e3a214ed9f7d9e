"""Conversations over the small corpus, with and without a language model on a real server."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from jobs.errors import Cancelled, StoreUnavailable
from jobs.questions import ChatAnswer, ChatRequest
from stores.documents import Shelf
from stores.memory_documents import MemoryDocuments
from stores.vectors_exact import ExactVectors
from tests.workers.query.away import Away
from tests.workers.query.model_server import ModelServer, event, model_server, says, sends
from tests.workers.query.small_corpus import TENANT, Corpus, whole
from tests.workers.query.small_farm import NOW, Farm
from workers.query.chat import KEPT_S, MAX_TURNS, take_turn
from workers.query.model_http import HttpModel

SESSION = "lab-session"
LEAKS = "Which instructions leak in build 7?"


@dataclass
class Talk:
    """A conversation with a farm, whose documents know a time that can be moved."""

    now: float = NOW
    farm: Farm = field(init=False)
    model: HttpModel | None = None
    told: list[str] = field(default_factory=list)
    jobs: int = 0

    def __post_init__(self) -> None:
        documents = MemoryDocuments(clock=lambda: self.now)
        empty = Farm().corpus
        corpus = Corpus(documents, empty.graph, ExactVectors(documents), empty.texts)
        corpus.write(*whole())
        self.farm = Farm(corpus)

    def say(
        self,
        message: str,
        *,
        session: str | None = SESSION,
        job: str | None = None,
        tenant: str = TENANT,
        check: object = None,
    ) -> ChatAnswer:
        """Take a turn; `told` has what was streamed."""
        self.told.clear()
        self.jobs += 1
        services = self.farm.services._replace(model=self.model, clock=lambda: self.now)
        return take_turn(
            ChatRequest(message=message, session=session),
            tenant=tenant,
            job_id=job or f"0193b1f0-5a1c-7c3e-9d2f-{self.jobs:012x}",
            services=services,
            catalogue=self.farm.catalogue,
            check=check if callable(check) else lambda: None,
            on_token=self.told.append,
        )

    def kept(self, session: str = SESSION) -> list[str]:
        """Return the messages that are kept."""
        records = self.farm.corpus.documents.find(TENANT, Shelf.TURNS, groups=[session])
        return [str(record.body["message"]) for record in records]


@pytest.fixture
def talk() -> Talk:
    return Talk()


@pytest.fixture
def server(talk: Talk) -> Iterator[ModelServer]:
    with model_server(says("ldrb leaks [1].")) as server:
        talk.model = HttpModel(server.url, model="small")
        yield server
        talk.model.close()


def test_a_conversation_begins_under_the_name_of_its_first_job(talk: Talk) -> None:
    first = talk.say(LEAKS, session=None)

    again = talk.say("And in build 6?", session=first.session)

    assert re.fullmatch(r"[A-Za-z0-9_-]{8,64}", first.session)
    assert again.session == first.session
    assert [first.turn.position, again.turn.position] == [0, 1]
    assert talk.kept(first.session) == [LEAKS, "And in build 6?"]


def test_an_answer_is_told_line_by_line_and_kept_as_it_is(talk: Talk) -> None:
    turn = talk.say(LEAKS).turn

    assert "".join(talk.told) == turn.answer.answer
    assert len(talk.told) == len(turn.answer.answer.splitlines())
    assert not turn.answer.abstained
    assert turn.answer.evidence
    assert (turn.message, turn.understood, turn.at) == (LEAKS, LEAKS, NOW)


def test_a_follow_up_is_answered_as_the_question_that_it_means(talk: Talk) -> None:
    talk.say(LEAKS)

    turn = talk.say("And in build 6?").turn

    assert turn.understood == "Which instructions leak in build 6?"
    assert turn.answer.question == turn.understood
    assert turn.answer.evidence == talk.farm.ask(turn.understood).evidence


def test_what_was_understood_is_what_the_next_turn_leans_on(talk: Talk) -> None:
    talk.say(LEAKS)
    talk.say("And in build 6?")

    assert talk.say("And in build 7?").turn.understood == LEAKS


def test_conversations_know_nothing_of_each_other(talk: Talk) -> None:
    talk.say(LEAKS, session="first-session")

    assert talk.say("And in build 6?", session="other-session").turn.understood == "And in build 6?"
    assert talk.say("And in build 6?", session="first-session", tenant="other").turn.understood == "And in build 6?"


def test_a_job_that_is_delivered_twice_answers_once(talk: Talk) -> None:
    first = talk.say(LEAKS, job="job-0001")
    talk.now += 100

    again = talk.say(LEAKS, job="job-0001")

    assert again == first
    assert talk.told == []
    assert talk.kept() == [LEAKS]


def test_memory_is_bounded_and_the_oldest_turns_go(talk: Talk) -> None:
    talk.farm.corpus.graph.erase(TENANT)
    for number in range(MAX_TURNS + 3):
        talk.say(f"thanks {number}")

    kept = talk.kept()

    assert len(kept) == MAX_TURNS
    assert (kept[0], kept[-1]) == ("thanks 3", f"thanks {MAX_TURNS + 2}")
    assert talk.say("thanks").turn.position == MAX_TURNS + 3


def test_a_conversation_is_forgotten_a_month_after_its_last_turn(talk: Talk) -> None:
    talk.say(LEAKS)
    talk.now += KEPT_S - 10
    talk.say("And in build 6?")
    talk.now += 20

    assert talk.kept() == ["And in build 6?"]
    assert talk.farm.corpus.documents.get(TENANT, Shelf.CHATS, [SESSION])
    talk.now += KEPT_S
    assert talk.kept() == []
    assert not talk.farm.corpus.documents.get(TENANT, Shelf.CHATS, [SESSION])


def test_a_model_words_the_answer_token_by_token(talk: Talk, server: ModelServer) -> None:
    turn = talk.say(LEAKS).turn

    assert "".join(talk.told) == turn.answer.answer == "ldrb leaks [1]."
    assert turn.answer.model == "small"
    assert turn.answer.claims[0].evidence
    assert len(server.asked) == 1


def test_a_model_that_breaks_off_is_followed_by_the_answer_itself(talk: Talk, server: ModelServer) -> None:
    server.script = sends(event("ldrb le"))

    turn = talk.say(LEAKS).turn

    assert "".join(talk.told) == f"ldrb le\n\n{turn.answer.answer}"
    assert turn.answer.model is None
    assert any("broke off" in part for part in turn.answer.degraded)


def test_a_model_is_not_asked_what_is_not_known(talk: Talk, server: ModelServer) -> None:
    turn = talk.say("Does the frobnicator_9000 leak?").turn

    assert turn.answer.abstained
    assert turn.answer.model is None
    assert server.asked == []


def test_a_turn_that_is_cancelled_while_the_model_speaks_is_not_kept(talk: Talk, server: ModelServer) -> None:
    asked: list[bool] = []

    def check() -> None:
        if server.asked:
            asked.append(True)
            raise Cancelled("It was cancelled.")

    with pytest.raises(Cancelled):
        talk.say(LEAKS, check=check)

    assert asked
    assert talk.kept() == []


def test_without_the_graph_a_conversation_goes_on_and_says_what_is_missing(talk: Talk) -> None:
    talk.say(LEAKS)
    talk.farm.stores["graph"] = Away()

    turn = talk.say("And in build 6?").turn

    assert any(part.startswith("graph") for part in turn.answer.degraded)
    assert turn.understood == "Which instructions leak in build 6?"


def test_without_documents_a_turn_is_worth_another_try(talk: Talk) -> None:
    talk.farm.stores["documents"] = Away()

    with pytest.raises(StoreUnavailable):
        talk.say(LEAKS)
