"""The address that is told of a job's end: what one looks like. Where it may lead is decided when it is called."""

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

MAX_URL = 2000
URL = re.compile(
    r"^https?://(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?(?P<target>[/?][!-~]*)?$"
)
"""No credentials, no fragment, no characters that parsers disagree about."""
LEAST_PORT, MAX_PORT = 1024, 65_535
WELL_KNOWN = frozenset({80, 443})


def _callable(url: str) -> str:
    match = URL.fullmatch(url)
    if match is None or "#" in url:
        msg = "give an http or https URL without credentials and fragment"
        raise ValueError(msg)
    port = int(match["port"] or 443)
    if port not in WELL_KNOWN and not LEAST_PORT <= port <= MAX_PORT:
        msg = f"give the port 80 or 443, or one from {LEAST_PORT} to {MAX_PORT}"
        raise ValueError(msg)
    return url


CallbackUrl = Annotated[
    str,
    StringConstraints(min_length=10, max_length=MAX_URL, pattern=r"^https?://[!-~]+$"),
    AfterValidator(_callable),
]
"""An http or https URL, with the port 80, 443 or one from 1024 on."""
