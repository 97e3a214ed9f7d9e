"""For receivers of webhooks: whether a delivery is the farm's, unchanged and new."""

import hmac
import json
import time
from typing import Any

from dasein.errors import DaseinError

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


def _parts(signature: str) -> tuple[int, list[str]]:
    pairs = [part.strip().partition("=") for part in signature.split(",")]
    times = [value for name, _, value in pairs if name == "t"]
    marks = [value for name, _, value in pairs if name == MARK]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdigit()) or len(times[0]) > 12 or not marks:
        raise BadSignature("This is not a signature of the farm.")
    return int(times[0]), marks
