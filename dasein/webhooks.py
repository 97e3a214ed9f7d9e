"""What the farm tried to tell the callback URLs of jobs, as Python sees it: `Client.webhooks`."""

from collections.abc import Iterator
from typing import Any

from dasein.paths import API, part
from dasein.transport import Transport, document, listed


class Webhooks:
    """Deliveries of webhooks. Documents are the farm's own."""

    def __init__(self, http: Transport) -> None:
        """Speak to a farm."""
        self._http = http

    def deliveries(self, *, state: str | None = None, page: int = 100) -> Iterator[dict[str, Any]]:
        """Yield deliveries, newest first, fetching `page` at a time."""
        params: dict[str, str | int] = {"limit": page} | ({} if state is None else {"state": state})
        while True:
            answer = document(self._http.send("GET", f"{API}/webhooks", params=params))
            yield from listed(answer, "webhooks")
            if not answer.get("cursor"):
                return
            params["cursor"] = str(answer["cursor"])

    def replay(self, delivery: str) -> dict[str, Any]:
        """Deliver once more."""
        return document(self._http.send("POST", f"{API}/webhooks/{part(delivery)}/replay", again=False))

    def secret(self) -> dict[str, Any]:
        """Return the secret that deliveries are signed with."""
        return document(self._http.send("GET", f"{API}/webhooks/secret"))

    def rotate_secret(self) -> dict[str, Any]:
        """Make a new secret; for a day deliveries carry a signature with the old one as well."""
        return document(self._http.send("POST", f"{API}/webhooks/secret", again=False))
