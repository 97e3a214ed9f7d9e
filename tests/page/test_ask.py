"""Conversations with the farm, and what it answers from."""

import json
import re
from threading import Event
from typing import Any

import pytest
from playwright.sync_api import Route, ViewportSize, expect

from jobs.errors import InvalidInput
from jobs.identity import HOME as TENANT
from jobs.ingestion import IngestResult
from jobs.knowledge import Label
from jobs.model import Job
from jobs.questions import Claim
from jobs.queue import CHAT, INGESTION, REMOVAL
from stores.documents import Record, Shelf
from stores.graph import Node
from tests.page.conftest import Visit
from tests.page.knowing import Knowing, Work
from tests.page.visitor import NARROW, PATIENCE_MS, WIDE, Visitor
from tests.servers import eventually
from tests.web.knowledge import answer, fill, instruction, keep, said
from tests.web.server import WebServer

HOSTILE = '<img src=x onerror="window.broken=1"><script>window.broken=1</script>{{7*7}}'
SESSION = "session-of-ours"
PATIENCE_S = PATIENCE_MS / 1000


@pytest.fixture(scope="module")
def server(knowing_farm: Knowing) -> WebServer:
    """Return the farm's web server."""
    return knowing_farm.server


def ask(visitor: Visitor, question: str) -> None:
    """Ask as a person does."""
    field = visitor.tab.get_by_label("Question")
    field.fill(question)
    field.press("Enter")


def unbroken(visitor: Visitor) -> bool:
    """Say whether no hostile string has run."""
    return bool(
        visitor.tab.evaluate("window.broken === undefined && document.querySelector('main img[src=x]') === null")
    )


def answering(**changes: Any) -> Work:
    """Return work that answers every turn."""
    return lambda job: said(job, **changes).model_dump(mode="json") if job.kind == CHAT.name else {}


def test_an_answer_is_shown_as_it_is_spoken_and_its_evidence_opens(farm: Knowing, visit: Visit) -> None:
    fill(farm)
    go_on = Event()

    def work(job: Job) -> dict[str, Any]:
        farm.jobs.publish(job.id, {"token": "ldrb "})
        assert go_on.wait(PATIENCE_S)
        return said(job).model_dump(mode="json")

    visitor = visit("/ask")
    with farm.hands(work):
        ask(visitor, "Which instruction leaks?")
        expect(visitor.tab.locator(".streaming")).to_have_text("ldrb ")
        go_on.set()
        visitor.sees("No language model: the answer is taken from the evidence.")
    visitor.tab.get_by_role("button", name="Instruction: ldrb r3").click()

    panel = visitor.tab.get_by_role("complementary", name="Details")
    expect(panel).to_contain_text("f0")
    expect(panel.get_by_role("heading", name="Measured, batch by batch")).to_be_visible()
    assert visitor.tab.url.endswith(f"session={farm.all_jobs()[0].id}&thing={instruction(0).replace(':', '%3A')}")


def test_a_second_question_belongs_to_the_conversation(farm: Knowing, visit: Visit) -> None:
    visitor = visit("/ask")

    with farm.hands(answering()):
        ask(visitor, "Which instruction leaks?")
        visitor.sees("Confidence")
        ask(visitor, "And why?")
        expect(visitor.tab.get_by_text("Confidence")).to_have_count(2)

    second, first = farm.all_jobs()
    assert second.params["session"] == first.id
    assert first.params["session"] is None


def test_a_stream_that_breaks_off_is_taken_up_again_and_the_question_asked_once(farm: Knowing, visit: Visit) -> None:
    visitor = visit("/ask")
    broken: list[str] = []

    def break_off(route: Route) -> None:
        if broken:
            route.continue_()
            return
        broken.append(route.request.headers["idempotency-key"])
        real = route.fetch(headers={**route.request.headers, "prefer": "wait=0", "accept": "application/json"})
        start = f'event: start\ndata: {{"job": "{real.json()["id"]}"}}\n\nevent: token\ndata: {{"text": "half of"}}\n\n'
        route.fulfill(status=200, content_type="text/event-stream", body=start)

    visitor.tab.route(re.compile("/api/v2/chat$"), break_off)
    with farm.hands(answering()):
        ask(visitor, "Which instruction leaks?")
        visitor.sees("Confidence")

    assert len(farm.all_jobs()) == 1
    expect(visitor.tab.locator(".claims")).to_contain_text("ldrb leaks.")


def test_a_question_is_stopped_with_its_job_and_can_be_asked_again(farm: Knowing, visit: Visit) -> None:
    go_on = Event()

    def work(job: Job) -> dict[str, Any]:
        # Longer than all that the visitor waits for meanwhile.
        assert go_on.wait(4 * PATIENCE_S)
        return said(job).model_dump(mode="json")

    visitor = visit("/ask")
    with farm.hands(work):
        ask(visitor, "Which instruction leaks?")
        eventually(lambda: [job.state for job in farm.all_jobs()] == ["running"], within_s=PATIENCE_S)
        visitor.tab.get_by_role("button", name="Stop").click()
        visitor.sees("Stopped.")
        eventually(lambda: farm.all_jobs()[0].cancel_requested, within_s=PATIENCE_S)
        go_on.set()
        visitor.tab.get_by_role("button", name="Ask again").click()
        visitor.sees("Confidence")

    expect(visitor.tab.locator(".question")).to_have_count(1)


def test_a_question_is_stopped_before_its_job_has_a_name(farm: Knowing, visit: Visit) -> None:
    held: list[Route] = []
    visitor = visit("/ask")
    chat = re.compile("/api/v2/chat$")

    def hold(route: Route) -> None:
        held.append(route)

    visitor.tab.route(chat, hold)
    with visitor.tab.expect_request(chat):
        ask(visitor, "Which instruction leaks?")
    visitor.tab.get_by_role("button", name="Stop").click()
    visitor.sees("Stopped.")
    assert not farm.all_jobs()

    held.pop().continue_()

    eventually(lambda: [job.state for job in farm.all_jobs()] == ["cancelled"], within_s=PATIENCE_S)
    expect(visitor.tab.get_by_text("Stopped.")).to_be_visible()


def test_a_question_that_fails_says_why(farm: Knowing, visit: Visit) -> None:
    def work(_: Job) -> dict[str, Any]:
        raise InvalidInput(f"The question names nothing. {HOSTILE}")

    visitor = visit("/ask")
    with farm.hands(work):
        ask(visitor, "What?")
        visitor.sees("The question could not be answered")

    visitor.sees("The question names nothing.")
    assert unbroken(visitor)


def test_hostile_strings_of_answers_documents_and_names_are_text(farm: Knowing, visit: Visit) -> None:
    fill(farm)
    hostile = Node(Label.ENTITY, "entity:tool:x", {"name": HOSTILE, "type": "tool"})
    farm.knowledge.graph.merge(TENANT, [hostile], [], batch="document:x")
    batch = Record(
        "document:x",
        {"kind": "document", "title": HOSTILE, "state": "visible", "created_at": 1.0},
        "document:x",
        "document",
        9.0,
    )
    farm.knowledge.documents.put(TENANT, Shelf.BATCHES, [batch])
    spoken = {
        "answer": HOSTILE,
        "claims": (Claim(text=HOSTILE, evidence=("entity:tool:x",), conflicting=True, marked=HOSTILE),),
        "degraded": (HOSTILE,),
        "unknown": (HOSTILE,),
    }
    visitor = visit("/ask")

    with farm.hands(answering(**spoken)):
        ask(visitor, HOSTILE)
        visitor.sees("Measurements contradict each other")
    visitor.tab.get_by_role("button", name="entity:tool:x").click()
    expect(visitor.tab.get_by_role("complementary", name="Details")).to_contain_text(HOSTILE)
    visitor.tab.get_by_role("tab", name="Documents").click()

    expect(visitor.tab.get_by_role("table")).to_contain_text(HOSTILE)
    assert unbroken(visitor)


def test_what_an_answer_lacks_is_said(farm: Knowing, visit: Visit) -> None:
    visitor = visit("/ask")
    lacking = {
        "abstained": True,
        "claims": (),
        "degraded": ("graph: it did not answer",),
        "truncated": True,
        "confidence": 0.0,
    }

    with farm.hands(answering(**lacking)):
        ask(visitor, "Which?")
        visitor.sees("Nothing was found that answers this")

    visitor.sees("graph: it did not answer")
    visitor.sees("The budget of time or things ran out")
    visitor.sees("0% none")


def test_a_conversation_of_this_browser_is_gone_on_with_and_erased(farm: Knowing, visit: Visit) -> None:
    keep(farm, SESSION, "What leaked first?", "And then?")
    visitor = visit()
    kept = json.dumps([{"id": SESSION, "at": 1_735_787_045_000}])
    visitor.tab.add_init_script(f"localStorage.setItem('dasein.chats.default.local', {json.dumps(kept)})")
    visitor.go("/ask")

    visitor.tab.get_by_role("button", name="What leaked first? ", exact=False).first.click()
    expect(visitor.tab.locator(".question")).to_have_count(2)
    visitor.tab.get_by_role("button", name="Erase the conversation").click()
    visitor.tab.get_by_role("button", name="Erase", exact=True).click()

    visitor.sees("Conversations that you begin in this browser are listed here.")
    assert farm.knowledge.documents.count(TENANT, Shelf.TURNS, groups=[SESSION]) == 0


@pytest.mark.usefixtures("farm")
def test_a_conversation_that_is_gone_says_so(visit: Visit) -> None:
    visitor = visit()
    visitor.answers_may_fail = True

    visitor.go("/ask?session=nobody-has-it")

    visitor.sees("This conversation is no longer there")


def test_examples_ask_what_the_farm_knows(farm: Knowing, visit: Visit) -> None:
    fill(farm)
    visitor = visit("/ask")

    with farm.hands(answering()):
        visitor.tab.get_by_role("button", name="Which instructions leak the key in <campaign:c>?").click()
        visitor.sees("Confidence")

    assert farm.all_jobs()[0].params["message"] == "Which instructions leak the key in <campaign:c>?"


@pytest.mark.usefixtures("farm")
def test_a_farm_that_knows_nothing_leads_to_what_it_can_be_told(visit: Visit) -> None:
    visitor = visit("/ask")

    visitor.sees("The farm knows nothing yet")
    visitor.tab.get_by_role("button", name="Bring a document").click()

    visitor.sees("Drop files here")
    visitor.sees("Nothing was brought yet")


def test_files_are_brought_and_refusals_say_why(farm: Knowing, visit: Visit) -> None:
    def work(job: Job) -> dict[str, Any]:
        assert job.kind == INGESTION.name
        if job.params["name"] == "bad.pdf":
            raise InvalidInput("The PDF is encrypted.")
        result = IngestResult(
            batch="document:notes.md", version=1, nodes=12, relations=3, passages=4, records=2, unchanged=False
        )
        return result.model_dump(mode="json")

    visitor = visit("/ask?tab=documents")
    files = [
        {"name": "notes.md", "mimeType": "text/markdown", "buffer": b"# Notes"},
        {"name": "bad.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"},
        {"name": "Ñandú <b>.txt", "mimeType": "text/plain", "buffer": b"text"},
    ]

    with farm.hands(work):
        visitor.tab.locator(".drop input[type=file]").set_input_files(files)  # type: ignore[arg-type]
        expect(visitor.tab.get_by_text("12 things, 4 passages")).to_have_count(2)
        visitor.sees("The PDF is encrypted.")

    params = {job.params["name"]: job.params["title"] for job in farm.all_jobs()}
    assert params == {"notes.md": "notes.md", "bad.pdf": "bad.pdf", "Nandu-b.txt": "Ñandú <b>.txt"}


def test_what_was_brought_is_removed_only_after_it_was_confirmed(farm: Knowing, visit: Visit) -> None:
    fill(farm)
    visitor = visit("/ask?tab=documents&kind=document")

    with farm.hands(lambda _job: {}):
        visitor.tab.get_by_role("button", name="Remove <document:notes>").click()
        assert farm.all_jobs() == []
        visitor.tab.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
        visitor.sees("<document:notes> was removed.")

    (job,) = farm.all_jobs()
    assert (job.kind, job.params) == (REMOVAL.name, {"batch": "document:notes"})


@pytest.mark.parametrize(("viewport", "theme"), [(NARROW, "dark"), (WIDE, "light")], ids=["narrow", "wide"])
def test_a_conversation_can_be_used_by_everybody(
    farm: Knowing, visit: Visit, viewport: ViewportSize, theme: str
) -> None:
    fill(farm)
    keep(farm, SESSION, "What leaks?")

    visitor = visit(f"/ask?session={SESSION}", viewport=viewport, theme=theme)
    visitor.sees("Confidence")
    assert (visitor.serious(), visitor.overflows()) == ([], False)
    visitor.tab.get_by_role("button", name="Instruction: ldrb r3").click()
    visitor.tab.get_by_role("heading", name="Connected with").wait_for()

    assert (visitor.serious(), visitor.overflows()) == ([], False)


def test_the_corpus_can_be_used_by_everybody(farm: Knowing, visit: Visit) -> None:
    fill(farm)

    visitor = visit("/ask?tab=documents", viewport=NARROW)
    visitor.sees("<document:notes>")

    assert (visitor.serious(), visitor.overflows()) == ([], False)


def test_a_question_is_asked_in_spanish(farm: Knowing, visit: Visit) -> None:
    fill(farm)
    visitor = visit("/ask", locale="es")

    with farm.hands(answering(language="es", answer="ldrb filtra.", model="un-modelo")):
        visitor.tab.get_by_role("button", name="¿Qué instrucciones filtran la clave en <campaign:c>?").click()
        visitor.sees("Redactada por un-modelo.")

    expect(visitor.tab.locator(".claims")).to_have_attribute("lang", "es")
    assert answer().language == "en"
