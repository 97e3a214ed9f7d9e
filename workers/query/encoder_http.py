"""A sentence encoder behind an OpenAI-compatible endpoint: POST {url}/embeddings."""

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from threading import Lock

import httpx
import numpy as np
from pydantic import BaseModel, ValidationError

from jobs.errors import StoreUnavailable
from stores.vectors import FloatArray

BATCH = 128
TRIES = 4
FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 10.0
"""Of a pause between tries, also where the server asks for a longer one."""
MAX_ANSWER_BYTES = 64 * 1024 * 1024
TOO_MANY = 429


class _Item(BaseModel):
    index: int
    embedding: list[float]


class _Answer(BaseModel):
    data: list[_Item]


class HttpEncoder:
    """Sentences to vectors, elsewhere. The name of the model stands for its weights: other weights need another name."""

    def __init__(
        self,
        url: str,
        *,
        model: str,
        api_key: str | None,
        dimensions: int | None,
        timeout_s: float,
        pause: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Ask the endpoint for `model`; without `dimensions` the first answer says how many.

        `timeout_s` is for one batch with all its tries; `pause` waits between them.
        """
        if api_key is not None and not re.fullmatch(r"[\x21-\x7e]+", api_key):
            raise ValueError("the API key of the embedding endpoint has characters that a header cannot hold")
        self._url = f"{url.rstrip('/')}/embeddings"
        self._name = model
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._dimensions = dimensions
        self._timeout_s = timeout_s
        self._pause, self._clock = pause, clock
        self._lock = Lock()
        self._client: tuple[int, httpx.Client] | None = None

    @cached_property
    def dimensions(self) -> int:
        """Return the length of a vector, after asking for one if it was not given."""
        return self._dimensions or self._rows(["dimensions"]).shape[1]

    @cached_property
    def model(self) -> str:
        """Return the name of the model as it may stand in names, and a digest of what it is exactly."""
        slug = re.sub(r"[^a-z0-9]+", "-", self._name.lower()).strip("-")[:48]
        exact = hashlib.sha256(f"{self._name}\0{self.dimensions}".encode()).hexdigest()
        return f"{slug or 'model'}-{exact[:12]}"

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return a row of unit length for each text, in their order."""
        vectors = np.empty((len(texts), self.dimensions), np.float32)
        for start in range(0, len(texts), BATCH):
            rows = self._rows(texts[start : start + BATCH])
            if rows.shape[1] != self.dimensions:
                raise self._unusable(f"vectors have {rows.shape[1]} dimensions, not {self.dimensions}")
            vectors[start : start + BATCH] = rows
        return vectors

    def _rows(self, texts: Sequence[str]) -> FloatArray:
        content = self._post(texts)
        try:
            items = sorted(_Answer.model_validate_json(content).data, key=lambda item: item.index)
        except ValidationError:
            # What the answer holds is not repeated: neither its bytes nor the validator's quotation of them.
            raise self._unusable("it is not of the protocol") from None
        if [item.index for item in items] != list(range(len(texts))):
            raise self._unusable(f"it does not hold one vector for each of {len(texts)} texts")
        if len({len(item.embedding) for item in items}) != 1:
            raise self._unusable("its vectors differ in length")
        rows = np.array([item.embedding for item in items], np.float64)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or not lengths.all():
            raise self._unusable("a vector is not finite, or has no direction")
        unit: FloatArray = (rows / lengths).astype(np.float32)
        return unit

    def _post(self, texts: Sequence[str]) -> bytes:
        """Return the answer to a batch; try again while the server is busy and time is left."""
        deadline = self._clock() + self._timeout_s
        pause_s = FIRST_PAUSE_S
        for tried in range(1, TRIES + 1):
            status, wanted_s, content = self._try(texts, deadline)
            if status == httpx.codes.OK:
                return content
            wait_s = min(max(pause_s, wanted_s), LONGEST_PAUSE_S)
            worth_it = status == TOO_MANY or status >= httpx.codes.INTERNAL_SERVER_ERROR
            if not worth_it or tried == TRIES or self._clock() + wait_s >= deadline:
                break
            self._pause(wait_s)
            pause_s *= 2
        raise StoreUnavailable(f"The embedding endpoint refused: status {status}.")

    def _try(self, texts: Sequence[str], deadline: float) -> tuple[int, float, bytes]:
        """Return the status, how long the server asks to wait, and the body."""
        # Lone surrogates have no UTF-8.
        clean = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        body = {"model": self._name, "input": clean, "encoding_format": "float"}
        with self._translated():
            left_s = max(deadline - self._clock(), 0.001)
            stream = self._connected().stream("POST", self._url, json=body, timeout=left_s)
            with stream as response:
                content = bytearray()
                for part in response.iter_bytes():
                    content += part
                    if len(content) > MAX_ANSWER_BYTES:
                        raise self._unusable("it is too long")
                    if self._clock() > deadline:
                        raise StoreUnavailable("The embedding endpoint did not finish its answer in time.")
                return response.status_code, _seconds(response.headers.get("Retry-After", "")), bytes(content)

    def _connected(self) -> httpx.Client:
        """Return this process's client: a forked child must not share its parent's connections."""
        with self._lock:
            if self._client is None or self._client[0] != os.getpid():
                self._client = os.getpid(), httpx.Client(headers=self._headers)
            return self._client[1]

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn an endpoint that cannot be talked to into StoreUnavailable; its URL may hold a password and is not told."""
        try:
            yield
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise StoreUnavailable(f"The embedding endpoint did not answer: {type(error).__name__}.") from error

    def _unusable(self, why: str) -> StoreUnavailable:
        return StoreUnavailable(f"The embedding endpoint's answer is of no use: {why}.")


def _seconds(retry_after: str) -> float:
    """Return the seconds of a Retry-After header; 0 for none, and for a date, which needs a common clock."""
    return float(retry_after) if re.fullmatch(r"\d{1,6}", retry_after) else 0.0
