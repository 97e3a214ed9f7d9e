"""A language model behind an OpenAI-compatible URL (`/chat/completions`, streamed): vLLM, Ollama, llama.cpp, a cloud."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from threading import Lock
from typing import Any

import httpx

from jobs.errors import StoreUnavailable
from workers.query.language_model import Message

CONNECT_S = 3.0
FAILURES = 3
OPEN_S = 30.0
"""After so many failures in a row the model is left alone for so long."""
LONGEST_LINE = 1 << 20
DATA = b"data:"
DONE = b"[DONE]"
STRANGE = "The language model does not speak its protocol."


class HttpModel:
    """A model that is asked over HTTP; may be shared by threads. Its key appears in no error and no log."""

    def __init__(
        self, url: str, *, model: str, api_key: str | None = None, timer: Callable[[], float] = time.monotonic
    ) -> None:
        """Ask `model` at `url`, which ends before `/chat/completions`. Nothing is sent yet."""
        self.name = model
        self._url = f"{url.rstrip('/')}/chat/completions"
        headers = {"Accept": "text/event-stream"} | ({"Authorization": f"Bearer {api_key}"} if api_key else {})
        self._client = httpx.Client(headers=headers, follow_redirects=False)
        self._timer = timer
        self._breaker = Breaker(timer)

    def stream(self, messages: Sequence[Message], *, max_tokens: int, timeout_s: float) -> Iterator[str]:
        """Yield pieces of text; raise StoreUnavailable when it fails, takes too long, or has failed too often lately.

        A silence is waited for `timeout_s` at most, so that the end comes before twice that time.
        """
        self._breaker.check()
        try:
            yield from self._pieces(messages, max_tokens=max_tokens, timeout_s=timeout_s)
        except httpx.HTTPError as error:
            self._breaker.failed()
            raise StoreUnavailable(f"The language model did not answer: {type(error).__name__}.") from error
        except StoreUnavailable:
            self._breaker.failed()
            raise
        self._breaker.worked()

    def _pieces(self, messages: Sequence[Message], *, max_tokens: int, timeout_s: float) -> Iterator[str]:
        latest = self._timer() + timeout_s
        body = {
            "model": self.name,
            "messages": [asdict(message) for message in messages],
            "max_tokens": max_tokens,
            "temperature": 0,
            "stream": True,
        }
        timeout = httpx.Timeout(timeout_s, connect=min(CONNECT_S, timeout_s))
        with self._client.stream("POST", self._url, json=body, timeout=timeout) as answer:
            if answer.status_code != httpx.codes.OK:
                raise StoreUnavailable(f"The language model answered {answer.status_code}.")
            for line in _lines(self._in_time(answer, latest, timeout_s)):
                if line == DONE:
                    return
                if piece := _piece(line):
                    yield piece
        raise StoreUnavailable("The language model broke off.")

    def _in_time(self, answer: httpx.Response, latest: float, timeout_s: float) -> Iterator[bytes]:
        """Yield what arrives; a server that keeps the connection busy with nothing to say is out of time, too."""
        for chunk in answer.iter_bytes():
            if self._timer() > latest:
                raise StoreUnavailable(f"The language model took more than {timeout_s:g} s.")
            yield chunk

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


class Breaker:
    """Keeps a service that fails from being asked by everyone; after a while one may try again."""

    def __init__(self, timer: Callable[[], float]) -> None:
        """Start with a service that is believed to work."""
        self._timer = timer
        self._lock = Lock()
        self._failures = 0
        self._alone_until = 0.0

    def check(self) -> None:
        """Raise StoreUnavailable while the service is left alone; then let one through, whose luck decides."""
        with self._lock:
            if self._failures < FAILURES:
                return
            if self._timer() < self._alone_until:
                raise StoreUnavailable("The language model has failed too often; it is left alone for a while.")
            self._alone_until = self._timer() + OPEN_S

    def failed(self) -> None:
        """Count a failure."""
        with self._lock:
            self._failures += 1
            self._alone_until = self._timer() + OPEN_S

    def worked(self) -> None:
        """Forget the failures."""
        with self._lock:
            self._failures = 0


def _lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the data of events; raise StoreUnavailable for a line without an end."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) > LONGEST_LINE:
            raise StoreUnavailable(STRANGE)
        for line in whole:
            if line.startswith(DATA):
                yield line.removeprefix(DATA).strip()
    if rest.startswith(DATA):
        yield rest.removeprefix(DATA).strip()


def _piece(line: bytes) -> str:
    """Return the text of an event; raise StoreUnavailable for one that is none of the protocol's."""
    try:
        said: Any = json.loads(line)
        choices = said["choices"]
        text = choices[0]["delta"].get("content") if choices else None
    # A document nested too deeply is refused with RecursionError.
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise StoreUnavailable(STRANGE) from error
    if text is not None and not isinstance(text, str):
        raise StoreUnavailable(STRANGE)
    # Half of a surrogate pair is text that nobody could store.
    return (text or "").encode(errors="replace").decode()
