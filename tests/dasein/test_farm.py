"""The client against a whole farm: web server, Redis, workers, simulator."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pytest

from dasein import Client, Gate, Ignore, Outcome, State, judge, read_policy
from dasein.campaign_file import merged, read_campaign
from renode.firmware.build import build_all

ROOT = Path(__file__).parents[2]
CAMPAIGNS = ROOT / "renode" / "firmware" / "campaigns"
WITHIN_S = 120.0


class Farm(Protocol):
    """What these tests need of the farm."""

    url: str


@pytest.fixture(scope="module")
def elves(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the example firmware."""
    return build_all(tmp_path_factory.mktemp("firmware"))[0].parent


@pytest.fixture
def client(farm: Farm) -> Any:
    with Client(farm.url) as client:
        yield client


def campaign(name: str, **changes: Any) -> dict[str, Any]:
    return merged(read_campaign(CAMPAIGNS / f"{name}.json"), changes)


def dasein(farm: Farm, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dasein.cli", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "DASEIN_URL": farm.url},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=WITHIN_S,
    )


def test_an_unprotected_aes_gives_its_key_away(client: Client, elves: Path) -> None:
    seen: list[str] = []
    asked = campaign("aes128_m4", traces=1000)
    job = client.submit_campaign(elves / "aes128_m4.elf", asked, tags=["client-test"])

    names = [event.name for event in client.events(job.id, timeout_s=WITHIN_S)]
    ended = client.wait(job.id, on_change=lambda job: seen.append(job.state.value), timeout_s=WITHIN_S)
    report = client.report(job.id)

    assert ended.state is State.SUCCEEDED
    assert seen == ["succeeded"]
    assert names[-1] == "done"
    assert "progress" in names
    assert report["verdict"] == "leaks"
    assert report["cpa"]["key"] == asked["target"]["inputs"][0]["value"]
    assert report["firmware"]["sha256"] == hashlib.sha256((elves / "aes128_m4.elf").read_bytes()).hexdigest()
    judgement = judge(report, Gate())
    assert judgement.outcome is Outcome.LEAKS
    assert any(finding.file and finding.file.endswith("aes128.c") and finding.line for finding in judgement.failed)


def test_the_same_campaign_twice_has_the_same_digest(client: Client, elves: Path) -> None:
    jobs = [
        client.submit_campaign(elves / "aes128_m4.elf", campaign("aes128_m4", traces=200, shards=shards))
        for shards in (1, 3)
    ]

    digests = {client.report(client.wait(job.id, timeout_s=WITHIN_S).id)["digest"] for job in jobs}

    assert len(digests) == 1


def test_reports_come_in_every_form(client: Client, elves: Path) -> None:
    job = client.submit_campaign(elves / "compare_ct_m4.elf", campaign("compare_ct_m4", traces=200, keep_traces=True))
    client.wait(job.id, timeout_s=WITHIN_S)

    page, table, plot = client.report(job.id, "html"), client.report(job.id, "csv"), client.report(job.id, "png")

    assert page.lstrip().lower().startswith(b"<!doctype html>")
    assert table.startswith(b"address,")
    assert plot.startswith(b"\x89PNG")


def test_kept_traces_are_downloaded(client: Client, elves: Path, tmp_path: Path) -> None:
    job = client.submit_campaign(elves / "compare_ct_m4.elf", campaign("compare_ct_m4", traces=64, keep_traces=True))
    client.wait(job.id, timeout_s=WITHIN_S)

    traces = np.load(client.traces(job.id, tmp_path / "traces.npy"))
    inputs = np.load(client.traces(job.id, tmp_path / "inputs.npy", part="inputs"))
    groups = np.load(client.traces(job.id, tmp_path / "groups.npy", part="groups"))

    assert traces.dtype == np.float32
    assert len(traces) == len(inputs) == len(groups) == 64
    assert np.bincount(groups).tolist() == [16, 16, 16, 16]


def test_a_file_that_is_no_firmware_fails_with_a_reason(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "not.elf"
    path.write_bytes(b"#!/bin/sh\n")

    ended = client.wait(client.submit_campaign(path, campaign("aes128_m4")).id, timeout_s=WITHIN_S)

    assert ended.state is State.FAILED
    assert ended.error is not None
    assert ended.error.code == "invalid-firmware"


def test_a_running_campaign_is_cancelled(client: Client, elves: Path) -> None:
    job = client.submit_campaign(elves / "aes128_m4.elf", campaign("aes128_m4", traces=1_000_000))
    next(event for event in client.events(job.id, timeout_s=WITHIN_S) if event.name == "progress")

    client.cancel(job.id)
    ended = client.wait(job.id, timeout_s=30)

    assert ended.state is State.CANCELLED


def test_check_passes_the_masked_build_and_fails_the_one_that_lost_a_mask(farm: Farm, elves: Path) -> None:
    policy = ROOT / "docs" / "examples" / "policy.toml"

    safe = dasein(farm, "check", elves / "aes128_masked_m4.elf", "--policy", policy, "--json")
    unsafe = dasein(farm, "check", elves / "aes128_masked_unsafe_m4.elf", "--policy", policy, "--json")

    assert (safe.returncode, unsafe.returncode) == (0, 1), safe.stderr + unsafe.stderr
    assert json.loads(safe.stdout)["outcome"] == "clean"
    failed = json.loads(unsafe.stdout)["failed"]
    assert any(finding["file"].endswith("aes128_masked.c") and finding["line"] for finding in failed)


def test_check_passes_the_constant_time_compare_of_the_examples(farm: Farm, elves: Path) -> None:
    policy = ROOT / "docs" / "examples" / "compare.toml"

    result = dasein(farm, "check", elves / "compare_ct_m4.elf", "--policy", policy)

    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.startswith("PASS: ")


def test_check_of_a_firmware_without_the_symbols_is_an_error(farm: Farm, elves: Path) -> None:
    policy = ROOT / "docs" / "examples" / "compare.toml"

    result = dasein(farm, "check", elves / "aes128_m4.elf", "--policy", policy)

    assert result.returncode == 2
    assert "missing-symbol" in result.stdout


def test_a_known_leak_can_be_accepted_by_its_function(client: Client, elves: Path) -> None:
    policy = read_policy(ROOT / "docs" / "examples" / "policy.toml")
    job = client.submit_campaign(elves / "aes128_masked_unsafe_m4.elf", merged(policy.campaign, {"traces": 1000}))
    client.wait(job.id, timeout_s=WITHIN_S)
    report = client.report(job.id)

    functions = {finding.function for finding in judge(report, policy.gate).failed}
    accepted = tuple(Ignore("known", function=function) for function in functions)

    assert functions
    assert judge(report, Gate(ignore=accepted, allow_insufficient=True)).outcome is Outcome.CLEAN


def test_ping_goes_through_the_whole_farm(farm: Farm) -> None:
    result = dasein(farm, "ping", "--json")

    assert result.returncode == 0
    assert json.loads(result.stdout)["worker"]


def test_a_finished_campaign_can_be_asked_about_in_both_languages(client: Client, elves: Path) -> None:
    asked = campaign("aes128_m4", traces=1000) | {"name": "aes128 build 7"}
    job = client.wait(client.submit_campaign(elves / "aes128_m4.elf", asked).id, timeout_s=WITHIN_S)
    assert job.result is not None
    ingestion = client.wait(job.result["ingestion"], timeout_s=WITHIN_S)
    assert ingestion.state is State.SUCCEEDED, ingestion.error
    report = client.report(job.id)
    sha = report["firmware"]["sha256"][:12]
    leaking = {
        f"{sha}:{finding['place']['address']:08x}"
        for finding in report["findings"]
        if finding["secret"] == "key byte 3" and finding["severity"] != "low"
    }

    for question in (
        "Which instructions leak key byte 3 in aes128 build 7?",
        "¿Qué instrucciones filtran el byte 3 de la clave en aes128 build 7?",
    ):
        answer = client.knowledge.ask(question, top_k=100, timeout_s=WITHIN_S)

        assert leaking
        assert {name for name in answer["evidence"] if name.startswith(sha)} == leaking, answer["answer"]
        assert f"campaign:{job.id}" in answer["sources"]
        assert not answer["abstained"]
        assert not answer["degraded"]
        assert all(claim["evidence"] for claim in answer["claims"])


def test_what_nobody_knows_is_not_answered(farm: Farm) -> None:
    result = dasein(farm, "ask", "Which instructions leak in the function quantum_flux_9?", "--json")

    assert result.returncode == 1, result.stderr
    answer = json.loads(result.stdout)
    assert answer["abstained"]
    assert any("quantum_flux_9" in name for name in answer["unknown"])


def test_a_document_is_taken_in_asked_about_and_taken_away(farm: Farm, client: Client, tmp_path: Path) -> None:
    note = tmp_path / "bench-note.md"
    note.write_text("# Bench\n\nThe oscilloscope in room 4 drifts by 3 mV when the heating starts.\n")

    taken = dasein(farm, "ingest", note)
    answer = client.knowledge.ask("What happens to the oscilloscope when the heating starts?", timeout_s=WITHIN_S)
    removed = dasein(farm, "remove", "bench-note.md")
    after = client.knowledge.ask("What happens to the oscilloscope when the heating starts?", timeout_s=WITHIN_S)

    assert taken.returncode == 0, taken.stderr
    assert "document:bench-note.md" in answer["sources"]
    assert "drifts by 3 mV" in answer["answer"]
    assert removed.returncode == 0, removed.stderr
    assert "document:bench-note.md" not in after["sources"]
    assert after["data_version"] > answer["data_version"]


def test_a_conversation_goes_on_from_what_was_asked(client: Client) -> None:
    first = client.knowledge.chat("How many instructions leak in aes128 build 7?", timeout_s=WITHIN_S)
    second = client.knowledge.chat("Why?", session=first["session"], timeout_s=WITHIN_S)

    assert second["session"] == first["session"]
    assert second["turn"]["position"] == 1
    assert "build 7" in second["turn"]["understood"]
