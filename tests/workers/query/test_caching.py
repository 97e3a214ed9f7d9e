import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from jobs.errors import Cancelled, InvalidInput, StoreUnavailable
from jobs.questions import Answer, QueryRequest
from stores.memory_cache import MemoryCache
from stores.vectors import Hit
from tests.workers.query.away import Away
from tests.workers.query.small_corpus import TENANT, document
from tests.workers.query.small_farm import Farm
from workers.query.breaker import REST_S
from workers.query.caching import WAIT_S, cached_answer, warm
from workers.query.kept import Kept

LEAKS = "Which instructions leak in build 7?"


@pytest.fixture
def farm() -> Farm:
    return Farm.full()


def nothing() -> None:
    """Let the job go on."""


def ask(
    farm: Farm,
    question: str = LEAKS,
    *,
    owner: str = "job-1",
    tenant: str = TENANT,
    check: Callable[[], None] = nothing,
    model_version: str = "",
    wait_s: float = WAIT_S,
    **request: Any,
) -> Answer:
    return cached_answer(
        QueryRequest(question=question, **request),
        tenant=tenant,
        services=farm.services,
        catalogue=farm.catalogue,
        owner=owner,
        check=check,
        model_version=model_version,
        wait_s=wait_s,
    )


def canonical(answer: Answer) -> str:
    told = answer.model_dump(mode="json", exclude={"cached", "processing_time_s", "timings"})
    return json.dumps(told, sort_keys=True)


def test_a_second_question_is_answered_from_the_cache_with_the_same_bytes(farm: Farm) -> None:
    first, second = ask(farm), ask(farm, "  Which instructions  leak in build 7? ")

    assert (first.cached, second.cached) == (False, True)
    assert canonical(first) == canonical(second)
    assert farm.cache.counters() == {"miss": 1, "hit": 1}


def test_other_parameters_other_data_and_another_model_are_other_questions(farm: Farm) -> None:
    ask(farm)
    others = [ask(farm, top_k=3), ask(farm, language="es"), ask(farm, model_version="llm-1")]
    farm.corpus.write(document("other", ["Nothing of interest."]))
    later = ask(farm)

    assert [answer.cached for answer in others] == [False, False, False]
    assert (later.cached, later.data_version) == (False, 2)
    assert ask(farm).cached


def test_whether_a_model_words_it_and_whether_it_is_fresh_do_not_part_questions(farm: Farm) -> None:
    ask(farm)

    assert ask(farm, generate=False).cached
    assert not ask(farm, fresh=True).cached
    assert ask(farm).cached


def test_a_fresh_answer_replaces_what_was_kept(farm: Farm) -> None:
    key = Kept(TENANT, farm.services, farm.catalogue.breaker).key(QueryRequest(question=LEAKS), 1)
    ask(farm)
    farm.cache.set(key, b"not an answer", ttl_s=60)

    assert not ask(farm, fresh=True).cached
    assert ask(farm).cached


def test_what_is_not_an_answer_is_computed_again(farm: Farm) -> None:
    key = Kept(TENANT, farm.services, farm.catalogue.breaker).key(QueryRequest(question=LEAKS), 1)
    farm.cache.set(key, b'{"question": "half', ttl_s=60)

    assert not ask(farm).cached
    assert ask(farm).cached


def test_tenants_do_not_share_answers(farm: Farm) -> None:
    ask(farm)

    other = ask(farm, tenant="other")

    assert not other.cached
    assert other.abstained


def test_an_answer_that_something_was_missing_from_is_not_kept(farm: Farm) -> None:
    question = "What hides the index of the substitution table?"
    farm.stores["texts"] = Away()
    degraded = ask(farm, question)
    del farm.stores["texts"]

    again = ask(farm, question)

    assert degraded.degraded
    assert (again.cached, again.degraded) == (False, ())


def test_of_many_who_ask_at_once_one_computes_and_the_others_wait() -> None:
    farm = Farm.full()
    encoder, count = farm.corpus.encoder, 8
    question = "What hides the index of the substitution table?"
    encoder.encoded.clear()
    answers: list[Answer] = []
    ready = threading.Barrier(count)

    def work(number: int) -> None:
        ready.wait()
        answers.append(ask(farm, question, owner=f"job-{number}"))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert encoder.encoded.count(question) == 1
    assert sum(answer.cached for answer in answers) == count - 1
    assert len({canonical(answer) for answer in answers}) == 1
    counted = farm.cache.counters()
    assert counted["miss"] == 1
    assert counted.get("hit", 0) + counted.get("wait", 0) == count - 1


def test_who_waits_too_long_answers_for_itself(farm: Farm) -> None:
    key = Kept(TENANT, farm.services, farm.catalogue.breaker).key(QueryRequest(question=LEAKS), 1)
    farm.cache.lock(key.replace("query:", "lock:", 1), owner="somebody", ttl_s=60)

    answer = ask(farm, wait_s=0.05)

    assert not answer.cached
    assert answer.claims
    # The lock of the other one is not given back.
    assert not farm.cache.lock(key.replace("query:", "lock:", 1), owner="third", ttl_s=60)


def test_a_job_that_is_cancelled_stops_waiting(farm: Farm) -> None:
    key = Kept(TENANT, farm.services, farm.catalogue.breaker).key(QueryRequest(question=LEAKS), 1)
    farm.cache.lock(key.replace("query:", "lock:", 1), owner="somebody", ttl_s=60)

    def check() -> None:
        raise Cancelled("It was cancelled.")

    with pytest.raises(Cancelled):
        ask(farm, check=check)


def test_a_failed_computation_gives_its_lock_back(farm: Farm) -> None:
    class Gone(Away):
        """Answers the first read of the corpus, and no other."""

        def get(self, *arguments: Any) -> Any:
            self.asked += 1
            if self.asked > 1:
                raise StoreUnavailable("The store is away.")
            return farm.corpus.documents.get(*arguments)

    farm.stores["documents"] = Gone()
    with pytest.raises(StoreUnavailable):
        ask(farm, owner="job-1")
    del farm.stores["documents"]

    assert not ask(farm, owner="job-2").cached
    assert farm.cache.counters() == {"miss": 1}


def test_a_cache_that_is_away_is_asked_once_and_left_alone_for_a_while(farm: Farm) -> None:
    now = [0.0]
    farm.stores["timer"] = lambda: now[0]
    away, farm.cache = Away(), Away()
    away = farm.cache

    answers = [ask(farm), ask(farm)]
    now[0] += REST_S + 1
    ask(farm)

    assert [answer.degraded for answer in answers] == [(), ()]
    assert not any(answer.cached for answer in answers)
    assert away.asked == 2


def test_failures_of_the_cache_are_counted_when_it_is_back(farm: Farm) -> None:
    now = [0.0]
    farm.stores["timer"] = lambda: now[0]
    farm.cache = Away()
    ask(farm)
    farm.cache = MemoryCache()
    now[0] += REST_S + 1
    ask(farm)

    assert farm.cache.counters() == {"error": 1, "miss": 1}


def test_without_a_cache_every_question_is_answered_anew(farm: Farm) -> None:
    farm.cache = None

    assert not ask(farm).cached
    assert not ask(farm).cached
    assert warm(tenant=TENANT, services=farm.services, catalogue=farm.catalogue, limit=5, check=nothing) == 0


def test_the_most_frequent_questions_are_answered_before_they_are_asked_again(farm: Farm) -> None:
    rare, often = "What is masking?", LEAKS
    for question in (rare, often, often):
        ask(farm, question, top_k=7)
    farm.cache.note(TENANT, "{not a request")
    farm.corpus.write(document("other", ["Nothing of interest."]))

    one = warm(tenant=TENANT, services=farm.services, catalogue=farm.catalogue, limit=1, check=nothing)
    again = warm(tenant=TENANT, services=farm.services, catalogue=farm.catalogue, limit=1, check=nothing)

    assert (one, again) == (1, 0)
    assert ask(farm, often, top_k=7).cached
    assert not ask(farm, rare, top_k=7).cached
    # To warm is neither to ask nor to miss.
    assert farm.cache.frequent(TENANT, limit=1) == [json.dumps({"question": often, "top_k": 7}, separators=(",", ":"))]


def test_a_frequent_question_that_is_refused_keeps_no_other_cold(farm: Farm) -> None:
    class Picky:
        def best(self, tenant: str, query: str, *, limit: int) -> list[Hit]:
            if "oscilloscope" in query:
                raise InvalidInput("This cannot be looked for.")
            return farm.corpus.texts.best(tenant, query, limit=limit)

    refused = "What was the oscilloscope calibrated with?"
    for question in (refused, refused, LEAKS):
        ask(farm, question)
    farm.corpus.write(document("other", ["Nothing of interest."]))
    farm.stores["texts"] = Picky()

    assert warm(tenant=TENANT, services=farm.services, catalogue=farm.catalogue, limit=5, check=nothing) == 1
    assert ask(farm).cached


def test_warming_stops_with_its_job(farm: Farm) -> None:
    ask(farm)
    farm.corpus.write(document("other", ["Nothing of interest."]))

    def check() -> None:
        raise Cancelled("It was cancelled.")

    with pytest.raises(Cancelled):
        warm(tenant=TENANT, services=farm.services, catalogue=farm.catalogue, limit=5, check=check)


def test_the_key_changes_with_the_day_and_the_encoder(farm: Farm) -> None:
    services, request = farm.services, QueryRequest(question=LEAKS)
    encoder = type("Other", (), {"model": "words-2", "dimensions": 128})()
    keys = {
        Kept(TENANT, changed, farm.catalogue.breaker).key(request, 1)
        for changed in (services, services._replace(clock=lambda: 0.0), services._replace(encoder=encoder))
    }

    assert len(keys) == 3
    assert all(key.startswith(f"query:{TENANT}:") for key in keys)
