"""Records of files, as Python sees them: `Client.remforge`."""

import json
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, overload

import httpx

from dasein.answers import Job, result_of, understood
from dasein.download import download
from dasein.errors import ApiError, BadFile
from dasein.knowledge import Farm
from dasein.media_types import media_type
from dasein.paths import API, forging_path, part
from dasein.report_forms import ReportFormat, read_report
from dasein.transport import Transport, document, listed

Level = Literal["lite", "full"]
Modality = Literal["text", "image", "audio", "video"]
File = str | os.PathLike[str]
MAX_FILES, MAX_SEQUENCE = 5000, 1000
"""Of one job, and of one sequence."""
LONGEST_NAME = 255
UNFIT = frozenset({413, 422})
"""Statuses that say that these bytes will never be taken."""


class RemForge:
    """Makes records of files, and finds them. Records and results are documents, as the farm's API describes them."""

    def __init__(self, farm: Farm, http: Transport) -> None:
        """Have `farm` make them."""
        self._farm = farm
        self._http = http

    def submit(
        self,
        files: File | Iterable[File],
        *,
        level: Level = "lite",
        labels: Iterable[str] = (),
        sequence: bool = False,
        title: str = "",
        tags: Iterable[str] = (),
        ingest: bool = True,
        priority: int | None = None,
        deadline_s: float | None = None,
        idempotency_key: str | None = None,
        on_upload: Callable[[int, int], object] = lambda _done, _of: None,
    ) -> Job:
        """Upload files and submit one job for all of them; `on_upload` is told how many are there, of how many.

        `labels` are what pictures may show (level full). A `sequence` keeps the files together, in their order, and
        gets a report under its `title`. Without `ingest` the records are made, but cannot be found afterwards. Raise
        ValueError for no file, or more than MAX_FILES or MAX_SEQUENCE, and BadFile for one that is empty or too large.
        """
        paths = [Path(file) for file in ([files] if isinstance(files, str | os.PathLike) else files)]
        most = MAX_SEQUENCE if sequence else MAX_FILES
        if not 1 <= len(paths) <= most:
            raise ValueError(f"give 1 to {most} files, not {len(paths)}")
        if empty := next((path for path in paths if path.stat().st_size == 0), None):
            raise BadFile(str(empty), "The file is empty.")
        sources: list[dict[str, str]] = []
        for path in paths:
            on_upload(len(sources), len(paths))
            sources.append({"artifact": self._upload(path), "name": _name(path)})
        on_upload(len(sources), len(paths))
        tags = list(tags)
        how: dict[str, Any] = {"level": level, "labels": list(labels), "tags": tags, "ingest": ingest}
        if sequence:
            kind, params = "remforge.sequence", {"files": sources, "title": title, **how}
        elif len(sources) == 1:
            kind, params = "remforge.forge", {**sources[0], **how}
        else:
            kind, params = "remforge.batch", {"files": sources, **how}
        return self._farm.submit(
            kind, params, priority=priority, tags=tags, deadline_s=deadline_s, idempotency_key=idempotency_key
        )

    def forge(
        self,
        files: File | Iterable[File],
        *,
        on_change: Callable[[Job], object] | None = None,
        timeout_s: float | None = None,
        **how: Any,
    ) -> dict[str, Any]:
        """Make records of files and return what became of each, in their order; `how` are keywords of `submit`.

        A file that cannot be read has a `code` and a `message` in place of a `rem_id`, and does the others no harm.
        Raise JobFailed, also for a single file that cannot be read, or WaitTimeout after `timeout_s`.
        """
        job = self.submit(files, **how)
        return self.result(self._farm.wait(job.id, on_change=on_change, timeout_s=timeout_s))

    def result(self, ended: Job) -> dict[str, Any]:
        """Return the whole result of a job that has ended, also where the job itself shows fewer files; raise JobFailed."""
        result = result_of(ended)
        with understood("result of REMForge"):
            more = int(result["more"])
        return document(self._http.send("GET", f"{forging_path(ended.id)}/result")) if more else result

    def records_of(self, job_id: str) -> Iterator[dict[str, Any]]:
        """Yield the records that a job has made, in the order of its files."""
        headers = {"Accept": "application/x-ndjson"}
        with self._http.stream("GET", f"{forging_path(job_id)}/records", headers=headers) as answer:
            try:
                for line in _lines(answer):
                    with understood("record"):
                        record = json.loads(line)
                    yield record
            except httpx.TransportError as error:
                raise self._http.lost(error) from error

    def save_records(self, job_id: str, path: File) -> Path:
        """Save the records of a job, one JSON document a line; the file appears only when it is whole."""
        return download(self._http, f"{forging_path(job_id)}/records", Path(path))

    @overload
    def report(self, job_id: str, format: Literal["json"] = "json") -> dict[str, Any]: ...
    @overload
    def report(self, job_id: str, format: Literal["html", "csv", "png"]) -> bytes: ...
    @overload
    def report(self, job_id: str, format: ReportFormat) -> dict[str, Any] | bytes: ...
    def report(self, job_id: str, format: ReportFormat = "json") -> dict[str, Any] | bytes:  # noqa: A002 -- reads best
        """Return the report of a sequence: a document as JSON, else a file's bytes; `png` is its experience map."""
        return read_report(self._http, f"{forging_path(job_id)}/report", format)

    def records(self, *, modality: Modality | None = None, page: int = 100) -> Iterator[dict[str, Any]]:
        """Yield what is known of all records in a line each, newest first, fetching `page` at a time."""
        params: dict[str, str | int] = {"limit": page} | ({} if modality is None else {"modality": modality})
        while True:
            answer = document(self._http.send("GET", f"{API}/rems", params=params))
            with understood("page of records"):
                found, cursor = list(answer["records"]), answer["cursor"]
            yield from found
            if not cursor:
                return
            params["cursor"] = str(cursor)

    def record(self, rem_id: str) -> dict[str, Any]:
        """Return a record."""
        return document(self._http.send("GET", f"{API}/rems/{part(rem_id)}"))

    def remove(self, rem_id: str) -> Job:
        """Have a record taken out of the knowledge."""
        key = {"Idempotency-Key": secrets.token_hex(16)}
        return Job.read(document(self._http.send("DELETE", f"{API}/rems/{part(rem_id)}", headers=key)))

    def search_records(
        self,
        wanted: File,
        *,
        modality: Modality | None = None,
        limit: int = 10,
        timeout_s: float | None = None,
    ) -> dict[str, Any]:
        """Return the records that words (a str) or a picture (a Path) find, best first. Raise JobFailed, WaitTimeout."""
        question = {"query": wanted} if isinstance(wanted, str) else {"artifact": self._upload(Path(wanted))}
        given: Mapping[str, Any] = {**question, "modality": modality, "limit": limit}
        asked = {name: value for name, value in given.items() if value is not None}
        job = self._farm.submit("remforge.search", asked, priority=7)
        return result_of(self._farm.wait(job.id, timeout_s=timeout_s))

    def models(self) -> list[dict[str, Any]]:
        """Return the machines that hold models, each with what it says of them."""
        return listed(document(self._http.send("GET", f"{API}/models")), "machines")

    def _upload(self, path: Path) -> str:
        try:
            return self._farm.upload(path, media_type=media_type(path))
        except ApiError as error:
            if error.status in UNFIT:
                raise BadFile(str(path), str(error)) from error
            raise


def _name(path: Path) -> str:
    """Return what the farm is to call a file: its name, as far as names may be sent."""
    name = path.name.encode("utf-8", "replace").decode()
    return "".join("_" if letter < " " or letter in "\x7f\\" else letter for letter in name)[:LONGEST_NAME] or "file"


def _lines(answer: httpx.Response) -> Iterator[bytes]:
    """Yield lines as they arrive, cut at line feeds alone: text in JSON may hold what else ends lines."""
    rest = b""
    for piece in answer.iter_bytes():
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
    if rest:
        yield rest
