"""A sequential campaign on real workers: one of them dies, the decision stays, and nobody runs what lies behind it."""

import json
from pathlib import Path
from typing import Any

import pytest

from jobs.model import Job, State
from jobs.payloads import CampaignRequest
from jobs.queue import CAMPAIGN
from renode.firmware.build import build_all
from stores.artifacts import FileArtifacts
from tests.farm.conftest import ROOT, Farm, worker_of
from tests.farm.test_campaigns import half_way

TRACES = 24_000
SIGMA = 30.0
"""With which the AES shows after about half of them."""


@pytest.fixture
def body(farm: Farm) -> dict[str, Any]:
    """Upload the unprotected AES and return a campaign that is looked at six times."""
    aes: Path = next(path for path in build_all(ROOT / "build" / "firmware") if path.stem == "aes128_m4")
    artifact, _ = FileArtifacts(farm.folder).put(
        "default", [aes.read_bytes()], media_type="application/x-elf", limit_bytes=2**20
    )
    campaign = json.loads((ROOT / "renode" / "firmware" / "campaigns" / "aes128_m4.json").read_text(encoding="utf-8"))
    campaign |= {"firmware": artifact.id, "traces": TRACES, "cpa": None}
    campaign |= {"power": {"noise_sigma": SIGMA}, "sequential": {"error_rate": 0.001, "looks": 6}}
    return CampaignRequest.model_validate(campaign).model_dump(mode="json")


def test_a_worker_dies_and_the_campaign_is_decided_by_the_same_traces(farm: Farm, body: dict[str, Any]) -> None:
    farm.engine = "unicorn"
    farm.start("one")
    farm.start("two")
    farm.submit(CAMPAIGN, "disturbed", **body)
    farm.kill(worker_of(half_way(farm, "disturbed.1")))
    disturbed = ended(farm, "disturbed")

    farm.submit(CAMPAIGN, "quiet", **{**body, "shards": 6})
    quiet = ended(farm, "quiet")

    assert disturbed.result is not None
    assert quiet.result is not None
    assert disturbed.result["digest"] == quiet.result["digest"]
    took = quiet.result["traces"]
    assert took == disturbed.result["traces"]
    assert took < TRACES
    assert quiet.result["verdict"] == "leaks"
    # The worker that is left takes shards in order: those behind the decision find it made.
    ran = [farm.jobs.get(f"quiet.{shard}").result for shard in range(6)]
    assert sum(result["traces"] for result in ran if result is not None) == took
    assert (quiet.progress.done, quiet.progress.total) == (TRACES, TRACES)


def ended(farm: Farm, job_id: str) -> Job:
    """Wait until a campaign has succeeded."""
    job = farm.until(job_id, State.SUCCEEDED, State.FAILED, within_s=120)
    assert job.state is State.SUCCEEDED, job.error
    return job
