"""Profiled attacks as Python sees them: `Client.profiles`."""

from collections.abc import Iterable
from typing import Any, Literal, overload

from dasein.answers import Job
from dasein.knowledge import Farm
from dasein.paths import API, part
from dasein.report_forms import ReportFormat, read_report
from dasein.transport import Transport


class Profiles:
    """Attacks that learn from some of a campaign's traces and are tried on others. Documents are the farm's own."""

    def __init__(self, farm: Farm, http: Transport) -> None:
        """Have `farm` attack."""
        self._farm = farm
        self._http = http

    def submit(
        self, campaign: str, *, attack: str | None = None, methods: Iterable[str] | None = None, **other: Any
    ) -> Job:
        """Learn from the traces that `campaign` kept and attack others of it, or those of the campaign `attack`.

        `other` are further fields of the request, such as `order`, `points`, `window` or `seed`.
        """
        params = {"campaign": campaign, "attack": attack, "methods": None if methods is None else list(methods)}
        given = {name: value for name, value in params.items() if value is not None}
        return self._farm.submit("simulation.profile", {**given, **other})

    @overload
    def report(self, job_id: str, format: Literal["json"] = "json") -> dict[str, Any]: ...
    @overload
    def report(self, job_id: str, format: Literal["html", "csv", "png"]) -> bytes: ...
    @overload
    def report(self, job_id: str, format: ReportFormat) -> dict[str, Any] | bytes: ...
    def report(self, job_id: str, format: ReportFormat = "json") -> dict[str, Any] | bytes:  # noqa: A002 -- reads best
        """Return the report of a profiled attack: a document (`profile/1`) as JSON, else a file's bytes."""
        return read_report(self._http, f"{API}/profiles/{part(job_id)}/report", format)
