"""Running real jobs on a farm that is up, and reading what they found."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
CAMPAIGNS = ROOT / "renode" / "firmware" / "campaigns"
LONGEST_WAITS = 20


@dataclass
class RealJobs:
    """Runs jobs on a farm that is up."""

    client: httpx.Client
    elfs: Mapping[str, Path]
    ids: dict[str, str] = field(default_factory=dict)
    """Jobs by what they are run for."""

    def artifact(self, content: bytes) -> str:
        """Upload bytes and return their id."""
        told = self.client.post(
            "/api/v2/artifacts", content=content, headers={"Content-Type": "application/octet-stream"}
        )
        return str(told.raise_for_status().json()["artifact_id"])

    def run(self, what: str, kind: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Run a job to its end and return it; raise RuntimeError where it does not succeed."""
        told = self.client.post("/api/v2/jobs", json={"kind": kind, "params": params})
        job: dict[str, Any] = told.raise_for_status().json()
        for _ in range(LONGEST_WAITS):
            if job["state"] not in {"queued", "running"}:
                break
            job = self.client.get(f"/api/v2/jobs/{job['id']}", params={"wait": 60}).raise_for_status().json()
        if job["state"] != "succeeded":
            raise RuntimeError(f"{what}: {job['state']} {job['error']}")
        self.ids[what] = job["id"]
        return job

    def campaign(self, what: str, name: str, **changes: Any) -> dict[str, Any]:
        """Run one of our campaigns with `changes` and return its report; `key` is a key, or `varies`."""
        body = json.loads((CAMPAIGNS / f"{name}.json").read_text(encoding="utf-8")) | {"name": what}
        key, trigger = changes.pop("key", None), changes.pop("trigger", None)
        if key is not None:
            given = {"varies": "random", "value": None} if key == "varies" else {"value": key}
            inputs = body["target"]["inputs"]
            body["target"]["inputs"] = [one | given if one["role"] == "key" else one for one in inputs]
        if trigger is not None:
            body["target"]["trigger"] = trigger
        job = self.run(what, "campaign", body | {"firmware": self.artifact(self.elfs[name].read_bytes())} | changes)
        return self.document(f"/campaigns/{job['id']}/report")

    def document(self, path: str) -> dict[str, Any]:
        """Read a report as JSON."""
        answer = self.client.get(f"/api/v2{path}", headers={"Accept": "application/json"})
        return dict(answer.raise_for_status().json())
