"""A profiled attack on kept traces: learn from some, attack others, and say how often that succeeds."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from jobs.attempt import Attempt
from jobs.errors import InvalidInput, NotFound
from jobs.model import Job, Progress
from jobs.profiling import Method, ProfileRequest
from jobs.report_profile import BytePoints, PointOfInterest, ProfileReport
from stores.ports import Files
from workers.simulation.kept_traces import KeptTraces, load_traces
from workers.simulation.known_bytes import Known, attacked_bytes, intermediate
from workers.simulation.points import Points, choose
from workers.simulation.profile_methods import Attacked, Learnt, Task, Victim, attacked
from workers.simulation.profile_report import render
from workers.simulation.profile_traces import Traces, considered_samples, split
from workers.simulation.profile_words import headline, warnings
from workers.simulation.success import designs

POINTS_BYTES = 128 * 2**20
"""Of points that are held in memory."""
MOST_POINTS = 2**26
"""Points of one byte in all traces that are learnt from: 512 MiB, and once more while they are centred."""
PER_CLASS = 2
"""Traces that each of the 256 values must have for a template of its own to be made without being asked for."""


def run_profile(job: Job, attempt: Attempt, files: Files, *, now: datetime) -> Mapping[str, Any]:
    """Do a profiled attack, write its reports, and return the job's result; raise InvalidInput."""
    report = _stored(files, job.id)
    if report is None:
        report = profile(job.id, ProfileRequest.model_validate(job.params), files, attempt, now=now)
        # The JSON goes last: where it is, the report is whole.
        for name, content in sorted(render(report).items(), key=lambda item: item[0] == "profile.json"):
            files.write(job.id, name, [content])
    return result_of(report)


def result_of(report: ProfileReport) -> dict[str, Any]:
    """Return what the job record says; the rest is in the report."""
    return {
        "profile": report.profile,
        "campaign": report.request.campaign,
        "attack": report.request.attack,
        "headline": report.headline,
        "digest": report.digest,
        "traces_profiling": report.traces_profiling,
        "traces_attack": report.traces_attack,
        "key_bytes": report.key_bytes,
        "methods": {
            one.method.value: {"recovered": one.recovered, "traces_to_success": one.traces_to_success}
            for one in report.methods
        },
        "report": f"/api/v2/profiles/{report.profile}/report",
    }


def profile(name: str, request: ProfileRequest, files: Files, attempt: Attempt, *, now: datetime) -> ProfileReport:
    """Learn and attack; nothing but the request and the traces decides the result."""
    kept = load_traces(files, request.campaign, field="campaign", check=attempt.check)
    other = None if request.attack is None else load_traces(files, request.attack, field="attack", check=attempt.check)
    bytes_ = attacked_bytes(request, kept)
    learnt, target = split(request, kept, other, bytes_)
    check_size(len(learnt.rows), request.points)
    considered = considered_samples(request, kept, other)
    task = _task(request, learnt.known, bytes_)
    steps = len(bytes_) * (1 + len(request.methods))
    attempt.report(Progress(0, steps, "bytes"))
    points = choose(
        kept,
        learnt.rows,
        [task.classes_of(learnt.known.value[:, number]) for number in range(len(bytes_))],
        considered,
        most=request.points,
        check=attempt.check,
    )
    if not any(len(of_byte.samples) for of_byte in points):
        raise InvalidInput("No sample varies between the traces.", field="campaign", reason="constant")
    attacks = designs(len(target.rows), repetitions=request.repetitions, seed=request.seed)
    found: dict[Method, list[Attacked]] = {method: [] for method in request.methods}
    for numbers in _together(points, len(learnt.rows) + len(target.rows)):
        samples = np.unique(np.concatenate([points[number].samples for number in numbers]))
        taught, met = (traces.kept.power(traces.rows, samples) for traces in (learnt, target))
        for number in numbers:
            columns = np.searchsorted(samples, points[number].samples)
            material = Learnt(taught[:, columns].astype(np.float64), learnt.known.value[:, number])
            has_key = target.known.key is not None
            victim = Victim(met[:, columns].astype(np.float64), target.known.value[:, number], known=has_key)
            for method in request.methods:
                found[method].append(attacked(method, task, material, victim, attacks, check=attempt.check))
                attempt.report(Progress(len(bytes_) + sum(map(len, found.values())), steps, "bytes"))
    own = learnt.known.one_key
    same_key = own is not None and target.known.one_key is not None and bool((own == target.known.one_key).all())
    methods = tuple(task.described(method, found[method], target.known, attacks) for method in request.methods)
    return ProfileReport(
        profile=name,
        created_at=now,
        request=request,
        headline=headline(methods, len(bytes_)),
        digest=_digest(request, learnt, target, found),
        campaign_digest=kept.digest,
        attack_digest=None if other is None else other.digest,
        traces_profiling=len(learnt.rows),
        traces_attack=len(target.rows),
        samples=kept.traces.shape[1],
        samples_considered=len(considered),
        key_bytes=len(bytes_),
        key_varies=own is None,
        same_key=same_key,
        points=tuple(_points(kept, index, of_byte) for index, of_byte in zip(bytes_, points, strict=True)),
        methods=methods,
        warnings=warnings(task, points, methods, same_key=same_key),
    )


def check_size(traces: int, points: int) -> None:
    """Raise InvalidInput where a byte's points do not fit into memory."""
    if traces * points > MOST_POINTS:
        raise InvalidInput(
            f"{points} points of {traces} traces are more than is learnt from at once: "
            f"take at most {MOST_POINTS // points} traces, or fewer points.",
            field="profiling",
            reason="too-many-traces",
        )


def _together(points: Sequence[Points], traces: int) -> Iterator[list[int]]:
    """Yield bytes whose points are read from the traces at once."""
    chosen: list[int] = []
    samples = 0
    for number, of_byte in enumerate(points):
        if chosen and 4 * traces * (samples + len(of_byte.samples)) > POINTS_BYTES:
            yield chosen
            chosen, samples = [], 0
        chosen.append(number)
        samples += len(of_byte.samples)
    yield chosen


def _task(request: ProfileRequest, learnt: Known, bytes_: tuple[int, ...]) -> Task:
    """Return how bytes are learnt; raise InvalidInput for too few traces."""
    of_value = intermediate(request)
    seen = np.stack([np.bincount(column, minlength=256) for column in learnt.value.T])
    values = request.classes == "value" or (request.classes == "auto" and int(seen.min()) >= PER_CLASS)
    if values and not seen.all() and Method.TEMPLATES in request.methods:
        raise InvalidInput(
            f"A value of key byte {bytes_[int(seen.min(axis=1).argmin())]} has no trace to learn from: "
            "learn from more traces, or take the classes hw.",
            field="profiling",
            reason="too-few-traces",
        )
    least = (9 if request.basis == "bits" else 37) + request.points
    if len(learnt.value) <= least:
        raise InvalidInput(
            f"The coefficients and the covariance of {request.points} points take more than {least} traces to learn from.",
            field="profiling",
            reason="too-few-traces",
        )
    weights = np.bitwise_count(of_value)
    rare = tuple(
        index for index, counts in zip(bytes_, seen, strict=True) if not np.bincount(weights, counts, minlength=9).all()
    )
    return Task(request, bytes_, of_value, "value" if values else "hw", () if values else rare)


def _points(kept: KeptTraces, index: int, points: Points) -> BytePoints:
    return BytePoints(
        index=index,
        significant=points.significant,
        points=tuple(
            PointOfInterest(
                sample=int(sample),
                snr=float(snr) if np.isfinite(snr) else None,
                place=kept.places.get(int(kept.pcs[sample])),
            )
            for sample, snr in zip(points.samples, points.snr, strict=True)
        ),
    )


def _digest(request: ProfileRequest, learnt: Traces, target: Traces, found: Mapping[Method, list[Attacked]]) -> str:
    said = request.model_dump(mode="json", exclude={"campaign", "attack"})
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode())
    for traces in (learnt, target):
        digest.update(traces.kept.digest.encode())
        digest.update(traces.rows.astype("<i8").tobytes())
    for attacks in found.values():
        for one in attacks:
            digest.update(one.best.to_bytes(2, "little"))
            for ranks in one.ranks:
                digest.update(ranks.astype("<i8").tobytes())
    return digest.hexdigest()


def _stored(files: Files, name: str) -> ProfileReport | None:
    try:
        return ProfileReport.model_validate_json(files.path(name, "profile.json").read_bytes())
    except NotFound:
        return None
