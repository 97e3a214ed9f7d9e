"""HTTP with patience: what is worth another try is tried again, everything else becomes one of our errors."""

import ipaddress
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

import httpx

from dasein.errors import ApiError, BadAnswer, BadCredential, Unreachable
from dasein.farm_address import FarmAddress
from dasein.patience import Patience, again_after_s

CONNECT_S = 5.0
BUSY = frozenset({429, 502, 503, 504})
NOT_MODIFIED = 304
PROBLEM = "application/problem+json"

Content = Callable[[], IO[bytes]]


class Transport:
    """One farm's HTTP connection pool; safe to be shared by threads."""

    def __init__(self, farm: FarmAddress, *, timeout_s: float, patience_s: float, agent: str) -> None:
        """Speak to `farm`; raise BadCredential for certificates that cannot be read.

        An answer may take `timeout_s`. Failures that pass by themselves are tried again for `patience_s`.
        """
        self.url = farm.url
        self.timeout_s = timeout_s
        self._patience_s = patience_s
        self._reached = False
        self._credential = farm.credential
        self._http = httpx.Client(
            base_url=self.url,
            headers={"User-Agent": agent, "Accept": "application/json"},
            auth=farm.credential,
            verify=_trusting(farm.ca_file),
            timeout=self._timeout(timeout_s),
            # A proxy meant for the world cannot reach this machine's own addresses; nor does a netrc file speak for us.
            trust_env=not is_loopback(httpx.URL(self.url).host),
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def patience(self) -> Patience:
        """Return new patience for one call."""
        return Patience(self._patience_s)

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        content: Content | None = None,
        timeout_s: float | None = None,
        again: bool = True,
    ) -> httpx.Response:
        """Return a whole answer below 400; `again` says whether repeating is safe when the answer was lost.

        `content` is called for every try. Raise ApiError, Unreachable or BadAnswer.
        """
        with self.stream(
            method,
            path,
            params=params,
            headers=headers,
            json=json,
            content=content,
            timeout_s=timeout_s,
            again=again,
            whole=True,
        ) as response:
            return response

    @contextmanager
    def stream(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        content: Content | None = None,
        timeout_s: float | None = None,
        again: bool = True,
        whole: bool = False,
    ) -> Iterator[httpx.Response]:
        """Yield an answer below 400 with its body still to come, or already read if `whole`; as `send` otherwise.

        Patience covers the way to the answer's first line (or its last byte if `whole`), not what the caller reads.
        """
        patience = self.patience()
        while True:
            body = content() if content else None
            try:
                request = self._http.build_request(
                    method,
                    path,
                    params=dict(params) if params else None,
                    headers=dict(headers) if headers else None,
                    json=json,
                    content=body,
                    timeout=self._timeout(timeout_s or self.timeout_s),
                )
                response = self._answer(request, whole=whole)
            except httpx.TransportError as error:
                refused = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
                # Where nothing ever answered, waiting is not patience but a wrong URL.
                if not self._reached or not (again or refused) or not patience.pause():
                    raise Unreachable(self.url, _why(error)) from error
                continue
            except (httpx.DecodingError, httpx.TooManyRedirects) as error:
                raise BadAnswer(f"{method} {path}: {error}") from error
            finally:
                if body is not None:
                    body.close()
            self._reached = True
            try:
                if response.status_code in BUSY and patience.pause(again_after_s(response.headers)):
                    continue
                if refusal := self._refusal(response):
                    raise refusal
                yield response
            finally:
                response.close()
            return

    def lost(self, error: httpx.TransportError) -> Unreachable:
        """Return what to raise for a connection that was lost while its body was read."""
        return Unreachable(self.url, _why(error))

    def _answer(self, request: httpx.Request, *, whole: bool) -> httpx.Response:
        response = self._http.send(request, stream=True)
        if whole or response.is_error:
            try:
                response.read()
            except BaseException:
                response.close()
                raise
        return response

    def _refusal(self, response: httpx.Response) -> ApiError | BadAnswer | None:
        if response.is_success or response.status_code == NOT_MODIFIED:
            return None
        if not response.is_error:
            where = response.headers.get("Location", "nowhere")
            return BadAnswer(f"{self.url} redirects to {where} ({response.status_code}); name the farm's own URL.")
        problem: Any = {}
        if response.headers.get("Content-Type", "").partition(";")[0].strip() == PROBLEM:
            try:
                problem = response.json()
            except ValueError:
                problem = {}
        if not isinstance(problem, dict) or not problem:
            problem = {
                "title": f"{self.url} answered {response.status_code} {response.reason_phrase}, not as a farm does"
            }
        return ApiError(
            problem,
            status=response.status_code,
            retry_after_s=again_after_s(response.headers),
            signed_with=None if self._credential is None else self._credential.source,
        )

    @staticmethod
    def _timeout(timeout_s: float) -> httpx.Timeout:
        return httpx.Timeout(timeout_s, connect=min(CONNECT_S, timeout_s))


def document(response: httpx.Response) -> dict[str, Any]:
    """Return the JSON object of an answer; raise BadAnswer."""
    try:
        value = response.json()
    except ValueError as error:
        raise BadAnswer(f"{response.url} answered something that is not JSON.") from error
    if not isinstance(value, dict):
        raise BadAnswer(f"{response.url} answered JSON that is not an object.")
    return value


def listed(answer: Mapping[str, Any], name: str) -> list[Any]:
    """Return a list of an answer; raise BadAnswer."""
    value = answer.get(name)
    if not isinstance(value, list):
        raise BadAnswer(f"The farm's answer has no list of {name}.")
    return value


def fits_header(text: str) -> bool:
    """Say whether text is 1 to 255 visible ASCII characters, what keys are made of."""
    return 0 < len(text) < 256 and all("!" <= letter <= "~" for letter in text)


def _trusting(ca_file: str | None) -> ssl.SSLContext | bool:
    """Return whom to trust: the system's certificates, or those of a file alone."""
    if ca_file is None:
        return True
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise BadCredential(f"{ca_file} holds no certificates that can be read: {error}") from error


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine, by its name alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _why(error: httpx.TransportError) -> str:
    return str(error) or type(error).__name__
