"""Which jobs that were submitted together are a sweep: one campaign under several levels of noise. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from jobs.model import Job, Member
from jobs.queue import CAMPAIGN
from web.graphql.limits import MOST_LEVELS


def may_be_sweep(members: Sequence[Member]) -> bool:
    """Say whether a batch is worth looking at: at least two campaigns and nothing else, none of them expired."""
    return 2 <= len(members) <= MOST_LEVELS and all(member.kind == CAMPAIGN.name for member in members)


def levels_of(jobs: Sequence[Job]) -> list[Job]:
    """Return campaigns by their noise; nothing where they differ in anything else, or two have the same noise."""
    others = [_but_noise(job.params) for job in jobs]
    alike = all(other == others[0] for other in others)
    levels = {sigma: job for job in jobs if (sigma := noise_of(job.params)) is not None}
    return [levels[sigma] for sigma in sorted(levels)] if alike and len(levels) == len(jobs) else []


def noise_of(params: Mapping[str, Any]) -> float | None:
    """Return the noise that a campaign asks for; None where traces are measured."""
    sigma = (params.get("power") or {}).get("noise_sigma")
    return None if sigma is None else float(sigma)


def _but_noise(params: Mapping[str, Any]) -> dict[str, Any]:
    power = params.get("power") or {}
    return {**params, "power": {name: value for name, value in power.items() if name != "noise_sigma"}}
