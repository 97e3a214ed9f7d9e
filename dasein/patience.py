"""How long and how often a client tries again."""

import random
import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

SPENT = re.compile(r"(?:^|[;,\s])(?:r|remaining)=0(?:$|[;,\s])")
RESET = re.compile(r"(?:^|[;,\s])(?:t|reset)=(\d{1,9})(?:$|[;,\s])")
FIRST_S = 0.1
CAP_S = 5.0


class Patience:
    """Pauses between tries that grow and are spread, until `limit_s` have passed since the last success."""

    def __init__(
        self,
        limit_s: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Start patient: nothing has failed yet. `chance` draws from [0, 1)."""
        self._limit_s = limit_s
        self._clock = clock
        self._sleep = sleep
        self._chance = chance
        self._failing_since: float | None = None
        self._pause_s = FIRST_S

    def renew(self) -> None:
        """Note a success."""
        self._failing_since = None
        self._pause_s = FIRST_S

    def pause(self, at_least_s: float | None = None) -> bool:
        """Pause before the next try, for `at_least_s` if given; return False, at once, when patience ends before."""
        now = self._clock()
        if self._failing_since is None:
            self._failing_since = now
        # Half of the pause is chance, so that many clients do not come back together.
        pause_s = self._pause_s * (0.5 + self._chance() / 2)
        self._pause_s = min(2 * self._pause_s, CAP_S)
        pause_s = max(pause_s, at_least_s or 0.0)
        if now + pause_s - self._failing_since > self._limit_s:
            return False
        self._sleep(pause_s)
        return True


def again_after_s(headers: Mapping[str, str]) -> float | None:
    """Return for how many seconds a farm asks to be left alone: as Retry-After says, else until its limits are renewed.

    `RateLimit` is read as in the drafts of the IETF, old (`limit=9, remaining=0, reset=5`) and new (`"key";r=0;t=5`).
    """
    after_s = retry_after_s(headers.get("Retry-After"))
    if after_s is not None:
        return after_s
    # Of several limits only those count that are spent.
    spent = [item for item in headers.get("RateLimit", "").split(', "') if SPENT.search(item)]
    resets = [float(found[1]) for item in spent if (found := RESET.search(item))]
    if not resets and headers.get("RateLimit-Remaining", "").strip() == "0":
        resets = [float(text) for text in [headers.get("RateLimit-Reset", "").strip()] if text.isdecimal()]
    return max(resets, default=None)


def retry_after_s(header: str | None) -> float | None:
    """Return the seconds of a Retry-After header (a number or a date, RFC 9110), None for one without sense."""
    if header is None:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())
