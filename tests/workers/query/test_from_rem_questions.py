"""Questions that records of files answer: by what they mention, and by their words."""

from pathlib import Path
from typing import Any

import pytest

from jobs.knowledge import Label
from jobs.questions import Answer, QueryRequest
from jobs.rem import Modality
from stores.corpus import read_corpus
from stores.memory_documents import MemoryDocuments
from stores.texts_tantivy import TantivyTexts
from stores.vectors_exact import ExactVectors
from tests.workers.query.knowledge import NOW, TENANT, Running, keep_report, memory_services
from tests.workers.query.rems import leave, take_in
from tests.workers.query.small_corpus import WordEncoder
from tests.workers.query.test_ingest import take_in as ingested
from tests.workers.query.test_writer import REPORT
from tests.workers.remforge.given_records import record
from workers.query.answer import Catalogue, answer
from workers.query.remove import remove
from workers.query.services import QueryServices

FUNCTION = REPORT.rows[0].place.function
SCOPE = record("scope.png", labels=[("oscilloscope", 0.83)], headline="Two bursts on a dark screen.")
BURST = record(f"{FUNCTION}-burst.png", labels=[("keyboard", 0.6)])
DIARY = record(
    "diary.txt", modality=Modality.TEXT, text=f"The coffee was cold again. I think {FUNCTION} leaks through the loads."
)


@pytest.fixture
def services(tmp_path: Path) -> QueryServices:
    documents = MemoryDocuments(clock=lambda: NOW)
    # Its passages lie in the documents, where answers read them.
    stores = {"documents": documents, "vectors": ExactVectors(documents), "texts": TantivyTexts(documents)}
    services = memory_services(tmp_path, encoder=WordEncoder(), **stores)
    ingested(services, campaign=keep_report(services, REPORT))
    leave(services, "j", [SCOPE, BURST, DIARY])
    take_in(services, "j", tags=["lab"])
    return services


def ask(services: QueryServices, question: str, **request: Any) -> Answer:
    asked = QueryRequest(question=question, **request)
    return answer(asked, tenant=TENANT, services=services, catalogue=Catalogue())


@pytest.mark.parametrize(
    "question",
    [
        f"Which records mention {FUNCTION}?",
        f"What records talk about {FUNCTION}?",
        f"¿Qué registros rem mencionan {FUNCTION}?",
    ],
)
def test_records_that_mention_a_function_are_found_by_the_graph(services: QueryServices, question: str) -> None:
    found = ask(services, question)

    assert not found.abstained
    assert set(found.evidence) == {BURST.header.rem_id, DIARY.header.rem_id}
    assert {(one.kind, one.found_by) for one in found.cited} == {(Label.REM.value, ("plan",))}
    assert {one.sources for one in found.cited} == {(BURST.header.rem_id,), (DIARY.header.rem_id,)}
    assert "diary.txt" in found.answer
    assert f"{FUNCTION}-burst.png" in found.answer


def test_the_line_of_the_plan_names_records_in_the_language_of_the_question(services: QueryServices) -> None:
    english, spanish = (
        ask(services, f"Which records mention {FUNCTION}?"),
        ask(services, f"¿Qué registros rem mencionan {FUNCTION}?"),
    )

    assert english.looked_for[0].startswith("records that mention functions")
    assert spanish.looked_for[0].startswith("registros que mencionan funciones")
    assert spanish.answer.startswith("Hay 2 registros")


def test_an_open_question_finds_a_picture_by_what_it_shows(services: QueryServices) -> None:
    found = ask(services, "Which pictures show an oscilloscope?")

    assert not found.abstained
    assert found.cited[0].id == SCOPE.header.rem_id
    assert (found.cited[0].kind, found.cited[0].title) == ("Rem", "scope.png")
    assert "words" in found.cited[0].found_by
    assert (
        found.claims[0].text == "scope.png: “picture, image of oscilloscope; image/png, 640 by 480 pixels; tags lab.”"
    )


def test_what_somebody_wrote_is_quoted_word_for_word(services: QueryServices) -> None:
    found = ask(services, "Was the coffee cold?")

    assert found.evidence[0] == DIARY.header.rem_id
    assert found.claims[0].text.startswith("diary.txt: “The coffee was cold again.")


def test_a_spanish_question_finds_what_was_written_in_spanish(services: QueryServices) -> None:
    diario = record(
        "diario.txt", modality=Modality.TEXT, language="es", text="El café estaba frío otra vez. No dormí nada."
    )
    leave(services, "k", [diario])
    take_in(services, "k")

    found = ask(services, "¿Estaba frío el café?")

    assert (found.language, found.evidence[0]) == ("es", diario.header.rem_id)
    assert "El café estaba frío otra vez." in found.answer


def test_a_filter_by_tag_finds_the_records_that_carry_it(services: QueryServices) -> None:
    tagged = ask(services, f"Which records mention {FUNCTION}?", filters={"tag": "lab"})
    open_too = ask(services, "Was the coffee cold?", filters={"tag": "lab"})
    other = ask(services, f"Which records mention {FUNCTION}?", filters={"tag": "field"})

    assert set(tagged.evidence) == {BURST.header.rem_id, DIARY.header.rem_id}
    assert open_too.evidence[0] == DIARY.header.rem_id
    assert not set(other.evidence) & {BURST.header.rem_id, DIARY.header.rem_id}


def test_a_record_that_was_removed_answers_nothing(services: QueryServices) -> None:
    remove(DIARY.header.rem_id, tenant=TENANT, job_id="r", attempt=Running("r"), services=services)

    mentioning, spoken = ask(services, f"Which records mention {FUNCTION}?"), ask(services, "Was the coffee cold?")

    assert mentioning.evidence == (BURST.header.rem_id,)
    assert DIARY.header.rem_id not in spoken.evidence


def test_the_neighbourhood_of_a_record_is_what_it_depicts_and_mentions(services: QueryServices) -> None:
    hidden = read_corpus(services.documents, TENANT).hidden

    around = services.graph.neighbourhood(TENANT, [BURST.header.rem_id], hops=1, hidden=hidden)

    kinds = {(one.kind, one.target.split(":")[0]) for one in around.relations if one.source == BURST.header.rem_id}
    assert kinds == {("DEPICTS", "entity"), ("MENTIONS", "function")}
