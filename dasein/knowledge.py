"""What a farm knows, as Python sees it: `Client.knowledge`."""

import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from dasein.answers import Job, result_of, understood
from dasein.media_types import by_name
from dasein.paths import API, part
from dasein.transport import Transport, document


class Farm(Protocol):
    """What is needed of a client."""

    def submit(
        self,
        kind: str,
        params: Mapping[str, Any],
        *,
        priority: int | None = None,
        tags: Iterable[str] = (),
        deadline_s: float | None = None,
        idempotency_key: str | None = None,
    ) -> Job:
        """Submit a job."""

    def upload(self, path: str | os.PathLike[str], *, media_type: str = ...) -> str:
        """Store a file and return its artifact id."""

    def wait(
        self, job_id: str, *, on_change: Callable[[Job], object] | None = None, timeout_s: float | None = None
    ) -> Job:
        """Return the job once it has ended."""


class Knowledge:
    """Questions, and what answers them. Answers are documents, as the farm's API describes them."""

    def __init__(self, farm: Farm, http: Transport) -> None:
        """Ask `farm`."""
        self._farm = farm
        self._http = http

    def ask(self, question: str, *, timeout_s: float | None = None, **how: Any) -> dict[str, Any]:
        """Return the answer to a question in English or Spanish, with its claims and their evidence.

        `how` are fields of the request, such as `mode`, `top_k`, `filters` or `language`. Raise JobFailed, WaitTimeout.
        """
        return self.result(self._farm.submit("query", {"question": question, **how}, priority=7), timeout_s=timeout_s)

    def chat(self, message: str, *, session: str | None = None, timeout_s: float | None = None) -> dict[str, Any]:
        """Take a turn in a conversation; the answer names the session to go on with. Raise JobFailed, WaitTimeout."""
        said = {"message": message} if session is None else {"message": message, "session": session}
        return self.result(self._farm.submit("chat", said, priority=8), timeout_s=timeout_s)

    def ingest(
        self,
        path: str | os.PathLike[str],
        *,
        name: str | None = None,
        title: str = "",
        tags: Iterable[str] = (),
        format: str | None = None,  # noqa: A002 -- the API's name
        firmware: str | os.PathLike[str] | None = None,
    ) -> Job:
        """Have a file taken in: a document, or measurements of `firmware`. The same `name` again replaces it."""
        file = Path(path)
        artifact = self._farm.upload(file, media_type=by_name(file))
        given: dict[str, Any] = {"artifact": artifact, "name": name, "title": title, "tags": list(tags)}
        given["format"] = format
        if firmware is not None:
            given["firmware"] = self._farm.upload(firmware)
        return self._farm.submit("ingest", {key: value for key, value in given.items() if value is not None})

    def ingest_campaign(self, campaign: str) -> Job:
        """Have the report of a campaign taken in; campaigns do so by themselves unless the farm is set otherwise."""
        return self._farm.submit("ingest", {"campaign": campaign})

    def documents(self, *, kind: str | None = None, page: int = 100) -> Iterator[dict[str, Any]]:
        """Yield what was taken in, oldest first."""
        params: dict[str, str | int] = {"limit": page} | ({} if kind is None else {"kind": kind})
        while True:
            answer = document(self._http.send("GET", f"{API}/documents", params=params))
            with understood("page of documents"):
                found, cursor = list(answer["documents"]), answer["cursor"]
            yield from found
            if not cursor:
                return
            params["cursor"] = str(cursor)

    def remove(self, name: str) -> Job:
        """Have a document, measurements or a campaign taken out of the knowledge."""
        key = {"Idempotency-Key": secrets.token_hex(16)}
        return Job.read(document(self._http.send("DELETE", f"{API}/documents/{part(name)}", headers=key)))

    def instruction(self, instruction: str) -> dict[str, Any]:
        """Return what is known of an instruction."""
        return document(self._http.send("GET", f"{API}/instructions/{part(instruction)}"))

    def similar(self, instruction: str, *, limit: int = 10) -> dict[str, Any]:
        """Return the instructions that were measured with a similar profile, most similar first."""
        return document(
            self._http.send("GET", f"{API}/instructions/{part(instruction)}/similar", params={"limit": limit})
        )

    def graph(self, thing: str, *, hops: int = 1, limit: int = 200) -> dict[str, Any]:
        """Return what lies around a thing."""
        params: dict[str, str | int] = {"hops": hops, "limit": limit}
        return document(self._http.send("GET", f"{API}/graph/{part(thing)}", params=params))

    def result(self, job: Job, *, timeout_s: float | None = None) -> dict[str, Any]:
        """Wait for a job and return its result; raise JobFailed, WaitTimeout."""
        return result_of(self._farm.wait(job.id, timeout_s=timeout_s))
