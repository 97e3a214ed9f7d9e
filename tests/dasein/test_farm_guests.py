"""Who comes to a whole farm beside the command line: a model's host, and a notebook."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import anyio
import nbformat
import pytest
from mcp import Client as Host
from mcp_types import TextResourceContents

from dasein.campaign_file import merged, read_campaign
from renode.firmware.build import build_all
from tests.dasein.mcp_session import GiveUp, call, content, over_stdio, refusal
from tests.dasein.notebook import pictures, printed, read_notebook, run_notebook

ROOT = Path(__file__).parents[2]
CAMPAIGNS = ROOT / "renode" / "firmware" / "campaigns"
NOTEBOOKS = ROOT / "docs" / "notebooks"
WITHIN_S = 120


class Farm(Protocol):
    """What these tests need of the farm."""

    url: str


@pytest.fixture(scope="module")
def elves(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the example firmware."""
    return build_all(tmp_path_factory.mktemp("firmware"))[0].parent


async def ended(host: Host, job_id: str) -> Any:
    job = content(await host.call_tool("watch_job", {"job_id": job_id, "wait_s": WITHIN_S}))
    assert job["state"] == "succeeded", job
    return job


async def submitted(host: Host, name: str, **changes: Any) -> str:
    """Return the id of a campaign that will run."""
    asked = merged(read_campaign(CAMPAIGNS / f"{name}.json"), changes)
    job = content(await host.call_tool("submit_campaign", {"firmware": f"{name}.elf", "campaign": asked}))
    return str(job["id"])


def test_the_main_job_from_an_elf_to_the_instructions_that_leak(farm: Farm, elves: Path) -> None:
    told: list[float] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:  # noqa: ARG001
        told.append(progress)

    async def talk(host: Host) -> dict[str, Any]:
        me = content(await host.call_tool("whoami", {}))
        offers = content(await host.call_tool("inspect_firmware", {"firmware": "aes128_m4.elf", "contains": "AES"}))
        asked = merged(read_campaign(CAMPAIGNS / "aes128_m4.json"), {"traces": 400, "name": "build of the model"})
        measuring = {"firmware": offers["firmware"], "campaign": asked}
        cost = content(await host.call_tool("estimate_campaign", measuring))
        job = content(await host.call_tool("submit_campaign", measuring))
        watching = {"job_id": job["id"], "wait_s": WITHIN_S}
        watched = content(await host.call_tool("watch_job", watching, progress_callback=note))
        summary = content(await host.call_tool("read_report", {"campaign_id": job["id"]}))
        key = content(await host.call_tool("read_report", {"campaign_id": job["id"], "section": "key"}))
        await ended(host, watched["result"]["ingestion"])
        question = "Which instructions leak key byte 3 in build of the model?"
        answer = content(await host.call_tool("ask", {"question": question}))
        cited = next(item["id"] for item in answer["cited"] if ":0800" in item["id"])
        thing = (await host.read_resource(f"dasein://instructions/{cited}")).contents[0]
        assert isinstance(thing, TextResourceContents)
        return {
            "me": me,
            "offers": offers["offers"],
            "cost": cost,
            "watched": watched,
            "summary": summary["content"],
            "key": key["content"]["key_bytes"],
            "answer": answer,
            "thing": thing.text,
            "cited": cited,
        }

    seen = over_stdio(talk, "--url", farm.url, cwd=elves)

    assert seen["me"]["role"] == "admin"
    assert "aes128_encrypt" in json.dumps(seen["offers"])
    assert "memcpy" not in json.dumps(seen["offers"])
    assert seen["cost"]["traces"] == 400
    assert seen["cost"]["seconds"] > 0
    assert seen["watched"]["state"] == "succeeded"
    assert told[-1] == 400
    assert seen["summary"]["verdict"] == "leaks"
    assert seen["summary"]["key_attack"]["recovered"] == 16
    assert [part["rank"] for part in seen["key"]] == [0] * 16
    assert not seen["answer"]["abstained"]
    assert all(claim["evidence"] for claim in seen["answer"]["claims"])
    assert seen["cited"] in seen["thing"]


def test_a_patch_that_helps_is_seen_to_help(farm: Farm, elves: Path) -> None:
    async def talk(host: Host) -> Any:
        builds = ("aes128_masked_unsafe_m4", "aes128_masked_m4")
        first, second = [await submitted(host, name, traces=400) for name in builds]
        for campaign in (first, second):
            await ended(host, campaign)
        return content(await host.call_tool("compare_campaigns", {"before": first, "after": second}))

    compared = over_stdio(talk, "--url", farm.url, cwd=elves)

    # Four hundred traces show that the leak is gone, and are too few to exclude others.
    assert compared["comparison"]["trend"] in {"better", "inconclusive"}
    assert compared["comparison"]["before"]["verdict"] == "leaks"
    assert compared["comparison"]["after"]["verdict"] != "leaks"
    assert compared["comparison"]["counts"]["gone"]


def test_what_the_farm_refuses_comes_with_its_field_and_trace_id(farm: Farm, elves: Path) -> None:
    wrong = read_campaign(CAMPAIGNS / "aes128_m4.json") | {"traces": 1}

    told = refusal(
        over_stdio(call("submit_campaign", firmware="aes128_m4.elf", campaign=wrong), "--url", farm.url, cwd=elves)
    )

    assert (told["code"], told["field"]) == ("invalid-input", "traces")
    assert told["trace_id"]


def test_a_campaign_that_is_given_up_goes_on_until_it_is_cancelled(farm: Farm, elves: Path) -> None:
    async def talk(host: Host) -> list[Any]:
        asked = merged(read_campaign(CAMPAIGNS / "aes128_m4.json"), {"traces": 1_000_000})
        job = content(await host.call_tool("submit_campaign", {"firmware": "aes128_m4.elf", "campaign": asked}))
        watching = {"job_id": job["id"], "wait_s": WITHIN_S}
        with anyio.CancelScope() as scope:
            await host.call_tool("watch_job", watching, progress_callback=GiveUp(scope))
        still = content(await host.call_tool("watch_job", {"job_id": job["id"], "wait_s": 0}))
        await host.call_tool("cancel_job", {"job_id": job["id"]})
        return [still, content(await host.call_tool("watch_job", watching))]

    still, after = over_stdio(talk, "--url", farm.url, "--allow", "cancel", cwd=elves)

    assert not still["ended"]
    assert after["state"] == "cancelled"


def test_files_become_records_that_are_found(farm: Farm, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("The oscilloscope in the cellar hums at fifty hertz.\n")

    async def talk(host: Host) -> Any:
        forged = content(await host.call_tool("forge_files", {"paths": ["note.txt"], "tags": ["model"]}))
        made = await ended(host, forged["id"])
        await ended(host, made["result"]["ingestion"])
        found = content(await host.call_tool("search_records", {"words": "oscilloscope in the cellar"}))
        record = (await host.read_resource(f"dasein://records/{found['found'][0]['rem_id']}")).contents[0]
        return [found["found"][0]["name"], record]

    name, record = over_stdio(talk, "--url", farm.url, cwd=tmp_path)

    assert name == "note.txt"
    assert isinstance(record, TextResourceContents)
    assert "fifty hertz" in record.text


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_notebooks_are_stored_clean(path: Path) -> None:
    notebook = read_notebook(path)

    nbformat.validate(notebook)
    for cell in notebook.cells:
        assert not cell.get("outputs"), cell.id
        assert not cell.get("execution_count"), cell.id


def test_the_notebook_of_a_campaign_runs_from_start_to_end(farm: Farm) -> None:
    # A name that is short enough for a socket's.
    with TemporaryDirectory(prefix="nb-") as folder:
        notebook = run_notebook(NOTEBOOKS / "campaign.ipynb", Path(folder), DASEIN_URL=farm.url)

    said = printed(notebook)
    assert f"{farm.url}: local, admin of default" in said
    assert "Leaks: " in said
    assert "key as guessed: 2b7e151628aed2a6abf7158809cf4f3c" in said
    assert "Found 1 instruction: ldrb" in said
    assert len(pictures(notebook)) == 2
