"""A tenant's part of the cache of answers.

    query:<tenant>:<digest>   the Answer as JSON, 1 h
    lock:<tenant>:<digest>    who computes it now, 60 s
    digest = sha256 of the request without `fresh` and `generate`, the day, the version of the data, the encoder's model,
             what words the answer (where that is kept too), and the code of this package

What fails here is logged and counted, looks like nothing kept, and lets the cache rest.
"""

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import structlog
from pydantic import ValidationError

from jobs.errors import StoreUnavailable, TooLarge
from jobs.questions import Answer, QueryRequest
from stores.knowledge import Cache
from workers.query.breaker import Breaker
from workers.query.services import QueryServices

TTL_S = 3600.0
LOCK_S = 60.0
"""How long a computation may take before somebody else may begin it."""
DAY_S = 86_400

T = TypeVar("T")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept for a tenant."""

    tenant: str
    services: QueryServices
    breaker: Breaker
    model_version: str = ""

    @property
    def reachable(self) -> bool:
        """Say whether there is a cache that may be asked now."""
        return self.services.cache is not None and self.breaker.allows(self.services.timer())

    def key(self, request: QueryRequest, version: int) -> str:
        """Return where the answer to a request over a version of the data is kept."""
        told = {
            "request": request.model_dump(mode="json", exclude={"fresh", "generate"}),
            # Questions may speak of days.
            "day": int(self.services.clock() // DAY_S),
            "data": version,
            "encoder": self.services.encoder.model,
            "model": self.model_version,
            "code": code_version(),
        }
        digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()
        return f"query:{self.tenant}:{digest}"

    def find(self, key: str, *, count: str | None) -> Answer | None:
        """Return an answer that is kept, counted as `count`."""
        value = self._try(lambda cache: cache.get(key))
        if value is None:
            return None
        try:
            found = Answer.model_validate_json(value)
        except ValidationError:
            return None
        if count is not None:
            self.count(count)
        return found

    def keep(self, found: Answer, request: QueryRequest) -> None:
        """Keep an answer for the data that it was computed over."""
        key, value = self.key(request, found.data_version), found.model_dump_json().encode()
        with suppress(TooLarge):
            self._try(lambda cache: cache.set(key, value, ttl_s=TTL_S))

    def begin(self, key: str, owner: str) -> bool:
        """Say whether it is the owner's to compute; it is, too, where there is no cache to agree by."""
        return self._try(lambda cache: cache.lock(_lock(key), owner=owner, ttl_s=LOCK_S)) is not False

    def end(self, key: str, owner: str) -> None:
        """Let others compute, if the lock is the owner's."""
        self._try(lambda cache: cache.unlock(_lock(key), owner=owner))

    def note(self, request: QueryRequest) -> None:
        """Count a request among the frequent ones."""
        text = request.model_dump_json(exclude={"fresh"}, exclude_defaults=True)
        self._try(lambda cache: cache.note(self.tenant, text))

    def frequent(self, limit: int) -> list[str]:
        """Return the most frequent requests, most first."""
        return self._try(lambda cache: cache.frequent(self.tenant, limit=limit)) or []

    def count(self, name: str) -> None:
        """Add one to a counter."""
        self._try(lambda cache: cache.count(name))

    def _try(self, ask: Callable[[Cache], T]) -> T | None:
        cache, timer = self.services.cache, self.services.timer
        if cache is None or not self.breaker.allows(timer()):
            return None
        try:
            if failures := self.breaker.failures:
                cache.count("error", failures)
                self.breaker.told(failures)
            return ask(cache)
        except StoreUnavailable as error:
            self.breaker.failed(timer())
            log.warning("cache_away", error=error.message)
            return None


@lru_cache(maxsize=1)
def code_version() -> str:
    """Return a digest of the code that answers: another program's answers are not taken for this one's."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _lock(key: str) -> str:
    return f"lock:{key.removeprefix('query:')}"
