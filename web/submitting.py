"""How jobs come in: checked, refused when the farm is full, recorded, and only then sent."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from jobs.capturing import CaptureRequest
from jobs.errors import Conflict, InvalidInput, NotFound
from jobs.model import Batch, Job, NewJob, State
from jobs.queue import (
    CALIBRATION,
    CAMPAIGN,
    CAPTURING,
    FORGE,
    FORGE_BATCH,
    FORGE_SEQUENCE,
    KINDS,
    MEASURED,
    PROFILE,
    RECORDING,
    JobQueue,
)
from stores.ports import Allowance, Artifacts, Jobs, Workers
from web.abilities import admit
from web.caller import caller
from web.fullness import Fullness
from web.kept import check_kept
from web.measured import check_import
from web.quotas import TenantQuotas
from web.refusals import FieldError, InvalidFields
from web.sending import recorded, send, sending
from web.storage import Storage
from web.wish import Wish, artifacts_of, fingerprint_of, power_models_of

MANY_LETTERS = 100_000
LEAVES_FILES = frozenset(
    {
        *(CAMPAIGN.name, MEASURED.name, CALIBRATION.name, PROFILE.name, RECORDING.name, CAPTURING.name),
        *(FORGE.name, FORGE_BATCH.name, FORGE_SEQUENCE.name),
    }
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Submissions:
    """The door of the farm. `new_id` makes an id from the time, `power_models` are the names that exist."""

    jobs: Jobs
    artifacts: Artifacts
    queue: JobQueue
    power_models: Collection[str]
    fullness: Fullness
    clock: Callable[[], datetime]
    new_id: Callable[[datetime], str]
    quotas: TenantQuotas
    storage: Storage
    check_callback: Callable[[str | None], None]
    """Raises InvalidInput for an address that may not be called."""
    workers: Workers

    def submit(self, wish: Wish, *, key: str | None) -> tuple[Job, bool]:
        """Record and send a job; return it and whether it is new.

        Raise InvalidInput for what can never run, Overloaded or QuotaExceeded before anything is recorded, Conflict for
        a key that was used for another request, StoreUnavailable when nothing is known to be recorded.
        """
        job = self._new(wish, self.clock())
        return self._record(job, key=_own("client", key), asked=wish.asked, check=lambda: self._check(wish))

    def submit_batch(self, wishes: Sequence[Wish], *, key: str | None) -> tuple[Batch, bool]:
        """Record and send jobs that belong together, all or none; return their batch and whether it is new.

        Raise as `submit`, naming the faults of every wish.
        """
        now, tenant = self.clock(), caller().tenant
        fingerprint = fingerprint_of([wish.asked for wish in wishes])
        if key is not None:
            first = self.jobs.repeated_batch(key, tenant=tenant, fingerprint=fingerprint)
            if first is not None:
                return first, False
        self._check_all(wishes)
        for pool, wanted in Counter(KINDS[wish.kind].queue for wish in wishes).items():
            self.fullness.admit(pool, tenant=tenant, jobs=wanted)
        batch_id = self.new_id(now)
        with sending("batch", {"dasein.jobs": len(wishes)}) as span:
            new = [replace(self._new(wish, now), batch=batch_id, traceparent=str(span.place)) for wish in wishes]
            envelopes = [self.queue.envelope(KINDS[job.kind], job.id, priority=job.priority) for job in new]
            batch, is_new = self.jobs.submit_batch(
                batch_id,
                new,
                idempotency_key=key,
                fingerprint=fingerprint,
                envelopes=envelopes,
                allowance=self._allowance(new),
            )
            span.note({"dasein.batch_id": batch.id, "dasein.new": is_new})
            for job, envelope in zip(new, envelopes, strict=True):
                if is_new and envelope is None:
                    send(job, self.jobs, self.queue)
        if is_new:
            log.info("batch_submitted", batch=batch.id, jobs=len(new))
        return batch, is_new

    def retry(self, job: Job, *, key: str | None) -> tuple[Job, bool]:
        """Submit a job that failed or was cancelled once more; raise Conflict for any other."""
        if job.parent is not None:
            raise Conflict(f"This is a part of the job {job.parent}; retry that one.", reason="part-of-a-job")
        if job.state not in {State.FAILED, State.CANCELLED}:
            raise Conflict(f"The job is {job.state}; only a failed or cancelled one can be retried.", reason="state")
        return self._record(self._again(job), key=_own("retry", key), asked=["retry", job.id])

    def replay(self, job_id: str) -> tuple[Job, bool]:
        """Submit a dead letter's job again, or the job that it was a part of, and take the letter off the list.

        Raise NotFound if there is no such letter. May be asked twice: the job is recorded under a key of its own
        before the letter goes, so that a fault in between loses nothing.
        """
        if all(
            letter.job_id != job_id for letter in self.jobs.dead_letters(tenant=caller().tenant, limit=MANY_LETTERS)
        ):
            raise NotFound("There is no such dead letter.")
        job = self.jobs.get(job_id)
        while job.parent is not None:
            job = self.jobs.get(job.parent)
        replayed = self._record(self._again(job), key=f"replay:{job.id}", asked=["replay", job.id])
        try:
            self.jobs.bury(job_id)
        except NotFound:
            log.info("dead_letter_already_replayed", job_id=job_id)
        return replayed

    def _new(self, wish: Wish, now: datetime) -> NewJob:
        return NewJob(
            id=self.new_id(now),
            kind=wish.kind,
            params=wish.params.model_dump(mode="json"),
            tenant=caller().tenant,
            priority=wish.priority,
            tags=wish.tags,
            deadline_at=_later(now, wish.deadline_s),
            callback_url=wish.callback_url,
        )

    def _check_all(self, wishes: Iterable[Wish]) -> None:
        """Raise InvalidFields with the first fault of every wish that can never run."""
        faults = []
        for wish in wishes:
            try:
                self._check(wish)
            except InvalidInput as error:
                faults.append(FieldError(error.field or wish.within or "", error.message))
        if faults:
            raise InvalidFields(faults)

    def _allowance(self, jobs: Sequence[NewJob]) -> Allowance:
        """Return what jobs may take of their tenant's quotas.

        Raise StorageExceeded if they leave files for which there is no room.
        """
        tenant = jobs[0].tenant
        if any(job.kind in LEAVES_FILES for job in jobs):
            self.storage.admit(tenant, _said_before(jobs))
        quotas = self.quotas.of(tenant)
        return Allowance(
            traces=sum(int(job.params.get("traces", 0)) for job in jobs if job.kind == CAMPAIGN.name),
            traces_per_day=quotas.traces_per_day,
            jobs_in_flight=quotas.jobs_in_flight,
        )

    def _check(self, wish: Wish) -> None:
        place = f"{wish.within}." if wish.within else ""
        try:
            self.check_callback(wish.callback_url)
        except InvalidInput as error:
            # It lies beside the parameters.
            field = f"{place.removesuffix('params.')}{error.field}"
            raise InvalidInput(error.message, field=field) from error
        for field, model in power_models_of(wish.params):
            if model not in self.power_models:
                known = ", ".join(sorted(self.power_models))
                raise InvalidInput(f"There is no such power model; there are: {known}.", field=f"{place}{field}")
        check_import(wish.params, self.jobs, tenant=caller().tenant, place=place)
        check_kept(wish.params, self.jobs, tenant=caller().tenant, place=place)
        admit(wish.params, self.workers, within=place)
        for field, artifact in artifacts_of(wish.params):
            try:
                self.artifacts.stat(caller().tenant, artifact)
            except NotFound as error:
                raise InvalidInput("There is no such artifact; upload it first.", field=f"{place}{field}") from error

    def _again(self, job: Job) -> NewJob:
        now = self.clock()
        deadline_s = None if job.deadline_at is None else (job.deadline_at - job.submitted_at).total_seconds()
        return NewJob(
            id=self.new_id(now),
            kind=job.kind,
            params=job.params,
            tenant=job.tenant,
            priority=job.priority,
            tags=job.tags,
            deadline_at=_later(now, deadline_s),
            retry_of=job.id,
            callback_url=job.callback_url,
        )

    def _record(
        self, new: NewJob, *, key: str | None, asked: object, check: Callable[[], object] = lambda: None
    ) -> tuple[Job, bool]:
        fingerprint = fingerprint_of(asked)
        if key is not None:
            # Whoever repeats a request whose answer was lost gets it, however full the queue is by now.
            first = self.jobs.repeated(key, tenant=new.tenant, fingerprint=fingerprint)
            if first is not None:
                return first, False
        check()
        self.fullness.admit(KINDS[new.kind].queue, tenant=new.tenant)
        job, is_new = recorded(
            new, self.jobs, self.queue, key=key, fingerprint=fingerprint, allowance=self._allowance([new])
        )
        if is_new:
            log.info("job_submitted", job_id=job.id, kind=job.kind, retry_of=job.retry_of)
        return job, is_new


def _said_before(jobs: Iterable[NewJob]) -> int:
    """Return the bytes that jobs say they may leave; most cannot say."""
    captures = [CaptureRequest.model_validate(job.params) for job in jobs if job.kind == CAPTURING.name]
    return sum(capture.most_bytes for capture in captures)


def _own(owner: str, key: str | None) -> str | None:
    """Keep the keys of different calls apart."""
    return None if key is None else f"{owner}:{key}"


def _later(now: datetime, seconds: float | None) -> datetime | None:
    return None if seconds is None else now + timedelta(seconds=seconds)
