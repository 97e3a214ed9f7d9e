"""Capturing what the recorder in this machine's kernel says, into the files of a recording. May happen twice."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from json import dumps
from pathlib import Path
from typing import Any

from jobs.attempt import Attempt, Followed, Outcome
from jobs.capturing import CaptureRequest
from jobs.errors import DeadlineExceeded, DeviceUnavailable, InvalidInput, NotFound
from jobs.ingestion import Format, IngestRequest
from jobs.measurement import CHANNELS, Clock
from jobs.model import Job, NewJob, Progress
from jobs.queue import INGESTION
from jobs.recording import FILES, Form
from kernel.clocks import Moment
from renode.records import Records
from stores.ports import Artifacts, Files
from workers.simulation.capture_clocks import clocks_of
from workers.simulation.capture_files import GROUP, NO_ROWS, Begin, BinaryWriter, CaptureFiles, CsvWriter
from workers.simulation.capture_parquet import ParquetWriter
from workers.simulation.capture_rows import Numbering
from workers.simulation.capture_run import Device, Ran, Wanted, run

STARTED = "recorder-start"
"""A file of the job while it records: the start that was its doing, by the boot of its machine and the number since then."""
PARQUET = "application/vnd.apache.parquet"
PIECE_BYTES = 1 << 20
WRITERS: Mapping[Form, Begin] = {
    "binary": BinaryWriter,
    "csv": CsvWriter,
    "parquet": lambda file: ParquetWriter(file, group=GROUP),
}


@dataclass(frozen=True, slots=True)
class CaptureServices:
    """What captures work with."""

    files: Files
    artifacts: Artifacts
    device: Path
    open: Callable[[Path], AbstractContextManager[Device]]
    """Open the recorder for control; raise OSError or InvalidInput where that cannot be."""
    absent: Callable[[Path], str | None]
    """Say why it cannot be used; None where it can."""
    artifact_bytes: int
    """Of what is ingested, at most."""
    boot: str
    """Which boot of which machine this is: recorders count their starts from one in each."""
    moment: Callable[[], Moment]
    """Read the clocks of this machine, and its pulses."""


def capture(job: Job, attempt: Attempt, services: CaptureServices) -> Outcome:
    """Capture what `job` describes; raise DeviceUnavailable, InvalidInput, Conflict, DeadlineExceeded, StoreUnavailable."""
    request = CaptureRequest.model_validate(job.params)
    attempt.check()
    _check_device(request, services)
    firmware, _, place = (request.instruction or "").partition(":")
    numbering = Numbering(request.period_ns, int(place, 16) if place else None)
    like = Records(NO_ROWS, request.period_ns, firmware, clock=Clock.MONOTONIC)
    writers: dict[str, tuple[str, Begin]] = {form: (FILES[form], WRITERS[form]) for form in sorted(set(request.forms))}
    wanted = Wanted(request.samples, request.period_ns, request.most_s, request.wakeup)
    try:
        with _opened(services) as device, CaptureFiles(services.files.folder(job.id), writers, like) as files:
            ran = run(
                device,
                wanted,
                numbering,
                files.add,
                check=attempt.check,
                report=lambda done: attempt.report(Progress(done, request.samples, "records")),
                is_ours=lambda start: _noted(job.id, services.files) == f"{services.boot} {start}",
                note=lambda start: services.files.write(job.id, STARTED, [f"{services.boot} {start}".encode("ascii")]),
                moment=services.moment,
            )
            if not numbering.count:
                raise DeadlineExceeded(
                    f"The recorder wrote no record within {request.most_s:g} s."
                    if ran.ended == "timeout"
                    else "Somebody stopped the recorder before its first record."
                )
            clocks = clocks_of(ran.start, ran.end)
            digest, written = files.finish(numbering.dropped, {"clocks": dumps(clocks)})
    finally:
        # By now it was stopped; only a death leaves it running, and the note.
        services.files.delete(job.id, STARTED)
    result = _result(job, request, numbering, ran) | {"clocks": clocks, "digest": digest, "files": written}
    return _ingested(job, result, services) if request.ingest else result


def _opened(services: CaptureServices) -> AbstractContextManager[Device]:
    try:
        return services.open(services.device)
    except (OSError, ValueError) as error:
        raise DeviceUnavailable(f"{services.device} cannot be opened: {error}", reason="absent") from error


def _check_device(request: CaptureRequest, services: CaptureServices) -> None:
    if request.device is not None and request.device != str(services.device):
        raise InvalidInput(
            f"The recorder of this worker is {services.device}.", field="device", reason="not-this-device"
        )
    why = services.absent(services.device)
    if why is not None:
        raise DeviceUnavailable(f"This worker has no recorder: {why}.", field="device", reason="absent")


def _noted(job: str, files: Files) -> str | None:
    """Return the start that an earlier attempt noted, perhaps on another machine."""
    try:
        return files.path(job, STARTED).read_text("ascii")
    except NotFound:
        return None


def _result(job: Job, request: CaptureRequest, numbering: Numbering, ran: Ran) -> dict[str, Any]:
    return {
        "recording": job.id,
        "records": numbering.count,
        "wanted": request.samples,
        "ended": ran.ended,
        "dropped": numbering.dropped,
        "lost": ran.lost,
        **ran.counted,
        "gaps": numbering.gaps,
        "restarts": numbering.restarts,
        "overflows": numbering.overflows,
        "period_ns": request.period_ns,
        "clock": Clock.MONOTONIC.name.lower(),
        "first_ns": numbering.first_ns,
        "last_ns": numbering.last_ns,
        "cpus": {str(cpu): count for cpu, count in sorted(numbering.cpus.items())},
        "available": {channel.name: int(count) for channel, count in zip(CHANNELS, numbering.available, strict=True)},
        "started": ran.started,
        "instruction": request.instruction,
        "url": f"/api/v2/recordings/{job.id}/records",
    }


def _ingested(job: Job, result: Mapping[str, Any], services: CaptureServices) -> Followed:
    """Return the end of a capture, followed by the ingestion of its Parquet, which becomes an artifact.

    The ingestion stands on its own: if it fails, the capture has succeeded all the same.
    """
    path = services.files.path(job.id, FILES["parquet"])
    with path.open("rb") as file:
        pieces = iter(lambda: file.read(PIECE_BYTES), b"")
        artifact, _ = services.artifacts.put(
            job.tenant, pieces, media_type=PARQUET, limit_bytes=services.artifact_bytes
        )
    request = IngestRequest(
        name=job.id, artifact=artifact.id, format=Format.PARQUET, title=f"Capture {job.id}", tags=("capture",)
    )
    ingestion = NewJob(
        id=f"{job.id}.ingest",
        kind=INGESTION.name,
        params=request.model_dump(mode="json"),
        tenant=job.tenant,
        priority=job.priority,
    )
    return Followed({**result, "artifact": artifact.id, "ingestion": ingestion.id}, [ingestion])
