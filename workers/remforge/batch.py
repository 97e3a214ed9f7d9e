"""A job of REMForge from request to result: planned into chunks, forged, put together. Every step may happen twice.

Files of a job: `chunk-<n>.jsonl` and `.npz` until they are put together; then `records.jsonl` (a record a line, each once),
`vectors.npz` (`ids`, `vectors`) where there are vectors, `result.json`, and of a sequence `sequence.{json,csv,html,png}`.
"""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from jobs.attempt import Attempt, Followed, Split
from jobs.errors import Cancelled, DeadlineExceeded, InvalidInput, NotFound
from jobs.forging import (
    BatchRequest,
    BatchResult,
    ChunkParams,
    FileSource,
    FinishParams,
    ForgeRequest,
    Options,
    Outcome,
    RemIngestRequest,
    SequenceRequest,
)
from jobs.model import Job, NewJob, Progress
from jobs.queue import FORGE_CHUNK, FORGE_FINISH, FORGE_SEQUENCE, REM_INGESTION
from jobs.rem import Level, Rem
from workers.remforge.chunk_plan import Sized, chunks
from workers.remforge.compose import Forged
from workers.remforge.exports import render
from workers.remforge.forge import Result, Spoiled, forge
from workers.remforge.look import roles
from workers.remforge.sequence import report
from workers.remforge.services import ForgeServices

RECORDS, VECTORS, RESULT, REQUEST = "records.jsonl", "vectors.npz", "result.json", "request.json"
SHOWN = 200
"""Files that a job's result lists; all of them are in result.json."""


def forge_one(job: Job, attempt: Attempt, services: ForgeServices) -> Followed:
    """Make a record of one file; raise what is wrong with it."""
    request = ForgeRequest.model_validate(job.params)
    began = services.timer()
    file = FileSource(artifact=request.artifact, name=request.name)
    [result] = forge(
        [file], request, tenant=job.tenant, services=services, check=attempt.check, done=_teller(attempt, 1)
    )
    if isinstance(result, Spoiled):
        raise InvalidInput(result.message, field="artifact", reason=result.reason)
    _write_chunk(job.id, 0, [(file, result)], services)
    return _finish(job, job.id, [0], request, began=began, services=services)


def plan_batch(job: Job, attempt: Attempt, services: ForgeServices) -> Split:
    """Split a batch into chunks; raise InvalidInput if a file is not there."""
    request = _batch_request(job.kind, job.params)
    attempt.check()
    sizes = []
    for place, file in enumerate(request.files):
        try:
            artifact = services.artifacts.stat(job.tenant, file.artifact)
        except NotFound as error:
            raise InvalidInput("There is no such artifact.", field=f"files.{place}.artifact") from error
        sizes.append(Sized(artifact.media_type, artifact.bytes))
    told = {"kind": job.kind, "params": dict(job.params), "began": services.clock()}
    services.files.write(job.id, REQUEST, [json.dumps(told).encode()])
    attempt.report(Progress(0, len(request.files), "files"))
    children = [
        _part(
            job, f"{job.id}.{index}", FORGE_CHUNK.name, ChunkParams(batch=job.id, index=index, first=first, last=last)
        )
        for index, (first, last) in enumerate(chunks(sizes))
    ]
    return Split(children, _part(job, f"{job.id}.finish", FORGE_FINISH.name, FinishParams(batch=job.id)))


def forge_chunk(job: Job, attempt: Attempt, services: ForgeServices) -> Mapping[str, Any]:
    """Make records of some files of a batch; one that was made already is not made again."""
    params = ChunkParams.model_validate(job.params)
    request, _ = _stored_request(params.batch, services)
    files = request.files[params.first : params.last]
    if f"chunk-{params.index}.jsonl" not in services.files.names(params.batch):
        results = forge(
            files,
            request,
            tenant=job.tenant,
            services=services,
            check=attempt.check,
            done=_teller(attempt, len(files)),
        )
        try:
            forged = list(zip(files, results, strict=True))
        except (Cancelled, DeadlineExceeded):
            # The batch is over: nobody will put together what its chunks have left.
            services.files.remove(params.batch)
            raise
        _write_chunk(params.batch, params.index, forged, services)
    attempt.report(Progress(len(files), len(files), "files"))
    return {"files": len(files)}


def finish_batch(job: Job, attempt: Attempt, services: ForgeServices) -> Followed:
    """Put the chunks together, write the reports, and have the records taken into the knowledge."""
    batch = FinishParams.model_validate(job.params).batch
    attempt.check()
    request, began = _stored_request(batch, services)
    names = services.files.names(batch)
    indexes = sorted(int(name[6:-6]) for name in names if name.startswith("chunk-") and name.endswith(".jsonl"))
    seconds = services.clock() - began
    return _finish(job, batch, indexes, request, began=services.timer() - seconds, services=services)


def _finish(
    job: Job, batch: str, indexes: Sequence[int], request: Options, *, began: float, services: ForgeServices
) -> Followed:
    if RESULT in services.files.names(batch):
        # The parts are gone once the result is there: a repetition finds what it would have written.
        result = BatchResult.model_validate_json(services.files.path(batch, RESULT).read_bytes())
    else:
        result = _put_together(batch, indexes, request, began, services)
    shown = result.model_copy(update={"files": result.files[:SHOWN], "more": max(0, len(result.files) - SHOWN)})
    for index in indexes:
        for suffix in ("jsonl", "npz"):
            services.files.delete(batch, f"chunk-{index}.{suffix}")
    if result.ingestion is None:
        return Followed(shown.model_dump(mode="json"), [])
    ingestion = NewJob(
        id=result.ingestion,
        kind=REM_INGESTION.name,
        params=RemIngestRequest(job=batch, tags=request.tags).model_dump(mode="json"),
        tenant=job.tenant,
        priority=job.priority,
    )
    return Followed(shown.model_dump(mode="json"), [ingestion])


def _put_together(
    batch: str, indexes: Sequence[int], request: Options, began: float, services: ForgeServices
) -> BatchResult:
    outcomes: list[Outcome] = []
    models: dict[str, Any] = {}
    rems: list[Rem] = []
    sequence = isinstance(request, SequenceRequest)

    def lines() -> Iterator[bytes]:
        written: set[str] = set()
        for outcome, line in _chunk_lines(batch, indexes, services):
            outcomes.append(outcome)
            if line is None:
                continue
            rem = Rem.model_validate_json(line)
            models.update({model.sha256: model for model in rem.header.models})
            if sequence:
                rems.append(rem)
            if rem.header.rem_id not in written:
                written.add(rem.header.rem_id)
                yield line.encode() + b"\n"

    services.files.write(batch, RECORDS, lines())
    _gather_vectors(batch, indexes, services)
    if isinstance(request, SequenceRequest):
        failed = [outcome for outcome in outcomes if outcome.rem_id is None]
        for name, content in render(report(rems, title=request.title, job=batch, failed=failed)).items():
            services.files.write(batch, name.replace("report.", "sequence."), [content])
    records = sum(outcome.rem_id is not None for outcome in outcomes)
    result = BatchResult(
        job=batch,
        records=records,
        failed=len(outcomes) - records,
        files=tuple(outcomes),
        models=tuple(sorted(models.values(), key=lambda model: (model.name, model.sha256))),
        degraded=_degraded(request, services),
        seconds=round(services.timer() - began, 3),
        ingestion=f"{batch}.ingest" if request.ingest and records else None,
    )
    # Last: where it is, everything else is.
    services.files.write(batch, RESULT, [result.model_dump_json().encode()])
    return result


def _degraded(request: Options, services: ForgeServices) -> tuple[str, ...]:
    """Return what was left out of the level that was asked for, and what ran elsewhere than wished."""
    if request.level is Level.LITE:
        return services.models.degraded()
    missing = [
        f"{role.value}: {services.models.why_not(role)}"
        for role in roles(request.level)
        if not services.models.card(role)
    ]
    return (*missing, *services.models.degraded())


def _write_chunk(batch: str, index: int, results: Sequence[tuple[FileSource, Result]], services: ForgeServices) -> None:
    """Leave what became of a chunk's files; the vectors first, so that where the lines are, all is."""
    forged = [result for _, result in results if isinstance(result, Forged) and result.vector is not None]
    if forged:
        services.files.write(
            batch,
            f"chunk-{index}.npz",
            [_npz([one.rem.header.rem_id for one in forged], [one.vector for one in forged])],
        )
    lines = (_line(file, result) + b"\n" for file, result in results)
    services.files.write(batch, f"chunk-{index}.jsonl", lines)


def _line(file: FileSource, result: Result) -> bytes:
    known = {"name": file.name, "artifact": file.artifact}
    if isinstance(result, Spoiled):
        outcome = Outcome(**known, code=result.code, reason=result.reason, message=result.message)
        return outcome.model_dump_json().encode() + b"\t"
    header = result.rem.header
    outcome = Outcome(**known, rem_id=header.rem_id, modality=header.modality, headline=result.rem.scales.coarse)
    # JSON has no tab outside of its strings, and writes one in a string as \t.
    return outcome.model_dump_json().encode() + b"\t" + result.rem.model_dump_json().encode()


def _chunk_lines(batch: str, indexes: Sequence[int], services: ForgeServices) -> Iterator[tuple[Outcome, str | None]]:
    for index in indexes:
        with services.files.path(batch, f"chunk-{index}.jsonl").open(encoding="utf-8") as file:
            for line in file:
                outcome, _, record = line.rstrip("\n").partition("\t")
                yield Outcome.model_validate_json(outcome), record or None


def _gather_vectors(batch: str, indexes: Sequence[int], services: ForgeServices) -> None:
    found: dict[str, Any] = {}
    names = set(services.files.names(batch))
    for index in indexes:
        if f"chunk-{index}.npz" not in names:
            continue
        with np.load(services.files.path(batch, f"chunk-{index}.npz"), allow_pickle=False) as kept:
            for name, vector in zip(kept["ids"].tolist(), kept["vectors"], strict=True):
                found.setdefault(name, vector)
    if found:
        services.files.write(batch, VECTORS, [_npz(list(found), list(found.values()))])


def _npz(ids: Sequence[str], vectors: Sequence[Any]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, ids=np.array(ids, dtype="U36"), vectors=np.array(vectors, np.float32))
    return buffer.getvalue()


def _batch_request(kind: str, params: Mapping[str, Any]) -> BatchRequest:
    return (SequenceRequest if kind == FORGE_SEQUENCE.name else BatchRequest).model_validate(params)


def _stored_request(batch: str, services: ForgeServices) -> tuple[BatchRequest, float]:
    """Return a batch's request and when it was planned, in seconds since the epoch."""
    told = json.loads(services.files.path(batch, REQUEST).read_bytes())
    return _batch_request(told["kind"], told["params"]), float(told["began"])


def _part(job: Job, name: str, kind: str, params: ChunkParams | FinishParams) -> NewJob:
    return NewJob(
        id=name,
        kind=kind,
        params=params.model_dump(),
        tenant=job.tenant,
        priority=job.priority,
        deadline_at=job.deadline_at,
        parent=job.id,
    )


def _teller(attempt: Attempt, total: int) -> Any:
    return lambda done: attempt.report(Progress(done, total, "files"))
