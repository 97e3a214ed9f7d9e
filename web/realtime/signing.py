"""How a delivery is signed: HMAC-SHA256 over the time and the body, so that neither can be changed or sent again."""

import hmac
from collections.abc import Iterable

HEADER = "X-Dasein-Signature"


def signature(body: bytes, secrets: Iterable[str], *, at: int) -> str:
    """Return the header: `t=<seconds>,v1=<hex>`, with one `v1` for each secret."""
    signed = f"{at}.".encode() + body
    marks = (hmac.new(secret.encode(), signed, "sha256").hexdigest() for secret in secrets)
    return ",".join([f"t={at}", *(f"v1={mark}" for mark in marks)])
