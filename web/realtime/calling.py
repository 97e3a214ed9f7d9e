"""One call of a callback: to the very address that was looked at, within a time, and with little of the answer read."""

import ssl
from collections.abc import Collection, Iterable, Mapping
from time import monotonic
from typing import Any

import httpcore

from jobs.errors import InvalidInput
from web.realtime.addresses import Address, Network, Refused, Resolve, is_open, literal, looked_up, place_of, reached

DEADLINE_S = 10.0
ANSWER_BYTES = 64 * 1024
"""Of an answer's head; its body is not read."""


class NotReached(Exception):
    """The receiver did not answer; says why, in public words."""


class Callbacks:
    """Calls receivers. Redirects are not followed, proxies not used, certificates verified."""

    def __init__(
        self,
        allowed: Collection[Network] = (),
        *,
        resolve: Resolve = looked_up,
        deadline_s: float = DEADLINE_S,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Also call addresses in the networks `allowed`; a call takes at most `deadline_s` after the name's look-up."""
        self._allowed = allowed
        self._resolve = resolve
        self._deadline_s = deadline_s
        self._tls = tls or ssl.create_default_context()

    def check(self, url: str | None) -> None:
        """Raise InvalidInput for a URL whose address is written out and may not be called; a name is looked up later."""
        if url is None:
            return
        try:
            address = literal(place_of(url).host)
        except Refused as error:
            raise InvalidInput(str(error), field="callback_url") from error
        if address is not None and not is_open(address, self._allowed):
            raise InvalidInput("The address is not one that callbacks may go to.", field="callback_url")

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Send a body and return the status of the answer; raise Refused, or NotReached for a fault that may pass."""
        place = place_of(url)
        try:
            addresses = reached(place, self._allowed, self._resolve)
        except OSError as error:
            raise NotReached("The host has no address.") from error
        backend = _Pinned(addresses, ends=monotonic() + self._deadline_s)
        sent = {"Host": place.authority, "Content-Length": str(len(body)), "Connection": "close", **headers}
        try:
            with httpcore.HTTPConnection(
                httpcore.Origin(place.scheme.encode(), place.host.encode(), place.port),
                ssl_context=self._tls,
                network_backend=backend,
            ) as connection:
                request = httpcore.Request(
                    "POST",
                    httpcore.URL(
                        scheme=place.scheme.encode(),
                        host=place.host.encode(),
                        port=place.port,
                        target=place.target.encode(),
                    ),
                    headers=[(name.encode(), value.encode()) for name, value in sent.items()],
                    content=body,
                    extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), self._deadline_s)},
                )
                answer = connection.handle_request(request)
                answer.close()
                return answer.status
        except httpcore.TimeoutException as error:
            raise NotReached(f"There was no answer within {self._deadline_s:g} s.") from error
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise NotReached(_why(error)) from error


def _why(error: Exception) -> str:
    if isinstance(error, httpcore.ConnectError):
        tls = isinstance(error.__cause__, ssl.SSLError) or "certificate" in str(error).lower()
        return "Its certificate was not accepted." if tls else "The connection was refused."
    return "What it answered is not HTTP." if isinstance(error, httpcore.ProtocolError) else "The connection broke."


class _Pinned(httpcore.NetworkBackend):
    """Connects to given addresses, whatever the name; everything ends at one moment."""

    def __init__(self, addresses: list[Address], *, ends: float) -> None:
        self._addresses = addresses
        self._ends = ends
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002  # it was looked up already
        port: int,
        timeout: float | None = None,  # noqa: ARG002  # there is one for all
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failed: Exception = httpcore.ConnectError("no address")
        for address in self._addresses:
            try:
                stream = self._inner.connect_tcp(
                    str(address),
                    port,
                    timeout=_left(self._ends),
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
            else:
                return _Bounded(stream, ends=self._ends)
        raise failed


class _Bounded(httpcore.NetworkStream):
    """A connection that ends at one moment, and after so many bytes of an answer: also one that comes in drops."""

    def __init__(self, inner: httpcore.NetworkStream, *, ends: float) -> None:
        self._inner = inner
        self._ends = ends
        self._room = ANSWER_BYTES

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002  # there is one for all
        data = self._inner.read(max_bytes, timeout=_left(self._ends))
        self._room -= len(data)
        if self._room < 0:
            raise httpcore.ReadError("the answer is too long")
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002  # the same
        self._inner.write(buffer, timeout=_left(self._ends))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002  # the same
    ) -> httpcore.NetworkStream:
        secured = self._inner.start_tls(ssl_context, server_hostname=server_hostname, timeout=_left(self._ends))
        return _Bounded(secured, ends=self._ends)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(ends: float) -> float:
    left_s = ends - monotonic()
    if left_s <= 0:
        raise httpcore.ReadTimeout("the time is over")
    return left_s
