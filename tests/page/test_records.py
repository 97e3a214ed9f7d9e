"""Records of files: all of them, one of them, sequences of them."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, ViewportSize, expect

from jobs.identity import HOME as TENANT
from jobs.model import Job, NewJob
from jobs.queue import FORGE_BATCH, FORGE_SEQUENCE, REM_INGESTION, REM_SEARCH, REMOVAL
from jobs.rem import Modality, Rem
from stores.documents import Record, Shelf
from tests.page.conftest import Visit
from tests.page.knowing import Knowing
from tests.page.visitor import NARROW, WIDE, Visitor
from tests.web.rems import found, known, rem, result
from tests.web.server import WebServer
from workers.remforge.exports_html import to_html
from workers.remforge.sequence import report

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples" / "rem"
HOSTILE = '<img src=x onerror="window.broken=1"><script>window.broken=1</script>'

EMPTY: FilePayload = {"name": "empty.txt", "mimeType": "text/plain", "buffer": b""}


@pytest.fixture(scope="module")
def server(knowing_farm: Knowing) -> WebServer:
    """Return the farm's web server."""
    return knowing_farm.server


def picture(farm: Knowing, name: str = "scope.png") -> str:
    """Let there be the manual's record of a picture, and a picture for it; return its id."""
    content = io.BytesIO()
    Image.new("RGB", (64, 48), "#0a1f14").save(content, "PNG")
    artifact = farm.store(content.getvalue(), media_type="text/html")
    body = json.loads((EXAMPLES / "image.json").read_text(encoding="utf-8"))
    digest = artifact.removeprefix("sha256:")
    body["header"]["rem_id"] = f"rem:{digest[:32]}"
    body["header"]["source"] |= {"name": name, "sha256": digest}
    keep(farm, Rem.model_validate(body))
    return f"rem:{digest[:32]}"


def keep(farm: Knowing, *rems: Rem) -> None:
    """Let the knowledge hold records."""
    records = [
        Record(one.header.rem_id, one.model_dump(mode="json"), one.header.rem_id, one.header.modality, at=float(at))
        for at, one in enumerate(rems)
    ]
    farm.knowledge.documents.put(TENANT, Shelf.REMS, records)


def unbroken(visitor: Visitor) -> bool:
    """Say whether no hostile string has run."""
    return bool(
        visitor.tab.evaluate("window.broken === undefined && document.querySelector('main img[src=x]') === null")
    )


def files(*names: str) -> list[FilePayload]:
    """Return files that a person chooses; the content of each is its name."""
    return [{"name": name, "mimeType": "text/plain", "buffer": name.encode()} for name in names]


def test_records_are_looked_through_by_kind(farm: Knowing, visit: Visit) -> None:
    picture(farm)
    keep(farm, rem("diary.txt"), rem("note.wav", modality=Modality.TEXT))
    visitor = visit("/records")

    tiles = visitor.tab.locator(".tile-name")
    expect(tiles).to_have_count(3)
    visitor.tab.get_by_label("Kind").select_option("image")
    expect(tiles).to_have_text(["scope.png"])
    image = visitor.tab.locator(".tile img")
    expect(image).to_have_js_property("naturalWidth", 64)
    visitor.tab.get_by_role("button", name="List").click()

    expect(visitor.tab.get_by_role("table")).to_contain_text("shows oscilloscope")


def test_more_records_come_page_by_page(farm: Knowing, visit: Visit) -> None:
    known(farm, *(f"{number}.txt" for number in range(50)))
    visitor = visit("/records")
    tiles = visitor.tab.locator(".tile-name")

    expect(tiles).to_have_count(48)
    visitor.tab.get_by_role("button", name="Show more").click()

    expect(tiles).to_have_count(50)


def test_every_value_says_how_it_was_found_or_why_it_is_not_known(farm: Knowing, visit: Visit) -> None:
    rem_id = picture(farm)

    visitor = visit(f"/records/{rem_id}")

    looks = visitor.tab.get_by_role("region", name="What it looks like").last
    brightness = looks.get_by_role("row", name="Brightness")
    expect(brightness).to_contain_text("0.13")
    expect(brightness).to_contain_text("luma-mean-bt709")
    expect(visitor.tab.get_by_role("region", name="What is sensed and felt")).to_contain_text(
        "Not known. There are no words in it."
    )
    expect(visitor.tab.get_by_role("row", name="Labels")).to_contain_text("imagenet by efficientnet-lite0")


def test_the_file_is_shown_as_what_its_record_says_and_not_as_it_was_uploaded(farm: Knowing, visit: Visit) -> None:
    rem_id = picture(farm)

    visitor = visit(f"/records/{rem_id}")

    shown = visitor.tab.get_by_role("img", name="The picture scope.png")
    expect(shown).to_have_js_property("naturalWidth", 64)
    assert str(shown.get_attribute("src")).startswith("blob:")


def test_a_file_that_is_gone_leaves_its_record(farm: Knowing, visit: Visit) -> None:
    rem_id = picture(farm)
    farm.artifacts.erase(TENANT)
    visitor = visit()
    visitor.answers_may_fail = True

    visitor.go(f"/records/{rem_id}")

    visitor.sees("The file is no longer kept; its record is.")
    visitor.sees("luma-mean-bt709")


def test_hostile_names_and_words_are_text(farm: Knowing, visit: Visit) -> None:
    name = HOSTILE.replace("/", "-")
    hostile = rem(name, text=HOSTILE)
    keep(farm, hostile)
    visitor = visit("/records")

    expect(visitor.tab.locator(".tile-name")).to_have_text(name)
    visitor.tab.locator(".tile-link").click()
    expect(visitor.tab.locator(".stream-text")).to_have_text(HOSTILE)

    expect(visitor.tab.get_by_role("heading", level=1)).to_have_text(name)
    assert unbroken(visitor)


def test_a_record_is_saved_as_json_and_csv(farm: Knowing, visit: Visit) -> None:
    keep(farm, rem("diary.txt", text="=1+1"))
    visitor = visit(f"/records/{rem('diary.txt').header.rem_id}")

    with visitor.tab.expect_download() as saved:
        visitor.tab.get_by_role("button", name="JSON").click()
    assert json.loads(saved.value.path().read_text(encoding="utf-8"))["stream"]["text"] == "=1+1"
    with visitor.tab.expect_download() as table:
        visitor.tab.get_by_role("button", name="CSV").click()

    lines = table.value.path().read_text(encoding="utf-8").splitlines()
    assert lines[0] == "field,value,method,model,confidence,reason"
    assert "qualia.text.words,4,read,,1," in lines


def test_records_are_found_by_words(farm: Knowing, visit: Visit) -> None:
    visitor = visit("/records")
    # Those that are found are no pictures that the farm still has.
    visitor.answers_may_fail = True

    def work(job: Job) -> dict[str, Any]:
        assert (job.kind, job.params["query"]) == (REM_SEARCH.name, "two bursts")
        return found("b.txt", "a.txt", degraded=(HOSTILE,)).model_dump(mode="json")

    keep(farm, rem("a.txt"), rem("b.txt"))
    with farm.hands(work):
        visitor.tab.get_by_label("What to look for").fill("two bursts")
        visitor.tab.get_by_role("button", name="Search").click()
        visitor.sees("2 found, best first")

    expect(visitor.tab.locator(".tile-name")).to_have_text(["b.txt", "a.txt"])
    visitor.sees("Not everything could be looked through:")
    assert unbroken(visitor)


def test_records_are_found_by_a_picture(farm: Knowing, visit: Visit) -> None:
    visitor = visit("/records")
    visitor.answers_may_fail = True
    asked: list[str] = []

    def work(job: Job) -> dict[str, Any]:
        asked.append(job.params["artifact"])
        return found("like.png").model_dump(mode="json")

    with farm.hands(work):
        visitor.tab.locator("input[data-purpose=picture]").set_input_files(files("mine.png"))
        visitor.sees("1 found, best first")

    assert b"".join(farm.artifacts.read(TENANT, asked[0])) == b"mine.png"


def test_files_become_records_and_each_refusal_says_why(farm: Knowing, visit: Visit) -> None:
    names = ("diary.txt", "cut.png")

    def work(job: Job) -> dict[str, Any]:
        if job.kind == REM_INGESTION.name:
            keep(farm, rem("diary.txt"))
            return {}
        assert job.kind == FORGE_BATCH.name
        follow = NewJob(f"{job.id}.ingest", REM_INGESTION.name, {}, TENANT)
        farm.jobs.submit(follow)
        return result(job.id, *names, refused=("cut.png",), ingestion=follow.id).model_dump(mode="json")

    visitor = visit("/records")
    visitor.tab.locator(".drop input[type=file]").set_input_files([*files(*names), EMPTY])
    with farm.hands(work):
        visitor.tab.get_by_role("button", name="Make 3 records").click()
        visitor.sees("Records made: 1 · files refused: 1")

    row = visitor.tab.get_by_role("listitem")
    expect(row.filter(has_text="cut.png")).to_contain_text("The picture ends early.")
    expect(row.filter(has_text="empty.txt")).to_contain_text("The file is empty.")
    expect(row.get_by_role("link", name="diary.txt").first).to_be_visible()
    expect(visitor.tab.locator(".tile-name")).to_have_text("diary.txt")


def test_a_sequence_has_a_title_an_order_and_a_report_that_can_do_nothing(farm: Knowing, visit: Visit) -> None:
    names = ("b.txt", "a.txt")

    def work(job: Job) -> dict[str, Any]:
        made = report([rem(name) for name in names], title=job.params["title"], job=job.id)
        page = to_html(made).replace(b"</body>", b"<script>parent.window.broken=1</script></body>")
        farm.rem_files.write(job.id, "sequence.html", [page])
        return result(job.id, *names).model_dump(mode="json")

    visitor = visit("/records")
    visitor.tab.locator(".drop input[type=file]").set_input_files(files("a.txt", "b.txt"))
    visitor.tab.get_by_label("They belong together, in this order").check()
    visitor.tab.get_by_label("Title of the sequence").fill(HOSTILE)
    visitor.tab.get_by_role("button", name="Move b.txt up").click()
    with farm.hands(work):
        visitor.tab.get_by_role("button", name="Make 2 records").click()
        visitor.tab.get_by_role("link", name="Report of the sequence").click()

    (job,) = farm.all_jobs()
    assert (job.kind, [file["name"] for file in job.params["files"]]) == (FORGE_SEQUENCE.name, list(names))
    framed = visitor.tab.frame_locator("iframe")
    expect(framed.get_by_role("heading", level=1)).to_have_text(HOSTILE)
    expect(framed.locator("body")).to_have_css("margin", "0px")
    expect(visitor.tab.locator("iframe")).to_have_attribute("sandbox", "allow-same-origin")
    assert unbroken(visitor)


def test_a_record_is_removed_only_after_it_was_confirmed(farm: Knowing, visit: Visit) -> None:
    (rem_id,) = known(farm, "diary.txt")
    visitor = visit(f"/records/{rem_id}")

    with farm.hands(lambda _job: {}):
        visitor.tab.get_by_role("button", name="Remove").click()
        assert farm.all_jobs() == []
        visitor.tab.get_by_role("dialog").get_by_role("button", name="Remove").click()
        visitor.sees("The record was removed.")

    (job,) = farm.all_jobs()
    assert (job.kind, job.params) == (REMOVAL.name, {"batch": rem_id})
    expect(visitor.tab).to_have_url(f"{visitor.root}/app/records")


@pytest.mark.usefixtures("farm")
def test_without_records_it_is_said_how_there_come_some(visit: Visit) -> None:
    visitor = visit("/records", locale="es")

    visitor.sees("Aún no hay registros")
    visitor.tab.get_by_role("tab", name="Secuencias").click()

    visitor.sees("Aún no hay secuencias")


@pytest.mark.parametrize(("viewport", "theme"), [(NARROW, "light"), (WIDE, "dark")], ids=["narrow", "wide"])
def test_records_can_be_used_by_everybody(farm: Knowing, visit: Visit, viewport: ViewportSize, theme: str) -> None:
    rem_id = picture(farm)
    keep(farm, rem("diary.txt"))

    visitor = visit("/records", viewport=viewport, theme=theme)
    visitor.sees("diary.txt")
    assert (visitor.serious(), visitor.overflows()) == ([], False)
    visitor.go(f"/records/{rem_id}")
    visitor.sees("luma-mean-bt709")

    assert (visitor.serious(), visitor.overflows()) == ([], False)
