"""What can go wrong between a client and a farm.

DaseinError ─┬─ ApiError        the farm refused, and said why in a problem document
             ├─ Unreachable     there is no farm at this URL, or it went away and did not come back in time
             ├─ BadAnswer       something answered, but not as a farm does
             ├─ WaitTimeout     the job had not ended in time; it goes on
             ├─ JobFailed       the job that was waited for ended without a result
             ├─ BadCredential   a key is none, or where it is kept cannot be read
             ├─ BadFile         a file is nothing that a farm takes
             ├─ BadCampaign     a campaign file cannot be read
             └─ BadPolicy       a policy file cannot be read, or says something that no policy may
"""

from collections.abc import Mapping, Sequence
from typing import Any

UNAUTHENTICATED, FORBIDDEN, TOO_MANY = 401, 403, 429


class DaseinError(Exception):
    """Something expected that went wrong; the message is for a person."""

    code = "error"

    def document(self) -> dict[str, Any]:
        """Return the error for a program: `code`, `message` and what else is known."""
        return {"code": self.code, "message": str(self)}


class ApiError(DaseinError):
    """The farm refused a request."""

    def __init__(
        self,
        problem: Mapping[str, Any],
        *,
        status: int,
        retry_after_s: float | None = None,
        signed_with: str | None = None,
    ) -> None:
        """Keep the problem document (RFC 9457) of an answer with `status`, and where the key came from, if there was one."""
        self.problem = dict(problem)
        self.status = status
        self.code = str(problem.get("code") or "http-" + str(status))
        self.detail = str(problem.get("detail") or problem.get("title") or f"The farm answered {status}.")
        self.field: str | None = _text(problem.get("field"))
        self.reason: str | None = _text(problem.get("reason"))
        self.trace_id: str | None = _text(problem.get("trace_id"))
        self.retry_after_s = retry_after_s
        self._signed_with = signed_with
        super().__init__(self._told())

    @property
    def fields(self) -> Sequence[tuple[str, str]]:
        """Return every field that was refused and why."""
        errors = self.problem.get("errors")
        if not isinstance(errors, list):
            return ((self.field, self.detail),) if self.field else ()
        return tuple(
            (str(error.get("field") or ""), str(error.get("message") or ""))
            for error in errors
            if isinstance(error, dict)
        )

    def document(self) -> dict[str, Any]:
        """Return the problem with `code` and `message`, as every error has them."""
        return {**self.problem, "code": self.code, "message": str(self), "status": self.status}

    @property
    def hint(self) -> str | None:
        """Return what a person can do about it, if that is known."""
        if self.status == UNAUTHENTICATED and self._signed_with is None:
            return "Sign in with `dasein login`, or name a key with DASEIN_API_KEY or --api-key-file."
        if self.status == UNAUTHENTICATED:
            return f"The farm does not take the key from {self._signed_with}: it may have expired, or been revoked."
        if self.status == FORBIDDEN:
            return "`dasein whoami` says what your key may do."
        if self.status == TOO_MANY and self.retry_after_s is not None:
            return f"Try again in {self.retry_after_s:.0f} s."
        return None

    def _told(self) -> str:
        if len(self.fields) > 1:
            told = "; ".join(f"{field}: {message}" if field else message for field, message in self.fields)
        elif self.field:
            told = f"{self.field}: {self.detail}"
        else:
            told = self.detail
        return f"{told} [{self.code}]"


class Unreachable(DaseinError):
    """Nothing answers at `url`."""

    code = "unreachable"

    def __init__(self, url: str, why: str) -> None:
        """Keep where it was tried, and what the connection ended with."""
        way_out = "Start one with `make up`, or name another with --url or DASEIN_URL."
        if "CERTIFICATE_VERIFY_FAILED" in why:
            way_out = "If its certificate is its own, name who signed it with --ca-file or DASEIN_CA_FILE."
        super().__init__(f"No farm answers at {url} ({why}). {way_out}")
        self.url = url
        self.why = why

    def document(self) -> dict[str, Any]:
        """Return the error with the URL."""
        return super().document() | {"url": self.url}


class BadAnswer(DaseinError):
    """What answers at this URL is not a farm, or a newer one than this client knows."""

    code = "bad-answer"


class JobFailed(DaseinError):
    """A job ended without a result."""

    code = "job-failed"

    def __init__(self, job_id: str, *, state: str, code: str | None, message: str | None) -> None:
        """Keep how it ended and why."""
        super().__init__(f"The job {job_id} {state}" + (f": {message} [{code}]" if message else "."))
        self.job_id = job_id
        self.code = code or state

    def document(self) -> dict[str, Any]:
        """Return the error with the job."""
        return super().document() | {"job": self.job_id}


class WaitTimeout(DaseinError):
    """A job had not ended when the time to wait for it was over; it goes on."""

    code = "wait-timeout"

    def __init__(self, job_id: str, *, waited_s: float, what: str = "Job") -> None:
        """Keep which job, or batch, was waited for."""
        super().__init__(f"{what} {job_id} has not ended within {waited_s:g} s; it goes on.")
        self.job_id = job_id
        self.waited_s = waited_s

    def document(self) -> dict[str, Any]:
        """Return the error with the job."""
        return super().document() | {"job": self.job_id}


class BadCredential(DaseinError):
    """A key is none, or where it is kept cannot be read or written; its words are never in the message."""

    code = "bad-credential"


class BadFile(DaseinError):
    """A file is nothing that a farm takes; nothing was submitted."""

    code = "bad-file"

    def __init__(self, path: str, why: str) -> None:
        """Keep which file it is."""
        super().__init__(f"{path}: {why}")
        self.path = path

    def document(self) -> dict[str, Any]:
        """Return the error with the file."""
        return super().document() | {"file": self.path}


class BadCampaign(DaseinError):
    """A campaign description cannot be read."""

    code = "bad-campaign"


class BadPolicy(DaseinError):
    """A policy says something that no policy may; `key` names where."""

    code = "bad-policy"

    def __init__(self, message: str, *, key: str | None = None) -> None:
        """Keep the dotted `key` that is wrong, if it is a single one."""
        super().__init__(f"{key}: {message}" if key else message)
        self.key = key

    def document(self) -> dict[str, Any]:
        """Return the error with the key."""
        return super().document() | {"field": self.key}


def _text(value: object) -> str | None:
    return None if value is None else str(value)
