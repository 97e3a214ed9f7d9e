"""Batches, comparison, pools and webhooks on the command line; a scripted server stands in for a farm."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from dasein import Client, WaitTimeout
from dasein.cli import app
from jobs.abilities import Ability
from tests.dasein.administration import batch
from tests.dasein.conftest import CAMPAIGN, Served, measure
from tests.dasein.reports import finding
from tests.dasein.scripted_server import JOB_ID, Scripted, answers, hangs_up, scripted
from tests.workers.simulation.imports import as_import
from tests.workers.simulation.reports import synthetic

JOBS = [{"kind": "ping", "params": {}}, {"kind": "ping", "params": {"echo": "x"}, "tags": ["a"]}]


def run(url: str, *arguments: object, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments), "--url", url], input=typed)


def asked(farm: Scripted, number: int = 0) -> tuple[str, str, Any]:
    """Return what was asked: method, path and body."""
    seen = farm.seen[number]
    return seen.method, seen.path.removeprefix("/api/v2"), json.loads(seen.body) if seen.body else None


@pytest.mark.parametrize(
    "text",
    [json.dumps(JOBS), json.dumps({"jobs": JOBS}, indent=2), "\n".join(map(json.dumps, JOBS)) + "\n\n"],
    ids=["a list", "a body", "lines"],
)
def test_a_batch_is_read_in_the_forms_that_programs_write(tmp_path: Path, text: str) -> None:
    (tmp_path / "jobs").write_text(text)

    with scripted(answers(batch("queued", "queued", "queued"), status=202)) as farm:
        result = run(farm.url, "batch", "submit", tmp_path / "jobs")

    assert result.exit_code == 0, result.output
    assert asked(farm) == ("POST", "/batches", {"jobs": JOBS})
    assert farm.seen[0].headers["Idempotency-Key"]
    assert "dasein batch show b-1 --wait" in result.stderr


@pytest.mark.parametrize("text", ["", "no json", "[]", "[1]", '"x"', json.dumps([JOBS[0]] * 1001)])
def test_what_is_no_batch_is_a_usage_error(text: str) -> None:
    with scripted() as farm:
        result = run(farm.url, "batch", "submit", "-", typed=text)

    assert result.exit_code == 2
    assert farm.seen == []


def test_a_file_of_jobs_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with scripted() as farm:
        result = run(farm.url, "batch", "submit", tmp_path / "absent")

    assert result.exit_code == 2
    assert farm.seen == []


def test_waiting_for_a_batch_goes_on_from_what_was_seen_and_names_what_failed() -> None:
    steps = (
        answers(batch("queued", "queued", "queued"), status=202),
        answers(batch("running", "succeeded", "running"), ETag='"v1"'),
        hangs_up,
        answers(batch("ended", "succeeded", "failed"), ETag='"v2"'),
    )

    with scripted(*steps) as farm:
        result = run(farm.url, "batch", "submit", "-", "--wait", typed=json.dumps(JOBS))

    assert result.exit_code == 1
    assert "1 succeeded, 1 failed" in result.stdout
    assert "deadline" in result.stdout
    assert [seen.headers.get("If-None-Match") for seen in farm.seen[1:]] == [None, '"v1"', '"v1"']


def test_a_batch_that_ends_well_ends_with_0_and_one_that_does_not_end_with_2() -> None:
    with scripted(answers(batch("running", "running")), answers(batch("ended", "succeeded"))) as farm:
        well = run(farm.url, "batch", "show", "b-1", "--wait", "--json")
    with scripted(*[answers(batch("running", "running"))] * 5) as farm:
        late = run(farm.url, "batch", "show", "b-1", "--wait", "--timeout", "0.001")

    assert (well.exit_code, late.exit_code) == (0, 2)
    assert json.loads(well.stdout)["state"] == "ended"
    assert "has not ended within" in late.stderr


def test_a_batch_is_cancelled() -> None:
    with scripted(answers(batch("ended", "cancelled"))) as farm:
        result = run(farm.url, "batch", "cancel", "b-1")

    assert asked(farm) == ("DELETE", "/batches/b-1", None)
    assert "1 cancelled" in result.stdout


def test_from_python_a_batch_is_waited_for_no_longer_than_asked() -> None:
    seen: list[str] = []

    with (
        scripted(*[answers(batch("running", "running"))] * 5) as farm,
        Client(farm.url) as client,
        pytest.raises(WaitTimeout, match="Batch b-1"),
    ):
        client.batches.wait("b-1", on_change=lambda batch: seen.append(batch["state"]), timeout_s=0.001)

    assert seen
    assert set(seen) == {"running"}


def ended_campaign(served: Served, elf: Path, work: Any) -> str:
    """Return the id of a campaign that `work` has done."""
    with Client(served.url) as client:
        job = client.submit_campaign(elf, CAMPAIGN)
        served.behind.start(job.id)
        work(served, job.id)
        return job.id


def test_a_change_that_removes_a_leak_is_better_and_one_that_makes_it_is_worse(served: Served, elf: Path) -> None:
    leaky = ended_campaign(served, elf, measure())
    clean = ended_campaign(served, elf, measure(findings=[]))

    better = run(served.url, "compare", leaky, clean)
    worse = run(served.url, "compare", clean, leaky, "--json")

    assert (better.exit_code, worse.exit_code) == (0, 1), better.output + worse.output
    assert better.stdout.startswith("Better: 1 gone")
    assert "src/aes.c:12" in better.stdout
    assert json.loads(worse.stdout)["trend"] == "worse"


def test_a_patch_is_told_line_by_line(served: Served, elf: Path) -> None:
    leaky = ended_campaign(served, elf, measure())
    clean = ended_campaign(served, elf, measure(findings=[]))

    better = run(served.url, "compare", leaky, clean, "--patch")
    same = run(served.url, "compare", clean, clean, "--patch")

    assert (better.exit_code, same.exit_code) == (0, 0), better.output + same.output
    assert "Line 12 of src/aes.c, in mix: leaked before, shows none now" in " ".join(better.stdout.split())
    assert "On no source line did instructions, findings or an effect change." in " ".join(same.stdout.split())


def ended_import(served: Served, **report: Any) -> str:
    """Return the id of an import of traces whose program is not known."""
    behind = served.behind
    answer = behind.client.post(
        "/api/v2/jobs", json={"kind": "simulation.import", "params": {"artifact": behind.firmware()}}
    )
    import_id = str(answer.get_json()["id"])
    made = as_import(synthetic(**report)).model_copy(update={"campaign": import_id})
    behind.files.write(import_id, "report.json", [made.model_dump_json().encode()])
    behind.jobs.finish(import_id, {})
    return import_id


def test_imports_are_compared_by_samples_and_have_no_lines(served: Served) -> None:
    before, after = ended_import(served), ended_import(served, findings=())

    better = run(served.url, "compare", before, after)
    patch = run(served.url, "compare", before, after, "--patch")

    assert (better.exit_code, patch.exit_code) == (0, 0), better.output + patch.output
    assert better.stdout.startswith("Better: ")
    assert "samples: 1,500 unchanged" in better.stdout
    worst = as_import(synthetic()).findings[0]
    assert f"samples {worst.sample}" in better.stdout
    assert "not known, so there are no source lines" in " ".join(patch.stdout.split())


def test_an_import_and_a_simulated_campaign_are_refused_with_what_is_meant_for_them(served: Served, elf: Path) -> None:
    result = run(served.url, "compare", ended_campaign(served, elf, measure()), ended_import(served))

    assert result.exit_code == 2
    assert "dasein calibrate" in " ".join(result.stderr.split())


def test_a_long_comparison_shows_the_first_findings_and_says_how_many_there_are(served: Served, elf: Path) -> None:
    many = [finding(line=line, address=0x08000000 + 2 * line) for line in range(1, 31)]
    before, after = (
        ended_campaign(served, elf, measure(findings=many)),
        ended_campaign(served, elf, measure(findings=[])),
    )

    short = run(served.url, "compare", before, after)
    whole = run(served.url, "compare", before, after, "--all")

    assert "and 10 more: --all shows them" in short.stdout
    assert whole.stdout.count("gone") >= 30


def test_pools_are_listed_and_scaled() -> None:
    pool = {
        "name": "simulation",
        "concurrency": 4,
        "workers": [{"name": "a@b", "concurrency": 4}],
        "queue_depth": 7,
        "oldest_waiting": {
            "job_id": None,
            "kind": "campaign",
            "submitted_at": "2026-11-21T12:00:00Z",
            "waited_s": 90.0,
        },
    }

    with scripted(answers({"pools": [pool]}), answers(pool), answers(pool)) as farm:
        listed = run(farm.url, "pools")
        to = run(farm.url, "pools", "scale", "simulation", "--to", 4)
        by = run(farm.url, "pools", "scale", "simulation", "--by", -2, "--json")

    assert "1 min 30 s" in listed.stdout
    assert (to.exit_code, by.exit_code) == (0, 0)
    assert asked(farm, 1) == ("POST", "/pools/simulation/scale", {"concurrency": 4})
    assert asked(farm, 2) == ("POST", "/pools/simulation/scale", {"delta": -2})


@pytest.mark.parametrize("options", [(), ("--to", 2, "--by", 1), ("--to", 0)])
def test_scaling_says_either_how_many_or_how_many_more(options: tuple[object, ...]) -> None:
    with scripted() as farm:
        result = run(farm.url, "pools", "scale", "simulation", *options)

    assert result.exit_code == 2
    assert farm.seen == []


def test_growing_a_pool_is_not_repeated_when_the_answer_was_lost() -> None:
    with (
        scripted(answers({"pools": []}), hangs_up, answers({"name": "simulation"})) as farm,
        Client(farm.url) as client,
    ):
        client.pools.all()
        with pytest.raises(Exception, match="No farm answers"):
            client.pools.scale("simulation", delta=1)

    assert len(farm.seen) == 2


OFFERS: dict[str, Any] = {
    "core": "cortex-m4",
    "architecture": "Armv7E-M",
    "code_bytes": 2048,
    "has_lines": True,
    "functions": [{"name": "mix\x1b[2J", "address": 0x08000010, "size": 8, "file": "src/aes.c", "line": 12}],
    "functions_total": 600,
    "objects": [{"name": "key", "address": 0x20000000, "size": 16, "writable": True}],
    "objects_total": 1,
    "truncated": True,
}
COST: dict[str, Any] = {
    "traces": 1000,
    "instructions": 3574,
    "samples": 3574,
    "traces_per_s": 1690.2,
    "workers": 2,
    "seconds": 75.0,
    "stored_bytes": 0,
}


def test_what_an_elf_offers_is_shown_before_it_is_measured(served: Served, elf: Path, campaign: Path) -> None:
    results = {"inspect": OFFERS, "estimate": COST}

    def look(served: Served, job_id: str) -> None:
        served.behind.jobs.finish(job_id, results[served.behind.jobs.get(job_id).kind])

    served.work(look)

    offers = run(served.url, "inspect", elf, "--contains", "KEY")
    cost = run(served.url, "estimate", elf, "-c", campaign, "--set", "traces=5000")

    assert (offers.exit_code, cost.exit_code) == (0, 0), offers.output + cost.output
    jobs = [served.behind.jobs.get(sent[1]) for sent in served.behind.queue.sent]
    assert jobs[0].params["contains"] == "KEY"
    assert jobs[1].params["traces"] == 5000
    assert "src/aes.c:12" in offers.stdout
    assert "601 names" in offers.stdout
    assert "\x1b" not in offers.stdout
    assert "1 min 15 s" in cost.stdout


CHECKED: dict[str, Any] = {
    "platform": "stm32f4",
    "engines": [{"name": "unicorn", "version": "2.1.4"}, {"name": "renode", "version": "1.16.1"}],
    "executions": 3,
    "instructions": 3574,
    "equal": 2,
    "agree": False,
    "refused": None,
    "differences": [
        {
            "execution": 1,
            "inputs": "00",
            "kind": "way",
            "instruction": 1200,
            "after": None,
            "embedded": {"pc": 0x08000010, "text": "ldr\x1b[2J r0, [r1]", "file": "src/aes.c", "line": 12},
            "renode": {"pc": None, "ended": "exception"},
        }
    ],
}


def test_a_cross_check_says_where_simulators_part_and_fails_then(served: Served, elf: Path, campaign: Path) -> None:
    found = [CHECKED, CHECKED | {"equal": 3, "agree": True, "differences": []}]

    def finish(served: Served, job_id: str) -> None:
        served.behind.jobs.finish(job_id, found.pop(0))

    served.work(finish)
    has = {"renode": Ability("1.16.1")}
    for name in ("one@here", "two@here"):
        served.behind.workers.beat(name, queue="simulation", ttl_s=600, processes=1, abilities=has)

    parted = run(served.url, "crosscheck", elf, "-c", campaign, "--platform", "stm32f4", "-n", "3")
    agreed = run(served.url, "crosscheck", elf, "-c", campaign)

    params = [served.behind.jobs.get(sent[1]).params for sent in served.behind.queue.sent]
    assert (parted.exit_code, agreed.exit_code) == (1, 0), parted.output + agreed.output
    assert (params[0]["platform"], params[0]["executions"], params[1]["executions"]) == ("stm32f4", 3, 4)
    assert "src/aes.c:12" in " ".join(parted.stdout.split())
    assert "ended: exception" in parted.stdout
    assert "\x1b" not in parted.stdout
    assert "3 of 3 the same" in agreed.stdout


def test_a_cross_check_without_renode_says_so(served: Served, elf: Path, campaign: Path) -> None:
    refused = run(served.url, "crosscheck", elf, "-c", campaign)
    pools = run(served.url, "pools")

    assert refused.exit_code != 0
    assert "have no Renode" in " ".join(refused.output.split())
    assert pools.exit_code == 0


def delivery(**changes: Any) -> dict[str, Any]:
    """Return a webhook that its receiver did not take."""
    return {
        "id": JOB_ID,
        "job": JOB_ID,
        "url": "https://ci.example/hook",
        "state": "failed",
        "attempts": 8,
        "created_at": "2026-11-21T12:00:00Z",
        "due_at": None,
        "settled_at": "2026-11-21T13:00:00Z",
        "status": 500,
        "problem": "answered 500",
    } | changes


def test_webhooks_are_listed_by_state_and_told_again() -> None:
    page = {"webhooks": [delivery()], "cursor": None}

    with scripted(answers(page), answers(page), answers(delivery(state="pending"), status=202)) as farm:
        whole = run(farm.url, "webhooks", "--json")
        listed = run(farm.url, "webhooks", "list", "--state", "failed")
        again = run(farm.url, "webhooks", "replay", JOB_ID)

    assert json.loads(whole.stdout)["webhooks"] == [delivery()]
    assert asked(farm, 1)[1] == "/webhooks?limit=20&state=failed"
    assert "answered 500" in listed.stdout
    assert again.exit_code == 0
    assert asked(farm, 2)[:2] == ("POST", f"/webhooks/{JOB_ID}/replay")


def test_the_secret_of_webhooks_is_shown_to_who_asks_for_it_and_changed() -> None:
    told = {"secret": "whsec_5e5e", "created_at": "2026-11-21T12:00:00Z", "previous_until": None}

    with scripted(answers(told), answers(told, status=201)) as farm:
        shown = run(farm.url, "webhooks", "secret")
        rotated = run(farm.url, "webhooks", "secret", "--rotate", "--json")

    assert shown.stdout == "whsec_5e5e\n"
    assert json.loads(rotated.stdout) == told
    assert [asked(farm, number)[:2] for number in (0, 1)] == [("GET", "/webhooks/secret"), ("POST", "/webhooks/secret")]
