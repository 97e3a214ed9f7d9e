"""Renode on real workers, with a stand-in for it: what they say of it, and jobs that need it, from record to report."""

import json
from pathlib import Path
from typing import Any

from jobs.abilities import Ability
from jobs.crosschecking import CrosscheckRequest
from jobs.model import Job, State
from jobs.payloads import CampaignRequest
from jobs.queue import CAMPAIGN, CROSSCHECK
from renode.firmware.build import build_all
from stores.artifacts import FileArtifacts
from tests.farm.conftest import ROOT, Farm
from tests.renode.driver.conftest import VERSION, stand_in
from tests.servers import eventually


def body_of(farm: Farm) -> dict[str, Any]:
    """Upload a firmware and return a short campaign of it."""
    elf = next(path for path in build_all(ROOT / "build" / "firmware") if path.stem == "compare_leaky_m4")
    artifact, _ = FileArtifacts(farm.folder).put(
        "default", [elf.read_bytes()], media_type="application/x-elf", limit_bytes=2**20
    )
    body = json.loads((ROOT / "renode" / "firmware" / "campaigns" / "compare_leaky_m4.json").read_text())
    return {**body, "firmware": artifact.id, "traces": 16, "shards": 1}


def ended(farm: Farm, job_id: str) -> Job:
    job = farm.until(job_id, State.SUCCEEDED, State.FAILED, within_s=120)
    assert job.state is State.SUCCEEDED, job.error
    assert job.result is not None
    return job


def test_a_worker_says_what_it_has_and_runs_campaigns_on_it(farm: Farm, tmp_path: Path) -> None:
    farm.renode = stand_in(tmp_path)
    farm.start("one")
    campaign = body_of(farm)
    check = {name: campaign[name] for name in ("firmware", "target", "plan", "seed")} | {"executions": 2}
    request = CampaignRequest.model_validate({**campaign, "simulator": {"engine": "renode"}})
    farm.submit(CAMPAIGN, "renode", **request.model_dump(mode="json"))
    farm.submit(CROSSCHECK, "check", **CrosscheckRequest.model_validate(check).model_dump(mode="json"))

    renode, checked = (ended(farm, job_id).result or {} for job_id in ("renode", "check"))

    assert farm.workers.abilities(["one@test"]) == {"one@test": {"renode": Ability(VERSION)}}
    assert (renode["verdict"], renode["traces"]) == ("leaks", 16)
    assert (checked["agree"], checked["equal"]) == (True, 2)


def test_a_worker_without_it_says_why_and_fails_what_comes_all_the_same(farm: Farm) -> None:
    farm.start("one")
    request = CampaignRequest.model_validate({**body_of(farm), "simulator": {"engine": "renode"}})
    farm.submit(CAMPAIGN, "job", **request.model_dump(mode="json"))

    job = farm.until("job", State.FAILED, within_s=60)

    eventually(lambda: farm.workers.abilities(["one@test"]), what="it says so")
    assert farm.workers.abilities(["one@test"])["one@test"]["renode"].absent == "there is no program /nowhere/renode"
    assert job.error is not None
    assert (job.error.code, job.error.message) == (
        "simulator-unavailable",
        "there is no program /nowhere/renode",
    )
