"""A profiled attack on real workers, over the traces that a campaign of theirs has kept."""

import json
from typing import Any

import pytest

from jobs.model import NewJob, State
from jobs.payloads import CampaignRequest
from jobs.queue import CAMPAIGN, PROFILE
from jobs.report_profile import ProfileReport
from renode.firmware.build import build_all
from stores.artifacts import FileArtifacts, JobFiles
from tests.farm.conftest import ROOT, Farm
from workers.lifecycle import send


@pytest.fixture
def body(farm: Farm) -> dict[str, Any]:
    """Upload the AES and return a campaign with a key for each trace that keeps its traces."""
    aes = next(path for path in build_all(ROOT / "build" / "firmware") if path.stem == "aes128_m4")
    artifact, _ = FileArtifacts(farm.folder).put(
        "default", [aes.read_bytes()], media_type="application/x-elf", limit_bytes=2**20
    )
    campaign = json.loads((ROOT / "renode" / "firmware" / "campaigns" / "aes128_m4.json").read_text(encoding="utf-8"))
    target = campaign["target"] | {"trigger": {"start": "sub_bytes", "stop": "mix_columns"}}
    target["inputs"] = [
        {**item, "varies": "random", "value": None} if item["name"] == "key" else item for item in target["inputs"]
    ]
    asked = campaign | {"firmware": artifact.id, "target": target, "traces": 800, "shards": 2, "cpa": None}
    return CampaignRequest.model_validate(asked | {"plan": "random", "keep_traces": True}).model_dump(mode="json")


def test_what_two_workers_have_kept_is_learnt_from_and_no_other_tenant_may(farm: Farm, body: dict[str, Any]) -> None:
    farm.start("one")
    farm.start("two")
    farm.submit(CAMPAIGN, "campaign", **body)
    farm.until("campaign", State.SUCCEEDED, within_s=60)

    farm.submit(PROFILE, "profile", campaign="campaign", bytes=[0, 7])
    stranger, _ = farm.jobs.submit(NewJob("stranger", PROFILE.name, {"campaign": "campaign"}, tenant="acme"))
    send(stranger, farm.jobs, farm.queue)
    job = farm.until("profile", State.SUCCEEDED, State.FAILED, within_s=60)
    refused = farm.until("stranger", State.SUCCEEDED, State.FAILED, within_s=60)

    assert job.result is not None, job.error
    assert job.result["methods"]["templates"]["recovered"] == 2
    assert job.progress.done == job.progress.total == 6
    path = JobFiles(farm.folder, "campaigns").path("profile", "profile.json")
    report = ProfileReport.model_validate_json(path.read_bytes())
    assert report.digest == job.result["digest"]
    assert refused.error is not None
    assert (refused.error.code, refused.error.field) == ("invalid-input", "campaign")
