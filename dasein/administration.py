"""Keys, tenants and the audit trail, as Python sees them: `Client.admin`. Documents are the farm's own."""

import os
import secrets
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from dasein.answers import Job, understood
from dasein.download import download
from dasein.paths import API, key_path, tenant_path
from dasein.transport import Transport, document, listed

Role = Literal["viewer", "submitter", "operator", "admin"]
Outcome = Literal["succeeded", "denied", "failed"]
Params = dict[str, str | int]


class Administration:
    """What admins do: those of a tenant for their tenant, those of the farm itself for all."""

    def __init__(self, http: Transport) -> None:
        """Speak to a farm."""
        self._http = http

    def keys(self, *, tenant: str | None = None) -> list[dict[str, Any]]:
        """Return the keys of a tenant (ours, if none is named), by prefix; the keys themselves are known to nobody."""
        return listed(document(self._http.send("GET", f"{API}/keys", params=_given(tenant=tenant))), "keys")

    def create_key(
        self, name: str, role: Role, *, tenant: str | None = None, expires_in_s: int | None = None
    ) -> dict[str, Any]:
        """Make a key; the answer's `key` is shown this once and never again."""
        body = {"name": name, "role": role, "tenant": tenant, "expires_in_s": expires_in_s}
        return self._post(f"{API}/keys", {key: value for key, value in body.items() if value is not None})

    def rotate_key(self, prefix: str, *, grace_s: int | None = None) -> dict[str, Any]:
        """Make a key that takes another's place; the old one is good for `grace_s` more, so that it can be replaced."""
        return self._post(f"{key_path(prefix)}/rotate", {} if grace_s is None else {"grace_s": grace_s})

    def revoke_key(self, prefix: str) -> None:
        """End a key at once."""
        self._http.send("DELETE", key_path(prefix))

    def tenants(self) -> list[dict[str, Any]]:
        """Return the tenants that we may see, with their quotas and what they use of them."""
        return listed(document(self._http.send("GET", f"{API}/tenants")), "tenants")

    def tenant(self, tenant: str) -> dict[str, Any]:
        """Return a tenant."""
        return document(self._http.send("GET", tenant_path(tenant)))

    def create_tenant(self, tenant: str, **how: Any) -> dict[str, Any]:
        """Make a tenant; `how` are its `title`, `quotas` and `retention`."""
        return self._post(f"{API}/tenants", {"id": tenant, **how})

    def change_tenant(self, tenant: str, **changes: Any) -> dict[str, Any]:
        """Change a tenant's `title`, `quotas` or `retention`, or have it `suspended`; what is not named stays."""
        return document(self._http.send("PATCH", tenant_path(tenant), json=changes))

    def export_tenant(self, tenant: str, path: str | os.PathLike[str]) -> Path:
        """Save all data of a tenant as a zip; the file appears only when it is whole.

        Raise BadAnswer for a zip without its end, which says that the farm could not read everything.
        """
        return download(self._http, f"{tenant_path(tenant)}/export", Path(path), whole=zipfile.is_zipfile)

    def erase_tenant(self, tenant: str, *, confirm: str, keep: bool = False) -> Job:
        """Have all data of a tenant, and the tenant unless it is to `keep`, erased from every store.

        `confirm` is the tenant's id once more. The job's result says what each store had and still holds.
        """
        params: Params = {"confirm": confirm, "keep": "true" if keep else "false"}
        key = {"Idempotency-Key": secrets.token_hex(16)}
        return Job.read(document(self._http.send("DELETE", f"{tenant_path(tenant)}/data", params=params, headers=key)))

    def audit(
        self, *, tenant: str | None = None, outcome: Outcome | None = None, unknown: bool = False, page: int = 100
    ) -> Iterator[dict[str, Any]]:
        """Yield who wrote what and whom the farm refused, newest first, fetching `page` at a time.

        `unknown` are the calls of nobody that the farm knows.
        """
        params = _given(tenant=tenant, outcome=outcome, unknown="true" if unknown else None) | {"limit": page}
        while True:
            answer = document(self._http.send("GET", f"{API}/audit", params=params))
            with understood("page of the audit trail"):
                cursor = answer["cursor"]
            yield from listed(answer, "entries")
            if not cursor:
                return
            params["cursor"] = str(cursor)

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        # Not repeated when the answer is lost: it held a key that nobody will know, or the tenant is there already.
        return document(self._http.send("POST", path, json=dict(body), again=False))


def _given(**params: str | None) -> Params:
    return {name: value for name, value in params.items() if value is not None}
