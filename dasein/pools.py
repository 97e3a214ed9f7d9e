"""Pools of workers, as Python sees them: `Client.pools`."""

from typing import Any

from dasein.paths import API, part
from dasein.transport import Transport, document, listed


class Pools:
    """The farm's pools. Documents are the farm's own."""

    def __init__(self, http: Transport) -> None:
        """Speak to a farm."""
        self._http = http

    def all(self) -> list[dict[str, Any]]:
        """Return all pools, with their workers and what waits for them."""
        return listed(document(self._http.send("GET", f"{API}/pools")), "pools")

    def scale(self, name: str, *, concurrency: int | None = None, delta: int | None = None) -> dict[str, Any]:
        """Have a pool run `concurrency` jobs at once, or `delta` more or fewer than now; running jobs go on.

        Raise ValueError unless one of the two is given.
        """
        if (concurrency is None) == (delta is None):
            raise ValueError("give either concurrency or delta")
        body = {"delta": delta} if concurrency is None else {"concurrency": concurrency}
        # A difference that is asked for twice is made twice.
        return document(
            self._http.send("POST", f"{API}/pools/{part(name)}/scale", json=body, again=concurrency is not None)
        )
