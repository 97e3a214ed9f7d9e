"""Measurements that contradict each other: the same instruction, several batches, means that chance does not explain."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from stores.documents import Record
from workers.query.figures import Sample, contradict
from workers.query.view import View

MOST = 100
"""Things whose batches are compared in one answer."""
ENERGY = frozenset({"avg_energy", "energy_sd", "energy_mean"})


def samples_of(profiles: Iterable[Record]) -> list[Sample]:
    """Return the mean energies that batches measured, by batch."""
    found = [
        Sample(mean=mean, sd=_number(record.body, "energy_sd"), n=int(count or 0), batch=record.batch)
        for record in profiles
        # As the instruction's property, or as the measurement's.
        if (mean := _number(record.body, "avg_energy", "energy_mean")) is not None
        for count in (_number(record.body, "sample_count", "samples"),)
    ]
    return sorted(found, key=lambda sample: sample.batch)


def disputed(profiles: Mapping[str, Sequence[Record]]) -> dict[str, Sequence[Sample]]:
    """Return the means of the instructions whose batches contradict each other."""
    by_thing = {thing: samples_of(records) for thing, records in sorted(profiles.items())}
    return {thing: samples for thing, samples in by_thing.items() if contradict(samples)}


def disputes(ids: Sequence[str], properties: Iterable[str], view: View) -> dict[str, Sequence[Sample]]:
    """Look for contradictions behind properties of things that a step is about."""
    if not ENERGY & set(properties):
        return {}
    return disputed(view.profiles(ids[:MOST]))


def _number(body: Mapping[str, Any], *names: str) -> float | None:
    """Return the first of these that is there."""
    values = (body.get(name) for name in names)
    return next((float(value) for value in values if isinstance(value, int | float)), None)
