"""Campaigns on real workers: whatever happens to the processes, and whichever engine they run, the digest is the same."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from signal import SIGKILL
from typing import Any

import pytest

from jobs.model import Job, State
from jobs.payloads import CampaignRequest
from jobs.queue import CAMPAIGN
from renode.firmware.build import build_all
from stores.artifacts import FileArtifacts
from tests.farm.conftest import ROOT, Farm, child_of, worker_of
from tests.servers import eventually

TRACES = 60_000
SHARDS = 3
SLOW = "unicorn"
"""The engine of campaigns that something happens to in the middle: in lanes they would be over before."""
LONG = 6_000_000
"""Traces that keep lanes busy for seconds, too."""


@pytest.fixture(scope="session")
def aes() -> Path:
    """Build the unprotected AES for the M4."""
    return next(path for path in build_all(ROOT / "build" / "firmware") if path.stem == "aes128_m4")


@pytest.fixture
def body(farm: Farm, aes: Path) -> dict[str, Any]:
    """Upload the firmware and return a campaign that takes two workers a few seconds."""
    artifact, _ = FileArtifacts(farm.folder).put(
        "default", [aes.read_bytes()], media_type="application/x-elf", limit_bytes=2**20
    )
    campaign = json.loads((ROOT / "renode" / "firmware" / "campaigns" / "aes128_m4.json").read_text(encoding="utf-8"))
    campaign |= {"firmware": artifact.id, "traces": TRACES, "shards": SHARDS, "cpa": None}
    return CampaignRequest.model_validate(campaign).model_dump(mode="json")


@pytest.fixture(scope="session")
def digests() -> dict[str, str]:
    """Remember the digest of the first campaign that ended: all of this module are the same campaign."""
    return {}


@pytest.fixture
def finish(farm: Farm, digests: dict[str, str]) -> Callable[[], Job]:
    """Return how to wait for the campaign's end and compare its digest with that of all others."""

    def wait() -> Job:
        job = farm.until("job", State.SUCCEEDED, State.FAILED, within_s=90)
        assert job.state is State.SUCCEEDED, job.error
        assert job.result is not None
        assert job.result["traces"] == TRACES
        assert (job.progress.done, job.progress.total) == (TRACES, TRACES)
        assert digests.setdefault("aes", job.result["digest"]) == job.result["digest"]
        return job

    return wait


def test_one_worker_and_one_shard(farm: Farm, body: dict[str, Any], finish: Callable[[], Job]) -> None:
    farm.start("one")

    farm.submit(CAMPAIGN, **{**body, "shards": 1})

    job = finish()
    assert job.result is not None
    assert job.result["verdict"] == "leaks"


def test_two_workers_of_different_engines_share_the_shards(
    farm: Farm, body: dict[str, Any], finish: Callable[[], Job]
) -> None:
    farm.start("one")
    farm.engine = SLOW
    farm.start("two")

    farm.submit(CAMPAIGN, **body)

    finish()
    assert {worker_of(farm.jobs.get(f"job.{index}")) for index in range(SHARDS)} == {"one", "two"}


def test_an_attack_by_the_ciphertext_in_a_window_of_a_pilot_on_two_workers(farm: Farm, body: dict[str, Any]) -> None:
    attack = {"intermediate": "aes128-last-round", "window": "auto"}
    asked = CampaignRequest.model_validate({**body, "traces": 600, "cpa": attack})
    farm.start("one")
    farm.start("two")

    farm.submit(CAMPAIGN, **asked.model_dump(mode="json"))
    job = farm.until("job", State.SUCCEEDED, State.FAILED, within_s=90)

    assert job.state is State.SUCCEEDED, job.error
    assert job.result is not None
    assert job.result["key_bytes_recovered"] == 16
    assert "16 of 16 round key 10 bytes stand out, 16 of them right" in job.result["headline"]


def test_a_process_killed_in_the_middle_of_a_shard(farm: Farm, body: dict[str, Any], finish: Callable[[], Job]) -> None:
    farm.engine = SLOW
    farm.start("one")
    farm.submit(CAMPAIGN, **body)
    shard = half_way(farm, "job.1")

    os.kill(child_of(shard), SIGKILL)

    finish()
    assert farm.jobs.get("job.1").attempts == 2


def test_a_worker_killed_in_the_middle_of_a_shard(farm: Farm, body: dict[str, Any], finish: Callable[[], Job]) -> None:
    farm.engine = SLOW
    farm.start("one")
    farm.start("two")
    farm.submit(CAMPAIGN, **body)
    shard = half_way(farm, "job.1")

    farm.kill(worker_of(shard))

    finish()
    assert farm.jobs.get("job.1").attempts == 2


def test_a_worker_killed_while_executions_are_in_lanes(farm: Farm, body: dict[str, Any]) -> None:
    farm.start("one")
    farm.start("two")
    farm.submit(CAMPAIGN, **{**body, "traces": LONG, "shards": 2})
    shard = half_way(farm, "job.1")

    farm.kill(worker_of(shard))

    job = farm.until("job", State.SUCCEEDED, State.FAILED, within_s=90)
    assert job.result is not None, job.error
    assert (job.result["traces"], job.result["verdict"]) == (LONG, "leaks")
    assert farm.jobs.get("job.1").attempts == 2


def test_redis_killed_and_started_again_in_the_middle(
    farm: Farm, body: dict[str, Any], finish: Callable[[], Job]
) -> None:
    farm.engine = SLOW
    farm.start("one")
    farm.submit(CAMPAIGN, **body)
    half_way(farm, "job.1")

    farm.server.kill()
    farm.server.start()

    finish()


def test_a_worker_asked_to_stop_in_the_middle(farm: Farm, body: dict[str, Any], finish: Callable[[], Job]) -> None:
    farm.engine = SLOW
    farm.start("one", drain_s=0.2)
    farm.submit(CAMPAIGN, **body)
    half_way(farm, "job.1")

    farm.terminate("one")
    farm.start("two")

    finish()


def test_a_running_campaign_is_cancelled_with_its_shards(farm: Farm, body: dict[str, Any]) -> None:
    farm.engine = SLOW
    farm.start("one")
    farm.submit(CAMPAIGN, **{**body, "traces": 1_000_000, "shards": 8})
    half_way(farm, "job.0")

    farm.jobs.cancel("job")

    farm.until("job", State.CANCELLED, within_s=5)
    eventually(
        lambda: all(farm.jobs.get(f"job.{index}").state is State.CANCELLED for index in range(8)),
        within_s=5,
        what="all shards are cancelled",
    )


def test_firmware_that_is_no_elf_fails_the_campaign_with_its_reason(farm: Farm, body: dict[str, Any]) -> None:
    artifact, _ = FileArtifacts(farm.folder).put(
        "default", [b"MZ" * 600], media_type="application/x-elf", limit_bytes=2**20
    )
    farm.start("one")

    farm.submit(CAMPAIGN, **{**body, "firmware": artifact.id})

    job = farm.until("job", State.FAILED, State.SUCCEEDED)
    assert job.error is not None
    assert (job.error.code, job.error.field, job.error.reason) == ("invalid-firmware", "firmware", "not-elf")


def half_way(farm: Farm, shard: str) -> Job:
    """Wait until a shard has run some of its traces and not all."""

    def some() -> bool:
        return farm.jobs.get(shard).progress.done > 0

    farm.until(shard, State.RUNNING, within_s=60)
    eventually(some, within_s=30, what=f"{shard} has progress")
    return farm.jobs.get(shard)
