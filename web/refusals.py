"""What only the web front end refuses; the other errors are those of `jobs.errors`."""

from collections.abc import Sequence
from dataclasses import dataclass

from jobs.errors import Conflict, DaseinError, InvalidInput, NotFound, Overloaded, QuotaExceeded, StoreUnavailable


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field of a request."""

    field: str
    message: str


class InvalidFields(InvalidInput):
    """One or more fields of the request break their rules; all of them are named."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        """Keep every error; the first one gives the message and the field. `errors` has at least one."""
        super().__init__(errors[0].message, field=errors[0].field or None)
        self.errors = tuple(errors)


class TooComplex(InvalidInput):
    """The JSON is nested too deeply, or has too many members."""

    code = "too-complex"


class InvalidQuery(InvalidFields):
    """The query is not one that the graph understands."""

    code = "invalid-query"


class QueryTooCostly(InvalidInput):
    """The query asks for more than is read at once."""

    code = "query-too-costly"


class MalformedBody(DaseinError):
    """The body is not what its content type says."""

    code = "malformed-body"


class IncompleteBody(DaseinError):
    """The body ended before its announced end."""

    code = "incomplete-body"


class TooSlow(DaseinError):
    """The body came too slowly."""

    code = "too-slow"


class UnsupportedMediaType(DaseinError):
    """The content type is not one that this call reads."""

    code = "unsupported-media-type"


class NotAcceptable(DaseinError):
    """None of the representations that we have is acceptable to the client."""

    code = "not-acceptable"


class Unauthenticated(DaseinError):
    """Nobody we know: give an API key or a token that is valid."""

    code = "unauthenticated"


class Forbidden(DaseinError):
    """Your role does not allow this."""

    code = "forbidden"


class Misdirected(DaseinError):
    """The Host header names a host that this server is not: perhaps a rebound DNS name."""

    code = "host-not-allowed"


class CrossSite(DaseinError):
    """A browser sent a write on behalf of another site's page."""

    code = "cross-site"


class RateLimited(Overloaded):
    """Too many requests for now; `reason` names the limit, `Retry-After` says when to go on."""

    code = "rate-limited"

    def __init__(self, message: str, *, retry_after_s: int, policy: str) -> None:
        """Keep when the client may go on, and the name of the limit."""
        super().__init__(message, retry_after_s=retry_after_s)
        self.reason = policy


class StorageExceeded(QuotaExceeded):
    """Your tenant has no room left: remove artifacts or jobs, or ask for more; waiting does not help."""

    code = "storage-exceeded"


class TooManyWaiters(Overloaded):
    """This process holds as many waiting requests as it may."""

    code = "too-many-waiters"


class TooManyStreams(TooManyWaiters):
    """Your key or your tenant holds as many long polls, streams and sockets as it may."""

    code = "too-many-streams"


class TooManySubscriptions(Conflict):
    """The connection has as many subscriptions as it may."""

    code = "too-many-subscriptions"


class UpgradeRequired(DaseinError):
    """This address is spoken to over a WebSocket."""

    code = "upgrade-required"


class NoWorkers(Conflict):
    """No worker of the pool is alive."""

    code = "no-workers"


class PoolBusy(Conflict):
    """Every process of the pool runs a job: none can be taken away now."""

    code = "pool-busy"


class NotReady(Conflict):
    """The job has not ended yet."""

    code = "not-ready"


class NotComparable(Conflict):
    """The two campaigns did not measure the same thing.

    `reason` says `firmware`, `plan`, `measured` (one of them is, the other is simulated), `unit`, `sampling`, `samples` or
    `report`.
    """

    code = "not-comparable"


class NoReport(NotFound):
    """The job ended without what was asked for, or it was removed."""

    code = "no-report"


class PageNotBuilt(NotFound):
    """The page for people is not part of this installation yet."""

    code = "page-not-built"


class TracesNotKept(NotFound):
    """The campaign was not asked to keep its traces."""

    code = "traces-not-kept"


class Unready(DaseinError):
    """This process cannot serve now."""

    code = "unready"


class NotInTime(StoreUnavailable):
    """The pools did not answer while the request waited."""

    code = "not-in-time"
