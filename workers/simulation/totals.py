"""All sums of a campaign, and the statistics of every sample that follow from them."""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from jobs.attacking import Cpa
from jobs.report_sequential import SequentialReport
from stores.ports import Files
from workers.simulation import part as parts
from workers.simulation.assessment import Assessment, Difference, mean_of
from workers.simulation.attack import Attack, attack
from workers.simulation.attribution import outside_public
from workers.simulation.comoments import CoMoments
from workers.simulation.cpa import ClassSums
from workers.simulation.inputs import RANDOM
from workers.simulation.intermediates import targets_of
from workers.simulation.large import HELD_BYTES
from workers.simulation.pairing import paired_samples
from workers.simulation.part import Part
from workers.simulation.plan import CampaignPlan, attack_bytes, attacked_samples
from workers.simulation.power import SamplePlan
from workers.simulation.prefix import gather
from workers.simulation.snr import absent, snr
from workers.simulation.targets import Sums

SETTLE_THREADS = min(4, os.cpu_count() or 1)
MIN_ATTACK = 8
"""Traces below which a correlation says nothing."""
LATER = ("sequential", "bivariate", "constant_time")
"""What requests may say since digests were first told: left out of them where it is the default."""


@dataclass(frozen=True, slots=True)
class Merged:
    """All sums of a campaign, restricted to the samples that every execution has in common."""

    whole: Part
    samples: int
    """Samples compared: the common prefix."""
    window: tuple[int, int]
    """Samples attacked; empty without an attack."""
    attack: Attack | None
    classes: Sums | None
    digest: str
    sequential: SequentialReport | None = None
    """What the looks saw; None for a campaign that is looked at only at its end."""
    pairs: CoMoments | None = None
    """Of the samples that are tested in pairs; None where none are."""
    paired_from: int = 0
    """The first of them."""


def add_up(campaign: str, plan: CampaignPlan, sampled: SamplePlan, files: Files) -> Merged:
    """Add the parts in the order of their traces, up to a decision; the result does not depend on how they were cut."""
    attacked = attacked_samples(plan, sampled)
    wanted = attacked.stop > attacked.start
    prefix = gather(campaign, plan, sampled, files, threads=SETTLE_THREADS)
    whole = prefix.part
    ranges = [cut for shard in plan.shards for cut in plan.parts(*shard) if cut[1] <= prefix.last]
    common = int(np.searchsorted(sampled.owner, whole.behaviour.common(len(plan.path.pcs)), side="left"))
    window = (attacked.start, max(min(attacked.stop, common), attacked.start))
    digest = hashlib.sha256(json.dumps(identity(plan), sort_keys=True).encode())
    digest.update(bytes_of(sampled.owner, "<i8"))
    digest.update(bytes_of(sampled.offset, "<f4"))
    digest.update(bytes_of(whole.power.counts, "<i8"))
    for of_order in whole.power.sums.reshape(-1, sampled.samples):
        digest.update(bytes_of(of_order, "<i8"))
        whole.power.let_go()
    digest.update(json.dumps(whole.behaviour.identity(), sort_keys=True).encode())
    pairs = _pairs(campaign, ranges, files) if plan.request.bivariate is not None else None
    rest = (prefix.sequential, pairs, paired_samples(plan.request, sampled.samples).start)
    if pairs is not None:
        for sums_ in (pairs.counts, pairs.first, pairs.products):
            digest.update(bytes_of(sums_, "<i8"))

    targets = targets_of(plan.request) if wanted else None

    def growing() -> Iterator[tuple[Sums, bool]]:
        if targets is not None:
            folder = files.folder(campaign) if attack_bytes(plan, attacked) > HELD_BYTES else None
            sums = targets.sums(attacked.stop - attacked.start, folder=folder)
            for first, last in ranges:
                parts.add_classes(sums, files, campaign, first, last)
                yield sums, last in plan.checkpoints

    owners = plan.path.pcs[sampled.owner[slice(*window)]]
    secret = np.zeros(attacked.stop - attacked.start, bool)
    secret[: len(owners)] = outside_public(owners, plan.public)
    if targets is None or not secret.any() or whole.power.counts[[RANDOM, RANDOM + 2]].sum() < MIN_ATTACK:
        return Merged(whole, common, window, None, None, digest.hexdigest(), *rest)
    attacked_all, sums = attack(growing(), targets, compared=window[1] - window[0], secret=secret)
    for integers in integers_of(sums):
        digest.update(integers)
    return Merged(whole, common, window, attacked_all, sums, digest.hexdigest(), *rest)


def integers_of(sums: Sums) -> Iterator[bytes]:
    """Yield what the digest stands for of an attack's sums."""
    counts, of_bytes = (sums.counts, sums.sums) if isinstance(sums, ClassSums) else (sums.predicted, sums.products)
    yield counts.astype("<i8").tobytes()
    for of_byte in of_bytes:
        for of_value in of_byte:
            yield of_value.astype("<i8").tobytes()
        sums.let_go()


def spoken(cpa: Cpa) -> dict[str, Any]:
    """Return what the digest stands for of the attack that was asked for: what was added later only where it is said."""
    told = cpa.model_dump(mode="json")
    kept = {"intermediate", "plaintext", "key", "window"} | cpa.model_dump(exclude_defaults=True).keys()
    return {name: value for name, value in told.items() if name in kept}


def _pairs(campaign: str, ranges: list[tuple[int, int]], files: Files) -> CoMoments:
    first, *rest = ranges
    total = parts.load_pairs(files, campaign, *first)
    for cut in rest:
        total.merge(parts.load_pairs(files, campaign, *cut))
    return total


def assess(merged: Merged, compared: Difference | None) -> Assessment:
    """Bring all statistics of the compared samples together."""
    samples = merged.samples
    zeros, none = np.zeros(samples), np.zeros(samples, bool)
    rho, rho_byte, snr_, snr_absent = zeros.copy(), np.zeros(samples, np.intp), zeros.copy(), None
    if merged.attack is not None and merged.classes is not None:
        window = slice(*merged.window)
        rho[window], rho_byte[window] = merged.attack.rho, merged.attack.rho_byte
        snr_absent = absent(merged.classes)
        if snr_absent is None and isinstance(merged.classes, ClassSums):
            snr_[window] = snr(merged.classes).max(axis=0)[: merged.window[1] - merged.window[0]]
    return Assessment(
        t1=compared.whole.t1 if compared else zeros,
        t2=compared.whole.t2 if compared else zeros,
        p_log10_1=compared.whole.p_log10_1 if compared else zeros,
        p_log10_2=compared.whole.p_log10_2 if compared else zeros,
        confirmed_1=compared.confirmed_1 if compared else none,
        confirmed_2=compared.confirmed_2 if compared else none,
        deterministic=compared.whole.deterministic if compared else none,
        effect=compared.effect if compared else zeros,
        mean=mean_of(merged.whole.power, samples),
        rho=rho,
        rho_byte=rho_byte,
        snr=snr_,
        traces=int(merged.whole.power.counts.sum()),
        cpa_traces=merged.attack.final.traces if merged.attack else 0,
        has_tvla=compared is not None,
        has_cpa=merged.attack is not None,
        snr_absent=snr_absent,
        attacked=merged.window,
    )


def bytes_of(values: npt.NDArray[Any], dtype: str) -> memoryview:
    """Return what a digest is fed with: the values in C order as `dtype`, which are no copy where they lie so."""
    return np.ascontiguousarray(values, dtype).reshape(-1).data


def identity(plan: CampaignPlan) -> dict[str, Any]:
    """Return what the digest stands for beside the sums: the request without what never changes a result, the model.

    Simulators that agree give one digest; where they do not, the sums differ.
    """
    request = plan.request.model_dump(mode="json", exclude={"shards", "name", "keep_traces", "simulator"})
    defaults = type(plan.request).model_fields
    for name in LATER:
        if getattr(plan.request, name) == defaults[name].default:
            del request[name]
    if plan.request.cpa is not None:
        request["cpa"] = spoken(plan.request.cpa)
    return {"request": request, "model": plan.model.model_dump(mode="json", exclude_none=True)}
