"""Webhooks: for receivers, whether a delivery is the farm's; for everyone else, what was delivered (`Client.webhooks`)."""

import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

from dasein.errors import DaseinError
from dasein.paths import API, part
from dasein.transport import Transport, document, listed

TOLERANCE_S = 300.0
MARK = "v1"


class BadSignature(DaseinError):
    """A delivery is not what the farm has sent, or it is too old."""

    code = "bad-signature"


def verify(
    body: bytes, signature: str | None, secret: str, *, tolerance_s: float = TOLERANCE_S, now: float | None = None
) -> dict[str, Any]:
    """Return the job that a delivery tells of; raise BadSignature unless it is signed with `secret`.

    `body` are the bytes as they came, `signature` is the header X-Dasein-Signature. A signature more than `tolerance_s`
    away from `now`, in seconds since the epoch, is not accepted: it could be one that was sent before.
    """
    at, marks = _parts(signature or "")
    signed = f"{at}.".encode() + body
    expected = hmac.new(secret.encode(), signed, "sha256").hexdigest()
    # Every mark is compared, in constant time: a secret that is being changed signs twice.
    matches = [hmac.compare_digest(expected.encode(), mark.encode()) for mark in marks]
    if not any(matches):
        raise BadSignature("The signature does not fit.")
    if abs((time.time() if now is None else now) - at) > tolerance_s:
        raise BadSignature("The signature is too old, or the clocks disagree.")
    try:
        job = json.loads(body)
    except ValueError as error:
        raise BadSignature("What was signed is not JSON.") from error
    if not isinstance(job, dict):
        raise BadSignature("What was signed is not a job.")
    return job


class Webhooks:
    """Deliveries of webhooks. Documents are the farm's own."""

    def __init__(self, http: Transport) -> None:
        """Speak to a farm."""
        self._http = http

    def deliveries(self, *, state: str | None = None, page: int = 100) -> Iterator[dict[str, Any]]:
        """Yield deliveries, newest first, fetching `page` at a time."""
        params: dict[str, str | int] = {"limit": page} | ({} if state is None else {"state": state})
        while True:
            answer = document(self._http.send("GET", f"{API}/webhooks", params=params))
            yield from listed(answer, "webhooks")
            if not answer.get("cursor"):
                return
            params["cursor"] = str(answer["cursor"])

    def replay(self, delivery: str) -> dict[str, Any]:
        """Deliver once more."""
        return document(self._http.send("POST", f"{API}/webhooks/{part(delivery)}/replay", again=False))

    def secret(self) -> dict[str, Any]:
        """Return the secret that deliveries are signed with."""
        return document(self._http.send("GET", f"{API}/webhooks/secret"))

    def rotate_secret(self) -> dict[str, Any]:
        """Make a new secret; for a day deliveries carry a signature with the old one as well."""
        return document(self._http.send("POST", f"{API}/webhooks/secret", again=False))


def _parts(signature: str) -> tuple[int, list[str]]:
    pairs = [part.strip().partition("=") for part in signature.split(",")]
    times = [value for name, _, value in pairs if name == "t"]
    marks = [value for name, _, value in pairs if name == MARK]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdigit()) or len(times[0]) > 12 or not marks:
        raise BadSignature("This is not a signature of the farm.")
    return int(times[0]), marks
