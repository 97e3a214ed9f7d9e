"""Many jobs in one call, as Python sees them: `Client.batches`."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dasein.answers import understood
from dasein.errors import WaitTimeout
from dasein.paths import API, batch_path
from dasein.transport import Transport, document
from dasein.waiting import long_polls

LARGEST = 1000


class Batches:
    """Batches of jobs. Documents are the farm's own."""

    def __init__(self, http: Transport) -> None:
        """Speak to a farm."""
        self._http = http

    def submit(self, jobs: Iterable[Mapping[str, Any]], *, idempotency_key: str | None = None) -> dict[str, Any]:
        """Submit up to 1,000 jobs, each `{kind, params, priority, tags, ...}`: all of them, or none.

        A batch whose answer was lost is asked for again under the same key, and still makes one batch.
        """
        body = {"jobs": [dict(job) for job in jobs]}
        headers = {"Idempotency-Key": idempotency_key or secrets.token_hex(16)}
        return document(self._http.send("POST", f"{API}/batches", json=body, headers=headers))

    def show(self, batch_id: str) -> dict[str, Any]:
        """Return how far a batch is, and where each of its jobs stands."""
        return document(self._http.send("GET", batch_path(batch_id)))

    def cancel(self, batch_id: str) -> dict[str, Any]:
        """Cancel every job of a batch that has not ended."""
        return document(self._http.send("DELETE", batch_path(batch_id)))

    def wait(
        self,
        batch_id: str,
        *,
        on_change: Callable[[dict[str, Any]], object] | None = None,
        timeout_s: float | None = None,
    ) -> dict[str, Any]:
        """Return a batch once all its jobs have ended, however they ended; raise WaitTimeout.

        `on_change` is called with all that is seen.
        """
        for seen in long_polls(self._http, batch_path(batch_id), timeout_s=timeout_s):
            batch = document(seen)
            if on_change is not None:
                on_change(batch)
            if has_ended(batch):
                return batch
        raise WaitTimeout(batch_id, waited_s=timeout_s or 0, what="Batch")


def has_ended(batch: Mapping[str, Any]) -> bool:
    """Say whether all jobs of a batch have ended; raise BadAnswer."""
    with understood("batch"):
        return bool(batch["state"] == "ended")
