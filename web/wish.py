"""Jobs as their submitters describe them: what such a wish names, and which wishes are one and the same."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_json

from jobs.forging import BatchRequest
from jobs.measuring import CalibrateRequest
from jobs.payloads import CampaignRequest
from jobs.recording import RecordRequest

STORED = "sha256:"
"""How the name of a power model begins that lies among the artifacts."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A job as its submitter describes it; `within` is where its parameters lie in the request."""

    kind: str
    params: BaseModel
    priority: int
    tags: tuple[str, ...]
    deadline_s: float | None
    within: str | None = None
    callback_url: str | None = None

    @property
    def asked(self) -> list[object]:
        """Return what makes two requests the same."""
        return [
            self.kind,
            self.params.model_dump(mode="json"),
            self.priority,
            self.tags,
            self.deadline_s,
            self.callback_url,
        ]


def artifacts_of(params: BaseModel) -> Iterator[tuple[str, str]]:
    """Yield the fields of a job's parameters that name artifacts, and what they name."""
    if isinstance(params, BatchRequest):
        for number, file in enumerate(params.files):
            yield f"files.{number}.artifact", file.artifact
    if isinstance(params, CampaignRequest | RecordRequest) and params.power.model.startswith(STORED):
        yield "power.model", params.power.model
    if isinstance(params, CalibrateRequest) and params.compare is not None and params.compare.startswith(STORED):
        yield "compare", params.compare
    for field in ("artifact", "firmware"):
        named = getattr(params, field, None)
        if named is not None:
            yield field, named


def power_models_of(params: BaseModel) -> Iterator[tuple[str, str]]:
    """Yield the fields of a job's parameters that name power models of the farm, and which."""
    if isinstance(params, CampaignRequest | RecordRequest) and not params.power.model.startswith(STORED):
        yield "power.model", params.power.model
    if isinstance(params, CalibrateRequest) and params.compare is not None and not params.compare.startswith(STORED):
        yield "compare", params.compare


def fingerprint_of(asked: object) -> str:
    """Return a digest that is equal for equal requests, however their JSON was written."""
    return sha256(to_json(_sorted(asked))).hexdigest()


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _sorted(value[name]) for name in sorted(value)}
    if isinstance(value, list | tuple):
        return [_sorted(item) for item in value]
    return value
