"""Whatever comes and goes in whatever order, the stores hold what the batches that are there say, and nothing else."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobs.ingestion import IngestRequest
from stores.documents import Shelf
from tests.workers.query.knowledge import (
    TENANT,
    Running,
    csv_of,
    everything,
    keep_artifact,
    keep_report,
    measured,
    memory_services,
)
from tests.workers.query.test_writer import REPORT, newer
from tests.workers.simulation import reports
from workers.query.ingest import ingest
from workers.query.remove import remove
from workers.query.services import QueryServices

FIRST = REPORT.rows[0].place.address
NOTES = {
    "one": "The masked S-box of Alice Karlson leaks. Masking and the S-box change the power trace in Monterey Bay.",
    "two": "A power trace of the S-box without masking shows first-order leakage. alice karlson measured it.",
    "three": "ALICE Karlson saw masking fail: the S-box gives the key away, as the power trace of Monterey Bay shows.",
}
NAMES = ("campaign:c", "campaign:c2", "measurements:m1", "measurements:m2", *(f"document:{name}" for name in NOTES))


def request_of(batch: str, services: QueryServices) -> IngestRequest:
    kind, _, name = batch.partition(":")
    if kind == "campaign":
        report = newer(REPORT) if name == "c2" else REPORT.model_copy(update={"campaign": "c"})
        return IngestRequest(campaign=keep_report(services, report))
    if kind == "document":
        return IngestRequest(name=name, text=NOTES[name])
    data = csv_of(measured(300, 5, seed=int(name[1]), firmware=reports.FIRMWARE, first=FIRST))
    told: dict[str, Any] = {
        "artifact": keep_artifact(services, data, "text/csv"),
        "firmware": f"sha256:{reports.FIRMWARE}",
    }
    return IngestRequest(name=name, **told)


def take_in(batch: str, services: QueryServices) -> None:
    """Take a batch in at a time of its own, so that the newest is the same in every order."""
    timed = services._replace(clock=lambda: 1000.0 + NAMES.index(batch))
    ingest(request_of(batch, timed), tenant=TENANT, job_id=f"in-{batch}", attempt=Running(), services=timed)


def take_away(batch: str, services: QueryServices) -> None:
    remove(batch, tenant=TENANT, job_id=f"out-{batch}", attempt=Running(), services=services)


def held(services: QueryServices) -> dict[str, Any]:
    """Return what the stores hold, without when it was seen."""
    found = everything(services)
    del found["documents"][Shelf.BATCHES], found["corpus"]
    return found


@pytest.mark.parametrize("seed", range(6))
def test_only_what_is_there_decides_not_what_came_and_went(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    services = memory_services(tmp_path)
    there: list[str] = []
    for _ in range(14):
        batch = NAMES[int(rng.integers(len(NAMES)))]
        if batch in there:
            take_away(batch, services)
            there.remove(batch)
        else:
            take_in(batch, services)
            there.append(batch)
    fresh = memory_services(tmp_path)
    for batch in sorted(there, key=NAMES.index):
        take_in(batch, fresh)

    left, expected = held(services), held(fresh)

    assert left["graph"]["nodes"] == expected["graph"]["nodes"]
    assert left["graph"]["relations"] == expected["graph"]["relations"]
    assert left["texts"] == expected["texts"]
    for shelf, records in expected["documents"].items():
        assert left["documents"][shelf] == records, shelf
