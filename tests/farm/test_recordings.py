"""Recordings on a real worker: from the message to the files."""

import json
from pathlib import Path

from jobs.model import State
from jobs.queue import RECORDING
from renode.firmware.build import build_all
from renode.records import from_bytes
from stores.artifacts import FileArtifacts, JobFiles
from tests.farm.conftest import ROOT, Farm


def test_a_worker_records_a_program_and_leaves_the_files(farm: Farm) -> None:
    elf: Path = next(path for path in build_all(ROOT / "build" / "firmware") if path.stem == "aes128_m4")
    artifact, _ = FileArtifacts(farm.folder).put(
        "default", [elf.read_bytes()], media_type="application/x-elf", limit_bytes=2**20
    )
    target = json.loads((ROOT / "renode/firmware/campaigns/aes128_m4.json").read_text(encoding="utf-8"))["target"]
    farm.start("one")

    farm.submit(RECORDING, firmware=artifact.id, target=target, samples=200, probe={"kind": "ina219"})

    job = farm.until("job", State.SUCCEEDED, State.FAILED, within_s=60)
    assert job.state is State.SUCCEEDED, job.error
    assert job.result is not None
    files = JobFiles(farm.folder, "campaigns")
    assert files.names("job") == ["records.bin", "records.csv", "records.parquet"]
    records = from_bytes(files.path("job", "records.bin").read_bytes())
    assert len(records.rows) == job.result["records"] == 200
    assert (job.progress.done, job.progress.total) == (200, 200)
