"""Looking around what is known."""

from typing import Any

import pytest
from playwright.sync_api import ViewportSize, expect

from jobs.identity import HOME as TENANT
from jobs.knowledge import Label, Link
from jobs.model import Job
from jobs.questions import Similar, SimilarAnswer
from jobs.queue import SIMILAR
from stores.documents import Record, Shelf
from stores.graph import Node, Relation
from tests.page.conftest import Visit
from tests.page.knowing import Knowing
from tests.page.visitor import NARROW, WIDE, Visitor
from tests.web.knowledge import FIRMWARE, fill, instruction
from tests.web.server import WebServer

HOSTILE = '<img src=x onerror="window.broken=1">{{7*7}}'
FUNCTION = "function:5e5e5e5e5e5e:f0"


@pytest.fixture(scope="module")
def server(knowing_farm: Knowing) -> WebServer:
    """Return the farm's web server."""
    return knowing_farm.server


def connected(farm: Knowing, *, instructions: int = 5) -> None:
    """Let there be a function whose instructions are a part of it, and whose batches contradict each other."""
    fill(farm, instructions=instructions)
    told = {"name": "f0", "firmware": FIRMWARE, "file": "src/aes.c"}
    relations = [Relation(Link.PART_OF, instruction(number), FUNCTION, {}) for number in range(instructions)]
    farm.knowledge.graph.merge(TENANT, [Node(Label.FUNCTION, FUNCTION, told)], relations, batch="campaign:c")
    figures = (("campaign:c", 2.5, 0.1), ("measurements:m", 3.5, 0.2))
    profiles = [
        Record(
            f"{batch}|{instruction(0)}",
            {"avg_energy": energy, "energy_sd": sd, "sample_count": 50},
            batch,
            instruction(0),
        )
        for batch, energy, sd in figures
    ]
    farm.knowledge.documents.put(TENANT, Shelf.PROFILES, profiles)


def rows(visitor: Visitor) -> list[str]:
    """Return the titles of the things in the table."""
    return visitor.tab.locator(".near-title").all_inner_texts()


def test_a_neighbourhood_is_drawn_and_listed(farm: Knowing, visit: Visit) -> None:
    connected(farm)
    visitor = visit(f"/graph?id={FUNCTION}&hops=1")

    expect(visitor.tab.get_by_role("img", name="Drawing of 6 connected things.")).to_be_visible()
    expect(visitor.tab.locator(".canvas-place canvas").first).to_be_visible()
    visitor.tab.get_by_role("button", name="Table").click()

    assert rows(visitor) == ["f0", *["ldrb r3, [r2]"] * 5]


def test_severities_are_known_by_word_and_shape(farm: Knowing, visit: Visit) -> None:
    connected(farm)
    visitor = visit(f"/graph?id={FUNCTION}&hops=1&view=table")

    # Their findings are two hops away: they are asked for by function.
    badges = visitor.tab.locator(".near-thing").locator("xpath=ancestor::tr").locator(".badge.severity")
    expect(badges).to_have_text(["◆critical"] * 3)


def test_looking_around_a_thing_adds_what_is_there(farm: Knowing, visit: Visit) -> None:
    connected(farm)
    visitor = visit(f"/graph?id={FUNCTION}&hops=1&view=table")

    visitor.tab.get_by_role("button", name="Look around ldrb r3, [r2]").first.click()
    visitor.sees("8 things, 7 relations")

    expect(visitor.tab.get_by_role("button", name="Begin from here")).to_be_visible()
    visitor.tab.get_by_role("button", name="Back to the start").click()
    visitor.sees("6 things, 5 relations")


def test_what_is_cut_short_says_so(farm: Knowing, visit: Visit) -> None:
    connected(farm, instructions=40)

    visitor = visit(f"/graph?id={FUNCTION}&hops=1&limit=30")

    visitor.sees("There is more around it than these 30")


def test_batches_that_contradict_each_other_stand_side_by_side(farm: Knowing, visit: Visit) -> None:
    connected(farm)

    visitor = visit(f"/graph?id={instruction(0)}")

    measured = visitor.tab.get_by_role("region", name="Measured, batch by batch")
    expect(measured.locator("tr", has_text="Mean energy").locator("td")).to_have_text(["2.5", "3.5"])
    visitor.sees("Mean energies contradict each other")
    expect(measured.locator("tr", has_text="Mean energy").first).to_contain_text("µJ")


def test_similar_instructions_are_looked_for_when_asked(farm: Knowing, visit: Visit) -> None:
    connected(farm)
    found = SimilarAnswer(
        instruction=instruction(0),
        similar=(Similar(id=instruction(1), score=0.987, title="ldrb r3, [r2] (f1)", sources=("measurements:m",)),),
        data_version=7,
    )

    def work(job: Job) -> dict[str, Any]:
        assert job.kind == SIMILAR.name
        return found.model_dump(mode="json")

    visitor = visit(f"/graph?id={instruction(0)}")
    assert farm.all_jobs() == []
    with farm.hands(work):
        visitor.tab.get_by_role("button", name="Find similar instructions").click()
        visitor.tab.get_by_role("button", name="ldrb r3, [r2] (f1)").click()

    expect(visitor.tab.get_by_role("region", name="Details").get_by_role("paragraph").first).to_have_text("f1")


def test_instructions_are_searched_and_begun_from(farm: Knowing, visit: Visit) -> None:
    connected(farm)
    visitor = visit("/graph")

    hits = visitor.tab.locator(".hit")
    expect(hits).to_have_count(6)
    visitor.tab.get_by_label("Severity").select_option("critical")
    expect(hits).to_have_count(3)
    visitor.tab.get_by_label("Function").fill("f1")
    visitor.sees("Nothing like this is known.")
    visitor.tab.get_by_label("Function").fill("f0")
    hits.first.click()

    visitor.tab.get_by_role("region", name="Details").get_by_text("f0").first.wait_for()


def test_terms_are_searched_by_type(farm: Knowing, visit: Visit) -> None:
    fill(farm)
    visitor = visit("/graph")

    visitor.tab.get_by_role("button", name="Terms").click()
    visitor.tab.get_by_label("Type").fill("person")

    expect(visitor.tab.locator(".hit")).to_have_text(["Anaperson"])


def test_hostile_names_are_text(farm: Knowing, visit: Visit) -> None:
    hostile = {"name": HOSTILE, "type": HOSTILE, "description": HOSTILE}
    nodes = [Node(Label.ENTITY, f"entity:tool:{name}", hostile) for name in ("x", "y")]
    relation = Relation(Link.RELATED_TO, nodes[0].id, nodes[1].id, {"description": HOSTILE})
    farm.knowledge.graph.merge(TENANT, nodes, [relation], batch="document:x")

    visitor = visit("/graph?id=entity:tool:x")
    expect(visitor.tab.get_by_role("region", name="Details").get_by_role("heading", level=3)).to_have_text(HOSTILE)
    visitor.tab.locator(".canvas-place canvas").first.wait_for()
    visitor.tab.get_by_role("button", name="Table").click()
    assert rows(visitor) == [HOSTILE, HOSTILE]

    assert visitor.tab.evaluate("window.broken === undefined && document.querySelector('main img') === null")


@pytest.mark.usefixtures("farm")
def test_a_thing_that_is_not_known_says_so(visit: Visit) -> None:
    visitor = visit()
    visitor.answers_may_fail = True

    visitor.go("/graph?id=entity:tool:nothing")

    visitor.sees("This is no longer known")


@pytest.mark.usefixtures("farm")
def test_a_farm_that_knows_nothing_says_what_makes_the_graph_grow(visit: Visit) -> None:
    visitor = visit("/graph", locale="es")

    visitor.sees("El grafo crece con cada campaña, documento y registro.")


@pytest.mark.parametrize(
    ("viewport", "theme", "view"),
    [(NARROW, "light", "table"), (WIDE, "dark", "graph")],
    ids=["narrow", "wide"],
)
def test_the_graph_can_be_used_by_everybody(
    farm: Knowing, visit: Visit, viewport: ViewportSize, theme: str, view: str
) -> None:
    connected(farm)

    visitor = visit(f"/graph?id={instruction(0)}&view={view}", viewport=viewport, theme=theme)
    visitor.sees("Measured, batch by batch")
    if view == "graph":
        visitor.tab.locator(".canvas-place canvas").first.wait_for()

    assert (visitor.serious(), visitor.overflows()) == ([], False)
