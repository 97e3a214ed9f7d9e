"""The farm as Python sees it.

with Client() as farm:
    job = farm.submit_campaign("aes.elf", json.loads(Path("campaign.json").read_text()))
    farm.wait(job.id)
    print(farm.report(job.id)["verdict"])
"""

import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, overload

from dasein.administration import Administration
from dasein.answers import DeadLetter, Event, Job, State
from dasein.batches import Batches
from dasein.download import download
from dasein.farm_address import farm_address
from dasein.firmware import Firmware
from dasein.knowledge import Knowledge
from dasein.measured import Measured
from dasein.paths import API, campaign_path, job_path, part
from dasein.pools import Pools
from dasein.profiling import Profiles
from dasein.recording import Recordings
from dasein.remforge import RemForge
from dasein.report_forms import ReportFormat, read_report
from dasein.submission import how
from dasein.subscription import subscribe
from dasein.transport import Transport, document, fits_header, listed
from dasein.upload import upload
from dasein.version import VERSION
from dasein.waiting import await_end
from dasein.webhooks import Webhooks


class Client:
    """A farm. Every call raises ApiError when it is refused and Unreachable when nothing answers; may be shared by threads."""

    def __init__(
        self,
        url: str | None = None,
        *,
        timeout_s: float = 30.0,
        patience_s: float = 60.0,
        api_key: str | None = None,
        api_key_file: str | os.PathLike[str] | None = None,
        ca_file: str | os.PathLike[str] | None = None,
    ) -> None:
        """Speak to the farm at `url`, else at DASEIN_URL, else the one that `dasein login` made the default.

        One answer may take `timeout_s`. A busy farm (429, 503) and a lost connection are tried again, with growing
        pauses or as the farm says, for `patience_s`; but a farm that never answered is not waited for. The key (or
        JWT) is `api_key`, else in `api_key_file`, DASEIN_API_KEY, the file that DASEIN_API_KEY_FILE names, or kept by
        a login. `ca_file` (DASEIN_CA_FILE) is trusted instead of the system's certificates. Nothing is sent yet.
        Raise ValueError for a URL that is none, and BadCredential.
        """
        farm = farm_address(url, api_key=api_key, api_key_file=api_key_file, ca_file=ca_file)
        self._http = Transport(farm, timeout_s=timeout_s, patience_s=patience_s, agent=f"dasein/{VERSION}")

    @property
    def url(self) -> str:
        """Return where the farm is."""
        return self._http.url

    def close(self) -> None:
        """Close the connections; calls after that fail."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def whoami(self) -> dict[str, Any]:
        """Return who we are to the farm: tenant, role, name, and the operations that we may call."""
        return document(self._http.send("GET", f"{API}/me"))

    @property
    def knowledge(self) -> Knowledge:
        """Return what the farm knows, to be asked and added to."""
        return Knowledge(self, self._http)

    @property
    def remforge(self) -> RemForge:
        """Return what makes records of files, and finds them."""
        return RemForge(self, self._http)

    @property
    def firmware(self) -> Firmware:
        """Return what looks at firmware before it is measured."""
        return Firmware(self)

    @property
    def recordings(self) -> Recordings:
        """Return what runs firmware under the recorder."""
        return Recordings(self, self._http)

    @property
    def profiles(self) -> Profiles:
        """Return attacks that learn from some of a campaign's traces."""
        return Profiles(self, self._http)

    @property
    def measured(self) -> Measured:
        """Return what takes measured traces in, fits power models to them, and gives traces to other tools."""
        return Measured(self, self._http)

    @property
    def batches(self) -> Batches:
        """Return many jobs in one call."""
        return Batches(self._http)

    @property
    def pools(self) -> Pools:
        """Return the farm's pools of workers."""
        return Pools(self._http)

    def slo(self) -> dict[str, Any]:
        """Return what the farm promises, and how it stands to that: `objectives`, and the `source` that counted."""
        return document(self._http.send("GET", f"{API}/slo"))

    @property
    def webhooks(self) -> Webhooks:
        """Return what the farm tried to tell the callback URLs of jobs."""
        return Webhooks(self._http)

    @property
    def admin(self) -> Administration:
        """Return keys, tenants and the audit trail."""
        return Administration(self._http)

    def upload(self, path: str | os.PathLike[str], *, media_type: str = "application/octet-stream") -> str:
        """Store a file and return its artifact id, `sha256:<hex>`; bytes that are there already are not sent again."""
        return upload(self._http, Path(path), media_type=media_type)

    def submit(
        self,
        kind: str,
        params: Mapping[str, Any],
        *,
        priority: int | None = None,
        tags: Iterable[str] = (),
        deadline_s: float | None = None,
        callback_url: str | None = None,
        idempotency_key: str | None = None,
    ) -> Job:
        """Submit a job; `priority` is 0 to 9 (the farm's default is 5), `deadline_s` counts from now.

        The farm tells `callback_url` of the job's end, signed.

        The same `idempotency_key` never makes a second job. Without one each call has its own, so that an answer that
        was lost on the way is asked for again and still makes one job. Raise ValueError for a key that no header can hold.
        """
        wanted = how(priority=priority, tags=tags, deadline_s=deadline_s, callback_url=callback_url)
        return self._post(f"{API}/jobs", {"kind": kind, "params": dict(params), **wanted}, key=idempotency_key)

    def submit_campaign(
        self,
        firmware: str | os.PathLike[str],
        description: Mapping[str, Any],
        *,
        priority: int | None = None,
        tags: Iterable[str] = (),
        deadline_s: float | None = None,
        callback_url: str | None = None,
        idempotency_key: str | None = None,
    ) -> Job:
        """Submit a campaign: `firmware` is an artifact id or a file to upload, `description` all the rest of the request.

        Keywords are those of `submit`.
        """
        wanted = how(priority=priority, tags=tags, deadline_s=deadline_s, callback_url=callback_url)
        return self._post(
            f"{API}/campaigns",
            {**description, "firmware": self.firmware.artifact(firmware), **wanted},
            key=idempotency_key,
        )

    def job(self, job_id: str) -> Job:
        """Return a job as it is now."""
        return Job.read(document(self._http.send("GET", job_path(job_id))))

    def jobs(
        self, *, kind: str | None = None, state: State | str | None = None, tag: str | None = None, page: int = 50
    ) -> Iterator[Job]:
        """Yield jobs, newest first, fetching `page` at a time as they are consumed."""
        wanted = {"kind": kind, "state": None if state is None else str(state), "tag": tag}
        params: dict[str, str | int] = {name: value for name, value in wanted.items() if value is not None}
        params["limit"] = page
        while True:
            answer = document(self._http.send("GET", f"{API}/jobs", params=params))
            for said in listed(answer, "jobs"):
                yield Job.read(said)
            if not answer.get("cursor"):
                return
            params["cursor"] = str(answer["cursor"])

    def wait(
        self, job_id: str, *, on_change: Callable[[Job], object] | None = None, timeout_s: float | None = None
    ) -> Job:
        """Return the job once it has ended, however it ended; `on_change` is called with all that is seen before.

        Raise WaitTimeout after `timeout_s`; the job goes on.
        """
        return await_end(self._http, job_id, on_change=on_change, timeout_s=timeout_s)

    def events(self, job_id: str, *, after: str | None = None, timeout_s: float | None = None) -> Iterator[Event]:
        """Yield a job's events up to `done`, from its first one or the one after the id `after`.

        A stream that breaks off is resumed where it was: no event is missed and none comes twice. Raise WaitTimeout
        when `done` has not come within `timeout_s`, which is looked at whenever the farm says something.
        """
        return subscribe(self._http, job_id, f"{job_path(job_id)}/events", after=after, timeout_s=timeout_s)

    def cancel(self, job_id: str) -> Job:
        """Cancel a job: a queued one never runs, a running one stops within seconds, an ended one stays."""
        return Job.read(document(self._http.send("DELETE", job_path(job_id))))

    def retry(self, job_id: str, *, idempotency_key: str | None = None) -> Job:
        """Submit a failed or cancelled job once more; return the new job, which names the old one."""
        return self._post(f"{job_path(job_id)}/retry", None, key=idempotency_key)

    @overload
    def report(self, job_id: str, format: Literal["json"] = "json") -> dict[str, Any]: ...
    @overload
    def report(self, job_id: str, format: Literal["html", "csv", "png"]) -> bytes: ...
    @overload
    def report(self, job_id: str, format: ReportFormat) -> dict[str, Any] | bytes: ...
    def report(self, job_id: str, format: ReportFormat = "json") -> dict[str, Any] | bytes:  # noqa: A002 -- reads best
        """Return a campaign's report: a document (`report/1`) as JSON, else a file's bytes."""
        return read_report(self._http, f"{campaign_path(job_id)}/report", format)

    def compare(self, before: str, after: str, *, limit: int = 1000) -> dict[str, Any]:
        """Return what changed from one campaign to another: its `trend`, and what became of at most `limit` findings."""
        params: dict[str, str | int] = {"with": before, "limit": limit}
        return document(self._http.send("GET", f"{campaign_path(after)}/compare", params=params))

    def traces(
        self, job_id: str, path: str | os.PathLike[str], *, part: Literal["traces", "inputs", "groups"] = "traces"
    ) -> Path:
        """Save the traces of a campaign that kept them; the file appears only when it is whole.

        Other parts are what each trace belongs to: its `inputs`, one row a trace, and its group (set + 2 * half).
        """
        return download(self._http, f"{campaign_path(job_id)}/traces?part={part}", Path(path))

    def dead_letters(self) -> tuple[DeadLetter, ...]:
        """Return the jobs that were given up, newest first."""
        answer = document(self._http.send("GET", f"{API}/dead-letters"))
        return tuple(DeadLetter.read(said) for said in listed(answer, "dead_letters"))

    def replay(self, job_id: str) -> Job:
        """Submit a dead letter's job once more and take it off the list; return the new job."""
        # Not repeated when the answer is lost: the letter would be gone, and the second answer a puzzling 404.
        return Job.read(document(self._http.send("POST", f"{API}/dead-letters/{part(job_id)}/replay", again=False)))

    def _post(self, path: str, body: Mapping[str, Any] | None, *, key: str | None) -> Job:
        if key is not None and not fits_header(key):
            raise ValueError("an idempotency key is 1 to 255 visible ASCII characters")
        headers = {"Idempotency-Key": key or secrets.token_hex(16)}
        return Job.read(document(self._http.send("POST", path, json=body, headers=headers)))
