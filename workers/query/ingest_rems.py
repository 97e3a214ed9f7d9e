"""Taking in the records of a job of REMForge: each is a batch of its own, and many are written under one lease.

May run twice, and be taken up where it broke off: what is there with the same content stays. A record that a store refuses
is left out and told, and its neighbours come in. What a job that is told to stop has finished by then stays: whole records.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from jobs.attempt import Attempt
from jobs.errors import Cancelled, DeadlineExceeded, InvalidInput, TooLarge
from jobs.forging import RemIngestRequest, RemIngestResult
from jobs.model import Progress
from jobs.rem import Rem
from stores.corpus import read_corpus
from stores.vectors import FloatArray
from workers.query.batch import batch_bodies
from workers.query.content import Content
from workers.query.corpus import writing
from workers.query.from_rem import digest_of, from_rem
from workers.query.known_names import Known
from workers.query.left_over import clear_away, sweep
from workers.query.rem_files import count_of, records_of, vectors_of
from workers.query.services import QueryServices
from workers.query.storable import plain
from workers.query.writer import Sealed, write_all

GROUP = 64
"""Records that are written under one lease, a second or so; others may write in between."""
WARNINGS = 20


@dataclass(slots=True)
class _Told:
    """What has become of the records so far."""

    records: int = 0
    unchanged: int = 0
    replaced: int = 0
    repeated: int = 0
    warnings: list[str] = field(default_factory=list)
    refused: InvalidInput | TooLarge | None = None
    """Why the last one was left out, of those that were."""

    def result(self, job: str, version: int) -> RemIngestResult:
        """Return it as the job's result."""
        told = list(self.warnings)
        if self.repeated:
            told.insert(0, f"{self.repeated} files have the same bytes as others of the job: each is one record.")
        if len(told) > WARNINGS:
            told = [*told[: WARNINGS - 1], f"There are {len(told) - WARNINGS + 1} more warnings."]
        return RemIngestResult(
            job=job,
            records=self.records,
            unchanged=self.unchanged,
            replaced=self.replaced,
            version=version,
            warnings=tuple(told),
        )


def ingest_rems(
    request: RemIngestRequest,
    *,
    tenant: str,
    job_id: str,
    attempt: Attempt,
    services: QueryServices,
    at_once: int = GROUP,
) -> RemIngestResult:
    """Take in the records that a job left; raise InvalidInput, and StoreUnavailable to be retried."""
    attempt.check()
    total = count_of(services.rems, request.job)
    vectors = vectors_of(services.rems, request.job)
    known = Known(tenant, services, check=attempt.check)
    told = _Told()
    done = 0
    for group in _groups(records_of(services.rems, request.job), told, size=at_once):
        attempt.report(Progress(done, total, "records"))
        digests = {rem.header.rem_id: _digest(rem, vectors, request) for rem in group}
        bodies = batch_bodies(services.documents, tenant, list(digests))
        hidden = read_corpus(services.documents, tenant).hidden
        there = {
            key
            for key, body in bodies.items()
            if body["state"] == "visible" and body["digest"] == digests[key] and key not in hidden
        }
        fresh = []
        for rem in group:
            key = rem.header.rem_id
            if key not in there:
                # Read without the lease: others may write meanwhile.
                attempt.check()
                fresh.append(Sealed(_content(rem, vectors, request, known), digests[key]))
        written = _write(fresh, told, tenant=tenant, job_id=job_id, attempt=attempt, services=services)
        told.records += len(there) + len(written)
        told.unchanged += len(there)
        told.replaced += sum(name in bodies and name not in hidden for name in written)
        done += len(group)
    if told.refused is not None and not told.records:
        raise told.refused
    attempt.report(Progress(total, total, "records"))
    return told.result(request.job, read_corpus(services.documents, tenant).version)


def _groups(rems: Iterator[Rem], told: _Told, *, size: int) -> Iterator[list[Rem]]:
    """Yield records, none of a file that came before: equal bytes have one id, and which name holds must not alternate."""
    seen: set[str] = set()
    group: list[Rem] = []
    for rem in rems:
        if rem.header.rem_id in seen:
            told.repeated += 1
            continue
        seen.add(rem.header.rem_id)
        group.append(rem)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group


def _digest(rem: Rem, vectors: dict[str, FloatArray], request: RemIngestRequest) -> str:
    return digest_of(rem, vectors.get(rem.header.rem_id), request.tags)


def _content(rem: Rem, vectors: dict[str, FloatArray], request: RemIngestRequest, known: Known) -> Content:
    return from_rem(
        rem,
        vector=vectors.get(rem.header.rem_id),
        tags=request.tags,
        known=known,
        mitigations=known.mitigations,
        source={"job": request.job, "sha256": rem.header.source.sha256, "bytes": rem.header.source.bytes},
    )


def _write(
    sealed: Sequence[Sealed], told: _Told, *, tenant: str, job_id: str, attempt: Attempt, services: QueryServices
) -> list[str]:
    """Write records together, and where a store refuses that, one by one; return the ids of those that are in."""
    if not sealed:
        return []
    names = [one.content.batch for one in sealed]
    # Into the encoder's cache before the lease is taken, since it takes longest.
    services.encoder.encode([found.passage.text for one in sealed for found in one.content.found])
    try:
        with writing(tenant, job_id, services, check=attempt.check) as held:
            sweep(held, services, but=names)
            write_all(sealed, job=job_id, lease=held, services=services, report=lambda _: None)
    except (Cancelled, DeadlineExceeded):
        clear_away(*names, tenant=tenant, job_id=job_id, services=services)
        raise
    except (InvalidInput, TooLarge) as error:
        if len(sealed) > 1:
            again = partial(_write, tenant=tenant, job_id=job_id, attempt=attempt, services=services)
            return [name for one in sealed for name in again([one], told)]
        told.refused = error
        told.warnings.append(plain(f"{sealed[0].content.title} was not taken in: {error.message}"))
        return []
    told.warnings += [plain(f"{one.content.title}: {warning}") for one in sealed for warning in one.content.warnings]
    return names
