"""The keys that an issuer publishes (RFC 7517), fetched when needed and no more often than that."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any

import httpx
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK
from jwt.exceptions import PyJWTError
from pydantic_core import from_json

from jobs.errors import StoreUnavailable

LIMIT_BYTES = 2**20
LEAST_RSA_BITS = 2048
TYPES = {"RS256": "RSA", "ES256": "EC"}

log = structlog.get_logger(__name__)

Load = Callable[[], bytes]
"""Returns the document; raises OSError, httpx.HTTPError or ValueError."""


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """A key that tokens may be signed with."""

    id: str | None
    algorithm: str
    key: Any


class Jwks:
    """Published keys, as they were when they were last fetched. Safe for threads."""

    def __init__(self, load: Load, *, refetch_s: float, refresh_s: float, clock: Callable[[], float]) -> None:
        """Load what is unknown at most every `refetch_s`, and what is known anew after `refresh_s` of the `clock`."""
        self._load = load
        self._refetch_s = refetch_s
        self._refresh_s = refresh_s
        self._clock = clock
        self._lock = Lock()
        self._keys: tuple[PublishedKey, ...] = ()
        self._loaded_at: float | None = None
        self._tried_at: float | None = None

    def find(self, key_id: str | None, algorithm: str) -> PublishedKey | None:
        """Return the key of an id, or the only one for the algorithm if a token names none; None if there is none.

        Raise StoreUnavailable while nothing could be fetched yet. An issuer that is away later costs nothing: what is
        known stays good.
        """
        # Whoever comes first does it; the others go on with what is known, if anything is.
        if self._is_old() and self._lock.acquire(blocking=self._loaded_at is None):
            try:
                self._refresh()
            finally:
                self._lock.release()
        found = self._among(key_id, algorithm)
        if found is None:
            with self._lock:
                found = self._among(key_id, algorithm)
                if found is None:
                    self._refresh()
                    found = self._among(key_id, algorithm)
        if self._loaded_at is None:
            raise StoreUnavailable("The keys of the tokens' issuer could not be fetched.")
        return found

    def _is_old(self) -> bool:
        return self._loaded_at is None or self._clock() - self._loaded_at >= self._refresh_s

    def _among(self, key_id: str | None, algorithm: str) -> PublishedKey | None:
        fitting = [key for key in self._keys if key.algorithm == algorithm and key_id in {None, key.id}]
        return fitting[0] if len(fitting) == 1 else None

    def _refresh(self) -> None:
        """Load the keys, unless that was tried a moment ago; keep those known if it fails."""
        now = self._clock()
        if self._tried_at is not None and now - self._tried_at < self._refetch_s:
            return
        self._tried_at = now
        try:
            self._keys = read(self._load())
        except (OSError, httpx.HTTPError, ValueError) as error:
            log.warning("jwks_not_fetched", error=f"{type(error).__name__}: {error}", known=len(self._keys))
            return
        self._loaded_at = now
        log.info("jwks_fetched", keys=[key.id for key in self._keys])


def from_url(url: str, *, timeout_s: float) -> Load:
    """Return a loader of a document on the web, of at most LIMIT_BYTES."""

    def load() -> bytes:
        body, ends = b"", monotonic() + timeout_s
        with httpx.stream("GET", url, timeout=timeout_s, headers={"Accept": "application/json"}) as answer:
            answer.raise_for_status()
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > LIMIT_BYTES or monotonic() > ends:
                    raise ValueError("the document is too large, or too slow")
        return body

    return load


def from_file(path: Path) -> Load:
    """Return a loader of a file."""
    return path.read_bytes


def read(document: bytes) -> tuple[PublishedKey, ...]:
    """Return the keys of a document that we can use; raise ValueError if it is no set of keys."""
    value = from_json(document)
    if not isinstance(value, dict) or not isinstance(value.get("keys"), list):
        raise ValueError("this is no set of keys")  # noqa: TRY004  # what is wrong is a document
    return tuple(key for given in value["keys"] if (key := _usable(given)) is not None)


def _usable(given: Any) -> PublishedKey | None:
    """Return a public key for signatures with one of our algorithms; None for any other: sets hold keys for others, too."""
    if not isinstance(given, dict) or given.get("use", "sig") != "sig" or given.get("kty") not in TYPES.values():
        return None
    try:
        key = PyJWK(given)
    except (PyJWTError, ValueError, TypeError):
        return None
    name = given.get("kid")
    if TYPES.get(key.algorithm_name) != given["kty"] or not isinstance(name, str | None):
        return None
    if isinstance(key.key, RSAPublicKey) and key.key.key_size < LEAST_RSA_BITS:
        return None
    # Whoever publishes a private key has none any more.
    return None if "d" in given else PublishedKey(name, key.algorithm_name, key.key)
