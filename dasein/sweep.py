"""One campaign under several levels of noise: how much noise hides a leak, and how many traces find it again."""

import csv
import io
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from dasein.answers import State, understood
from dasein.campaign_file import merged
from dasein.client import Client
from dasein.errors import BadAnswer


@dataclass(frozen=True, slots=True)
class Level:
    """What a campaign found under one level of noise. None: not computed, as there was no such test, or it failed."""

    noise_sigma: float
    campaign: str
    state: str
    verdict: str | None = None
    sufficient: bool | None = None
    traces: int | None = None
    max_abs_t1: float | None = None
    """Infinite where sets are constant and differ: there is no noise."""
    max_abs_t2: float | None = None
    findings: int | None = None
    key_bytes: int | None = None
    key_bytes_recovered: int | None = None
    traces_to_recover: int | None = None
    """First checkpoint from which on all key bytes are ranked first; None where that never came."""
    max_abs_rho: float | None = None
    error: str | None = None

    def document(self) -> dict[str, Any]:
        """Return it for JSON, where an infinite t is the text `inf`."""
        return {name: "inf" if value == float("inf") else value for name, value in asdict(self).items()}


COLUMNS = tuple(field.name for field in fields(Level))


def sweep(
    client: Client,
    firmware: str | os.PathLike[str],
    description: Mapping[str, Any],
    sigmas: Sequence[float],
    *,
    tags: Iterable[str] = (),
    on_change: Callable[[dict[str, Any]], object] | None = None,
    timeout_s: float | None = None,
) -> tuple[str, tuple[Level, ...]]:
    """Run the campaign `description` once per sigma, as one batch; return the batch's id and the levels in their order.

    Inputs, and noise up to its size, are the same at each level: they depend on the seed. Raise ValueError for no
    sigma or one that is given twice, WaitTimeout while the batch goes on.
    """
    if not sigmas or len(set(sigmas)) != len(sigmas):
        raise ValueError("give at least one sigma, and each once")
    artifact = client.firmware.artifact(firmware)
    wanted = [
        {
            "kind": "campaign",
            "params": {**merged(description, {"power": {"noise_sigma": sigma}}), "firmware": artifact},
            "tags": list(tags),
        }
        for sigma in sigmas
    ]
    batch = client.batches.submit(wanted)
    with understood("batch"):
        batch_id, ids = str(batch["id"]), list(map(str, batch["jobs"]))
    client.batches.wait(batch_id, on_change=on_change, timeout_s=timeout_s)
    return batch_id, tuple(_level(client, sigma, job_id) for sigma, job_id in zip(sigmas, ids, strict=True))


def to_csv(levels: Iterable[Level]) -> str:
    """Return levels as a table with a header; an empty cell is a value that there is not."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: "" if value is None else value for name, value in asdict(one).items()} for one in levels)
    return out.getvalue()


def _level(client: Client, sigma: float, job_id: str) -> Level:
    job = client.job(job_id)
    if job.state is not State.SUCCEEDED:
        return Level(sigma, job_id, job.state.value, error=None if job.error is None else job.error.message)
    report = client.report(job_id)
    try:
        tvla, cpa = report["tvla"], report["cpa"]
        parts = [] if cpa is None else list(cpa["bytes"])
        needed = [part["traces_to_recover"] for part in parts]
        return Level(
            sigma,
            job_id,
            job.state.value,
            verdict=str(report["verdict"]),
            sufficient=bool(report["sufficiency"]["sufficient"]),
            traces=int(report["traces"]),
            max_abs_t1=_t(tvla, 1),
            max_abs_t2=_t(tvla, 2),
            findings=len(report["findings"]),
            key_bytes=len(parts) or None,
            key_bytes_recovered=None if cpa is None else cpa["recovered"],
            traces_to_recover=max(needed) if needed and None not in needed else None,
            max_abs_rho=max((abs(part["rho"]) for part in parts), default=None),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadAnswer(f"The farm's report is not report/1 as this client knows it: {error!r}") from error


def _t(tvla: Mapping[str, Any] | None, order: int) -> float | None:
    if tvla is None:
        return None
    value = tvla[f"max_abs_t{order}"]
    return float("inf") if value is None else float(value)
