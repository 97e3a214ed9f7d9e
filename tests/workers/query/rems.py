"""Jobs of REMForge for tests: what they leave, and taking it in."""

import io
from collections.abc import Mapping, Sequence

import numpy as np

from jobs.forging import RemIngestRequest, RemIngestResult
from jobs.rem import Modality, Model, Rem
from stores.vectors import FloatArray
from tests.workers.query.knowledge import TENANT, Running
from tests.workers.remforge.given_records import CLIP, record
from workers.query.ingest_rems import GROUP, ingest_rems
from workers.query.services import QueryServices

DIM = 4


def axis(number: int) -> FloatArray:
    """Return a vector of unit length along an axis."""
    row: FloatArray = np.eye(DIM, dtype=np.float32)[number]
    return row


def leave(
    services: QueryServices, job: str, rems: Sequence[Rem], vectors: Mapping[str, FloatArray] | None = None
) -> None:
    """Lay the files of a job where ingestion finds them; vectors by the name of the file."""
    services.rems.write(job, "records.jsonl", [f"{rem.model_dump_json()}\n".encode() for rem in rems])
    if vectors:
        ids = {rem.header.source.name: rem.header.rem_id for rem in rems}
        buffer = io.BytesIO()
        np.savez(buffer, ids=np.array([ids[name] for name in vectors], "U36"), vectors=np.stack([*vectors.values()]))
        services.rems.write(job, "vectors.npz", [buffer.getvalue()])


def take_in(
    services: QueryServices,
    job: str,
    attempt: Running | None = None,
    *,
    tags: Sequence[str] = (),
    at_once: int = GROUP,
) -> RemIngestResult:
    """Take in the records of a job."""
    attempt = attempt or Running(f"{job}.ingest")
    request = RemIngestRequest(job=job, tags=tuple(tags))
    return ingest_rems(
        request, tenant=TENANT, job_id=attempt.job_id, attempt=attempt, services=services, at_once=at_once
    )


def lab(by: Model = CLIP) -> tuple[list[Rem], dict[str, FloatArray]]:
    """Return the records of a small lab's files: two pictures with vectors, a diary, a recording."""
    rems = [
        record("scope.png", labels=[("oscilloscope", 0.83), ("screen", 0.11)], embedded_by=by, dim=DIM)
        if by is not None
        else record("scope.png"),
        record("dog.png", labels=[("golden retriever", 0.9)], colours=[("#c9a26b", 0.6)], embedded_by=by, dim=DIM),
        record(
            "diary.txt",
            modality=Modality.TEXT,
            text="I measured the power trace again. The AES leaked at expand_key. Masking would help.",
            valence=0.4,
        ),
        record("talk.wav", modality=Modality.AUDIO, text="We compared both builds of the lab."),
    ]
    return rems, {"scope.png": axis(0), "dog.png": axis(1)}
