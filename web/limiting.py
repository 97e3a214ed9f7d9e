"""How often a caller may do what: token buckets of each key and of each address, charged when the caller is known.

Every answer to a charged request says where it stands (draft-ietf-httpapi-ratelimit-headers), and in the older headers.
When the buckets cannot be reached requests are let through and counted: reads go on, writes need the same Redis.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from time import monotonic

import structlog
from flask import Flask, Request, Response, g

from jobs.errors import StoreUnavailable
from jobs.identity import LOCAL, Principal
from jobs.queue import CAMPAIGN, CHAT, MEASURED, QUESTION, REM_SEARCH, SIMILAR
from stores.limits import Bucket, Buckets, Level, Taken
from web.caller import caller
from web.guard import SAFE, Authenticate
from web.permissions import operation_of
from web.refusals import RateLimited, Unauthenticated

WINDOW_S = 60
PAUSE_S = 1.0
"""Buckets that did not answer are not asked again for so long: no request waits for them twice."""
QUERIES, CAMPAIGNS, UPLOADS, WRITES, READS = "queries", "campaigns", "uploads", "writes", "reads"
ADDRESS, FAILURES = "address", "failures"

CLASSES = {
    "submit_campaign": CAMPAIGNS,
    "upload_artifact": UPLOADS,
    "submit_query": QUERIES,
    "find_similar": QUERIES,
    "take_turn": QUERIES,
    "search_rems": QUERIES,
    "ask_graph": READS,
    "v1.query": QUERIES,
    "v1.chat": QUERIES,
    "v1.chat_stream": QUERIES,
}
"""Operations that have a limit of their own; the others count as reads or as writes, by their method."""

KINDS = {
    CAMPAIGN.name: CAMPAIGNS,
    MEASURED.name: CAMPAIGNS,
    QUESTION.name: QUERIES,
    CHAT.name: QUERIES,
    SIMILAR.name: QUERIES,
    REM_SEARCH.name: QUERIES,
}
"""The same, of jobs that come in by a call that takes any kind."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rates:
    """Requests in a minute, which may come all at once; 0: any number."""

    queries: int = 0
    campaigns: int = 0
    uploads: int = 0
    writes: int = 0
    reads: int = 0
    address: int = 0
    local: int = 0
    """From one address, on a farm without keys."""
    failures: int = 0
    """Failed authentications from one address."""


@dataclass(frozen=True, slots=True)
class Charge:
    """A bucket that a request took of, the limit that it stands for, and what is left."""

    policy: str
    bucket: Bucket
    level: Level


Policies = tuple[tuple[str, Bucket], ...]
"""Limits that a request meets, and their buckets."""


class Limiter:
    """Lets requests through, or raises RateLimited."""

    def __init__(
        self,
        buckets: Buckets,
        rates: Rates,
        *,
        refused: Callable[[str], None],
        unlimited: Callable[[], None],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Take of `buckets` as `rates` say; tell `refused` the limits that were met, `unlimited` what was not limited."""
        self._buckets = buckets
        self._rates: Mapping[str, int] = {
            QUERIES: rates.queries,
            CAMPAIGNS: rates.campaigns,
            UPLOADS: rates.uploads,
            WRITES: rates.writes,
            READS: rates.reads,
        }
        self._address, self._local, self._failures = rates.address, rates.local, rates.failures
        self._refused = refused
        self._unlimited = unlimited
        self._clock = clock
        self._ask_again_at = 0.0
        # Callers come again and again, by the same way.
        self._of = lru_cache(maxsize=4096)(self._of)  # type: ignore[method-assign]

    def guarding(self, authenticate: Authenticate) -> Authenticate:
        """Return `authenticate`, limited: what it admits is charged to the caller, what it refuses to the address.

        A valid key is served from an address that failed too often: nobody can lock out who shares it with them.
        """

        def limited(request: Request) -> Principal:
            try:
                principal = authenticate(request)
            except Unauthenticated as error:
                self._charge(self._failing(request), because=error)
                raise
            # Who was refused is in the audit trail, too.
            g.caller = principal
            self._charge(self._of(principal, class_of(request), request.remote_addr))
            return principal

        return limited

    def submitted(self, kinds: Mapping[str, int]) -> None:
        """Charge the caller for jobs, by kind, that came in by a call which takes any kind."""
        for kind, number in kinds.items():
            name = KINDS.get(kind)
            if name is not None and caller() != LOCAL:
                # A batch that is larger than the bucket empties it; how much may be under way is for quotas to say.
                self._charge(self._own(caller(), name), tokens=min(number, self._rates[name] or number))

    def register(self, app: Flask) -> None:
        """Say in every answer of `app` where its caller stands."""

        @app.after_request
        def tell(response: Response) -> Response:
            if "charges" in g:
                response.headers.extend(_headers(g.charges))
            return response

    def _of(self, principal: Principal, name: str, address: str | None) -> Policies:
        if principal == LOCAL:
            return _bucket(ADDRESS, f"address:{place(address)}", self._local)
        return self._own(principal, name) + _bucket(ADDRESS, f"address:{place(address)}", self._address)

    def _own(self, principal: Principal, name: str) -> Policies:
        return _bucket(name, f"{_who(principal)}:{name}", self._rates[name])

    def _failing(self, request: Request) -> Policies:
        return _bucket(FAILURES, f"failures:{place(request.remote_addr)}", self._failures)

    def _charge(self, policies: Policies, *, tokens: int = 1, because: Exception | None = None) -> None:
        if not policies:
            return
        taken = self._take([bucket for _, bucket in policies], tokens)
        if taken is None:
            return
        charges = [Charge(name, bucket, level) for (name, bucket), level in zip(policies, taken.levels, strict=True)]
        g.charges = [*g.charges, *charges] if "charges" in g else charges
        if taken.granted:
            return
        met = max(charges, key=lambda charge: charge.level.enough_in_s)
        self._refused(met.policy)
        raise RateLimited(
            f"At most {met.bucket.size} in {met.bucket.window_s:g} s ({met.policy}).",
            retry_after_s=max(1, ceil(met.level.enough_in_s)),
            policy=met.policy,
        ) from because

    def _take(self, buckets: list[Bucket], tokens: int) -> Taken | None:
        """Return what became of it; None where nobody knows."""
        if self._clock() < self._ask_again_at:
            self._unlimited()
            return None
        try:
            return self._buckets.take(buckets, [tokens] * len(buckets))
        except StoreUnavailable as error:
            log.warning("limits_unenforced", error=error.message)
            self._ask_again_at = self._clock() + PAUSE_S
            self._unlimited()
            return None


def class_of(request: Request) -> str:
    """Return the limit that a request counts against."""
    return CLASSES.get(operation_of(request.endpoint or "")) or (READS if request.method in SAFE else WRITES)


@lru_cache(maxsize=4096)
def place(address: str | None) -> str:
    """Return what counts as one address: of IPv6 the network that a customer gets, of which all addresses are theirs."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ip_network((parsed, 64), strict=False).network_address)
    return str(parsed)


@lru_cache(maxsize=4096)
def _who(principal: Principal) -> str:
    if principal.key is not None:
        return f"key:{principal.key}"
    # Whoever made the token chose the name: any length, any characters.
    return f"name:{principal.tenant}:{blake2b(principal.name.encode(), digest_size=12).hexdigest()}"


def _bucket(policy: str, name: str, size: int) -> Policies:
    return ((policy, Bucket(name, size, WINDOW_S)),) if size else ()


def _headers(charges: list[Charge]) -> list[tuple[str, str]]:
    policies = (f'"{each.policy}";q={each.bucket.size};w={each.bucket.window_s:g}' for each in charges)
    levels = (f'"{each.policy}";r={each.level.left};t={ceil(each.level.full_in_s)}' for each in charges)
    least = min(charges, key=lambda charge: charge.level.left)
    return [
        ("RateLimit-Policy", ", ".join(policies)),
        ("RateLimit", ", ".join(levels)),
        ("RateLimit-Limit", str(least.bucket.size)),
        ("RateLimit-Remaining", str(least.level.left)),
        ("RateLimit-Reset", str(ceil(least.level.full_in_s))),
    ]
